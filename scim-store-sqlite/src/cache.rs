//! Resources kept in memory for reading by id.
//!
//! The file belongs to this store alone and one thread writes, so the cache can be exact: before
//! a commit, whatever it changes is forgotten and may not be remembered until the commit is over.
//! What is found here is thus the last committed state at the moment it is found.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use scim_core::{
    ResourceId,
    query::{Reach, Side},
    schema::ResourceType,
    store::{Hidden, Key, Projection, Related, RelationView, Resource},
};

use crate::sync::{AtomicU64, Mutex, MutexGuard, Ordering, PoisonError};

const SHARDS: usize = 64;

/// What a resource takes up beside its texts, about.
const OVERHEAD: usize = 400;

/// What an edge takes up, about.
const EDGE: usize = 160;

/// Resources with more edges than this are not kept with them.
const EDGES: usize = 200;

/// Resources of all tenants, up to a number of bytes.
#[derive(Debug)]
pub(crate) struct RowCache {
    shards: Vec<Mutex<Shard>>,
    /// For groups of tenants: moves whenever edges or labels change in a way that may show
    /// anywhere in the tenant; odd while that is being committed.
    relations: Vec<AtomicU64>,
    hasher: RandomState,
    /// Of each shard.
    capacity: usize,
}

#[derive(Debug, Default)]
struct Shard {
    entries: HashMap<u64, Entry>,
    /// The entries in the order in which they came, to drop the oldest that nobody asked for.
    queue: VecDeque<(u64, u64)>,
    bytes: usize,
    /// Numbers the entries.
    came: u64,
    /// Moves with every change of a resource of this shard.
    epoch: u64,
    /// Changes that are being committed.
    writing: usize,
}

#[derive(Debug)]
struct Entry {
    tenant: Box<str>,
    /// With the hidden part, without edges.
    resource: Resource,
    edges: Edges,
    bytes: usize,
    came: u64,
    was_used: bool,
}

/// What is known of the edges of a resource.
#[derive(Debug, Default)]
enum Edges {
    #[default]
    Unknown,
    /// There are none at all.
    None { relations: u64 },
    /// Those of some views.
    Known { views: Vec<RelationView>, related: Vec<Related>, relations: u64 },
}

/// What the writer knows of the edges of a resource that it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenEdges {
    /// There may be others now.
    Unknown,
    /// Those that it had.
    AsBefore,
    /// It is new and was made without any.
    OfNew,
}

/// The right to remember what is read from now on, unless it changes meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    hash: u64,
    epoch: Option<u64>,
    relations: Option<u64>,
}

/// What a group of batches changes.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Resources, once for each time that they are changed; in order once they are held. There may
    /// be thousands, members of a group above all.
    resources: Vec<u64>,
    /// Those whose documents change, and what was forgotten of them.
    rewritten: HashMap<u64, Option<Entry>>,
    tenants: HashSet<usize>,
}

impl Touched {
    /// How often a resource is changed.
    fn times(&self, hash: u64) -> usize {
        let first = self.resources.partition_point(|other| *other < hash);
        self.resources.iter().skip(first).take_while(|other| **other == hash).count()
    }
}

impl RowCache {
    /// A cache of this many bytes; none when they are too few to be of use.
    pub(crate) fn new(bytes: usize) -> Option<Arc<Self>> {
        let capacity = bytes / SHARDS;
        let cache = || Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            relations: (0..SHARDS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
            capacity,
        };
        (capacity > OVERHEAD).then(|| Arc::new(cache()))
    }

    /// The resource, or a ticket to remember it by.
    pub(crate) fn find(
        &self,
        tenant: &str,
        key: &Key,
        projection: &Projection,
    ) -> Result<Resource, Ticket> {
        let hash = self.hash(tenant, key.resource_type.name(), key.id.as_str());
        let relations = self.relations_of(tenant);
        let mut shard = self.shard(hash);
        let epoch = (shard.writing == 0).then_some(shard.epoch);
        let found = shard.entries.get_mut(&hash).and_then(|entry| {
            let is_it = entry.is(tenant, &key.resource_type, &key.id);
            if is_it { entry.answer(projection, relations) } else { None }
        });
        found.ok_or(Ticket { hash, epoch, relations })
    }

