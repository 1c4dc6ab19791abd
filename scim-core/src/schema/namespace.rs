//! Attributes of one namespace, looked up by name.

use std::sync::Arc;

use super::attribute::Attribute;

/// Attributes in schema order, with an index for look-ups that ignore case.
#[derive(Default)]
pub(super) struct Namespace {
    in_order: Vec<Arc<Attribute>>,
    /// By the hashes of their names, so that a look-up compares numbers and a name or two.
    by_name: Vec<(u64, Arc<Attribute>)>,
}

impl Namespace {
    pub(super) fn new(in_order: Vec<Arc<Attribute>>) -> Self {
        let mut by_name: Vec<_> = in_order.iter().map(|it| (hash(it.name()), it.clone())).collect();
        by_name.sort_by_key(|(hash, _)| *hash);
        Self { in_order, by_name }
    }

    /// Puts an attribute in the place of the one of its name.
    pub(super) fn replace(&mut self, attribute: &Arc<Attribute>) {
        let all = self.by_name.iter_mut().map(|(_, it)| it).chain(&mut self.in_order);
        all.filter(|it| it.name() == attribute.name()).for_each(|it| *it = attribute.clone());
    }

    pub(super) fn in_order(&self) -> &[Arc<Attribute>] {
        &self.in_order
    }

    /// The attribute of this name, ignoring case.
    pub(super) fn find(&self, name: &str) -> Option<&Arc<Attribute>> {
        let wanted = hash(name);
        let first = self.by_name.partition_point(|(hash, _)| *hash < wanted);
        let alike = self.by_name.get(first..)?.iter().take_while(|(hash, _)| *hash == wanted);
        // Mostly the case is right.
        let is_it =
            |it: &&Arc<Attribute>| it.name() == name || it.name().eq_ignore_ascii_case(name);
        alike.map(|(_, it)| it).find(is_it)
    }
}

/// The first eight letters in lower case, and the length.
fn hash(name: &str) -> u64 {
    let first = match name.as_bytes().first_chunk::<8>() {
        Some(first) => u64::from_le_bytes(*first),
        None => name.bytes().fold(0, |first, byte| first << 8 | u64::from(byte)),
    };
    // Characters that are no letters may fall together with others, as any two names may.
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX);
    (first | u64::from_le_bytes([0x20; 8])).wrapping_add(length)
}

#[cfg(test)]
mod tests {
    use crate::schema::Registry;

    #[test]
    fn names_are_found_in_any_case() {
        //
        let registry = Registry::standard();
        for resource_type in registry.resource_types() {
            for attribute in resource_type.attributes() {
                let name = attribute.name();
                for written in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
                    assert_eq!(resource_type.attribute(&written), Some(attribute), "{written}");
                }
                for other in [format!("{name}s"), name.replace('a', "b").replace('e', "A")] {
                    let is_name = other.eq_ignore_ascii_case(name);
                    assert!(is_name || resource_type.attribute(&other) != Some(attribute));
                }
            }
        }
        assert!(registry.resource_types().iter().all(|it| it.attribute("").is_none()));
    }
}
