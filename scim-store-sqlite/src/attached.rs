//! What a store is attached to: the resource types, and the indexes over their attributes.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use scim_core::{
    schema::{Attribute, Preparation, ResourceType, Returned},
    store::{ServedTypes, StoreError, StoreErrorKind},
};

use crate::{anchors::Known, index::Index, writer::SharedAttached};

/// Changes whenever the same value would come out as another key.
const KEYS: u32 = 1;

/// Resource types with the indexes over their attributes.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) types: ServedTypes,
    indexes: HashMap<Box<str>, Vec<Index>>,
    known: Mutex<Known>,
}

/// What was attached last.
pub(crate) fn attached(shared: &SharedAttached) -> Result<Arc<Attached>, StoreError> {
    let attached = shared.read().unwrap_or_else(PoisonError::into_inner).clone();
    attached.ok_or_else(|| StoreErrorKind::Unsupported("a store without a registry").into())
}

impl Attached {
    /// Indexes over the attributes of these paths, wherever a type has them.
    pub(crate) fn new(types: ServedTypes, paths: &[String]) -> Self {
        let mut numbers = 0..;
        let mut indexes = HashMap::new();
        for resource_type in types.iter() {
            let attributes = paths.iter().filter_map(|path| indexable(resource_type, path));
            let numbered = attributes
                .zip(numbers.by_ref())
                .map(|(attribute, number)| Index { number, attribute: attribute.clone() })
                .collect();
            indexes.insert(resource_type.name().into(), numbered);
        }
        Self { types, indexes, known: Mutex::default() }
    }

    /// Takes what is known of the anchors of the indexes. It is given back when what becomes of
    /// them is committed, and otherwise forgotten.
    pub(crate) fn take_known(&self) -> Known {
        std::mem::take(&mut *self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives it back.
    pub(crate) fn give_known(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// The indexes over the attributes of a type.
    pub(crate) fn indexes(&self, resource_type: &str) -> &[Index] {
        self.indexes.get(resource_type).map_or(&[], Vec::as_slice)
    }

    /// The index over this attribute of a type; of a multi-valued complex attribute its `value` is
    /// meant.
    pub(crate) fn index(
        &self,
        resource_type: &ResourceType,
        attribute: &Attribute,
    ) -> Option<&Index> {
        let compared = compared(attribute);
        let mut indexes = self.indexes(resource_type.name()).iter();
        indexes.find(|index| index.attribute.compares_as(compared))
    }

    /// Whether some type has an index over the attribute of this path.
    pub(crate) fn knows(&self, path: &str) -> bool {
        self.types.iter().any(|resource_type| indexable(resource_type, path).is_some())
    }

    /// Everything that derived data depends on, as text. What is `known` of it was written by the
    /// last to derive it, who may have served other types or attributes: what was unique of these
    /// stays noted.
    pub(crate) fn fingerprint(&self, known: &str) -> String {
        let mut text = format!("keys {KEYS}\n");
        for resource_type in self.types.iter() {
            let mut line = |what: &str, attribute: &Attribute| {
                let (name, path) = (resource_type.name(), attribute.path());
                let how = compared(attribute);
                let many = (how.is_multi_valued(), how.is_in_multi_valued());
                // Writing to a string does not fail.
                let _ = writeln!(
                    text,
                    "{what}\t{name}\t{path}\t{:?}\t{many:?}\t{:?}",
                    how.preparation(),
                    how.reference_types()
                );
            };
            for index in self.indexes(resource_type.name()) {
                line(&format!("index\t{}", index.number), &index.attribute);
            }
            resource_type.unique_attributes().for_each(|attribute| line("unique", attribute));
            every(resource_type).filter(|it| is_hidden(it)).for_each(|it| line("hidden", it));
        }
        for (line, (name, path)) in unique_lines(known) {
            let resource_type = self.types.named(name);
            if resource_type.is_none_or(|it| it.attribute_at(path).is_none()) {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }
}

/// What is compared of an attribute: of a multi-valued complex one, its `value`.
fn compared(attribute: &Attribute) -> &Attribute {
    let value = attribute.sub_attribute("value").filter(|_| attribute.is_multi_valued());
    value.map_or(attribute, |value| value)
}

/// The lines of a fingerprint about unique attributes, with the name of the type and the path.
pub(crate) fn unique_lines(fingerprint: &str) -> impl Iterator<Item = (&str, (&str, &str))> {
    fingerprint.lines().filter_map(|line| {
        // Until 2026-11-22 spaces separated, which names may contain.
        let rest = line.strip_prefix("unique")?;
        let mut words = rest.split(rest.chars().next()?).skip(1);
        Some((line, (words.next()?, words.next()?)))
    })
}

fn indexable<'a>(resource_type: &'a ResourceType, path: &str) -> Option<&'a Arc<Attribute>> {
    let attribute = resource_type.attribute_at(path)?;
    let is_document = !path.starts_with("meta.") && path != "id";
    (is_document && attribute.preparation() != Preparation::None).then_some(attribute)
}

fn every<'a>(resource_type: &'a ResourceType) -> impl Iterator<Item = &'a Arc<Attribute>> {
    let with_parts = |attribute: &'a Arc<Attribute>| {
        std::iter::once(attribute).chain(attribute.sub_attributes())
    };
    resource_type.all_attributes().flat_map(with_parts)
}

fn is_hidden(attribute: &Attribute) -> bool {
    matches!(attribute.returned(), Returned::Never | Returned::Request)
}

#[cfg(test)]
mod tests {
    use scim_core::schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, SchemaDefinition,
        Uniqueness,
    };

    use super::*;

    #[test]
    fn a_fingerprint_stays_whatever_types_are_called() {
        let serial = AttributeDefinition::new("serial", AttributeType::String);
        let schema = SchemaDefinition::new("urn:x:D", [serial.unique(Uniqueness::Server)]);
        let mut device = ResourceTypeDefinition::new("My Device", "urn:x:D");
        device.endpoint = "/Devices".into();
        let registry = Registry::builder().schema(schema).resource_type(device).build().unwrap();
        let types = ServedTypes::default().and(&registry);
        let known = Attached::new(types.clone(), &[]).fingerprint("");
        assert_eq!(Attached::new(types, &[]).fingerprint(&known), known);
        let unique: Vec<_> = unique_lines(&known).map(|(_, it)| it).collect();
        assert_eq!(unique, [("My Device", "serial")]);
        // Without the type, what was unique of it stays noted, once.
        let others = Attached::new(ServedTypes::default().and(&Registry::standard()), &[]);
        let without = others.fingerprint(&known);
        assert_eq!(others.fingerprint(&without), without);
        let noted = unique_lines(&without).filter(|(_, it)| *it == ("My Device", "serial"));
        assert_eq!(noted.count(), 1);
    }
}
