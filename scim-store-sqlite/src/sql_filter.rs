//! A filter as an SQL expression over the row `r`.
//!
//! It is compiled part by part. What an index, a column or an edge can answer becomes SQL; what is
//! left of a conjunction or disjunction becomes one call of `scim_match`, which runs `query::eval`.
//! No expression is ever `NULL`, so that `NOT` means what it says.

use std::sync::Arc;

use scim_core::{
    query::{Comparison, Operator, Predicate, Prepared, Reach, RelatedTerm, RelatedTest, Side},
    schema::{Attribute, ResourceType},
    store::StoreErrorKind,
};

use crate::{
    attached::Attached,
    evaluation::{Leaf, ROW},
    lookup::{Alternatives, Narrowed, asks_for_edges, named_end},
    statement::Bindings,
    steps::{edge, opposite, reached, step},
};

/// Turns filters over one resource type into SQL.
pub(crate) struct Compiler<'a> {
    pub(crate) attached: &'a Arc<Attached>,
    pub(crate) resource_type: &'a ResourceType,
    /// The parameter with the tenant.
    pub(crate) tenant: &'a str,
    pub(crate) bindings: &'a mut Bindings,
}

/// Parameters that a filter may take; SQLite has 32,766 for a statement.
const PARAMETERS: usize = 10_000;

/// How a part of a filter is used.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// It may list the rows that match.
    Lists,
    /// Another part has listed few rows, and this one had better look at those alone.
    Checks,
    /// It may list rows, but only by their edges.
    Edges,
}

