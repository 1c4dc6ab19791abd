//! What makes two values of a multi-valued attribute the same.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::{
    query::{Prepared, prepare},
    schema::Attribute,
};

/// Its `value` and `type` where a value has a `value`, all of it otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    Parts(Key, Option<Key>),
    Whole(String),
}

/// A simple value as the schema has it compared: two keys are the same if a filter on one value
/// finds the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Comparable(Prepared),
    /// Not of the type of the attribute; another program stored it.
    Other(String),
}

impl Identity {
    /// What a value is known by among the values of this attribute.
    pub(crate) fn of(attribute: &Attribute, element: &Value) -> Self {
        let Value::Object(parts) = element else {
            return Self::Parts(Key::of(attribute, element), None);
        };
        let key = |name| Key::of_part(attribute, name, parts.get(name));
        match key("value") {
            Some(value) => Self::Parts(value, key("type")),
            // In one order, whatever that of the parts is.
            None => {
                let parts: BTreeMap<_, _> = parts.iter().collect();
                Self::Whole(parts.iter().map(|(name, value)| format!("{name} {value} ")).collect())
            }
        }
    }

    /// The same for a value of any type.
    pub(crate) fn without_type(self) -> Self {
        match self {
            Self::Parts(value, _) => Self::Parts(value, None),
            whole @ Self::Whole(_) => whole,
        }
    }
}

impl Key {
    pub(crate) fn of(attribute: &Attribute, value: &Value) -> Self {
        match prepare(attribute, value) {
            Some(prepared) => Self::Comparable(prepared),
            None => Self::Other(value.to_string()),
        }
    }

    /// The key of what a value has as its part of this name, if it has that.
    pub(crate) fn of_part(attribute: &Attribute, name: &str, part: Option<&Value>) -> Option<Self> {
        let value = part?;
        Some(match attribute.sub_attribute(name) {
            Some(part) => Self::of(part, value),
            None => Self::Other(value.to_string()),
        })
    }
}

/// Which values are the first of those that are the same. Those that are favoured come before all
/// others.
pub(crate) fn firsts(attribute: &Attribute, values: &[Value], favoured: &[usize]) -> Vec<bool> {
    if let [] | [_] = values {
        return vec![true; values.len()];
    }
    let mut are_first = vec![false; values.len()];
    let mut known = HashSet::new();
    for position in favoured.iter().copied().chain(0..values.len()) {
        let (Some(value), Some(is_first)) = (values.get(position), are_first.get_mut(position))
        else {
            continue;
        };
        if !*is_first {
            *is_first = known.insert(Identity::of(attribute, value));
        }
    }
    are_first
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Registry;

    fn with_attribute(path: &str, test: impl Fn(&Attribute)) {
        let registry = Registry::standard();
        test(registry.resource_type("User").unwrap().attribute(path).unwrap());
    }

    #[test]
    fn the_first_of_a_kind_is_a_favoured_one() {
        with_attribute("emails", |emails| {
            let values = ["a", "b", "a", "b", "a"].map(|it| json!({"value": it}));
            assert_eq!(firsts(emails, &values, &[]), [true, true, false, false, false]);
            assert_eq!(firsts(emails, &values, &[3]), [true, false, false, true, false]);
            assert_eq!(firsts(emails, &values, &[4, 2]), [false, true, false, false, true]);
            let many: Vec<_> = (0..40).map(|it| json!({"value": format!("{}", it % 20)})).collect();
            let are_first: Vec<_> = (0..40).map(|it| it != 5 && (it < 20 || it == 25)).collect();
            assert_eq!(firsts(emails, &many, &[25]), are_first);
        });
    }

    /// as the schema has values compared.
    #[test]
    fn values_are_the_same_if_a_filter_finds_one_by_the_other() {
        let same = [
            (
                "emails",
                json!({"value": "a", "type": "b", "display": "c"}),
                json!({"type": "b", "value": "a"}),
            ),
            (
                "emails",
                json!({"value": "b@x", "type": "work"}),
                json!({"value": "B@X", "type": "Work"}),
            ),
            ("addresses", json!({"type": "b", "region": "c"}), json!({"region": "c", "type": "b"})),
            ("schemas", json!("urn:a"), json!("urn:a")),
        ];
        let different = [
            ("emails", json!({"value": "a", "type": "b"}), json!({"value": "a"})),
            ("emails", json!({"value": "a", "type": "b"}), json!({"value": "a", "type": "c"})),
            ("photos", json!({"value": "https://x/a"}), json!({"value": "https://x/A"})),
            ("addresses", json!({"type": "a", "region": "b"}), json!({"type": "a"})),
            ("addresses", json!({"type": "a"}), json!({"region": "a"})),
            ("schemas", json!("urn:a"), json!("urn:b")),
        ];
        for (path, one, other) in same {
            with_attribute(path, |it| {
                assert_eq!(Identity::of(it, &one), Identity::of(it, &other), "{one} {other}");
            });
        }
        for (path, one, other) in different {
            with_attribute(path, |it| {
                assert_ne!(Identity::of(it, &one), Identity::of(it, &other), "{one} {other}");
            });
        }
    }
}
