//! The errors of this room.

use crate::{
    error::{ScimError, ScimType},
    schema::Attribute,
};

pub(super) fn mutability(attribute: &Attribute, detail: &'static str) -> ScimError {
    ScimError::new(ScimType::Mutability, detail).at(attribute.path())
}

pub(super) fn invalid_value(
    place: &str,
    detail: impl Into<std::borrow::Cow<'static, str>>,
) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail).at(place)
}

pub(super) fn invalid_path(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::new(ScimType::InvalidPath, detail).at("path")
}

pub(super) fn no_target(attribute: &Attribute) -> ScimError {
    ScimError::new(ScimType::NoTarget, "the path selects no value").at(attribute.path())
}

pub(super) fn too_many_values(attribute: &Attribute) -> ScimError {
    let detail = "the operations of the request have to look at more values than they may";
    ScimError::new(ScimType::TooMany, detail).at(attribute.path())
}
