//! A document in the two parts in which it is kept: what a plain GET shows, and the rest.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use serde_json::Value;

use super::{Object, json::write_object, members, plain, set_schemas, value_of};
use crate::schema::{Attribute, ResourceType, Returned};

/// A resource without `id`, `meta` and relations, as JSON text in two parts.
///
/// The **visible** part holds the attributes that are returned always or by default, `schemas`
/// among them; a plain GET copies its bytes. The **hidden** part holds those that are returned on
/// request or never. A plain GET thus cannot leak what it never read.
///
/// Where only some sub-attributes are hidden, both parts hold the complex attribute, each with
/// its own sub-attributes; the values of a multi-valued one stand at the same positions in both.
#[derive(Clone)]
pub struct Document {
    visible: Bytes,
    hidden: Bytes,
    /// Shared, so that a proposal and the document that it comes to hold the same values.
    values: OnceLock<Arc<Object>>,
}

/// Stored text that is not the JSON object it was written as.
#[derive(Debug, thiserror::Error)]
#[error("the stored document is not a JSON object")]
pub struct DocumentError(#[source] serde_json::Error);

impl DocumentError {
    /// Reads the text of an object; no text is an empty one.
    pub(crate) fn parse(text: &[u8]) -> Result<Object, Self> {
        if text.is_empty() {
            return Ok(Object::new());
        }
        plain::object(text).map_err(Self)
    }

    pub(super) fn new(error: serde_json::Error) -> Self {
        Self(error)
    }
}

impl Document {
    /// Splits and serialises the canonical values of a resource.
    pub fn new(resource_type: &ResourceType, values: impl Into<Arc<Object>>) -> Self {
        let values = values.into();
        let (visible, hidden) = match hides_any(resource_type, &values) {
            false => (to_text(&values), Bytes::new()),
            true => {
                let (visible, hidden) = split(resource_type, &values);
                (to_text(&visible), to_text(&hidden))
            }
        };
        Self { visible, hidden, values: OnceLock::from(values) }
    }

    /// Puts a document together from values that a store keeps in columns and tables of its own:
    /// its `schemas` are those that the values use.
    ///
    /// ```
    /// use scim_core::{Document, schema::Registry};
    /// use serde_json::json;
    ///
    /// let registry = Registry::standard();
    /// let user = registry.resource_type("User").unwrap();
    /// let mut row = scim_core::Object::new();
    /// row.insert("userName".to_owned(), json!("bjensen"));
    /// let document = Document::composed(user, row);
    /// let schemas = &document.values().unwrap()["schemas"];
    /// assert_eq!(*schemas, json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    /// ```
    pub fn composed(resource_type: &ResourceType, mut values: Object) -> Self {
        set_schemas(resource_type, &mut values);
        Self::new(resource_type, values)
    }

    /// The document without its hidden part.
    pub fn without_hidden(self) -> Self {
        match self.hidden.is_empty() {
            true => self,
            false => Self::from_stored(self.visible, Bytes::new()),
        }
    }

    /// The document of values that hide nothing, with the text that they were written as.
    pub(super) fn written(visible: Vec<u8>, values: impl Into<Arc<Object>>) -> Self {
        let values = OnceLock::from(values.into());
        Self { visible: visible.into_boxed_slice().into(), hidden: Bytes::new(), values }
    }

    /// Takes the two parts as they were stored; they are parsed when first looked into.
    ///
    /// `hidden` is empty where the resource has no hidden attributes.
    pub fn from_stored(visible: impl Into<Bytes>, hidden: impl Into<Bytes>) -> Self {
        Self { visible: visible.into(), hidden: hidden.into(), values: OnceLock::new() }
    }

    /// The JSON text of what a plain GET shows, without `id`, `meta` and relations.
    pub fn visible(&self) -> &Bytes {
        &self.visible
    }

    /// The JSON text of what a plain GET hides; empty when there is nothing.
    pub fn hidden(&self) -> &Bytes {
        &self.hidden
    }

    /// All values, visible and hidden, under their canonical names.
    ///
    /// # Errors
    /// When the stored text is not what was written.
    pub fn values(&self) -> Result<&Object, DocumentError> {
        if let Some(values) = self.values.get() {
            return Ok(values);
        }
        let mut values = DocumentError::parse(&self.visible)?;
        if !self.hidden.is_empty() {
            merge(&mut values, DocumentError::parse(&self.hidden)?);
        }
        Ok(self.values.get_or_init(|| Arc::new(values)))
    }

    /// The values of the members of these names, visible and hidden, and perhaps others: of stored
    /// text the rest is passed over, which takes a fraction of the time.
    ///
    /// ```
    /// use scim_core::Document;
    ///
    /// let stored = Document::from_stored(r#"{"title":"Guide","userName":"bjensen"}"#, "");
    /// let some = stored.members(&["userName"])?;
    /// assert_eq!(some.keys().collect::<Vec<_>>(), ["userName"]);
    /// # Ok::<_, scim_core::DocumentError>(())
    /// ```
    ///
    /// # Errors
    /// As [`values`](Self::values).
    pub fn members(&self, names: &[&str]) -> Result<Cow<'_, Object>, DocumentError> {
        if let Some(values) = self.values.get() {
            return Ok(Cow::Borrowed(values));
        }
        let mut found = members::read(&self.visible, names)?;
        if !self.hidden.is_empty() {
            merge(&mut found, members::read(&self.hidden, names)?);
        }
        Ok(Cow::Owned(found))
    }

    /// The document's values, taken out of it.
    ///
    /// # Errors
    /// As [`values`](Self::values).
    pub fn into_values(self) -> Result<Object, DocumentError> {
        self.values()?;
        Ok(self.values.into_inner().map(Arc::unwrap_or_clone).unwrap_or_default())
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.visible == other.visible && self.hidden == other.hidden
    }
}

