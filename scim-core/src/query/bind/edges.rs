//! Tests of related resources: the members of a group, the groups of a user.

use std::sync::Arc;

use scim_filter::{AttrPath, Filter, Literal, ValuePath};

use super::{
    Scope, bind_in,
    element::{nested, part_of},
    location,
    operand::{self, check_operator},
    operator,
    terms::Terms,
};
use crate::{
    error::ScimError,
    query::{
        Comparison, Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side,
        prepare::prepare_text,
    },
    resource::ResourceId,
    schema::{Attribute, Relation, ResourceType},
};

/// The edges that an attribute shows; names are those of the attribute's parts.
pub(super) struct Edges<'a> {
    relation: &'a Arc<Relation>,
    side: Side,
    /// The attribute that shows them: `members` or `groups`.
    attribute: &'a Arc<Attribute>,
    terms: Terms<'a>,
}

/// One test of an edge.
enum EdgeTest {
    /// It is reached directly.
    Direct,
    /// It leads to (or comes from) this resource.
    Id(ResourceId),
    /// Its value object matches.
    Matches(Predicate),
}

impl<'a> Edges<'a> {
    /// The edges that the attribute, or the one it is a part of, shows.
    pub(super) fn of(
        resource_type: &'a ResourceType,
        attribute: &Attribute,
        terms: Terms<'a>,
    ) -> Option<Self> {
        if let Some(relation) = resource_type.relation_of(attribute) {
            let attribute = relation.attribute();
            return Some(Self { relation, side: Side::Targets, attribute, terms });
        }
        let inverse = resource_type.inverse_of(attribute)?;
        let (relation, attribute) = (inverse.relation(), inverse.attribute());
        Some(Self { relation, side: Side::Sources, attribute, terms })
    }

    /// `members pr`, `members.display pr`
    pub(super) fn present(&self, attribute: &Arc<Attribute>) -> Predicate {
        self.some_edge(vec![EdgeTest::Matches(part_is_present(attribute))])
    }

