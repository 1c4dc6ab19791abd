//! What names and operands of a filter are resolved with.

use std::sync::Arc;

use super::terms::Terms;
use crate::schema::{Attribute, ResourceType};

/// What the names and operands of a filter are resolved with.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BindContext<'a> {
    /// The type of the resources that are asked for.
    pub resource_type: &'a ResourceType,
    /// The absolute base URL without a slash at its end: what `meta.location` and `$ref` start
    /// with.
    pub base: &'a str,
    /// Other types that the same query asks for. An attribute that only they have has no value
    /// here (RFC 7644 §3.4.2.1); one that no type has is refused.
    pub other_types: &'a [Arc<ResourceType>],
    /// Attributes that the caller may not read or search by: a filter that names one is refused,
    /// so that its value cannot be guessed (F-029).
    pub unsearchable: &'a [Arc<Attribute>],
    /// Whether `userName eq 42` and `title eq true` are taken for unquoted texts, as they are
    /// where the parser [accepts bare words](scim_filter::Parser::accept_bare_words).
    pub accept_bare_words: bool,
}

impl<'a> BindContext<'a> {
    /// The context of a query for one type, with all its attributes and the operands of the RFC.
    pub fn new(resource_type: &'a ResourceType, base: &'a str) -> Self {
        Self { resource_type, base, other_types: &[], unsearchable: &[], accept_bare_words: false }
    }

    pub(super) fn terms(&self) -> Terms<'a> {
        Terms {
            base: Some(self.base),
            unsearchable: self.unsearchable,
            accept_bare_words: self.accept_bare_words,
        }
    }
}
