//! Which operations may be prepared side by side without anyone noticing (B-021).

use std::collections::HashSet;

use super::{
    BulkOperation,
    references::{for_each_text, ids_in, references, references_of},
    work::Work,
};
use crate::{resource::ResourceId, store::IdSource};

/// What an operation has to do with.
#[derive(Debug, Default)]
pub(super) struct Footprint {
    /// The operations that add what it refers to.
    pub(super) references: Vec<usize>,
    /// Whether any of its texts names a bulkId, also one that no operation has.
    pub(super) names_any: bool,
    /// What it changes or removes.
    subject: Option<Subject>,
    /// What it refers to and what it names of all that the request removes.
    mentioned: HashSet<Subject>,
    deletes: bool,
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
}

/// The footprints of all operations.
pub(super) fn footprints(work: &Work) -> Vec<Footprint> {
    let is_delete = |it: &&BulkOperation| matches!(it, BulkOperation::Delete(..));
    let deletes = work.operations().flatten().filter(is_delete);
    let deleted: HashSet<&str> = deletes.filter_map(|it| it.key()).map(|it| &*it.id).collect();
    work.operations()
        .enumerate()
        .map(|(index, operation)| {
            operation.map_or_else(Footprint::default, |it| footprint(work, index, it, &deleted))
        })
        .collect()
}

fn footprint(
    work: &Work,
    index: usize,
    operation: &BulkOperation,
    deleted: &HashSet<&str>,
) -> Footprint {
    let mut bulk_ids = Vec::new();
    let mut mentioned = HashSet::new();
    if let Some(data) = operation.data() {
        references(data, &mut bulk_ids);
        if !deleted.is_empty() {
            for_each_text(data, &mut |text| {
                let named = ids_in(text).filter(|id| deleted.contains(id));
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
    Footprint { references, names_any, subject: Some(subject), mentioned, deletes }
}

impl Touched {
    /// Whether an operation can be prepared before these have been committed: it looks at no
    /// resource that one of them writes, and none adds or removes what the other names.
    pub(super) fn admits(&self, operation: &Footprint, ids: IdSource) -> bool {
        let is_in = |set: &HashSet<Subject>| {
            operation.subject.as_ref().is_some_and(|subject| set.contains(subject))
        };
        let meet = |set: &HashSet<Subject>| !set.is_disjoint(&operation.mentioned);
        let clashes = is_in(&self.subjects)
            || meet(&self.deleted)
            || (operation.deletes && is_in(&self.mentioned))
            || (ids == IdSource::Store && meet(&self.subjects));
        !clashes
    }

    pub(super) fn add(&mut self, operation: &Footprint) {
        self.subjects.extend(operation.subject.clone());
        self.mentioned.extend(operation.mentioned.iter().cloned());
        if operation.deletes {
            self.deleted.extend(operation.subject.clone());
        }
    }
}