    /// `members.value eq "x"`
    pub(super) fn compare(
        &self,
        part: &Arc<Attribute>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<Predicate, ScimError> {
        Ok(self.some_edge(vec![self.test(part, operator, operand)?]))
    }

    /// `members[type eq "User" and value eq "x"]`
    pub(super) fn value_path(&self, filter: &Filter<'_>) -> Result<Predicate, ScimError> {
        let parts = match filter {
            Filter::And(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let tests: Result<Vec<_>, _> = parts.iter().map(|part| self.conjunct(part)).collect();
        Ok(self.some_edge(tests?))
    }

    fn conjunct(&self, filter: &Filter<'_>) -> Result<EdgeTest, ScimError> {
        match filter {
            Filter::Compare(it) if it.value != Literal::Null => match operator(it.op) {
                Some(operator) => {
                    self.test(part_of(self.attribute, &it.path)?, operator, &it.value)
                }
                None => bind_in(self, filter).map(EdgeTest::Matches),
            },
            _ => bind_in(self, filter).map(EdgeTest::Matches),
        }
    }

    fn test(
        &self,
        part: &Arc<Attribute>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<EdgeTest, ScimError> {
        let part = self.terms.admit(part)?;
        let never = EdgeTest::Matches(Predicate::Constant(false));
        match (part.name(), operator) {
            ("value", Operator::Equal) => {
                let id = self.text(part, operator, operand)?;
                Ok(EdgeTest::Id(ResourceId::from(id)))
            }
            ("$ref", Operator::Equal) => {
                let url = self.text(part, operator, operand)?;
                let location = self.terms.base.and_then(|base| location::resolve(base, url));
                Ok(location.map_or(never, |it| EdgeTest::Id(ResourceId::new(&*it.id))))
            }
            // The URL depends on how the server is reached: it has no order and no parts.
            ("$ref", _) => {
                let detail = format!("`{}` does not apply to it", operator.as_str());
                Err(operand::invalid(part, detail))
            }
            ("type", Operator::Equal) if self.is_direct(part, operand)? => Ok(EdgeTest::Direct),
            ("value" | "type" | "display", _) => {
                self.terms.compare(part, operator, operand).map(EdgeTest::Matches)
            }
            _ => check_operator(part, operator).map(|()| never),
        }
    }

    fn text<'b>(
        &self,
        part: &Attribute,
        operator: Operator,
        operand: &'b Literal<'_>,
    ) -> Result<&'b str, ScimError> {
        check_operator(part, operator)?;
        operand::text(operand, self.terms.accept_bare_words)
            .ok_or_else(|| operand::mismatch(part, operator, operand))
    }

    /// Whether `type eq operand` asks for direct membership (RFC 7643 §4.1.2).
    fn is_direct(&self, part: &Attribute, operand: &Literal<'_>) -> Result<bool, ScimError> {
        let kind = self.text(part, Operator::Equal, operand)?;
        Ok(self.side == Side::Sources && kind.eq_ignore_ascii_case("direct"))
    }

    /// There is one edge that passes all tests.
    fn some_edge(&self, tests: Vec<EdgeTest>) -> Predicate {
        let is_direct = tests.iter().any(|test| matches!(test, EdgeTest::Direct));
        let others: Vec<_> =
            tests.into_iter().filter(|test| !matches!(test, EdgeTest::Direct)).collect();
        if let [EdgeTest::Id(id)] = others.as_slice() {
            return self.term(is_direct, RelatedTest::Id(id.clone()));
        }
        match Predicate::all(others.into_iter().map(|test| self.over_value(test))) {
            Predicate::Constant(false) => Predicate::Constant(false),
            Predicate::Constant(true) => self.term(is_direct, RelatedTest::Any),
            inner => self.term(is_direct, RelatedTest::Matches(Box::new(inner))),
        }
    }

    fn term(&self, is_direct: bool, test: RelatedTest) -> Predicate {
        let follows = self.side == Side::Sources && self.relation.nests() && !is_direct;
        Predicate::Related(RelatedTerm {
            relation: self.relation.clone(),
            side: self.side,
            reach: if follows { Reach::Transitive } else { Reach::Direct },
            test,
        })
    }

    /// The test as a predicate over the value object of an edge.
    fn over_value(&self, test: EdgeTest) -> Predicate {
        match test {
            EdgeTest::Matches(predicate) => predicate,
            EdgeTest::Direct => self.part_equals("type", "direct"),
            EdgeTest::Id(id) => self.part_equals("value", &id),
        }
    }

    fn part_equals(&self, name: &str, text: &str) -> Predicate {
        let Some(attribute) = self.attribute.sub_attribute(name) else {
            return Predicate::Constant(false);
        };
        let operand = prepare_text(attribute, text);
        operand.map_or(Predicate::Constant(false), |operand| {
            let attribute = attribute.clone();
            Predicate::Compare(Comparison { attribute, operator: Operator::Equal, operand })
        })
    }
}

impl Scope for Edges<'_> {
    fn present(&self, path: &AttrPath<'_>) -> Result<Predicate, ScimError> {
        part_of(self.attribute, path).and_then(|part| self.terms.admit(part)).map(part_is_present)
    }

    fn compare(
        &self,
        path: &AttrPath<'_>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<Predicate, ScimError> {
        let test = self.test(part_of(self.attribute, path)?, operator, operand)?;
        Ok(self.over_value(test))
    }

    fn value_path(&self, value_path: &ValuePath<'_>) -> Result<Predicate, ScimError> {
        Err(nested(value_path))
    }
}

/// Whether an edge has the part: all have an end and thus its id, URL and type.
fn part_is_present(attribute: &Arc<Attribute>) -> Predicate {
    match (attribute.parent_name(), attribute.name()) {
        (None, _) | (_, "value" | "$ref" | "type") => Predicate::Constant(true),
        (_, "display") => Predicate::Present(attribute.clone()),
        _ => Predicate::Constant(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        query::{BindContext, bind},
        schema::Registry,
    };

    fn bound(resource_type: &str, filter: &str) -> Predicate {
        let registry = Registry::standard();
        let resource_type = registry.resource_type(resource_type).unwrap();
        bind(&filter.parse().unwrap(), &BindContext::new(resource_type, "https://example.com"))
            .unwrap()
    }

    fn term(resource_type: &str, filter: &str) -> RelatedTerm {
        match bound(resource_type, filter) {
            Predicate::Related(term) => term,
            other => panic!("{filter}: {other:?}"),
        }
    }

    #[test]
    fn tests_of_one_id_are_look_ups_of_an_edge() {
        // Stores answer them from an index; identity providers send little else.
        let expected = RelatedTest::Id("2819c223".into());
        let filters = [
            r#"members eq "2819c223""#,
            r#"members.value eq "2819c223""#,
            r#"members[value eq "2819c223"]"#,
            r#"members.$ref eq "https://example.com/Users/2819c223""#,
            r#"members[$ref eq "Users/2819c223"]"#,
        ];
        for filter in filters {
            let term = term("Group", filter);
            assert_eq!(term.test, expected, "{filter}");
            assert_eq!((term.side, term.reach), (Side::Targets, Reach::Direct), "{filter}");
        }
    }

    #[test]
    fn groups_are_followed_unless_direct_ones_are_asked_for() {
        // RFC 7643 §4.1.2
        let id = || RelatedTest::Id("e9e30dba".into());
        let cases = [
            ("groups pr", Reach::Transitive, RelatedTest::Any),
            (r#"groups.value eq "e9e30dba""#, Reach::Transitive, id()),
            (r#"groups[value eq "e9e30dba" and type eq "direct"]"#, Reach::Direct, id()),
            (r#"groups.type eq "DIRECT""#, Reach::Direct, RelatedTest::Any),
            (r#"groups[type eq "direct" and value pr]"#, Reach::Direct, RelatedTest::Any),
        ];
        for (filter, reach, test) in cases {
            let term = term("User", filter);
            assert_eq!(
                (term.side, term.reach, term.test),
                (Side::Sources, reach, test),
                "{filter}"
            );
        }
    }

    #[test]
    fn other_tests_look_at_the_value_of_an_edge() {
        let filters = [
            r#"members[value eq "1" and type eq "User"]"#,
            r#"members[value eq "1" or value eq "2"]"#,
            r#"members[value ne "1"]"#,
            r#"members.display co "a""#,
        ];
        for filter in filters {
            assert!(matches!(term("Group", filter).test, RelatedTest::Matches(_)), "{filter}");
        }
        let elsewhere = r#"members.$ref eq "https://other.example/Users/1""#;
        assert_eq!(bound("Group", elsewhere), Predicate::Constant(false));
    }

    /// F-027: to equal null is to be absent, which an edge's id is not.
    #[test]
    fn null_is_no_operand_of_its_own() {
        assert_eq!(bound("Group", "members[value eq null]"), Predicate::Constant(false));
        assert_eq!(bound("Group", "members[$ref eq null]"), Predicate::Constant(false));
        assert_eq!(
            bound("Group", "members[display eq null]"),
            bound("Group", "members[not (display pr)]")
        );
        assert_eq!(
            bound("Group", "members[display eq null and value eq \"u\"]"),
            bound("Group", "members[not (display pr) and value eq \"u\"]")
        );
    }
}
