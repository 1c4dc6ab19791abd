//! Filters that an index narrows down to what single values or resources point at: all that
//! identity providers usually send.

use scim_core::{
    query::{Comparison, Operator, Predicate, Prepared, RelatedTerm, RelatedTest, Side},
    schema::{Attribute, ResourceType},
};

use crate::{
    attached::Attached,
    sql_filter::Compiler,
    steps::{opposite, reached},
};

/// More alternatives than this are not looked up one by one; values of one attribute count as
/// one.
const ALTERNATIVES: usize = 100;

/// From so many values of one attribute on, they are looked up together.
const TOGETHER: usize = 4;

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
        Predicate::Related(term) if term.side == Side::Targets => {
            named_end(term).map(|_| Lookup::Edge)
        }
        Predicate::And(parts) => parts.iter().filter_map(of).min(),
        Predicate::Or(parts) if !parts.is_empty() => {
            let is_single = |part| of(part).is_some_and(|it| it < Lookup::Several);
            let are_few = || Alternatives::of(attached, resource_type, parts).len() <= ALTERNATIVES;
            (parts.iter().all(is_single) && are_few()).then_some(Lookup::Several)
        }
        _ => None,
    }
}

/// Whether edges decide about the filter.
pub(crate) fn asks_for_edges(filter: &Predicate) -> bool {
    match filter {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().any(asks_for_edges),
        Predicate::Not(part) => asks_for_edges(part),
        Predicate::Related(_) => true,
        _ => false,
    }
}

/// Whether the filter looks at edges one by one, of which there may be a million.
pub(crate) fn tests_edges(filter: &Predicate) -> bool {
    match filter {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().any(tests_edges),
        Predicate::Not(part) => tests_edges(part),
        Predicate::Related(term) => {
            matches!(term.test, RelatedTest::Matches(_)) && named_end(term).is_none()
        }
        _ => false,
    }
}

/// The id of the one resource that an edge must lead to (or come from) for the test to hold.
pub(crate) fn named_end(term: &RelatedTerm) -> Option<&str> {
    match &term.test {
        RelatedTest::Id(id) => Some(id),
        RelatedTest::Matches(inner) => conjuncts(inner).iter().find_map(|part| match part {
            Predicate::Compare(Comparison { attribute, operator: Operator::Equal, operand })
                if attribute.name() == "value" =>
            {
                operand.as_text()
            }
            _ => None,
        }),
        _ => None,
    }
}

/// The parts of a conjunction, or the one predicate.
pub(crate) fn conjuncts(predicate: &Predicate) -> &[Predicate] {
    match predicate {
        Predicate::And(parts) => parts,
        single => std::slice::from_ref(single),
    }
}

/// The parts of a disjunction.
pub(crate) struct Alternatives<'a> {
    /// Values that one attribute may equal, where there are many.
    pub(crate) lists: Vec<(&'a Attribute, Vec<&'a Prepared>)>,
    /// The others.
    pub(crate) others: Vec<&'a Predicate>,
}

impl<'a> Alternatives<'a> {
    pub(crate) fn of(
        attached: &Attached,
        resource_type: &ResourceType,
        parts: &'a [Predicate],
    ) -> Self {
        let mut lists: Vec<(&Attribute, Vec<(&Prepared, &Predicate)>)> = Vec::new();
        let mut others = Vec::new();
        for part in parts {
            let Predicate::Compare(Comparison { attribute, operand, .. }) = part else {
                others.push(part);
                continue;
            };
            if lookup(attached, resource_type, part).is_none() {
                others.push(part);
                continue;
            }
            let same = |it: &&mut (&Attribute, _)| it.0.path() == attribute.path();
            match lists.iter_mut().find(same) {
                Some((_, operands)) => operands.push((operand, part)),
                None => lists.push((attribute, vec![(operand, part)])),
            }
        }
        let (long, short): (Vec<_>, Vec<_>) =
            lists.into_iter().partition(|(_, operands)| operands.len() >= TOGETHER);
        others.extend(short.into_iter().flat_map(|(_, it)| it.into_iter().map(|(_, part)| part)));
        let operands = |it: Vec<(&'a Prepared, _)>| it.into_iter().map(|(it, _)| it).collect();
        let lists = long.into_iter().map(|(attribute, it)| (attribute, operands(it))).collect();
        Self { lists, others }
    }

    fn len(&self) -> usize {
        self.lists.len().saturating_add(self.others.len())
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
            Predicate::Related(term) => self.narrow_related(term, filter),
            Predicate::And(parts) => self.narrow_and(parts),
            Predicate::Or(parts) => {
                lookup(self.attached, self.resource_type, filter)?;
                let Alternatives { lists, others } =
                    Alternatives::of(self.attached, self.resource_type, parts);
                let mut narrowed = Vec::new();
                for (attribute, operands) in lists {
                    narrowed.push(Narrowed::exact(self.rows_of_any(attribute, &operands)?));
                }
                for part in others {
                    narrowed.push(self.narrow(part)?);
                }
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

    /// A `SELECT` of the rows in which an indexed attribute equals one of these values, which are
    /// bound as one: there may be more of them than a statement has parameters.
    pub(crate) fn rows_of_any(
        &mut self,
        attribute: &Attribute,
        operands: &[&Prepared],
    ) -> Option<String> {
        if attribute.path() == "id" {
            let ids = operands.iter().filter_map(|it| it.as_text());
            let ids = self.bindings.bind(serde_json::Value::from_iter(ids).to_string());
            return Some(format!(
                "SELECT o.row FROM json_each({ids}) j CROSS JOIN resource o \
                 ON o.tenant = {} AND o.id = j.value",
                self.tenant
            ));
        }
        let number = self.attached.index(self.resource_type, attribute)?.number;
        let number = self.bindings.bind(number);
        let keys = operands.iter().map(|it| hexadecimal(&it.to_key()));
        let keys = self.bindings.bind(serde_json::Value::from_iter(keys).to_string());
        Some(format!(
            "SELECT v.row FROM json_each({keys}) j CROSS JOIN value v ON v.tenant = {} \
             AND v.attribute = {number} AND v.absent = 0 AND v.key = unhex(j.value)",
            self.tenant
        ))
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

    fn narrow_related(&mut self, term: &RelatedTerm, filter: &Predicate) -> Option<Narrowed> {
        let RelatedTerm { relation, side: Side::Targets, reach, test } = term else { return None };
        let name = self.bindings.bind(relation.name().to_owned());
        let target = format!("({})", self.row_of(named_end(term)?));
        let rows = reached(opposite(Side::Targets), *reach, &target, &name, self.tenant);
        let rest = match test {
            RelatedTest::Id(_) => Vec::new(),
            _ => vec![filter.clone()],
        };
        Some(Narrowed { rows, rest })
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

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