    /// Keeps a resource that was read with its hidden part after the ticket was taken.
    pub(crate) fn keep(&self, ticket: Ticket, tenant: &str, views: &[RelationView], it: &Resource) {
        let Some(epoch) = ticket.epoch else { return };
        let edges = match ticket.relations {
            Some(relations) if views.iter().all(is_kept) && is_small(&it.relations) => {
                let (views, related) = (views.to_vec(), it.relations.clone());
                Edges::Known { views, related, relations }
            }
            _ => Edges::Unknown,
        };
        let mut shard = self.shard(ticket.hash);
        if shard.writing == 0 && shard.epoch == epoch {
            shard.insert(ticket.hash, Entry::new(tenant, it, edges), self.capacity);
        }
    }

    /// Keeps a resource that was just committed, unless something else in the same commit
    /// changed it as well. Only the writer may do this, after [`release`](Self::release).
    pub(crate) fn keep_written(
        &self,
        touched: &mut Touched,
        tenant: &str,
        it: &Resource,
        edges: WrittenEdges,
    ) {
        let hash = self.hash(tenant, it.resource_type.name(), it.id.as_str());
        // Nobody could have kept what is new, so that making it touches nothing.
        let by_itself = if edges == WrittenEdges::OfNew { 0 } else { 1 };
        if touched.times(hash) > by_itself {
            return;
        }
        let before = touched.rewritten.get_mut(&hash).and_then(Option::take);
        let before = before.filter(|before| before.is(tenant, &it.resource_type, &it.id));
        let edges = match (edges, self.relations_of(tenant), before) {
            (WrittenEdges::OfNew, Some(relations), _) => Edges::None { relations },
            // They know themselves when they are out of date.
            (WrittenEdges::AsBefore, _, Some(before)) => before.edges,
            _ => Edges::Unknown,
        };
        let entry = Entry::new(tenant, it, edges);
        self.shard(hash).insert(hash, entry, self.capacity);
    }

    /// Marks one resource, with its edges, as changing.
    pub(crate) fn touch(&self, touched: &mut Touched, tenant: &str, type_name: &str, id: &str) {
        touched.resources.push(self.hash(tenant, type_name, id));
    }

    /// Marks one resource as getting another document.
    pub(crate) fn rewrite(&self, touched: &mut Touched, tenant: &str, type_name: &str, id: &str) {
        touched.rewritten.insert(self.hash(tenant, type_name, id), None);
        self.touch(touched, tenant, type_name, id);
    }

    /// Marks the edges of all resources of a tenant as changing.
    pub(crate) fn touch_relations(&self, touched: &mut Touched, tenant: &str) {
        touched.tenants.insert(self.slot(tenant));
    }

    /// Forgets what is about to change, and remembers none of it until it is released.
    pub(crate) fn hold(&self, touched: &mut Touched) {
        for slot in self.slots(touched) {
            slot.fetch_add(1, Ordering::SeqCst);
        }
        for (hash, before) in &mut touched.rewritten {
            *before = self.shard(*hash).remove(*hash);
        }
        touched.resources.sort_unstable();
        for hash in &touched.resources {
            let mut shard = self.shard(*hash);
            shard.remove(*hash);
            shard.writing = shard.writing.saturating_add(1);
        }
    }

    /// Lets what was held be remembered again, whether or not it was committed.
    pub(crate) fn release(&self, touched: &Touched) {
        for slot in self.slots(touched) {
            slot.fetch_add(1, Ordering::SeqCst);
        }
        for hash in &touched.resources {
            let mut shard = self.shard(*hash);
            shard.epoch = shard.epoch.wrapping_add(1);
            shard.writing = shard.writing.saturating_sub(1);
        }
    }

