//! Filters and sort keys after they were resolved against a resource type.

use std::sync::Arc;

use super::{Prepared, RelatedTerm, RelatedTest};
use crate::schema::{Attribute, ResourceType};

/// A filter whose names are resolved and whose operands are prepared: what a store gets to see.
///
/// It is two-valued: every resource matches or does not. `ne` and `eq null` are already expressed
/// through [`Not`](Self::Not) and [`Present`](Self::Present).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Predicate {
    /// Matches everything (`true`) or nothing (`false`).
    Constant(bool),
    /// Matches when each part does.
    And(Vec<Predicate>),
    /// Matches when at least one part does.
    Or(Vec<Predicate>),
    /// Matches when the part does not.
    Not(Box<Predicate>),
    /// Matches when the attribute has a value (RFC 7644 §3.4.2.2, `pr`).
    Present(Arc<Attribute>),
    /// Matches when some value of the attribute compares as asked.
    Compare(Comparison),
    /// Matches when one and the same value of a complex or multi-valued attribute matches the
    /// inner predicate, in which attributes are parts of that value.
    ///
    /// For a simple multi-valued attribute the inner predicate names the attribute itself and
    /// means the value.
    Element(Arc<Attribute>, Box<Predicate>),
    /// Matches by the edges of a relation.
    Related(RelatedTerm),
}

/// A comparison of an attribute with an operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is compared: a simple attribute or sub-attribute.
    pub attribute: Arc<Attribute>,
    /// How.
    pub operator: Operator,
    /// With what, prepared as the attribute's values are.
    pub operand: Prepared,
}

/// How a value is compared with an operand. Closed by RFC 7644 §3.4.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// One key of a sort order (RFC 7644 §3.4.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// A simple attribute or sub-attribute; of a multi-valued one the primary value counts, else
    /// the first.
    pub attribute: Arc<Attribute>,
    /// In which direction.
    pub order: SortOrder,
}

/// The direction of a sort order (RFC 7644 §3.4.2.3). Closed by the RFC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortOrder {
    /// Smallest first; resources without a value come last.
    #[default]
    Ascending,
    /// Largest first; resources without a value come first.
    Descending,
}

/// A predicate that is nothing but "this attribute equals this value".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lookup<'a> {
    /// What must be equal.
    pub attribute: &'a Arc<Attribute>,
    /// To what.
    pub operand: &'a Prepared,
}