impl std::fmt::Debug for Document {
    /// Shows the visible part only: hidden values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Document").field(&String::from_utf8_lossy(&self.visible)).finish()
    }
}

/// What most documents take.
const ROOM: usize = 1024;

fn to_text(object: &Object) -> Bytes {
    if object.is_empty() {
        return Bytes::new();
    }
    let mut text = Vec::with_capacity(ROOM);
    write_object(&mut text, object);
    text.into_boxed_slice().into()
}

/// Whether any of the values may belong to the hidden part; mostly none does, and the values are
/// written out as they are.
pub(super) fn hides_any(resource_type: &ResourceType, values: &Object) -> bool {
    // An extension without values is left out by `split`.
    let is_empty = |urn| values.get(urn).and_then(Value::as_object).is_some_and(Object::is_empty);
    let mut hiding = resource_type.all_attributes().filter(|attribute| attribute.may_be_hidden());
    hiding.any(|attribute| value_of(attribute, values).is_some())
        || resource_type.extensions().iter().any(|extension| is_empty(extension.urn()))
}

fn split(resource_type: &ResourceType, values: &Object) -> (Object, Object) {
    let mut visible = Object::new();
    let mut hidden = Object::new();
    for (name, value) in values {
        let parts = match (resource_type.attribute(name), resource_type.extension(name), value) {
            (Some(attribute), _, _) => split_attribute(attribute, value),
            (None, Some(extension), Value::Object(object)) => {
                let (shown, kept) =
                    split_object(object, |name| extension.attribute(name), split_attribute);
                (non_empty(shown), non_empty(kept))
            }
            _ => (Some(value.clone()), None),
        };
        visible.extend(parts.0.map(|value| (name.clone(), value)));
        hidden.extend(parts.1.map(|value| (name.clone(), value)));
    }
    (visible, hidden)
}

type Parts = (Option<Value>, Option<Value>);

fn split_attribute(attribute: &Attribute, value: &Value) -> Parts {
    if is_hidden(attribute) {
        return (None, Some(value.clone()));
    }
    if !attribute.may_be_hidden() {
        return (Some(value.clone()), None);
    }
    match value {
        Value::Array(elements) => {
            let (shown, kept): (Vec<_>, Vec<_>) =
                elements.iter().map(|element| split_element(attribute, element)).unzip();
            let any_kept =
                kept.iter().any(|part| part.as_object().is_some_and(|it| !it.is_empty()));
            (Some(Value::Array(shown)), any_kept.then_some(Value::Array(kept)))
        }
        Value::Object(object) => {
            let (shown, kept) = split_parts(attribute, object);
            (non_empty(shown), non_empty(kept))
        }
        other => (Some(other.clone()), None),
    }
}

/// Both halves of one value of a multi-valued attribute; empty ones keep the positions aligned.
fn split_element(attribute: &Attribute, element: &Value) -> (Value, Value) {
    match element {
        Value::Object(object) => {
            let (shown, kept) = split_parts(attribute, object);
            (Value::Object(shown), Value::Object(kept))
        }
        other => (other.clone(), Value::Object(Object::new())),
    }
}

fn split_parts(attribute: &Attribute, object: &Object) -> (Object, Object) {
    split_object(
        object,
        |name| attribute.sub_attribute(name),
        |sub, value| match is_hidden(sub) {
            true => (None, Some(value.clone())),
            false => (Some(value.clone()), None),
        },
    )
}

