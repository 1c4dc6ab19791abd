//! The edges of all relations.
//!
//! The edges that start from one row in one relation form a list with a number that is never used
//! again. Whoever reads edges looks up the number of the current list first, so dropping that
//! number empties a list of any length at once. What is left of it is invisible, and later writes
//! sweep it away bit by bit.

use std::{collections::BTreeSet, sync::Arc};

use imbl::{OrdMap, OrdSet, Vector};
use scim_core::schema::Relation;

use crate::row::RowId;

/// The least number of abandoned edges that one write sweeps away.
const SWEEP: usize = 64;

#[derive(Clone, Debug, Default)]
pub(crate) struct Edges {
    /// Relations by number: their position here.
    relations: Vec<Arc<Relation>>,
    lists: OrdMap<(RowId, usize), List>,
    forward: OrdSet<(u64, RowId)>,
    backward: OrdSet<Backward>,
    /// How many edges lead to a row from rows of its own type. Few rows have any, so that looking
    /// here spares most searches for sources of sources.
    nested: OrdMap<RowId, usize>,
    abandoned: Vector<Abandoned>,
    last_list: u64,
    /// Edges added since the last sweep.
    added: usize,
}

/// The current list of a row in a relation.
#[derive(Clone, Copy, Debug)]
struct List {
    number: u64,
    len: usize,
}

/// An edge seen from its target; ordered so that the sources of one relation stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Backward {
    target: RowId,
    relation: usize,
    source: RowId,
    list: u64,
}

impl Backward {
    /// Whether it leads from a row to another of the same type.
    fn nests(&self) -> bool {
        self.target.table == self.source.table
    }
}

/// A list that nobody sees any more.
#[derive(Clone, Copy, Debug)]
struct Abandoned {
    list: u64,
    source: RowId,
    relation: usize,
}

impl Edges {
    /// The rows that a row points at, beginning at the given id, in order.
    pub(crate) fn targets(
        &self,
        source: RowId,
        relation: &Relation,
        from: RowId,
    ) -> impl Iterator<Item = RowId> {
        let list = self.number(relation).and_then(|number| self.lists.get(&(source, number)));
        list.into_iter().flat_map(move |list| {
            self.forward
                .range((list.number, from)..)
                .take_while(|(number, _)| *number == list.number)
                .map(|(_, target)| *target)
        })
    }

    /// The rows that point at a row, beginning at the given id, in order.
    pub(crate) fn sources(
        &self,
        target: RowId,
        relation: &Relation,
        from: RowId,
    ) -> impl Iterator<Item = RowId> {
        self.number(relation).into_iter().flat_map(move |relation| {
            self.backward
                .range(Backward { target, relation, source: from, list: 0 }..)
                .take_while(move |edge| edge.target == target && edge.relation == relation)
                .filter(|edge| self.is_visible(edge))
                .map(|edge| edge.source)
        })
    }

    /// Whether a row may be the target of rows of its own type.
    pub(crate) fn is_nested(&self, row: RowId) -> bool {
        self.nested.contains_key(&row)
    }

    /// Whether there is an edge.
    pub(crate) fn contains(&self, source: RowId, relation: &Relation, target: RowId) -> bool {
        self.number(relation)
            .and_then(|number| self.lists.get(&(source, number)))
            .is_some_and(|list| self.forward.contains(&(list.number, target)))
    }

    /// Adds an edge and says whether it was absent.
    pub(crate) fn add(&mut self, source: RowId, relation: &Arc<Relation>, target: RowId) -> bool {
        let relation = self.number_or_new(relation);
        let list = match self.lists.get(&(source, relation)) {
            Some(list) => *list,
            None => {
                self.last_list = self.last_list.saturating_add(1);
                List { number: self.last_list, len: 0 }
            }
        };
        if self.forward.insert((list.number, target)).is_some() {
            return false;
        }
        self.link(Backward { target, relation, source, list: list.number });
        self.lists.insert((source, relation), List { len: list.len.saturating_add(1), ..list });
        self.added = self.added.saturating_add(1);
        true
    }

