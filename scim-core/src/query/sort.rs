//! The order of resources (RFC 7644 §3.4.2.3).

use std::cmp::Ordering;

use super::{
    Prepared, SortKey, SortOrder, Subject,
    eval::{is_kept_apart, value_kept_apart},
    prepare::{prepare, value_part},
    values,
};
use crate::resource::is_primary;

/// Compares two resources by all keys, the most significant first; ties are equal.
///
/// Resources without a value come last in ascending order and first in descending order (O-004).
pub fn compare(keys: &[SortKey], a: &dyn Subject, b: &dyn Subject) -> Ordering {
    keys.iter()
        .map(|key| compare_by(key, a, b))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The value that a resource is sorted by: of a multi-valued attribute that of the primary value,
/// else of the first (O-005).
pub fn sort_value(key: &SortKey, subject: &dyn Subject) -> Option<Prepared> {
    if is_kept_apart(&key.attribute) {
        return value_kept_apart(&key.attribute, subject);
    }
    let attribute = value_part(&key.attribute);
    let elements = values::elements(attribute, subject.values());
    let chosen = elements.iter().find(|element| is_primary(element)).or(elements.first())?;
    values::scalars_of(attribute, chosen).iter().find_map(|value| prepare(attribute, value))
}

fn compare_by(key: &SortKey, a: &dyn Subject, b: &dyn Subject) -> Ordering {
    order(key.order, sort_value(key, a).as_ref(), sort_value(key, b).as_ref())
}

/// Compares two sort values.
pub(crate) fn order(order: SortOrder, a: Option<&Prepared>, b: Option<&Prepared>) -> Ordering {
    let ascending = match (a, b) {
        (Some(a), Some(b)) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    match order {
        SortOrder::Ascending => ascending,
        SortOrder::Descending => ascending.reverse(),
    }
}
