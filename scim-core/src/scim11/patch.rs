//! PATCH (API §3.3.2): a part of a resource becomes the operations of one PATCH of SCIM 2.0.
//!
//! Attributes that `meta.attributes` names are removed first; those that the body has as well are
//! replaced. Of what is left, values marked `delete` are removed before others are merged. How a
//! value of a list finds the one that it stands for is left to
//! [`Matching::ByValue`](crate::patch::Matching).

use scim_filter::Parser;
use serde_json::{Value, json};

use super::{
    names::Names,
    resource::{attribute_read, insert, is_removed},
    urns::Urns,
};
use crate::{
    error::{ScimError, ScimType},
    resource::Object,
    schema::{Attribute, Extension, Mutability, PATCH_OP, ResourceType},
};

/// Turns the body of a PATCH of SCIM 1.1, a partial resource with `meta.attributes` and values
/// marked `"operation": "delete"`, into the message of RFC 7644 §3.5.2.
///
/// A [`Mapping`](crate::Mapping) can so accept it from clients of SCIM 2.0 too. An `operation`
/// other than `delete` means nothing. So that values of lists are found as SCIM 1.1 wants them
/// found, ask for [`Matching::ByValue`](crate::patch::Matching); members need nothing.
///
/// ```
/// use scim_core::{schema::Registry, scim11::partial_to_patch};
/// use serde_json::json;
///
/// let registry = Registry::standard();
/// let group = registry.resource_type("Group").unwrap();
/// let body = json!({"members": [{"value": "1", "operation": "delete"}, {"value": "2"}]});
/// let patch = partial_to_patch(group, body)?;
/// assert_eq!(patch["Operations"][0]["op"], "remove");
/// assert_eq!(patch["Operations"][1], json!({"op": "add", "value": {"members": [{"value": "2"}]}}));
/// # Ok::<_, scim_core::ScimError>(())
/// ```
///
/// # Errors
/// 400 `invalidSyntax` for a body that is no object or a resource of SCIM 2.0, or whose
/// `meta.attributes` are no list of names, and for a part of an attribute that is given twice.
pub fn partial_to_patch(resource_type: &ResourceType, body: Value) -> Result<Value, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::new(ScimType::InvalidSyntax, "expected a JSON object"));
    };
    Names { urns: &Urns::default(), resource_type }.patch(body)
}

impl Names<'_> {
    /// The message of SCIM 2.0 that does what this body asks for.
    ///
    /// # Errors
    /// As [`partial_to_patch`].
    pub(crate) fn patch(&self, body: Object) -> Result<Value, ScimError> {
        let mut draft = Draft { cleared: self.cleared(&body)?, ..Draft::default() };
        for (name, value) in body {
            if name.eq_ignore_ascii_case("schemas") {
                self.check_schemas(value)?;
            } else if ["meta", "id"].iter().any(|it| it.eq_ignore_ascii_case(&name)) {
                // What means something in them was taken already.
            } else if let Some(attribute) = self.resource_type.attribute(&name) {
                draft.assign(attribute, name, value)?;
            } else if let Some(extension) = self.urns.extension(self.resource_type, &name) {
                draft.extension(extension, value)?;
            } else {
                insert(&mut draft.merged, name, value)?;
            }
        }
        Ok(draft.into_message())
    }

    fn check_schemas(&self, schemas: Value) -> Result<(), ScimError> {
        self.resource(Object::from_iter([("schemas".to_owned(), schemas)])).map(drop)
    }

    /// The paths of SCIM 2.0 that `meta.attributes` names; unknown ones are passed over.
    fn cleared(&self, body: &Object) -> Result<Vec<String>, ScimError> {
        let names = match member(body, "meta").and_then(Value::as_object) {
            Some(meta) => member(meta, "attributes"),
            None => None,
        };
        let names = match names {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(names)) => names.as_slice(),
            Some(single) => std::slice::from_ref(single),
        };
        // XML has each in an element of its own.
        let text = |name: &Value| name.get("value").unwrap_or(name).as_str().map(str::to_owned);
        let names: Option<Vec<_>> = names.iter().map(text).collect();
        let names = names.ok_or_else(|| {
            ScimError::new(ScimType::InvalidSyntax, "expected an array of names")
                .at("meta.attributes")
        })?;
        Ok(names.iter().filter_map(|name| self.known_path(name)).collect())
    }

    fn known_path(&self, name: &str) -> Option<String> {
        let name = self.text(name);
        if let Some(extension) = self.resource_type.extension(&name) {
            return Some(extension.urn().to_owned());
        }
        let path = Parser::tolerant().attr_path(&name).ok()?;
        let found =
            self.resource_type.resolve(path.uri.as_deref(), &path.name, path.sub.as_deref());
        found.map(|it| it.path().to_owned()).filter(|path| path != "schemas")
    }
}