    /// Forgets everything, as when resource types change.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let (epoch, writing) = (shard.epoch.wrapping_add(1), shard.writing);
            *shard = Shard { epoch, writing, ..Shard::default() };
        }
    }

    fn slots<'a>(&'a self, touched: &'a Touched) -> impl Iterator<Item = &'a AtomicU64> {
        touched.tenants.iter().filter_map(|slot| self.relations.get(*slot))
    }

    fn slot(&self, tenant: &str) -> usize {
        // The remainder is below the number of slots.
        usize::try_from(self.hasher.hash_one(tenant) % SHARDS as u64).unwrap_or_default()
    }

    /// Where the edges of the tenant stand, unless they are on the move.
    fn relations_of(&self, tenant: &str) -> Option<u64> {
        let moved = self.relations.get(self.slot(tenant))?.load(Ordering::SeqCst);
        moved.is_multiple_of(2).then_some(moved)
    }

    fn hash(&self, tenant: &str, type_name: &str, id: &str) -> u64 {
        self.hasher.hash_one((tenant, type_name, id))
    }

    #[expect(clippy::indexing_slicing, reason = "a remainder is below the number of shards")]
    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        let shard = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn insert(&mut self, hash: u64, mut entry: Entry, capacity: usize) {
        self.remove(hash);
        if entry.bytes > capacity {
            return;
        }
        self.came = self.came.wrapping_add(1);
        entry.came = self.came;
        self.bytes = self.bytes.saturating_add(entry.bytes);
        self.queue.push_back((hash, entry.came));
        self.entries.insert(hash, entry);
        while self.bytes > capacity {
            self.drop_oldest();
        }
        if self.queue.len() > self.entries.len().saturating_mul(2).saturating_add(8) {
            let entries = &self.entries;
            self.queue.retain(|(hash, came)| entries.get(hash).is_some_and(|it| it.came == *came));
        }
    }

    /// Drops the entry that came first; one that was asked for since gets another turn.
    fn drop_oldest(&mut self) {
        let Some((hash, came)) = self.queue.pop_front() else {
            self.bytes = 0;
            return;
        };
        let Some(entry) = self.entries.get_mut(&hash).filter(|it| it.came == came) else { return };
        if std::mem::take(&mut entry.was_used) {
            self.queue.push_back((hash, came));
        } else {
            self.remove(hash);
        }
    }

    fn remove(&mut self, hash: u64) -> Option<Entry> {
        let entry = self.entries.remove(&hash)?;
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        Some(entry)
    }
}

impl Entry {
    fn new(tenant: &str, it: &Resource, edges: Edges) -> Self {
        let mut resource = it.clone();
        resource.relations = Vec::new();
        let counted = match &edges {
            Edges::Known { related, .. } => related.iter().map(|it| it.edges.len()).sum::<usize>(),
            Edges::Unknown | Edges::None { .. } => 0,
        };
        let text = it.document.visible().len() + it.document.hidden().len();
        let bytes = OVERHEAD + text + tenant.len() + counted * EDGE;
        Self { tenant: tenant.into(), resource, edges, bytes, came: 0, was_used: false }
    }

    fn is(&self, tenant: &str, resource_type: &Arc<ResourceType>, id: &ResourceId) -> bool {
        let it = &self.resource;
        *self.tenant == *tenant && Arc::ptr_eq(&it.resource_type, resource_type) && it.id == *id
    }

    /// The resource as it is wanted, if that much is known.
    fn answer(&mut self, projection: &Projection, now: Option<u64>) -> Option<Resource> {
        let wanted = &projection.relations;
        let related = match &self.edges {
            _ if wanted.is_empty() => Vec::new(),
            Edges::None { relations } => {
                (Some(*relations) == now).then(|| vec![Related::default(); wanted.len()])?
            }
            Edges::Known { views, related, relations } => {
                let is_it = Some(*relations) == now && are_same(views, wanted);
                is_it.then(|| related.clone())?
            }
            Edges::Unknown => return None,
        };
        self.was_used = true;
        let mut resource = self.resource.clone();
        resource.relations = related;
        if projection.hidden == Hidden::Skip {
            resource.document = resource.document.without_hidden();
        }
        Some(resource)
    }
}

/// Whether the writer can tell when the edges of such a view change: those that lead down through
/// several levels change far away.
fn is_kept(view: &RelationView) -> bool {
    (view.side, view.reach) != (Side::Targets, Reach::Transitive)
}

fn is_small(related: &[Related]) -> bool {
    let mut edges = 0;
    related.iter().all(|it| {
        edges += it.edges.len();
        it.next.is_none() && edges <= EDGES
    })
}

fn are_same(known: &[RelationView], wanted: &[RelationView]) -> bool {
    let is_same = |(one, other): (&RelationView, &RelationView)| {
        Arc::ptr_eq(&one.relation, &other.relation)
            && (one.side, one.reach, one.limit) == (other.side, other.reach, other.limit)
    };
    known.len() == wanted.len() && known.iter().zip(wanted).all(is_same)
}