impl Predicate {
    /// Matches when each part does. Conjunctions in it are dissolved, constants are worked out.
    ///
    /// ```
    /// use scim_core::query::Predicate::{self, Constant};
    ///
    /// assert_eq!(Predicate::all([Constant(true), Constant(false)]), Constant(false));
    /// assert_eq!(Predicate::all([]), Constant(true));
    /// ```
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts = parts.into_iter();
        let mut kept = Vec::with_capacity(room(&parts));
        for part in parts {
            match part {
                Self::Constant(true) => {}
                Self::Constant(false) => return part,
                Self::And(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        only(&mut kept).unwrap_or(match kept.is_empty() {
            true => Self::Constant(true),
            false => Self::And(kept),
        })
    }

    /// Matches when at least one part does. Disjunctions in it are dissolved, constants are worked
    /// out.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts = parts.into_iter();
        let mut kept = Vec::with_capacity(room(&parts));
        for part in parts {
            match part {
                Self::Constant(false) => {}
                Self::Constant(true) => return part,
                Self::Or(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        only(&mut kept).unwrap_or(match kept.is_empty() {
            true => Self::Constant(false),
            false => Self::Or(kept),
        })
    }

    /// Matches when this does not.
    pub fn negated(self) -> Self {
        match self {
            Self::Constant(truth) => Self::Constant(!truth),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// The tests that it is made of, without the conjunctions, disjunctions and negations that join
    /// them; constants are no tests.
    ///
    /// ```
    /// use scim_core::{query::{BindContext, bind}, schema::Registry};
    ///
    /// let registry = Registry::standard();
    /// let context = BindContext::new(registry.resource_type("User").unwrap(), "");
    /// let filter = bind(&"userName sw \"b\" and not (title pr)".parse()?, &context)?;
    /// assert_eq!(filter.terms().len(), 2);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn terms(&self) -> Vec<&Self> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::terms).collect(),
            Self::Not(part) => part.terms(),
            Self::Present(_) | Self::Compare(_) | Self::Element(..) | Self::Related(_) => {
                vec![self]
            }
        }
    }

    /// How many comparisons it makes at the most with a resource, or with an element of one, that
    /// has a single value for each attribute; at least one. What others take beyond that is counted
    /// by [`eval_within`](super::eval_within).
    ///
    /// ```
    /// use scim_core::{query::{BindContext, bind}, schema::Registry};
    ///
    /// let registry = Registry::standard();
    /// let context = BindContext::new(registry.resource_type("User").unwrap(), "");
    /// let filter = "title pr or emails[type eq \"work\" and value co \"@x.test\"]".parse()?;
    /// assert_eq!(bind(&filter, &context)?.comparisons(), 3);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn comparisons(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().map(Self::comparisons).sum::<usize>().max(1)
            }
            Self::Not(part) | Self::Element(_, part) => part.comparisons(),
            Self::Related(RelatedTerm { test: RelatedTest::Matches(inner), .. }) => {
                inner.comparisons()
            }
            Self::Constant(_) | Self::Present(_) | Self::Compare(_) | Self::Related(_) => 1,
        }
    }

    /// Names of the members of a document that the predicate looks at, for
    /// [`Document::members`](crate::Document::members).
    ///
    /// ```
    /// # use scim_core::{query::{BindContext, bind}, schema::Registry};
    /// # let registry = Registry::standard();
    /// # let context = BindContext::new(registry.resource_type("User").unwrap(), "");
    /// let filter = r#"emails[type eq "work" and value co "x"] or department pr"#.parse()?;
    /// let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    /// assert_eq!(bind(&filter, &context)?.members(), ["emails", enterprise]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn members(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.each_in_document(&mut |attribute| {
            if !names.contains(&attribute.member()) {
                names.push(attribute.member());
            }
        });
        names
    }

    /// Shows the attributes of which the predicate looks at values in a document.
    pub(crate) fn each_in_document<'a>(&'a self, show: &mut dyn FnMut(&'a Attribute)) {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.each_in_document(show));
            }
            Self::Not(part) => part.each_in_document(show),
            Self::Present(attribute) => show(attribute),
            Self::Compare(comparison) => show(&comparison.attribute),
            Self::Element(attribute, inner) => {
                show(attribute);
                inner.each_in_document(show);
            }
            Self::Constant(_) | Self::Related(_) => {}
        }
    }

    /// The attributes that the predicate looks at; for edges the one that shows them, and the parts
    /// of it.
    pub(crate) fn attributes<'a>(
        &'a self,
        resource_type: &'a ResourceType,
    ) -> Box<dyn Iterator<Item = &'a Attribute> + 'a> {
        match self {
            Self::Constant(_) => Box::new(std::iter::empty()),
            Self::And(parts) | Self::Or(parts) => {
                Box::new(parts.iter().flat_map(move |part| part.attributes(resource_type)))
            }
            Self::Not(part) => part.attributes(resource_type),
            Self::Present(attribute) => Box::new(std::iter::once(&**attribute)),
            Self::Compare(comparison) => Box::new(std::iter::once(&*comparison.attribute)),
            Self::Element(attribute, inner) => {
                Box::new(std::iter::once(&**attribute).chain(inner.attributes(resource_type)))
            }
            Self::Related(term) => {
                let attribute = term.attribute(resource_type).into_iter();
                let value = attribute.clone().filter_map(|it| it.sub_attribute("value"));
                let parts: Box<dyn Iterator<Item = &'a Attribute>> = match &term.test {
                    RelatedTest::Any => Box::new(std::iter::empty()),
                    RelatedTest::Id(_) => Box::new(value.map(|it| &**it)),
                    RelatedTest::Matches(inner) => inner.attributes(resource_type),
                };
                Box::new(attribute.chain(parts))
            }
        }
    }

    /// The one `attribute eq value` test of this predicate or of its conjunction, if it has one:
    /// what a store needs to answer an identity provider's look-up from an index.
    ///
    /// The rest of the conjunction still has to be checked.
    pub fn as_lookup(&self) -> Option<Lookup<'_>> {
        match self {
            Self::Compare(Comparison { attribute, operator: Operator::Equal, operand }) => {
                Some(Lookup { attribute, operand })
            }
            Self::And(parts) => parts.iter().find_map(Self::as_lookup),
            _ => None,
        }
    }
}

