//! Representations of the host's own shape.

use std::fmt;

use serde_json::Value;

use super::Caller;
use crate::{error::ScimError, resource::Object, schema::ResourceType};

/// Rewrites representations on their way in and out: other names, other shapes, attributes that
/// the service provider sets. All methods have defaults that change nothing.
///
/// ```
/// use scim_core::{Caller, Mapping, Object, ScimError, schema::ResourceType};
/// use serde_json::{Value, json};
///
/// /// Takes `phones` for `phoneNumbers` and shows emails as plain texts.
/// #[derive(Debug)]
/// struct House;
///
/// impl Mapping for House {
///     fn incoming(&self, _: &Caller<'_>, _: &ResourceType, body: &mut Value) -> Result<(), ScimError> {
///         if let Some(phones) = body.as_object_mut().and_then(|body| body.remove("phones")) {
///             body["phoneNumbers"] = phones;
///         }
///         Ok(())
///     }
///
///     fn outgoing(&self, _: &Caller<'_>, _: &ResourceType, shown: &mut Object) {
///         if let Some(Value::Array(emails)) = shown.get_mut("emails") {
///             emails.iter_mut().for_each(|email| *email = email["value"].take());
///         }
///     }
///
///     fn rewrites_answers(&self, resource_type: &ResourceType) -> bool {
///         resource_type.name() == "User"
///     }
/// }
/// # let _mapping: Box<dyn Mapping> = Box::new(House);
/// ```
pub trait Mapping: Send + Sync + fmt::Debug {
    /// Rewrites the body of a POST or PUT before it is validated.
    ///
    /// # Errors
    /// What the client is to be told instead.
    fn incoming(
        &self,
        _caller: &Caller<'_>,
        _resource_type: &ResourceType,
        _body: &mut Value,
    ) -> Result<(), ScimError> {
        Ok(())
    }

    /// Rewrites the body of a PATCH before it is read: whatever the client sends becomes the
    /// message of RFC 7644 §3.5.2.
    ///
    /// # Errors
    /// What the client is to be told instead.
    fn incoming_patch(
        &self,
        _caller: &Caller<'_>,
        _resource_type: &ResourceType,
        _body: &mut Value,
    ) -> Result<(), ScimError> {
        Ok(())
    }

    /// Rewrites a resource that is about to be shown, with `id`, `meta` and relations in it.
    ///
    /// Relations larger than [`Limits::edges`](crate::Limits::edges) are cut there in answers
    /// that a mapping rewrites.
    fn outgoing(&self, _caller: &Caller<'_>, _resource_type: &ResourceType, _shown: &mut Object) {}

    /// Rewrites what a list says beside its resources: `schemas`, counts and positions, as the
    /// version of the protocol has them. `listed` are the types that were asked for; it is called
    /// where one of them [is rewritten](Self::rewrites_answers).
    fn outgoing_list(
        &self,
        _caller: &Caller<'_>,
        _listed: &[&ResourceType],
        _message: &mut Object,
    ) {
    }

    /// Whether [`outgoing`](Self::outgoing) does anything for resources of this type. Where it
    /// does not, stored bytes are sent as they are.
    fn rewrites_answers(&self, _resource_type: &ResourceType) -> bool {
        false
    }
}

/// Changes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Identity;

impl Mapping for Identity {}
