//! Changing a stored document without reading all of it.

use std::sync::Arc;

use super::{
    Document, Object, Values, changed,
    cut::{Members, Text},
    halves::hides_any,
    label, plain,
    schemas::{lists_schemas, schemas_of},
    values::Edit,
};
use crate::schema::{Attribute, AttributeType, ResourceType};

/// Beyond this many bytes all values are read: to hold those that differ, and later all of them,
/// would take twice the memory.
const LARGE: usize = 1 << 16;

/// A stored document of which some members were read.
///
/// What it cannot do (hidden values, text that is no JSON as we write it) is left to the way over
/// all values: its functions then answer `None`.
pub(crate) struct Excerpt<'d> {
    resource_type: &'d ResourceType,
    document: &'d Document,
    visible: Members<'d>,
    hidden: Members<'d>,
    read: Object,
}

impl<'d> Excerpt<'d> {
    /// Only the members are read that a label is made of.
    pub(crate) fn of(resource_type: &'d ResourceType, document: &'d Document) -> Option<Self> {
        let visible = Members::of(document.visible())?;
        let hidden = Members::of(document.hidden())?;
        let read = Object::new();
        let mut excerpt = Self { resource_type, document, visible, hidden, read };
        for name in label::SOURCES {
            let attribute = resource_type.attribute(name);
            if attribute.is_some_and(|it| it.kind() != AttributeType::Complex) {
                excerpt.read(name)?;
            }
        }
        Some(excerpt)
    }

    /// Reads a member.
    pub(crate) fn read(&mut self, name: &str) -> Option<()> {
        if self.hidden.has(name) {
            return None;
        }
        if let Some(text) = self.visible.text_of(name)
            && !self.read.contains_key(name)
        {
            self.read.insert(name.to_owned(), plain::value(text.as_bytes()).ok()?);
        }
        Some(())
    }

    /// Reads the member that an attribute is in.
    pub(crate) fn read_around(&mut self, attribute: &Attribute) -> Option<()> {
        self.read(attribute.member())
    }

    /// The same for an attribute of which the values are going to be changed.
    pub(crate) fn read_to_change(&mut self, attribute: &Attribute) -> Option<()> {
        if attribute.may_be_hidden() { None } else { self.read_around(attribute) }
    }

    /// Reads what may hold something that the type does not know: extensions, and members that it
    /// does not know either, with the `schemas` that may name them.
    pub(crate) fn read_unknown(&mut self) -> Option<()> {
        let names = self.visible.names().chain(self.hidden.names());
        let unknown: Vec<_> = names.filter(|name| !self.resource_type.has_member(name)).collect();
        if !unknown.is_empty() {
            self.read("schemas")?;
        }
        let extensions = self.resource_type.extensions().iter().map(|extension| extension.urn());
        unknown.into_iter().chain(extensions).try_for_each(|name| self.read(name))
    }

    /// What was read.
    pub(crate) fn values(&self) -> &Object {
        &self.read
    }

    /// The document with other values in the place of those that were read.
    pub(crate) fn edited(mut self, mut after: Object) -> Values {
        let changed = changed(&self.read, &after, self.resource_type);
        if changed.is_empty() {
            let edit = self.edit(after, changed);
            return Values::edited(self.document.clone(), edit);
        }
        let text = self.visible.exchanged(&self.read, &after);
        if text.len() > LARGE && self.read_rest(&mut after).is_some() {
            return Document::written(text, after).into();
        }
        let document =
            Document::from_stored(text.into_boxed_slice(), self.document.hidden().clone());
        let edit = self.edit(after, changed);
        Values::edited(document, edit)
    }

    fn edit(&mut self, after: Object, changed: Vec<Arc<Attribute>>) -> Edit {
        let (source, before) = (self.document.clone(), std::mem::take(&mut self.read));
        Edit { source, before, after, changed }
    }

    /// Adds the members that were not read to values that take the place of those that were.
    fn read_rest(&mut self, after: &mut Object) -> Option<()> {
        if !self.document.hidden().is_empty() {
            return None;
        }
        for name in self.visible.names().filter(|name| !self.read.contains_key(*name)) {
            let text = self.visible.text_of(name)?;
            after.insert(name.to_owned(), plain::value(text.as_bytes()).ok()?);
        }
        Some(())
    }

    /// The document with these values in the place of all that are stored.
    pub(crate) fn replaced(mut self, values: Arc<Object>) -> Values {
        let mut text = Text::new(self.document.visible().len());
        let Some(after) = self.compared(&values, &mut text) else { return values.into() };
        if text.len() > LARGE {
            return Document::written(text.finish(), values).into();
        }
        let changed = changed(&self.read, &after, self.resource_type);
        let document = Document::written(text.finish(), values);
        let edit = self.edit(after, changed);
        Values::edited(document, edit)
    }