fn split_object<'a>(
    object: &Object,
    find: impl Fn(&str) -> Option<&'a std::sync::Arc<Attribute>>,
    split: impl Fn(&Attribute, &Value) -> Parts,
) -> (Object, Object) {
    let mut shown = Object::new();
    let mut kept = Object::new();
    for (name, value) in object {
        let parts = match find(name) {
            Some(attribute) => split(attribute, value),
            None => (Some(value.clone()), None),
        };
        shown.extend(parts.0.map(|value| (name.clone(), value)));
        kept.extend(parts.1.map(|value| (name.clone(), value)));
    }
    (shown, kept)
}

fn is_hidden(attribute: &Attribute) -> bool {
    matches!(attribute.returned(), Returned::Never | Returned::Request)
}

fn non_empty(object: Object) -> Option<Value> {
    (!object.is_empty()).then_some(Value::Object(object))
}

/// Puts the hidden part back: objects are joined by name, arrays by position.
fn merge(visible: &mut Object, hidden: Object) {
    for (name, kept) in hidden {
        match (visible.get_mut(&name), kept) {
            (Some(Value::Object(shown)), Value::Object(kept)) => merge(shown, kept),
            (Some(Value::Array(shown)), Value::Array(kept)) => {
                for (shown, kept) in shown.iter_mut().zip(kept) {
                    if let (Value::Object(shown), Value::Object(kept)) = (shown, kept) {
                        merge(shown, kept);
                    }
                }
            }
            (_, kept) => {
                visible.insert(name, kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, SchemaDefinition,
    };

    fn object(value: &Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_password_is_kept_out_of_the_visible_part() {
        // A-037, A-039
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let values = object(&json!({"userName": "bjensen", "password": "t1meMa$heen"}));
        let document = Document::new(user, values.clone());
        assert_eq!(&document.visible()[..], br#"{"userName":"bjensen"}"#);
        assert_eq!(&document.hidden()[..], br#"{"password":"t1meMa$heen"}"#);
        let stored = Document::from_stored(document.visible().clone(), document.hidden().clone());
        assert_eq!(stored.values().unwrap(), &values);
        assert!(!format!("{document:?}").contains("t1meMa"));
    }

    #[test]
    fn hidden_sub_attributes_stay_with_their_values() {
        let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
        let keys = AttributeDefinition::new("keys", AttributeType::Complex)
            .multi_valued()
            .sub_attributes([text("value"), text("secret").returned(Returned::Never)]);
        let registry = Registry::builder()
            .schema(SchemaDefinition::new("urn:example:2.0:Safe", [keys]))
            .resource_type(ResourceTypeDefinition::new("Safe", "urn:example:2.0:Safe"))
            .build()
            .unwrap();
        let values = object(&json!({"keys": [
            {"value": "a"}, {"value": "b", "secret": "s"}, {"secret": "only"}
        ]}));
        let document = Document::new(registry.resource_type("Safe").unwrap(), values.clone());
        assert!(!String::from_utf8_lossy(document.visible()).contains("secret"));
        let stored = Document::from_stored(document.visible().clone(), document.hidden().clone());
        assert_eq!(*stored.members(&["keys"]).unwrap(), values);
        assert_eq!(stored.values().unwrap(), &values);
    }

    #[test]
    fn members_are_read_without_the_others() {
        let values = json!({"a": {"b": "\u{fc}\"", "c": [1, null]}, "b": 2, "ä": true, "c": "x"});
        let (text, object) = (values.to_string(), object(&values));
        let stored = || Document::from_stored(text.clone(), r#"{"c":"hidden","d":[]}"#);
        for names in [&[][..], &["a"], &["ä", "b"], &["c", "d"], &["A", "nothing"]] {
            let all = stored().into_values().unwrap();
            let expected = all.into_iter().filter(|(name, _)| names.contains(&name.as_str()));
            assert_eq!(*stored().members(names).unwrap(), expected.collect(), "{names:?}");
        }
        assert_eq!(Document::new(user_type(), object).members(&["b"]).unwrap().len(), 4);
        for broken in ["{\"a\":", "[]", "{} x", "{\"a\":1,\"b\":tru}"] {
            let stored = Document::from_stored(broken, "");
            assert_eq!(stored.members(&["a"]).is_err(), stored.values().is_err(), "{broken}");
        }
    }

    fn user_type() -> &'static ResourceType {
        static REGISTRY: std::sync::LazyLock<Arc<Registry>> =
            std::sync::LazyLock::new(Registry::standard);
        REGISTRY.resource_type("User").unwrap()
    }
}
