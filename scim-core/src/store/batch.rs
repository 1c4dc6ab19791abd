//! The one normal form of every write.

use std::{collections::HashMap, sync::Arc};

use super::{Delta, Key, Precondition, RelationChange};
use crate::{
    query::Prepared,
    resource::{Document, Meta, ResourceId, Timestamp, Version},
    schema::{Attribute, ResourceType},
};

/// Writes that are applied together or not at all.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What to write, in order.
    pub entries: Vec<Write>,
    /// The time to stamp on what changes. A store may stamp a later one, so that times follow the
    /// order of its commits: [`Written::meta`] tells.
    pub now: Timestamp,
}

impl Batch {
    /// A batch stamped with the current time.
    pub fn new(entries: Vec<Write>) -> Self {
        Self { entries, now: Timestamp::now() }
    }

    /// Where each resource that the batch adds or removes is at its end: those that it adds at what
    /// the function makes of their entries, the others nowhere. Edges may point at what a later entry
    /// adds, and not at what a later entry removes (rule S17 of [`Store`](super::Store)).
    ///
    /// The function is called for each insert, in order, with its position.
    pub fn ends<T>(
        &self,
        mut place: impl FnMut(usize, &Insert) -> T,
    ) -> HashMap<ResourceId, Option<T>> {
        let end = |(position, entry): (usize, &Write)| match entry {
            Write::Insert(insert) => Some((insert.key.id.clone(), Some(place(position, insert)))),
            Write::Delete(delete) => Some((delete.key.id.clone(), None)),
            Write::Change(_) => None,
        };
        self.entries.iter().enumerate().filter_map(end).collect()
    }

    /// Gives every new resource the id that the store chose for it, wherever the batch uses the id
    /// that the engine put in its place: what a store that [assigns ids](super::IdSource::Store)
    /// does first.
    ///
    /// ```
    /// use scim_core::{Document, Object, ResourceId, schema::Registry};
    /// use scim_core::store::{Batch, Insert, Key, Write};
    ///
    /// let registry = Registry::standard();
    /// let user = registry.resource_type("User").unwrap();
    /// let document = Document::new(user, Object::new());
    /// let insert = Insert::new(Key::new(user, ResourceId::fresh()), document);
    ///
    /// let mut batch = Batch::from(Write::Insert(insert));
    /// batch.assign_ids(|_| Ok::<_, std::io::Error>("u42".into()))?;
    /// assert_eq!(batch.entries[0].key().id, "u42".into());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first error of the function.
    pub fn assign_ids<E>(
        &mut self,
        mut next: impl FnMut(&ResourceType) -> Result<ResourceId, E>,
    ) -> Result<(), E> {
        let mut assigned = HashMap::new();
        for entry in &self.entries {
            if let Write::Insert(Insert { key, .. }) = entry {
                assigned.insert(key.id.clone(), next(&key.resource_type)?);
            }
        }
        let rename = |id: &mut ResourceId| {
            if let Some(assigned) = assigned.get(id) {
                *id = assigned.clone();
            }
        };
        self.entries.iter_mut().for_each(|entry| entry.for_each_id(&rename));
        Ok(())
    }
}

impl From<Write> for Batch {
    fn from(entry: Write) -> Self {
        Self::new(vec![entry])
    }
}

/// One entry of a [`Batch`]. There are no other kinds of writes: matching it may be exhaustive.
#[derive(Clone, Debug)]
pub enum Write {
    /// Adds a resource.
    Insert(Insert),
    /// Changes a resource.
    Change(Change),
    /// Removes a resource.
    Delete(Delete),
}

/// Adds a resource.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Insert {
    /// The type and the id; a store that [assigns ids](super::IdSource::Store) replaces the id, also
    /// where other entries of the batch use it.
    ///
    /// An id that another resource has, of whatever type, is a
    /// [`Conflict`](super::StoreErrorKind::Conflict) over `id`.
    pub key: Key,
    /// The document.
    pub document: Document,
    /// The text that represents the resource where others refer to it (`display`).
    pub label: Option<Box<str>>,
    /// The unique values it takes.
    pub claims: Vec<Claim>,
    /// The edges it starts with.
    pub relations: Vec<RelationChange>,
}