impl Compiler<'_> {
    /// The condition that a row is of the tenant and the type and matches the filter.
    ///
    /// `type_name` is the parameter with the name of the type.
    pub(crate) fn condition(
        &mut self,
        filter: &Predicate,
        type_name: &str,
    ) -> Result<String, StoreErrorKind> {
        let before = self.bindings.clone();
        let condition = self.compiled(filter, type_name);
        if self.bindings.len() <= PARAMETERS {
            return Ok(condition);
        }
        // More than a statement can have: all is left to `query::eval` but the edges, which it cannot
        // see here.
        *self.bindings = before;
        let condition = self.push_or_evaluate(filter, Role::Edges);
        if self.bindings.len() > PARAMETERS {
            return Err(StoreErrorKind::OverBudget);
        }
        Ok(format!("r.tenant = {} AND r.type = {type_name} AND {condition}", self.tenant))
    }

    /// Where rows are listed, a plus keeps SQLite from looking for them over tenant and type.
    fn compiled(&mut self, filter: &Predicate, type_name: &str) -> String {
        let tenant = self.tenant;
        let Some(Narrowed { rows, rest }) = self.narrow(filter) else {
            let condition = self.push_or_evaluate(filter, Role::Lists);
            return format!("r.tenant = {tenant} AND r.type = {type_name} AND {condition}");
        };
        let listed =
            format!("+r.tenant = {tenant} AND +r.type = {type_name} AND r.row IN ({rows})");
        if rest.is_empty() {
            return listed;
        }
        let rest = self.push_or_evaluate(&Predicate::And(rest), Role::Checks);
        format!("{listed} AND {rest}")
    }

    /// Whether a term is more than an evaluation of each row.
    pub(crate) fn is_pushed(&mut self, term: &Predicate) -> bool {
        self.narrow(term).is_some() || self.push(term, Role::Lists).is_some()
    }

    fn push_or_evaluate(&mut self, filter: &Predicate, role: Role) -> String {
        self.push(filter, role).unwrap_or_else(|| self.evaluated(filter.clone()))
    }

    /// The condition in SQL, or nothing where it would be no more than an evaluation.
    fn push(&mut self, filter: &Predicate, role: Role) -> Option<String> {
        if role == Role::Edges && !asks_for_edges(filter) {
            return None;
        }
        match filter {
            Predicate::Constant(truth) => Some(if *truth { "1" } else { "0" }.to_owned()),
            Predicate::And(parts) => {
                self.push_parts(parts, Vec::new(), "AND", Predicate::And, role)
            }
            Predicate::Or(parts) if role == Role::Edges => {
                self.push_parts(parts, Vec::new(), "OR", Predicate::Or, role)
            }
            Predicate::Or(parts) => self.push_or(parts, role),
            Predicate::Not(part) => Some(format!("(NOT {})", self.push(part, role)?)),
            Predicate::Compare(comparison) => self.push_comparison(comparison, role),
            Predicate::Related(term) => Some(self.related(term, role)),
            _ => None,
        }
    }

    /// Many values of one attribute are one list.
    fn push_or(&mut self, parts: &[Predicate], role: Role) -> Option<String> {
        let Alternatives { lists, others } =
            Alternatives::of(self.attached, self.resource_type, parts);
        let listed = lists.iter().filter_map(|(attribute, operands)| {
            Some(format!("r.row IN ({})", self.rows_of_any(attribute, operands)?))
        });
        let listed = listed.collect();
        self.push_parts(others, listed, "OR", Predicate::Or, role)
    }

    fn push_parts<'p>(
        &mut self,
        parts: impl IntoIterator<Item = &'p Predicate>,
        mut pushed: Vec<String>,
        operator: &str,
        whole: fn(Vec<Predicate>) -> Predicate,
        role: Role,
    ) -> Option<String> {
        let mut rest = Vec::new();
        for part in parts {
            match self.push(part, role) {
                Some(condition) => pushed.push(condition),
                None => rest.push(part.clone()),
            }
        }
        if pushed.is_empty() {
            return None;
        }
        if !rest.is_empty() {
            pushed.push(self.evaluated(whole(rest)));
        }
        Some(balanced(pushed, operator))
    }

    fn evaluated(&mut self, filter: Predicate) -> String {
        let leaf = self.bindings.leaf(Leaf::Match(filter));
        format!("scim_match({leaf}, {ROW})")
    }

    fn push_comparison(&mut self, comparison: &Comparison, role: Role) -> Option<String> {
        let Comparison { attribute, operator, operand } = comparison;
        match (attribute.path(), operand) {
            ("id", Prepared::Text(id)) if *operator == Operator::Equal => {
                Some(format!("r.id = {}", self.bindings.bind(id.to_string())))
            }
            ("meta.created", Prepared::Instant(nanos)) => {
                self.push_instant("r.created", *operator, *nanos)
            }
            ("meta.lastModified", Prepared::Instant(nanos)) => {
                self.push_instant("r.last_modified", *operator, *nanos)
            }
            _ => self.push_indexed(attribute, *operator, operand, role),
        }
    }

    /// Compares whole microseconds with nanoseconds.
    fn push_instant(&mut self, column: &str, operator: Operator, nanos: i128) -> Option<String> {
        let micros = nanos.div_euclid(1_000);
        let is_whole = nanos.rem_euclid(1_000) == 0;
        let operator = match (operator, is_whole) {
            (Operator::Equal, true) => "=",
            (Operator::Equal, false) => return Some("0".to_owned()),
            (Operator::Greater, _) | (Operator::GreaterOrEqual, false) => ">",
            (Operator::GreaterOrEqual, true) => ">=",
            (Operator::Less, true) => "<",
            (Operator::LessOrEqual, _) | (Operator::Less, false) => "<=",
            _ => return None,
        };
        // Out of range, a filter by time matches everything or nothing; `query::eval` says which.
        let micros = i64::try_from(micros).ok()?;
        Some(format!("{column} {operator} {}", self.bindings.bind(micros)))
    }

    fn push_indexed(
        &mut self,
        attribute: &Attribute,
        operator: Operator,
        operand: &Prepared,
        role: Role,
    ) -> Option<String> {
        match (role, operator) {
            (Role::Lists, _) => {
                let entries = self.entries(attribute, operator, operand)?;
                Some(format!("r.row IN (SELECT v.row FROM {entries})"))
            }
            (Role::Checks, Operator::Equal) => {
                let entries = self.entries(attribute, operator, operand)?;
                Some(format!("EXISTS (SELECT 1 FROM {entries} AND v.row = r.row)"))
            }
            (Role::Checks | Role::Edges, _) => None,
        }
    }

    /// The entries of the index over the attribute that compare as asked, as what follows `FROM`.
    pub(crate) fn entries(
        &mut self,
        attribute: &Attribute,
        operator: Operator,
        operand: &Prepared,
    ) -> Option<String> {
        let number = self.attached.index(self.resource_type, attribute)?.number;
        let number = self.bindings.bind(number);
        let condition = self.key_condition(operator, operand);
        Some(format!(
            "value v WHERE v.tenant = {} AND v.attribute = {number} AND v.absent = 0 \
             AND {condition}",
            self.tenant
        ))
    }

    /// The condition on the key of an entry that has one.
    pub(crate) fn key_condition(&mut self, operator: Operator, operand: &Prepared) -> String {
        let key = operand.to_key();
        let comparison = match operator {
            Operator::Equal => "=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            // The others are for text alone.
            _ if operand.as_text().is_none() => return "0".to_owned(),
            _ if key.is_empty() => return "1".to_owned(),
            Operator::StartsWith => return self.key_range(key),
            Operator::Contains => {
                return format!("scim_contains(v.key, {})", self.bindings.bind(key));
            }
            Operator::EndsWith => return format!("scim_ends(v.key, {})", self.bindings.bind(key)),
        };
        format!("v.key {comparison} {}", self.bindings.bind(key))
    }

    /// The keys that start with this one, which is not empty.
    fn key_range(&mut self, start: Vec<u8>) -> String {
        let mut end = start.clone();
        // UTF-8 has no octet 0xFF, so the last one can be raised.
        if let Some(last) = end.last_mut() {
            *last = last.saturating_add(1);
        }
        let (start, end) = (self.bindings.bind(start), self.bindings.bind(end));
        format!("v.key >= {start} AND v.key < {end}")
    }

    fn related(&mut self, term: &RelatedTerm, role: Role) -> String {
        let RelatedTerm { relation, side, reach, test } = term;
        let name = self.bindings.bind(relation.name().to_owned());
        let tenant = self.tenant;
        match test {
            RelatedTest::Any => {
                let from = step(*side, "r.row", &name, tenant).from;
                format!("EXISTS (SELECT 1 FROM {from})")
            }
            RelatedTest::Id(id) => {
                let other = format!("({})", self.row_of(id));
                related_to(term, role, &other, &name, tenant)
            }
            _ => self.related_match(term, *side, *reach, &name),
        }
    }

    fn related_match(
        &mut self,
        term: &RelatedTerm,
        side: Side,
        reach: Reach,
        name: &str,
    ) -> String {
        let predicate = Predicate::Related(term.clone());
        let leaf = self.bindings.leaf(Leaf::Edge(predicate, self.attached.clone()));
        let end = named_end(term).map(|id| format!("({})", self.row_of(id)));
        let tenant = self.tenant;
        let mut rows = reached(side, reach, "r.row", name, tenant);
        if let Some(end) = end {
            let far = match reach {
                Reach::Direct => step(side, "r.row", name, tenant).far,
                Reach::Transitive => "reach.row",
            };
            let place = if reach == Reach::Direct { "AND" } else { "WHERE" };
            rows.push_str(&format!(" {place} {far} = {end}"));
        }
        let direct = match reach {
            Reach::Direct => "1".to_owned(),
            Reach::Transitive => edge(side, "r.row", "t.row", name, tenant),
        };
        format!(
            "EXISTS (SELECT 1 FROM ({rows}) f CROSS JOIN resource t ON t.row = f.row \
             WHERE t.tenant = {tenant} AND scim_edge({leaf}, t.id, t.type, t.label, {direct}))"
        )
    }
}

