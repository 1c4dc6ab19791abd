//! The one meaning of a predicate (RFC 7644 §3.4.2.2): stores are tested against it.

use serde_json::{Value, json};

use super::{
    Operator, Predicate, Prepared, Side, Subject,
    evaluation::{Evaluation, Scope},
    text,
};
use crate::{
    resource::Timestamp,
    schema::Attribute,
    store::{Edge, EdgePath},
};

/// Whether a resource matches.
pub fn eval(predicate: &Predicate, subject: &dyn Subject) -> bool {
    eval_within(predicate, subject, &|_| true).unwrap_or_default()
}

/// Whether a resource matches, within a budget.
///
/// [`comparisons`](Predicate::comparisons) tells what that takes where each attribute has a single
/// short value. What it takes beyond is shown to `more` as it comes: the comparisons with each
/// further value, and one for every 64 bytes of a text that is compared. A subject counts the edges
/// that it is asked for by itself. `None` when `more` says that it is enough.
pub fn eval_within(
    predicate: &Predicate,
    subject: &dyn Subject,
    more: &dyn Fn(usize) -> bool,
) -> Option<bool> {
    Evaluation::over(Scope::Resource(subject), more).holds(predicate)
}

/// Whether one value of a complex or multi-valued attribute matches the inner predicate of an
/// [`Element`](Predicate::Element).
///
/// Attributes in the predicate are parts of the value; where the value is no object they are the
/// value itself.
pub fn eval_element(predicate: &Predicate, element: &Value) -> bool {
    eval_element_within(predicate, element, &|_| true).unwrap_or_default()
}

/// The same within a budget, as [`eval_within`].
pub(crate) fn eval_element_within(
    predicate: &Predicate,
    element: &Value,
    more: &dyn Fn(usize) -> bool,
) -> Option<bool> {
    Evaluation::over(Scope::Element(element), more).holds(predicate)
}

/// The value of `id` or of a part of `meta`, which stand beside the document.
pub(super) fn value_kept_apart(attribute: &Attribute, subject: &dyn Subject) -> Option<Prepared> {
    let instant = |time: Timestamp| Prepared::Instant(i128::from(time.as_micros()) * 1_000);
    match attribute.path() {
        "id" => Some(Prepared::Text(text::case_exact(subject.id()))),
        "meta.created" => Some(instant(subject.meta().created)),
        "meta.lastModified" => Some(instant(subject.meta().last_modified)),
        "meta.version" => Some(Prepared::Text(subject.meta().version.as_str().into())),
        _ => None,
    }
}

/// Whether the attribute stands beside the document; every resource has a value then.
pub(super) fn is_kept_apart(attribute: &Attribute) -> bool {
    attribute.path() == "id" || attribute.path() == "meta" || attribute.path().starts_with("meta.")
}

impl Operator {
    /// Whether the comparison of two prepared values of one attribute holds.
    ///
    /// `co`, `sw` and `ew` hold for text alone; identical texts match all three
    /// (RFC 7644 §3.4.2.2).
    pub fn holds(self, value: &Prepared, operand: &Prepared) -> bool {
        let texts = |test: fn(&str, &str) -> bool| match (value, operand) {
            (Prepared::Text(value), Prepared::Text(operand)) => test(value, operand),
            _ => false,
        };
        match self {
            Self::Equal => value == operand,
            Self::Contains => texts(|value, part| value.contains(part)),
            Self::StartsWith => texts(|value, start| value.starts_with(start)),
            Self::EndsWith => texts(|value, end| value.ends_with(end)),
            Self::Greater => value > operand,
            Self::GreaterOrEqual => value >= operand,
            Self::Less => value < operand,
            Self::LessOrEqual => value <= operand,
        }
    }
}

/// An edge as the value that clients see, apart from its `$ref`.
///
/// From a source, `type` is the type of the target (RFC 7643 §4.2); from a target it says how the
/// source is reached (RFC 7643 §4.1.2).
pub(crate) fn edge_value(edge: &Edge, side: Side) -> Value {
    let kind = match (side, edge.path) {
        (Side::Targets, _) => edge.resource_type.name(),
        (Side::Sources, EdgePath::Direct) => "direct",
        (Side::Sources, EdgePath::Indirect) => "indirect",
    };
    json!({"value": edge.id.as_str(), "type": kind, "display": edge.label.as_deref()})
}