/// The operations in the making.
#[derive(Default)]
struct Draft {
    /// Paths of what is removed first.
    cleared: Vec<String>,
    /// Paths of lists with the values that are removed from them.
    discarded: Vec<(String, Vec<Value>)>,
    replaced: Object,
    merged: Object,
}

impl Draft {
    fn extension(&mut self, extension: &Extension, value: Value) -> Result<(), ScimError> {
        let urn = extension.urn();
        let Value::Object(values) = value else {
            return insert(&mut self.replaced, urn.to_owned(), value);
        };
        let mut inner = Self { cleared: std::mem::take(&mut self.cleared), ..Self::default() };
        for (name, value) in values {
            match extension.attribute(&name) {
                Some(attribute) => inner.assign(attribute, name, value)?,
                None => insert(&mut inner.merged, name, value)?,
            }
        }
        self.cleared = inner.cleared;
        self.discarded.extend(inner.discarded);
        for (whole, part) in
            [(&mut self.replaced, inner.replaced), (&mut self.merged, inner.merged)]
        {
            if !part.is_empty() {
                insert(whole, urn.to_owned(), part.into())?;
            }
        }
        Ok(())
    }

    fn assign(
        &mut self,
        attribute: &Attribute,
        name: String,
        value: Value,
    ) -> Result<(), ScimError> {
        if value.is_null() {
            return insert(&mut self.replaced, name, value);
        }
        if !attribute.is_multi_valued() || attribute.mutability() == Mutability::ReadOnly {
            return insert(&mut self.merged, name, attribute_read(attribute, value)?);
        }
        let values = match value {
            Value::Array(values) => values,
            single => vec![single],
        };
        let (removed, kept): (Vec<_>, Vec<_>) =
            values.into_iter().partition(|value| is_removed(attribute, value));
        let kept = attribute_read(attribute, kept.into())?;
        let has_kept = kept.as_array().is_some_and(|kept| !kept.is_empty());
        if self.clears(attribute) {
            // The list is replaced at once, so that one that is required is never empty.
            if has_kept {
                self.cleared.retain(|path| path != attribute.path());
                insert(&mut self.replaced, name, kept)?;
            }
            return Ok(());
        }
        if let Value::Array(removed) = attribute_read(attribute, removed.into())?
            && !removed.is_empty()
        {
            self.discarded.push((attribute.path().to_owned(), removed));
        }
        if has_kept { insert(&mut self.merged, name, kept) } else { Ok(()) }
    }

    fn clears(&self, attribute: &Attribute) -> bool {
        let is_named = |path: &String| {
            path == attribute.path() || Some(path.as_str()) == attribute.namespace()
        };
        self.cleared.iter().any(is_named)
    }

    fn into_message(self) -> Value {
        let Self { cleared, discarded, replaced, merged } = self;
        let mut operations = Vec::new();
        operations.extend(cleared.into_iter().map(|path| json!({"op": "remove", "path": path})));
        operations.extend(
            discarded
                .into_iter()
                .map(|(path, values)| json!({"op": "remove", "path": path, "value": values})),
        );
        if !replaced.is_empty() {
            operations.push(json!({"op": "replace", "value": replaced}));
        }
        // A message has at least one operation, if only to add nothing.
        if !merged.is_empty() || operations.is_empty() {
            operations.push(json!({"op": "add", "value": merged}));
        }
        json!({"schemas": [PATCH_OP], "Operations": operations})
    }
}

/// The member of this name, ignoring case.
fn member<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    object.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
