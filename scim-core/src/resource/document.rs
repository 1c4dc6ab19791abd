//! A document in the two parts in which it is kept: what a plain GET shows, and the rest.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use serde_json::Value;

use super::{
    Object,
    halves::{hides_any, merge, split},
    json::write_object,
    members, plain, set_schemas,
};
use crate::schema::ResourceType;

/// A resource without `id`, `meta` and relations, as JSON text in two parts.
///
/// The **visible** part holds the attributes that are returned always or by default, `schemas`
/// among them; a plain GET copies its bytes. The **hidden** part holds those that are returned on
/// request or never. A plain GET thus cannot leak what it never read.
///
/// Where only some sub-attributes are hidden, both parts hold the complex attribute, each with
/// its own sub-attributes; the values of a multi-valued one stand in the same order in both, those
/// that have nothing to show in the hidden one alone.
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
        match hides_any(resource_type, &values) {
            false => {
                let visible = to_text(&values);
                Self { visible, hidden: Bytes::new(), values: OnceLock::from(values) }
            }
            true => Self::of_halves(split(resource_type, &values, None), values),
        }
    }

    fn of_halves((visible, hidden): (Object, Object), values: Arc<Object>) -> Self {
        let (visible, hidden) = (to_text(&visible), to_text(&hidden));
        Self { visible, hidden, values: OnceLock::from(values) }
    }

    /// The same values under another definition of their resource type, which may hide others; those
    /// that it does not know, such as those of an extension that it lacks, stay in the part in which
    /// they are.
    ///
    /// # Errors
    /// As [`values`](Self::values).
    pub fn redefined(&self, resource_type: &ResourceType) -> Result<Self, DocumentError> {
        self.values()?;
        let values = self.values.get().cloned().unwrap_or_default();
        if self.hidden.is_empty() {
            return Ok(Self::new(resource_type, values));
        }
        let before = DocumentError::parse(&self.hidden)?;
        Ok(Self::of_halves(split(resource_type, &values, Some(&before)), values))
    }

    /// The document of values that take the place of these. What the type does not know nobody has
    /// changed, but for parts of what it knows: these are hidden where anything was.
    ///
    /// # Errors
    /// As [`values`](Self::values).
    pub(super) fn replaced_by(
        &self,
        resource_type: &ResourceType,
        values: Arc<Object>,
    ) -> Result<Self, DocumentError> {
        let hidden = DocumentError::parse(&self.hidden)?;
        let mut before = updated(hidden, &values, |name| resource_type.attribute(name).is_some());
        for extension in resource_type.extensions() {
            let urn = extension.urn();
            if let (Some(Value::Object(was)), Some(Value::Object(values))) =
                (before.remove(urn), values.get(urn))
            {
                let was = updated(was, values, |name| extension.attribute(name).is_some());
                before.insert(urn.to_owned(), was.into());
            }
        }
        Ok(match before.is_empty() {
            true => Self::new(resource_type, values),
            false => Self::of_halves(split(resource_type, &values, Some(&before)), values),
        })
    }

    /// Puts a document together from values that a store keeps in columns and tables of its own:
    /// its `schemas` are those that the values use. What the type does not know, such as the values of
    /// an extension that only another server has, is hidden, as they may be secrets.
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
        let halves = split(resource_type, &values, Some(&values));
        Self::of_halves(halves, Arc::new(values))
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