    /// Writes the values, and compares the text of each with the one that is stored: those that
    /// differ are read, and given back beside those that were read before.
    fn compared(&mut self, values: &Object, text: &mut Text) -> Option<Object> {
        if !self.document.hidden().is_empty() || hides_any(self.resource_type, values) {
            return None;
        }
        let mut after = Object::new();
        for (name, value) in values {
            let new = text.member(name, value);
            let is_same = self.visible.text_of(name).is_some_and(|old| old.as_bytes() == new);
            if !is_same || self.read.contains_key(name) {
                self.read(name)?;
                after.insert(name.clone(), value.clone());
            }
        }
        let gone: Vec<_> = self.visible.names().filter(|it| !values.contains_key(*it)).collect();
        gone.into_iter().try_for_each(|name| self.read(name))?;
        Some(after)
    }

    /// Sets `schemas` where they no longer are those of the data.
    pub(crate) fn derive_schemas(&mut self, after: &mut Object) {
        let is_present = |urn: &str| {
            let is_read = self.read.contains_key(urn);
            after.contains_key(urn) || self.hidden.has(urn) || self.visible.has(urn) && !is_read
        };
        let stored = self.visible.text_of("schemas");
        if stored.is_some_and(|text| lists_schemas(text, self.resource_type, is_present)) {
            return;
        }
        let stored = stored.and_then(|text| plain::value(text.as_bytes()).ok());
        let schemas = schemas_of(self.resource_type, stored.as_ref(), is_present);
        self.read.extend(stored.map(|stored| ("schemas".to_owned(), stored)));
        after.insert("schemas".to_owned(), schemas);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};
    use serde_json::json;

    use super::*;
    use crate::{
        resource::{Difference, set_schemas},
        schema::Registry,
    };

    const UNKNOWN: &str = "urn:example:2.0:OfAnotherServer";

    fn any_values() -> impl Strategy<Value = Object> {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let members = [
            ("active", json!(true)),
            ("displayName", json!("Babs")),
            ("displayName", json!("B\u{e4}bs \"B\"")),
            ("emails", json!([{"value": "a@x", "type": "work"}])),
            ("name", json!({"givenName": "Barbara"})),
            ("name", json!({"givenName": "Barbara", "familyName": "Jensen"})),
            ("password", json!("kept")),
            ("userName", json!("babs")),
            ("userName", json!("b")),
            (enterprise, json!({"department": "Tours"})),
            (UNKNOWN, json!({"badge": "7"})),
            (enterprise, json!({"department": "Rides", "manager": {"value": "7"}})),
        ];
        vec(select(members.to_vec()), 0..7).prop_map(|members| {
            let named = members.into_iter().map(|(name, value)| (name.to_owned(), value));
            let mut values = Object::from_iter(named);
            if values.contains_key(UNKNOWN) {
                values.insert("schemas".to_owned(), json!([UNKNOWN]));
            }
            let registry = Registry::standard();
            registry.resource_type("User").into_iter().for_each(|it| set_schemas(it, &mut values));
            values
        })
    }

    proptest! {
        /// U-006: whichever way a document is replaced, the same is written.
        #[test]
        fn what_differs_is_found_without_reading_the_rest(
            before in any_values(),
            after in any_values(),
            is_spaced: bool,
        ) {
            let registry = Registry::standard();
            let user = registry.resource_type("User").unwrap();
            let mut stored = Document::new(user, before.clone());
            if is_spaced && stored.hidden().is_empty() {
                // As another program writes it.
                let text = serde_json::to_string_pretty(&before).unwrap();
                stored = Document::from_stored(text, "");
            }
            let excerpt = Excerpt::of(user, &stored).unwrap();
            let replaced = excerpt.replaced(after.clone().into());
            prop_assert_eq!(&*replaced, &after);
            let composed = replaced.composed(user);
            let whole = Document::new(user, after.clone());
            prop_assert_eq!(composed.visible(), whole.visible());
            prop_assert_eq!(composed.hidden(), whole.hidden());
            let stored = Values::from(stored);
            let difference = Difference::between(user, &stored, &replaced);
            prop_assert_eq!(&*difference.changed, changed(&before, &after, user));
            if !difference.changed.is_empty() {
                prop_assert_eq!(label(difference.after), label(&after));
            }
        }
    }

    #[test]
    fn text_that_is_not_as_we_write_it_is_left_to_the_way_over_all_values() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let texts = [
            r#"{"userName":"a","userName":"b"}"#,
            r#"{"userName":"a","active":true,"userName":"b"}"#,
            r#"{"user\u004eame":"a"}"#,
            r#"{"userName":"\ud800"}"#,
            r#"{"userName":"a""#,
            r#"{"other":"\ud800","userName":"a"}"#,
            r#"{"other":[1e999],"userName":"a"}"#,
            r#"{"other":-1e999,"userName":"a"}"#,
            r#"{"other":{"$serde_json::private::RawValue":"1"},"userName":"a"}"#,
            r#"{"$serde_json::private::Number":"1","userName":"a"}"#,
            "[]",
            "null",
        ];
        for text in texts {
            assert!(Excerpt::of(user, &Document::from_stored(text, "")).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_cut_can_be_read() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        for depth in [1, 125, 126, 127, 2_000] {
            let text = format!(r#"{{"other":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
            let stored = Document::from_stored(text, "");
            assert_eq!(Excerpt::of(user, &stored).is_some(), stored.values().is_ok(), "{depth}");
        }
    }
}