/// For how many parts to make room: for all, if they are few.
fn room(parts: &impl Iterator<Item = Predicate>) -> usize {
    let (least, most) = parts.size_hint();
    most.filter(|most| *most <= 8).unwrap_or(least)
}

/// The only part of a list, taken out of it.
fn only(parts: &mut Vec<Predicate>) -> Option<Predicate> {
    if parts.len() == 1 { parts.pop() } else { None }
}

#[cfg(test)]
mod tests {
    use crate::{
        query::{BindContext, Predicate, bind},
        schema::{Registry, ResourceType},
    };

    fn bound(resource_type: &ResourceType, filter: &str) -> Predicate {
        let filter = scim_filter::Parser::strict().filter(filter).unwrap();
        bind(&filter, &BindContext::new(resource_type, "")).unwrap()
    }

    #[test]
    fn one_part_is_the_whole() {
        let registry = Registry::standard();
        let part = bound(registry.resource_type("User").unwrap(), "title pr");
        let truth = Predicate::Constant;
        assert_eq!(Predicate::all([part.clone()]), part);
        assert_eq!(Predicate::all([truth(true), part.clone()]), part);
        assert_eq!(Predicate::any([part.clone()]), part);
        assert_eq!(Predicate::any([truth(false), part.clone()]), part);
        assert_eq!(Predicate::any([]), truth(false));
        assert_eq!(Predicate::any([part.clone(), truth(true)]), truth(true));
        assert_eq!(Predicate::all([part, truth(false)]), truth(false));
    }

    #[test]
    fn terms_are_what_is_joined() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        for (filter, terms) in [
            ("title pr", 1),
            ("title pr and (nickName pr or not (userType eq \"x\"))", 3),
            ("emails[type eq \"work\" and value pr] or groups.value eq \"g\"", 2),
        ] {
            assert_eq!(bound(user, filter).terms().len(), terms, "{filter}");
        }
        assert!(Predicate::Constant(true).terms().is_empty());
    }

    #[test]
    fn a_look_up_is_an_equality_that_must_hold() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        for (filter, path) in [
            ("userName eq \"b\"", Some("userName")),
            ("title pr and externalId eq \"7\" and active eq true", Some("externalId")),
            ("userName eq \"b\" or userName eq \"c\"", None),
            ("not (userName eq \"b\")", None),
            ("userName sw \"b\"", None),
        ] {
            let predicate = bound(user, filter);
            let lookup = predicate.as_lookup();
            assert_eq!(lookup.map(|it| it.attribute.path()), path, "{filter}");
        }
    }

    #[test]
    fn a_test_of_edges_looks_at_the_attribute_that_shows_them() {
        let registry = Registry::standard();
        for (resource_type, filter, paths) in [
            ("Group", "members.value eq \"u\"", ["members", "members.value"].as_slice()),
            ("User", "groups[display eq \"g\"]", &["groups", "groups.display"]),
            ("User", "groups pr and title pr", &["groups", "title"]),
        ] {
            let resource_type = registry.resource_type(resource_type).unwrap();
            let predicate = bound(resource_type, filter);
            let attributes = predicate.attributes(resource_type);
            assert_eq!(attributes.map(|it| it.path()).collect::<Vec<_>>(), paths, "{filter}");
        }
    }
}