/// The condition that there is an edge (or a chain of edges) to or from the row `other`.
///
/// A resource has few sources and may have a million targets: whatever can goes towards the
/// sources.
fn related_to(term: &RelatedTerm, role: Role, other: &str, name: &str, tenant: &str) -> String {
    let RelatedTerm { side, reach, .. } = term;
    match (role, reach, side) {
        (Role::Checks, Reach::Direct, _) => edge(*side, "r.row", other, name, tenant),
        (Role::Checks, Reach::Transitive, Side::Sources) => {
            let rows = reached(Side::Sources, *reach, "r.row", name, tenant);
            format!("EXISTS (SELECT 1 FROM ({rows}) f WHERE f.row = {other})")
        }
        _ => format!("r.row IN ({})", reached(opposite(*side), *reach, other, name, tenant)),
    }
}

/// Joins conditions as a balanced tree: SQLite limits the depth of expressions, not their number.
fn balanced(mut conditions: Vec<String>, operator: &str) -> String {
    while conditions.len() > 1 {
        let mut pairs = Vec::with_capacity(conditions.len().div_ceil(2));
        let mut rest = conditions.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => format!("({left} {operator} {right})"),
                None => left,
            });
        }
        conditions = pairs;
    }
    conditions.pop().unwrap_or_else(|| "1".to_owned())
}
