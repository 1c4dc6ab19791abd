//! What makes two values of a multi-valued attribute the same.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

/// Its `value` and `type` where a value has a `value`, all of it otherwise.
#[derive(PartialEq, Eq, Hash)]
enum Identity<'v> {
    Parts(&'v Value, Option<&'v Value>),
    Whole(&'v Value),
}

impl<'v> Identity<'v> {
    fn of(element: &'v Value) -> Self {
        match element.get("value") {
            Some(value) => Self::Parts(value, element.get("type")),
            None => Self::Whole(element),
        }
    }
}

/// Whether two values are one.
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
    Identity::of(one) == Identity::of(other)
}

/// What makes a value the same as another, as a text that can be kept.
pub(crate) fn identity(element: &Value) -> String {
    match Identity::of(element) {
        Identity::Parts(value, Some(kind)) => format!("{value} {kind}"),
        Identity::Parts(value, None) => value.to_string(),
        // In one order, whatever that of the parts is.
        Identity::Whole(Value::Object(parts)) => {
            let parts: BTreeMap<_, _> = parts.iter().collect();
            parts.iter().map(|(name, value)| format!("{name} {value} ")).collect()
        }
        Identity::Whole(element) => element.to_string(),
    }
}

/// How many values are compared one by one, which mostly needs no look at all of them.
const FEW: usize = 16;

/// Which values are the first of those that are the same. Those that are favoured come before all
/// others.
pub(crate) fn firsts(values: &[Value], favoured: &[usize]) -> Vec<bool> {
    let mut are_first = vec![false; values.len()];
    let (mut few, mut many) = (Vec::<&Value>::new(), HashSet::new());
    for position in favoured.iter().copied().chain(0..values.len()) {
        let (Some(value), Some(is_first)) = (values.get(position), are_first.get_mut(position))
        else {
            continue;
        };
        if *is_first {
            continue;
        }
        *is_first = match values.len() <= FEW {
            true => !few.iter().any(|other| is_same(other, value)),
            false => many.insert(Identity::of(value)),
        };
        if *is_first {
            few.push(value);
        }
    }
    are_first
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_of_a_kind_is_a_favoured_one() {
        let values = ["a", "b", "a", "b", "a"].map(|it| json!({"value": it}));
        assert_eq!(firsts(&values, &[]), [true, true, false, false, false]);
        assert_eq!(firsts(&values, &[3]), [true, false, false, true, false]);
        assert_eq!(firsts(&values, &[4, 2]), [false, true, false, false, true]);
        let many: Vec<_> = (0..40).map(|it| json!({"value": it % 20})).collect();
        let are_first: Vec<_> = (0..40).map(|it| it != 5 && (it < 20 || it == 25)).collect();
        assert_eq!(firsts(&many, &[25]), are_first);
    }

    #[test]
    fn what_is_the_same_has_the_same_text() {
        let same = [
            [
                json!({"value": "a", "type": "b", "display": "c"}),
                json!({"type": "b", "value": "a"}),
            ],
            [json!({"type": "b", "region": "c"}), json!({"region": "c", "type": "b"})],
            [json!("a"), json!("a")],
        ];
        let different = [
            [json!({"value": "a", "type": "b"}), json!({"value": "a"})],
            [json!({"value": "a", "type": "b"}), json!({"value": "a", "type": "c"})],
            [json!({"type": "a", "region": "b"}), json!({"type": "a"})],
            [json!({"type": "a"}), json!({"region": "a"})],
            [json!("a"), json!("b")],
        ];
        for [one, other] in same {
            assert!(is_same(&one, &other) && identity(&one) == identity(&other), "{one} {other}");
        }
        for [one, other] in different {
            assert!(!is_same(&one, &other) && identity(&one) != identity(&other), "{one} {other}");
        }
    }
}