    /// Removes an edge and says whether it was there.
    pub(crate) fn remove(&mut self, source: RowId, relation: &Relation, target: RowId) -> bool {
        let Some(relation) = self.number(relation) else { return false };
        let Some(list) = self.lists.get(&(source, relation)).copied() else { return false };
        if self.forward.remove(&(list.number, target)).is_none() {
            return false;
        }
        self.unlink(&Backward { target, relation, source, list: list.number });
        self.lists.insert((source, relation), List { len: list.len.saturating_sub(1), ..list });
        true
    }

    /// Removes all edges of a row in a relation and says whether there were any.
    pub(crate) fn clear(&mut self, source: RowId, relation: &Relation) -> bool {
        self.number(relation).is_some_and(|number| self.abandon(source, number))
    }

    /// Makes these the only edges of a row in a relation and says whether that changed anything.
    pub(crate) fn replace(
        &mut self,
        source: RowId,
        relation: &Arc<Relation>,
        targets: &BTreeSet<RowId>,
    ) -> bool {
        let number = self.number_or_new(relation);
        let len = self.lists.get(&(source, number)).map_or(0, |list| list.len);
        if len == targets.len() && targets.iter().all(|it| self.contains(source, relation, *it)) {
            return false;
        }
        self.abandon(source, number);
        for target in targets {
            self.add(source, relation, *target);
        }
        true
    }

    /// Removes all edges from and to a row and answers with the rows that pointed at it.
    pub(crate) fn detach(&mut self, row: RowId) -> BTreeSet<RowId> {
        for relation in 0..self.relations.len() {
            self.abandon(row, relation);
        }
        let first = Backward { target: row, relation: 0, source: RowId::FIRST, list: 0 };
        let incoming: Vec<Backward> =
            self.backward.range(first..).take_while(|edge| edge.target == row).copied().collect();
        let mut sources = BTreeSet::new();
        for edge in incoming {
            self.unlink(&edge);
            self.forward.remove(&(edge.list, row));
            if let Some(list) = self.lists.get_mut(&(edge.source, edge.relation))
                && list.number == edge.list
            {
                list.len = list.len.saturating_sub(1);
                sources.insert(edge.source);
            }
        }
        sources
    }

    /// Sweeps away some abandoned edges: at least as many as were added since the last time, so
    /// that they never pile up.
    pub(crate) fn sweep(&mut self) {
        let mut budget = SWEEP.saturating_add(std::mem::take(&mut self.added));
        while budget > 0
            && let Some(Abandoned { list, source, relation }) = self.abandoned.front().copied()
        {
            let chunk: Vec<RowId> = self
                .forward
                .range((list, RowId::FIRST)..)
                .take_while(|(number, _)| *number == list)
                .take(budget)
                .map(|(_, target)| *target)
                .collect();
            if chunk.is_empty() {
                self.abandoned.pop_front();
            }
            budget = budget.saturating_sub(chunk.len());
            for target in chunk {
                self.forward.remove(&(list, target));
                self.unlink(&Backward { target, relation, source, list });
            }
        }
    }

    fn link(&mut self, edge: Backward) {
        if self.backward.insert(edge).is_none() && edge.nests() {
            let count = self.nested.entry(edge.target).or_insert(0);
            *count = count.saturating_add(1);
        }
    }

    fn unlink(&mut self, edge: &Backward) {
        if self.backward.remove(edge).is_none() || !edge.nests() {
            return;
        }
        match self.nested.get_mut(&edge.target) {
            Some(count) if *count > 1 => *count = count.saturating_sub(1),
            _ => {
                self.nested.remove(&edge.target);
            }
        }
    }

    fn abandon(&mut self, source: RowId, relation: usize) -> bool {
        let Some(list) = self.lists.remove(&(source, relation)) else { return false };
        self.abandoned.push_back(Abandoned { list: list.number, source, relation });
        list.len > 0
    }

    fn is_visible(&self, edge: &Backward) -> bool {
        if self.abandoned.is_empty() {
            return true;
        }
        let list = self.lists.get(&(edge.source, edge.relation));
        list.is_some_and(|list| list.number == edge.list)
    }

    fn number(&self, relation: &Relation) -> Option<usize> {
        self.relations.iter().position(|known| **known == *relation)
    }

    fn number_or_new(&mut self, relation: &Arc<Relation>) -> usize {
        self.number(relation).unwrap_or_else(|| {
            self.relations.push(relation.clone());
            self.relations.len().saturating_sub(1)
        })
    }
}
