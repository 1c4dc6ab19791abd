//! A predicate on its way through a resource, or through one value of a list.

use serde_json::Value;

use super::{
    Comparison, Predicate, Prepared, RelatedTerm, RelatedTest, Subject,
    eval::{edge_value, is_kept_apart, value_kept_apart},
    prepare::{prepare, prepared_values},
    values,
};
use crate::schema::Attribute;

/// Bytes of a text that are as good as another comparison.
const BYTES_PER_COMPARISON: usize = 64;

/// What the names in a predicate stand in.
#[derive(Clone, Copy)]
pub(super) enum Scope<'s> {
    Resource(&'s dyn Subject),
    Element(&'s Value),
}

/// `None` of all that it finds means that it may not go on.
pub(super) struct Evaluation<'e> {
    scope: Scope<'e>,
    /// Whether so many comparisons may be made beyond those of single short values.
    more: &'e dyn Fn(usize) -> bool,
    /// The values of attributes that were compared before: many terms ask about one.
    prepared: Vec<(&'e Attribute, Vec<Prepared>)>,
}

impl<'e> Evaluation<'e> {
    pub(super) fn over(scope: Scope<'e>, more: &'e dyn Fn(usize) -> bool) -> Self {
        Self { scope, more, prepared: Vec::new() }
    }

    pub(super) fn holds(&mut self, predicate: &'e Predicate) -> Option<bool> {
        match (predicate, self.scope) {
            (Predicate::Constant(truth), _) => Some(*truth),
            (Predicate::And(parts), _) => Some(!self.comes_to(parts, false)?),
            (Predicate::Or(parts), _) => self.comes_to(parts, true),
            (Predicate::Not(part), _) => Some(!self.holds(part)?),
            (Predicate::Present(attribute), scope) => Some(scope.has(attribute)),
            (Predicate::Compare(comparison), _) => self.compares(comparison),
            (Predicate::Element(attribute, inner), Scope::Resource(subject)) => {
                self.has_element(values::elements(attribute, subject.values()), inner)
            }
            (Predicate::Related(term), Scope::Resource(subject)) => self.is_related(term, subject),
            // Value filters do not nest (RFC 7644 §3.4.2.2), and a value has no edges.
            (Predicate::Element(..) | Predicate::Related(_), Scope::Element(_)) => Some(false),
        }
    }

    /// Whether any part comes to this.
    fn comes_to(&mut self, parts: &'e [Predicate], truth: bool) -> Option<bool> {
        for part in parts {
            if self.holds(part)? == truth {
                return Some(true);
            }
        }
        Some(false)
    }

    fn compares(&mut self, comparison: &'e Comparison) -> Option<bool> {
        let Comparison { attribute, operator, operand } = comparison;
        if let (true, Scope::Resource(subject)) = (is_kept_apart(attribute), self.scope) {
            let value = value_kept_apart(attribute, subject);
            return Some(value.is_some_and(|value| operator.holds(&value, operand)));
        }
        let more = self.more;
        for (position, value) in self.values(attribute).iter().enumerate() {
            let taken = value.size() / BYTES_PER_COMPARISON + usize::from(position > 0);
            if taken > 0 && !more(taken) {
                return None;
            }
            if operator.holds(value, operand) {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The values of an attribute, each of which is prepared once.
    fn values(&mut self, attribute: &'e Attribute) -> &[Prepared] {
        let known = self.prepared.iter().position(|(known, _)| std::ptr::eq(*known, attribute));
        let position = known.unwrap_or_else(|| {
            self.prepared.push((attribute, self.scope.values(attribute)));
            self.prepared.len().saturating_sub(1)
        });
        self.prepared.get(position).map_or(&[], |(_, values)| values)
    }

    fn has_element(&self, elements: &'e [Value], inner: &'e Predicate) -> Option<bool> {
        let each = inner.comparisons();
        for (position, element) in elements.iter().enumerate() {
            if position > 0 && !(self.more)(each) {
                return None;
            }
            if Self::over(Scope::Element(element), self.more).holds(inner)? {
                return Some(true);
            }
        }
        Some(false)
    }

    fn is_related(&self, term: &RelatedTerm, subject: &dyn Subject) -> Option<bool> {
        let RelatedTerm { relation, side, reach, test } = term;
        let inner = match test {
            RelatedTest::Id(id) => return Some(subject.has_edge(relation, *side, *reach, id)),
            RelatedTest::Any => return Some(!subject.edges(relation, *side, *reach).is_empty()),
            RelatedTest::Matches(inner) => inner,
        };
        for edge in subject.edges(relation, *side, *reach) {
            let value = edge_value(&edge, *side);
            if Evaluation::over(Scope::Element(&value), self.more).holds(inner)? {
                return Some(true);
            }
        }
        Some(false)
    }
}

impl Scope<'_> {
    fn has(self, attribute: &Attribute) -> bool {
        match self {
            Self::Resource(subject) => {
                is_kept_apart(attribute) || values::is_present(attribute, subject.values())
            }
            Self::Element(element) => values::is_present_in(attribute, element),
        }
    }

    fn values(self, attribute: &Attribute) -> Vec<Prepared> {
        match self {
            Self::Resource(subject) => prepared_values(attribute, subject.values()),
            Self::Element(element) => {
                let values = values::scalars_of(attribute, element).iter();
                values.filter_map(|value| prepare(attribute, value)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use scim_filter::Parser;
    use serde_json::{Value, json};

    use crate::{
        query::{BindContext, Standalone, bind, eval_within},
        resource::{Meta, Timestamp},
        schema::Registry,
    };

    /// S21
    #[test]
    fn what_is_counted_are_the_values_beyond_the_first_and_the_lengths_of_texts() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let meta = Meta::first(Timestamp::now());
        for (values, filter, counted) in [
            (["a", "b", "c"], "emails.value eq \"z\"", vec![1, 1]),
            (["a", "b", "c"], "emails.value eq \"b\"", vec![1]),
            (["a", "b", "c"], "emails[value eq \"z\" and type pr]", vec![2, 2]),
            ([&*"a".repeat(128), "b", "c"], "emails.value eq \"z\"", vec![2, 1, 1]),
            (["a", &*"b".repeat(64), "c"], "emails[value eq \"z\"]", vec![1, 1, 1]),
        ] {
            let emails = values.map(|value| json!({ "value": value }));
            let document = json!({"userName": "a", "emails": emails});
            let Value::Object(document) = document else { panic!("an object") };
            let subject = Standalone { id: "1", meta: &meta, values: &document };
            let filter_text = filter;
            let filter = Parser::strict().filter(filter).unwrap();
            let predicate = bind(&filter, &BindContext::new(user, "")).unwrap();
            let seen = RefCell::new(Vec::new());
            let more = |comparisons| {
                seen.borrow_mut().push(comparisons);
                true
            };
            eval_within(&predicate, &subject, &more).unwrap();
            assert_eq!(seen.into_inner(), counted, "{filter_text} of {values:?}");
        }
    }
}
