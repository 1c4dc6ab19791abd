//! The one meaning of a predicate (RFC 7644 §3.4.2.2): stores are tested against it.

use serde_json::{Value, json};

use super::{
    Comparison, Operator, Predicate, Prepared, RelatedTerm, RelatedTest, Side, Subject,
    prepare::{prepare, value_part},
    text, values,
};
use crate::{
    resource::Timestamp,
    schema::Attribute,
    store::{Edge, EdgePath},
};

/// Whether a resource matches.
pub fn eval(predicate: &Predicate, subject: &dyn Subject) -> bool {
    match predicate {
        Predicate::Constant(truth) => *truth,
        Predicate::And(parts) => parts.iter().all(|part| eval(part, subject)),
        Predicate::Or(parts) => parts.iter().any(|part| eval(part, subject)),
        Predicate::Not(part) => !eval(part, subject),
        Predicate::Present(attribute) => {
            is_kept_apart(attribute) || values::is_present(attribute, subject.values())
        }
        Predicate::Compare(comparison) => compares(comparison, subject),
        Predicate::Element(attribute, inner) => values::elements(attribute, subject.values())
            .iter()
            .any(|element| eval_element(inner, element)),
        Predicate::Related(term) => is_related(term, subject),
    }
}

/// Whether one value of a complex or multi-valued attribute matches the inner predicate of an
/// [`Element`](Predicate::Element).
///
/// Attributes in the predicate are parts of the value; where the value is no object they are the
/// value itself.
pub fn eval_element(predicate: &Predicate, element: &Value) -> bool {
    match predicate {
        Predicate::Constant(truth) => *truth,
        Predicate::And(parts) => parts.iter().all(|part| eval_element(part, element)),
        Predicate::Or(parts) => parts.iter().any(|part| eval_element(part, element)),
        Predicate::Not(part) => !eval_element(part, element),
        Predicate::Present(attribute) => values::is_present_in(attribute, element),
        Predicate::Compare(comparison) => values::scalars_of(&comparison.attribute, element)
            .iter()
            .any(|value| holds(comparison, value)),
        // Value filters do not nest (RFC 7644 §3.4.2.2), and a value has no edges.
        Predicate::Element(..) | Predicate::Related(_) => false,
    }
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

fn compares(comparison: &Comparison, subject: &dyn Subject) -> bool {
    let Comparison { attribute, operator, operand } = comparison;
    if is_kept_apart(attribute) {
        return value_kept_apart(attribute, subject)
            .is_some_and(|value| operator.holds(&value, operand));
    }
    let part = value_part(attribute);
    values::scalars(part, subject.values())
        .any(|value| prepare(part, value).is_some_and(|value| operator.holds(&value, operand)))
}

fn holds(comparison: &Comparison, value: &Value) -> bool {
    prepare(&comparison.attribute, value)
        .is_some_and(|value| comparison.operator.holds(&value, &comparison.operand))
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

fn is_related(term: &RelatedTerm, subject: &dyn Subject) -> bool {
    let RelatedTerm { relation, side, reach, test } = term;
    match test {
        RelatedTest::Id(id) => subject.has_edge(relation, *side, *reach, id),
        RelatedTest::Any => !subject.edges(relation, *side, *reach).is_empty(),
        RelatedTest::Matches(inner) => subject
            .edges(relation, *side, *reach)
            .iter()
            .any(|edge| eval_element(inner, &edge_value(edge, *side))),
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
