//! Filters that an index narrows down to what single values or resources point at: all that
//! identity providers usually send.

use scim_core::{
    query::{Comparison, Operator, Predicate, RelatedTerm, RelatedTest, Side},
    schema::ResourceType,
};

use crate::{
    fingerprint::Attached,
    sql_filter::Compiler,
    steps::{opposite, reached},
};

/// More alternatives than this are not looked up one by one.
const ALTERNATIVES: usize = 100;

/// How an index finds what a filter matches, the most selective first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lookup {
    Id,
    Value,
    Edge,
    Several,
}

/// Whether an index narrows the filter down.
pub(crate) fn is_lookup(
    attached: &Attached,
    resource_type: &ResourceType,
    filter: &Predicate,
) -> bool {
    lookup(attached, resource_type, filter).is_some()
}

fn lookup(attached: &Attached, resource_type: &ResourceType, filter: &Predicate) -> Option<Lookup> {
    let of = |part| lookup(attached, resource_type, part);
    match filter {
        Predicate::Compare(Comparison { attribute, operator: Operator::Equal, .. }) => {
            match attribute.path() {
                "id" => Some(Lookup::Id),
                _ => attached.index(resource_type, attribute).map(|_| Lookup::Value),
            }
        }
        Predicate::Element(_, inner) => {
            conjuncts(inner).iter().filter_map(of).find(|it| *it == Lookup::Value)
        }
        Predicate::Related(RelatedTerm {
            side: Side::Targets, test: RelatedTest::Id(_), ..
        }) => Some(Lookup::Edge),
        Predicate::And(parts) => parts.iter().filter_map(of).min(),
        Predicate::Or(parts) if (1..=ALTERNATIVES).contains(&parts.len()) => {
            let is_single = |part| of(part).is_some_and(|it| it < Lookup::Several);
            parts.iter().all(is_single).then_some(Lookup::Several)
        }
        _ => None,
    }
}

/// Whether the filter looks at edges one by one, of which there may be a million.
pub(crate) fn tests_edges(filter: &Predicate) -> bool {
    match filter {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().any(tests_edges),
        Predicate::Not(part) => tests_edges(part),
        Predicate::Related(term) => matches!(term.test, RelatedTest::Matches(_)),
        _ => false,
    }
}

fn conjuncts(predicate: &Predicate) -> &[Predicate] {
    match predicate {
        Predicate::And(parts) => parts,
        single => std::slice::from_ref(single),
    }
}

/// What an index finds for a filter.
pub(crate) struct Narrowed {
    /// A `SELECT` of rows among which all matches are.
    pub(crate) rows: String,
    /// What still has to be checked of them.
    pub(crate) rest: Vec<Predicate>,
}

impl Narrowed {
    fn exact(rows: String) -> Self {
        Self { rows, rest: Vec::new() }
    }
}

impl Compiler<'_> {
    /// Looks up what the filter matches, if an index narrows it down.
    pub(crate) fn narrow(&mut self, filter: &Predicate) -> Option<Narrowed> {
        match filter {
            Predicate::Compare(comparison) => self.narrow_comparison(comparison),
            Predicate::Element(_, inner) => {
                let narrowed = conjuncts(inner).iter().find_map(|part| self.narrow(part))?;
                // Whether it is one value that matches altogether is left to be checked.
                Some(Narrowed { rest: vec![filter.clone()], ..narrowed })
            }
            Predicate::Related(term) => self.narrow_related(term),
            Predicate::And(parts) => self.narrow_and(parts),
            Predicate::Or(parts) => {
                lookup(self.attached, self.resource_type, filter)?;
                let narrowed: Vec<_> =
                    parts.iter().map(|part| self.narrow(part)).collect::<Option<_>>()?;
                let rows = narrowed.iter().map(|it| format!("SELECT row FROM ({})", it.rows));
                let rows = rows.collect::<Vec<_>>().join(" UNION ALL ");
                let is_exact = narrowed.iter().all(|it| it.rest.is_empty());
                let rest = if is_exact { Vec::new() } else { vec![filter.clone()] };
                Some(Narrowed { rows, rest })
            }
            _ => None,
        }
    }

    /// A `SELECT` of the row of the resource with this id.
    pub(crate) fn row_of(&mut self, id: &str) -> String {
        let id = self.bindings.bind(id.to_owned());
        format!("SELECT o.row FROM resource o WHERE o.tenant = {} AND o.id = {id}", self.tenant)
    }

    fn narrow_comparison(&mut self, comparison: &Comparison) -> Option<Narrowed> {
        let Comparison { attribute, operator, operand } = comparison;
        if *operator != Operator::Equal {
            return None;
        }
        if attribute.path() == "id" {
            return Some(Narrowed::exact(self.row_of(operand.as_text()?)));
        }
        let entries = self.entries(attribute, *operator, operand)?;
        Some(Narrowed::exact(format!("SELECT v.row FROM {entries}")))
    }

    fn narrow_related(&mut self, term: &RelatedTerm) -> Option<Narrowed> {
        let RelatedTerm { relation, side: Side::Targets, reach, test: RelatedTest::Id(id) } = term
        else {
            return None;
        };
        let name = self.bindings.bind(relation.name().to_owned());
        let target = format!("({})", self.row_of(id));
        let sources = opposite(Side::Targets);
        Some(Narrowed::exact(reached(sources, *reach, &target, &name, self.tenant)))
    }

    /// Looks up the most selective part; the others are checked.
    fn narrow_and(&mut self, parts: &[Predicate]) -> Option<Narrowed> {
        let of = |part| lookup(self.attached, self.resource_type, part);
        let ranked = parts.iter().enumerate().filter_map(|(at, part)| Some((of(part)?, at)));
        let (_, best) = ranked.min()?;
        let mut narrowed = self.narrow(parts.get(best)?)?;
        let others = parts.iter().enumerate().filter(|(at, _)| *at != best);
        narrowed.rest.extend(others.map(|(_, part)| part.clone()));
        Some(narrowed)
    }
}
