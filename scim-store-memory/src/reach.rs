//! Following edges over one step or many.

use std::collections::BTreeMap;

use scim_core::{
    query::{Reach, Side},
    schema::Relation,
    store::EdgePath,
};

use crate::{edges::Edges, row::RowId};

/// The far ends of the edges of a row, beginning at the given id, in the order of their rows.
pub(crate) fn far_ends<'a>(
    edges: &'a Edges,
    row: RowId,
    relation: &'a Relation,
    side: Side,
    reach: Reach,
    from: RowId,
) -> Box<dyn Iterator<Item = (RowId, EdgePath)> + 'a> {
    match (side, reach) {
        (Side::Targets, Reach::Direct) => {
            Box::new(edges.targets(row, relation, from).map(|row| (row, EdgePath::Direct)))
        }
        (Side::Sources, Reach::Direct) => {
            Box::new(edges.sources(row, relation, from).map(|row| (row, EdgePath::Direct)))
        }
        (Side::Sources, Reach::Transitive) if !is_far(edges, row, relation) => {
            Box::new(edges.sources(row, relation, from).map(|row| (row, EdgePath::Direct)))
        }
        (side, Reach::Transitive) => {
            let mut reached = closure(edges, row, relation, side);
            Box::new(reached.split_off(&from).into_iter())
        }
    }
}

/// Whether an edge, or a chain of edges, leads from the row to the other.
pub(crate) fn leads_to(
    edges: &Edges,
    row: RowId,
    relation: &Relation,
    side: Side,
    reach: Reach,
    other: RowId,
) -> bool {
    let (source, target) = match side {
        Side::Targets => (row, other),
        Side::Sources => (other, row),
    };
    match reach {
        Reach::Direct => edges.contains(source, relation, target),
        // A resource has few sources and may have very many targets, so the search goes up.
        Reach::Transitive => closure(edges, target, relation, Side::Sources).contains_key(&source),
    }
}

/// Whether chains of edges lead to a row. Without them its sources stand in order already.
fn is_far(edges: &Edges, row: RowId, relation: &Relation) -> bool {
    edges.sources(row, relation, RowId::FIRST).any(|source| edges.is_nested(source))
}

/// All rows at the end of one or more edges. A row on a cycle reaches itself.
fn closure(
    edges: &Edges,
    row: RowId,
    relation: &Relation,
    side: Side,
) -> BTreeMap<RowId, EdgePath> {
    let mut pending = Vec::new();
    for_each_next(edges, row, relation, side, |found| pending.push(found));
    let mut reached: BTreeMap<RowId, EdgePath> =
        pending.iter().map(|found| (*found, EdgePath::Direct)).collect();
    while let Some(next) = pending.pop() {
        // All sources of a relation are of one type.
        if side == Side::Sources && !edges.is_nested(next) {
            continue;
        }
        for_each_next(edges, next, relation, side, |found| {
            reached.entry(found).or_insert_with(|| {
                pending.push(found);
                EdgePath::Indirect
            });
        });
    }
    reached
}

/// Shows the rows at the end of one edge.
fn for_each_next(
    edges: &Edges,
    row: RowId,
    relation: &Relation,
    side: Side,
    show: impl FnMut(RowId),
) {
    match side {
        Side::Targets => edges.targets(row, relation, RowId::FIRST).for_each(show),
        Side::Sources => edges.sources(row, relation, RowId::FIRST).for_each(show),
    }
}