/// Values as they were, but those of these names as they are now.
fn updated(was: Object, now: &Object, are_meant: impl Fn(&str) -> bool) -> Object {
    let updated = was.into_iter().filter_map(|(name, was)| {
        let value = if are_meant(&name) { now.get(&name).cloned()? } else { was };
        Some((name, value))
    });
    updated.collect()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, Returned,
        SchemaDefinition,
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
        let visible = br#"{"keys":[{"value":"a"},{"value":"b"}]}"#;
        assert_eq!(&document.visible()[..], visible);
        let stored = Document::from_stored(document.visible().clone(), document.hidden().clone());
        assert_eq!(*stored.members(&["keys"]).unwrap(), values);
        assert_eq!(stored.values().unwrap(), &values);
        // Until 2026-11-22 an empty object stood for a value that has nothing to show.
        let visible = r#"{"keys":[{"value":"a"},{"value":"b"},{}]}"#;
        let stored =
            Document::from_stored(visible, r#"{"keys":[{},{"secret":"s"},{"secret":"only"}]}"#);
        assert_eq!(stored.values().unwrap(), &values);
    }

    /// A-031, A-032: what is empty is absent.
    #[test]
    fn values_that_show_nothing_are_not_shown() {
        let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
        let keys = AttributeDefinition::new("keys", AttributeType::Complex)
            .multi_valued()
            .sub_attributes([text("value"), text("secret").returned(Returned::Request)]);
        let registry = Registry::builder()
            .schema(SchemaDefinition::new("urn:example:2.0:Safe", [keys]))
            .resource_type(ResourceTypeDefinition::new("Safe", "urn:example:2.0:Safe"))
            .build()
            .unwrap();
        let safe = registry.resource_type("Safe").unwrap();
        for (keys, visible) in [
            (json!([{"secret": "a"}, {"secret": "b"}]), json!({})),
            (json!([{"secret": "a"}, {"value": "b"}]), json!({"keys": [{"value": "b"}]})),
            (
                json!([{"value": "a", "secret": "a"}, {"secret": "b"}, {"value": "c"}, "plain"]),
                json!({"keys": [{"value": "a"}, {"value": "c"}, "plain"]}),
            ),
        ] {
            let values = object(&json!({ "keys": keys }));
            let document = Document::new(safe, values.clone());
            let stored =
                Document::from_stored(document.visible().clone(), document.hidden().clone());
            let shown = DocumentError::parse(stored.visible()).unwrap();
            assert_eq!(Value::Object(shown), visible);
            assert_eq!(stored.values().unwrap(), &values);
        }
    }

    /// A-037: another definition may lack what this one hides.
    #[test]
    fn what_a_definition_does_not_know_stays_hidden() {
        const EXTENSION: &str = "urn:example:2.0:More";
        let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
        let secret = || text("secret").returned(Returned::Never);
        let keys = |parts: Vec<AttributeDefinition>| {
            let keys = AttributeDefinition::new("keys", AttributeType::Complex);
            keys.multi_valued().sub_attributes(parts)
        };
        let registry = |attributes: Vec<AttributeDefinition>, extension: bool| {
            let more = [secret(), text("shown"), keys(vec![text("value"), secret()])];
            let safe = ResourceTypeDefinition::new("Safe", "urn:example:2.0:Safe");
            let safe = if extension { safe.extension(EXTENSION) } else { safe };
            Registry::builder()
                .schema(SchemaDefinition::new("urn:example:2.0:Safe", attributes))
                .schema(SchemaDefinition::new(EXTENSION, more))
                .resource_type(safe)
                .build()
                .unwrap()
        };
        let keys_with = json!([
            {"value": "a"}, {"value": "b", "secret": "s"}, {"secret": "only"}
        ]);
        let values = object(&json!({
            "name": "n", "secret": "s", "codes": ["x", "y"], "keys": keys_with,
            EXTENSION: {"secret": "s", "shown": "b", "keys": keys_with},
        }));
        let codes = text("codes").multi_valued().returned(Returned::Request);
        let with_all = registry(
            vec![text("name"), secret(), codes, keys(vec![text("value"), secret()])],
            true,
        );
        let named = |registry: &Arc<Registry>| registry.resource_type("Safe").unwrap().clone();
        let document = Document::new(&named(&with_all), values.clone());
        for attributes in [vec![text("name")], vec![text("name"), keys(vec![text("value")])]] {
            let less = named(&registry(attributes, false));
            let stored =
                Document::from_stored(document.visible().clone(), document.hidden().clone());
            let redefined = stored.redefined(&less).unwrap();
            assert_eq!(redefined.visible(), document.visible());
            let stored =
                Document::from_stored(redefined.visible().clone(), redefined.hidden().clone());
            assert_eq!(stored.values().unwrap(), &values);
            assert!(stored.redefined(&less).unwrap() == redefined);
            assert!(stored.redefined(&named(&with_all)).unwrap() == document);
        }
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
