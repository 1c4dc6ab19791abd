//! Which operations may be prepared side by side without anyone noticing (B-021).

use std::collections::HashSet;

use serde_json::Value;

use super::{
    BulkOperation,
    references::{for_each_text, ids_in, references, references_of},
    work::Work,
};
use crate::{patch::looks_at_targets, resource::ResourceId, store::IdSource};

/// What an operation has to do with.
#[derive(Debug, Default)]
pub(super) struct Footprint {
    /// The operations that add what it refers to.
    pub(super) references: Vec<usize>,
    /// Whether any of its texts names a bulkId, also one that no operation has.
    pub(super) names_any: bool,
    /// What it changes or removes.
    subject: Option<Subject>,
    /// What it refers to and what it names of all that the request changes or removes.
    mentioned: HashSet<Subject>,
    deletes: bool,
    /// Whether it may change edges, or what is shown of them.
    relates: bool,
    /// Whether it looks at what is shown of edges.
    looks_at_edges: bool,
}

/// What operations can tell of each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) ids: IdSource,
    pub(super) sight: Sight,
}

/// By what the caller gets to see resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    /// It sees all of them.
    Everything,
    /// By their documents.
    Documents,
    /// By their edges too.
    Edges,
}

/// A resource, by its id or by the operation that adds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Existing(ResourceId),
    Added(usize),
}

/// What a number of operations has to do with.
#[derive(Debug, Default)]
pub(super) struct Touched {
    subjects: HashSet<Subject>,
    deleted: HashSet<Subject>,
    mentioned: HashSet<Subject>,
    relates: bool,
}

/// The footprints of all operations.
pub(super) fn footprints(work: &Work) -> Vec<Footprint> {
    let keys = work.operations().flatten().filter_map(BulkOperation::key);
    let touched: HashSet<&str> = keys.map(|it| &*it.id).collect();
    work.operations()
        .enumerate()
        .map(|(index, operation)| {
            operation.map_or_else(Footprint::default, |it| footprint(work, index, it, &touched))
        })
        .collect()
}

fn footprint(
    work: &Work,
    index: usize,
    operation: &BulkOperation,
    touched: &HashSet<&str>,
) -> Footprint {
    let mut bulk_ids = Vec::new();
    let mut mentioned = HashSet::new();
    if let Some(data) = operation.data() {
        references(data, &mut bulk_ids);
        if !touched.is_empty() {
            for_each_text(data, &mut |text| {
                let named = ids_in(text).filter(|id| touched.contains(id));
                mentioned.extend(named.map(|id| Subject::Existing(id.into())));
            });
        }
    }
    let subject = match operation.key() {
        None => Subject::Added(index),
        Some(key) => {
            bulk_ids.extend(references_of(&key.id));
            let create = references_of(&key.id).next().and_then(|it| work.create_of(it));
            create.map_or_else(|| Subject::Existing(key.id.clone()), Subject::Added)
        }
    };
    let names_any = !bulk_ids.is_empty();
    let mut references: Vec<_> = bulk_ids.into_iter().filter_map(|it| work.create_of(it)).collect();
    references.sort_unstable();
    references.dedup();
    mentioned.extend(references.iter().copied().map(Subject::Added));
    let deletes = matches!(operation, BulkOperation::Delete(..));
    let has_edges = !operation.resource_type().relations().is_empty();
    // A change may give the resource another name, under which edges show it.
    let relates = has_edges || !matches!(operation, BulkOperation::Create(..));
    let looks_at_edges =
        has_edges && operation.data().is_some_and(|data| looks_at_edges(operation, data));
    let subject = Some(subject);
    Footprint { references, names_any, subject, mentioned, deletes, relates, looks_at_edges }
}

/// Whether a PATCH selects edges by more than ids.
fn looks_at_edges(operation: &BulkOperation, data: &Value) -> bool {
    let looks = |path| looks_at_targets(operation.resource_type(), path);
    let lists = data.as_object().into_iter().flat_map(|it| it.values()).filter_map(Value::as_array);
    let mut members = lists.flatten().filter_map(Value::as_object).flatten();
    members
        .any(|(name, value)| name.eq_ignore_ascii_case("path") && value.as_str().is_some_and(looks))
}

impl Touched {
    /// Whether an operation can be prepared before these have been committed: it looks at no
    /// resource or edge that one of them writes, and none adds or removes what the other names.
    pub(super) fn admits(&self, operation: &Footprint, terms: Terms) -> bool {
        let is_in = |set: &HashSet<Subject>| {
            operation.subject.as_ref().is_some_and(|subject| set.contains(subject))
        };
        let meet = |set: &HashSet<Subject>| !set.is_disjoint(&operation.mentioned);
        let refers_to = |set: &HashSet<Subject>| {
            operation.references.iter().any(|index| set.contains(&Subject::Added(*index)))
        };
        let clashes = is_in(&self.subjects)
            || meet(&self.deleted)
            || (operation.deletes && is_in(&self.mentioned))
            || (terms.ids == IdSource::Store && refers_to(&self.subjects))
            || (terms.sight > Sight::Everything && meet(&self.subjects))
            || (terms.sight == Sight::Edges && self.relates)
            || (operation.looks_at_edges && self.relates);
        !clashes
    }

    pub(super) fn add(&mut self, operation: &Footprint) {
        self.subjects.extend(operation.subject.clone());
        self.mentioned.extend(operation.mentioned.iter().cloned());
        self.relates |= operation.relates;
        if operation.deletes {
            self.deleted.extend(operation.subject.clone());
        }
    }
}
