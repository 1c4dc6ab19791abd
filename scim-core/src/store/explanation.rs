//! How a store would answer a filter.

use std::fmt;

use super::{Query, Residual};
use crate::query::{Comparison, Predicate};

/// How a store finds the resources that match a filter, told without looking for them.
///
/// Each [term](Predicate::terms) of the filter stands in one place: where candidates are found by
/// it, where the store checks it on each of them, or in the residual, which the engine checks.
///
/// Shown as text it names attributes and operators and leaves operands out, which may be about
/// people.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// The terms by which an index or the edges find candidates. One about several parts of the
    /// same value is checked on each as well.
    pub indexed: Vec<Predicate>,
    /// The terms that the store checks on each candidate.
    pub checked: Vec<Predicate>,
    /// What is left to the engine.
    pub residual: Residual,
    /// About how many resources are looked at; `None` where the store cannot tell.
    pub work: Option<u64>,
}

impl Explanation {
    /// What is known of a store that tells no more than its residual: all else it checks.
    pub fn of_residual(query: &Query, residual: Residual) -> Self {
        let left = residual.filter.as_ref().map(Predicate::terms).unwrap_or_default();
        let terms = query.filter.as_ref().map(Predicate::terms).unwrap_or_default();
        let checked = terms.into_iter().filter(|term| !left.contains(term)).cloned().collect();
        Self { checked, residual, ..Self::default() }
    }

    /// Sorts the terms of a filter, of which a store checks all by itself.
    pub fn sorted(filter: &Predicate, mut is_indexed: impl FnMut(&Predicate) -> bool) -> Self {
        let terms = filter.terms().into_iter().cloned();
        let (indexed, checked) = terms.partition(|term| is_indexed(term));
        Self { indexed, checked, ..Self::default() }
    }

    /// Adds about how many resources are looked at.
    pub fn with_work(mut self, work: u64) -> Self {
        self.work = Some(work);
        self
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.residual.filter.as_ref().map(Predicate::terms).unwrap_or_default();
        write!(f, "indexed: {}", Terms(self.indexed.iter().collect()))?;
        write!(f, "; checked: {}", Terms(self.checked.iter().collect()))?;
        write!(f, "; residual: {}", Terms(left))?;
        match self.work {
            Some(work) => write!(f, "; about {work} resources"),
            None => Ok(()),
        }
    }
}

/// Terms without their operands.
struct Terms<'a>(Vec<&'a Predicate>);

impl fmt::Display for Terms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (index, term) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            match term {
                Predicate::Compare(Comparison { attribute, operator, .. }) => {
                    write!(f, "{} {}", attribute.path(), operator.as_str())?;
                }
                Predicate::Present(attribute) => write!(f, "{} pr", attribute.path())?,
                Predicate::Element(attribute, inner) => {
                    write!(f, "{}[{}]", attribute.path(), Terms(inner.terms()))?;
                }
                Predicate::Related(term) => write!(f, "{}", term.relation.attribute().path())?,
                _ => f.write_str("constant")?,
            }
        }
        Ok(())
    }
}