impl Insert {
    /// An insert of a document without claims and edges.
    pub fn new(key: Key, document: Document) -> Self {
        Self { key, document, label: None, claims: Vec::new(), relations: Vec::new() }
    }
}

/// Changes a resource: its document, its edges, or both.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// Which resource.
    pub key: Key,
    /// What must hold for the change to be made.
    pub precondition: Precondition,
    /// The new document; `None` leaves it alone, as when only edges change.
    pub document: Option<DocumentChange>,
    /// The changes of edges, applied in order.
    pub relations: Vec<RelationChange>,
}

impl Change {
    /// A change of nothing yet.
    pub fn new(key: Key, precondition: Precondition) -> Self {
        Self { key, precondition, document: None, relations: Vec::new() }
    }
}

/// A new document beside what is different in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentChange {
    /// The document after the change.
    pub after: Document,
    /// The attributes that differ: simple ones, sub-attributes of single complex ones, and
    /// multi-valued ones as a whole. Never empty. What a store derives from other attributes it may
    /// leave as it is.
    pub changed: Vec<Arc<Attribute>>,
    /// The text that now represents the resource where others refer to it.
    pub label: Option<Box<str>>,
    /// The unique values it gives up; one that it does not hold is no matter.
    pub releases: Vec<Claim>,
    /// The unique values it takes.
    pub claims: Vec<Claim>,
}

impl DocumentChange {
    /// A change to this document, in which these attributes differ.
    pub fn new(after: Document, changed: Vec<Arc<Attribute>>) -> Self {
        Self { after, changed, label: None, releases: Vec::new(), claims: Vec::new() }
    }
}

/// Removes a resource.
#[derive(Clone, Debug)]
pub struct Delete {
    /// Which resource.
    pub key: Key,
    /// What must hold for it to be removed.
    pub precondition: Precondition,
}

/// A value that no other resource of the type in the tenant may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The unique attribute.
    pub attribute: Arc<Attribute>,
    /// The value in comparable form.
    pub value: Prepared,
}

/// What became of one entry of a batch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Written {
    /// Id of the resource.
    pub id: ResourceId,
    /// Its metadata after the write; of a deleted resource, before.
    pub meta: Meta,
    /// What the write did.
    pub effect: Effect,
    /// The version that the resource had before, where there was one and the store knows it
    /// without looking for it.
    pub before: Option<Version>,
    /// Targets that were left out because they do not exist.
    pub skipped: Vec<ResourceId>,
}

impl Written {
    /// The outcome of a write that skipped nothing.
    pub fn new(id: ResourceId, meta: Meta, effect: Effect) -> Self {
        Self { id, meta, effect, before: None, skipped: Vec::new() }
    }
}

/// What a write did. Closed: there are no other writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// A resource was added.
    Inserted,
    /// A resource is different now.
    Changed,
    /// Everything asked for was so already; version and time stand.
    Unchanged,
    /// A resource is gone.
    Deleted,
}

impl Write {
    /// Which resource the entry is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Insert(insert) => &insert.key,
            Self::Change(change) => &change.key,
            Self::Delete(delete) => &delete.key,
        }
    }

    /// The type of that resource.
    pub fn resource_type(&self) -> &Arc<ResourceType> {
        &self.key().resource_type
    }

    /// Visits every id in it: the resource's own and those of its edges.
    fn for_each_id(&mut self, visit: &impl Fn(&mut ResourceId)) {
        let (key, relations) = match self {
            Self::Insert(insert) => (&mut insert.key, &mut insert.relations),
            Self::Change(change) => (&mut change.key, &mut change.relations),
            Self::Delete(delete) => return visit(&mut delete.key.id),
        };
        visit(&mut key.id);
        for change in relations {
            match &mut change.delta {
                Delta::Add(targets) | Delta::Replace(targets) => {
                    targets.iter_mut().for_each(|target| visit(&mut target.id));
                }
                Delta::Remove(ids) => ids.iter_mut().for_each(visit),
                Delta::Clear => {}
            }
        }
    }
}
