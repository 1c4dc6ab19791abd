//! Resources kept in memory for reading by id, or by a value that only one of them has.
//!
//! The file belongs to this store alone and one thread writes, so the cache can be exact: before
//! a commit, whatever it changes is forgotten and may not be remembered until the commit is over.
//! What is found here is thus the last committed state at the moment it is found.

mod holder;
mod pieces;
mod row;
mod searched;
mod shards;

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use scim_core::{
    ResourceId,
    schema::ResourceType,
    store::{Key, Projection, RelationView, Resource},
};

use self::{
    holder::Holder,
    row::{Edges, Row},
    searched::{Given, Searched},
    shards::{Parts, SHARDS, Shards, States},
};
pub(crate) use self::{
    holder::Value,
    pieces::{Piece, Place, found_in},
    searched::Filling,
};
use crate::sync::{AtomicU64, Ordering};

/// Fewer bytes than this are of no use.
const LEAST: usize = 32 * 1024;

/// The share of the bytes that values get.
const VALUES: usize = 8;

/// Resources of all tenants, up to a number of bytes.
#[derive(Debug)]
pub(crate) struct RowCache {
    rows: Shards<Row>,
    values: Shards<Holder>,
    pub(crate) searched: Searched,
    /// For groups of tenants: moves whenever edges or labels change in a way that may show
    /// anywhere in the tenant; odd while that is being committed.
    relations: Vec<AtomicU64>,
    hasher: RandomState,
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

/// The right to remember what is read of one resource from now on, unless it changes meanwhile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ticket {
    hash: u64,
    state: Option<u64>,
    relations: Option<u64>,
}

impl Ticket {
    /// Whether the resource is not being changed.
    pub(crate) fn is_valid(&self) -> bool {
        self.state.is_some()
    }
}

/// The right to remember any resource that is read from now on, unless it changes meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenTicket {
    rows: States,
    relations: Option<u64>,
}

/// The right to remember who has a value, unless somebody is given it or loses it meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueTicket {
    hash: u64,
    state: Option<u64>,
}

/// What a group of batches changes.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Resources, once for each time that they are changed; in order once they are held. There may
    /// be thousands, members of a group above all.
    rows: Vec<u64>,
    rows_in: Parts,
    /// Those whose documents change, and what was forgotten of them.
    rewritten: HashMap<u64, Option<Row>>,
    values: Vec<u64>,
    values_in: Parts,
    given: Vec<Given>,
    tenants: HashSet<usize>,
}

impl Touched {
    /// How often a resource is changed.
    fn times(&self, hash: u64) -> usize {
        let first = self.rows.partition_point(|other| *other < hash);
        self.rows.iter().skip(first).take_while(|other| **other == hash).count()
    }
}

impl RowCache {
    /// A cache of this many bytes, beside those for keys that are searched; none when they are too
    /// few to be of use.
    pub(crate) fn new(bytes: usize, searched: usize) -> Option<Arc<Self>> {
        let for_values = bytes / VALUES;
        let cache = || Self {
            rows: Shards::new(bytes - for_values),
            values: Shards::new(for_values),
            searched: Searched::new(searched),
            relations: (0..SHARDS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        };
        (bytes >= LEAST).then(|| Arc::new(cache()))
    }

    /// The resource, or a ticket to remember it by.
    pub(crate) fn find(
        &self,
        tenant: &str,
        key: &Key,
        projection: &Projection,
    ) -> Result<Resource, Ticket> {
        let mut ticket = self.ticket(tenant, key);
        let mut rows = self.rows.lock(ticket.hash);
        // The row may have come after the ticket was taken: what is known of its edges has to be
        // true by now.
        ticket.relations = self.relations_of(tenant);
        let row = rows.find(ticket.hash).filter(|it| it.is(tenant, key));
        row.and_then(|row| row.answer(projection, ticket.relations)).ok_or(ticket)
    }

    /// The right to remember the resource. Two tickets are equal if nothing of it was changed
    /// between them.
    pub(crate) fn ticket(&self, tenant: &str, key: &Key) -> Ticket {
        let hash = self.hash(tenant, key.resource_type.name(), key.id.as_str());
        Ticket { hash, state: self.rows.state(hash), relations: self.relations_of(tenant) }
    }

    /// The right to remember resources whose ids nobody knows yet.
    pub(crate) fn open_ticket(&self, tenant: &str) -> OpenTicket {
        OpenTicket { relations: self.relations_of(tenant), rows: self.rows.states() }
    }

    /// The right to remember the resource, as of the time of an open ticket.
    pub(crate) fn ticket_of(&self, open: &OpenTicket, tenant: &str, key: &Key) -> Ticket {
        let hash = self.hash(tenant, key.resource_type.name(), key.id.as_str());
        Ticket { hash, state: open.rows.of(hash), relations: open.relations }
    }

    /// The right to remember who has the value.
    pub(crate) fn value_ticket(&self, value: Value<'_>) -> ValueTicket {
        let hash = self.hasher.hash_one((value.tenant, value.index, value.key));
        ValueTicket { hash, state: self.values.state(hash) }
    }

    /// Whether nobody was given the value or lost it since the ticket was taken.
    pub(crate) fn stands(&self, ticket: ValueTicket) -> bool {
        ticket.state.is_some() && self.values.state(ticket.hash) == ticket.state
    }

    /// The resource that alone has the value, if both are known.
    pub(crate) fn holder(
        &self,
        ticket: ValueTicket,
        value: Value<'_>,
        resource_type: &Arc<ResourceType>,
        projection: &Projection,
    ) -> Option<Resource> {
        // While this is locked, whoever has the value cannot lose it.
        let mut values = self.values.lock(ticket.hash);
        let holder = values.find(ticket.hash).filter(|it| it.has(value))?;
        let key = Key::new(resource_type, holder.id.clone());
        self.find(value.tenant, &key, projection).ok()
    }

    /// Keeps who alone has the value.
    pub(crate) fn keep_holder(&self, ticket: ValueTicket, value: Value<'_>, id: &ResourceId) {
        self.values.keep(ticket.hash, ticket.state, Holder::new(value, id));
    }

    /// Keeps a resource that was read with its hidden part after the ticket was taken.
    pub(crate) fn keep(&self, ticket: Ticket, tenant: &str, views: &[RelationView], it: &Resource) {
        let row = Row::new(tenant, it, Edges::read(views, it, ticket.relations));
        self.rows.keep(ticket.hash, ticket.state, row);
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
        let key = Key::new(&it.resource_type, &it.id);
        let hash = self.hash(tenant, key.resource_type.name(), key.id.as_str());
        // Nobody could have kept what is new, so that making it touches nothing.
        let by_itself = if edges == WrittenEdges::OfNew { 0 } else { 1 };
        if touched.times(hash) > by_itself {
            return;
        }
        let before = touched.rewritten.get_mut(&hash).and_then(Option::take);
        let before = before.filter(|before| before.is(tenant, &key));
        let edges = match (edges, self.relations_of(tenant), before) {
            (WrittenEdges::OfNew, Some(relations), _) => Edges::None { relations },
            // They know themselves when they are out of date.
            (WrittenEdges::AsBefore, _, Some(before)) => before.edges,
            _ => Edges::Unknown,
        };
        self.rows.put(hash, Row::new(tenant, it, edges));
    }

    /// Marks one resource, with its edges, as changing.
    pub(crate) fn touch(&self, touched: &mut Touched, tenant: &str, type_name: &str, id: &str) {
        let hash = self.hash(tenant, type_name, id);
        touched.rows_in.add(hash);
        touched.rows.push(hash);
    }

    /// Marks one resource as getting another document.
    pub(crate) fn rewrite(&self, touched: &mut Touched, tenant: &str, type_name: &str, id: &str) {
        touched.rewritten.insert(self.hash(tenant, type_name, id), None);
        self.touch(touched, tenant, type_name, id);
    }

    /// Marks a value as given to a resource.
    pub(crate) fn give_value(&self, touched: &mut Touched, value: Value<'_>) {
        self.touch_value(touched, value);
        touched.given.push(Given::new(value));
    }

    /// Marks a value as given to a resource or taken from one.
    pub(crate) fn touch_value(&self, touched: &mut Touched, value: Value<'_>) {
        let hash = self.value_ticket(value).hash;
        touched.values_in.add(hash);
        touched.values.push(hash);
    }

    /// Marks the edges of all resources of a tenant as changing.
    pub(crate) fn touch_relations(&self, touched: &mut Touched, tenant: &str) {
        touched.tenants.insert(self.slot(tenant));
    }

    /// Forgets what is about to change, and remembers none of it until it is released.
    pub(crate) fn hold(&self, touched: &mut Touched) {
        self.move_relations(touched);
        self.rows.hold(touched.rows_in);
        for (hash, before) in &mut touched.rewritten {
            *before = self.rows.take(*hash);
        }
        touched.rows.sort_unstable();
        touched.rows.iter().for_each(|hash| drop(self.rows.take(*hash)));
        self.values.hold(touched.values_in);
        touched.values.iter().for_each(|hash| drop(self.values.take(*hash)));
        self.searched.hold(std::mem::take(&mut touched.given));
    }

    /// Lets what was held be remembered again, whether or not it was committed.
    pub(crate) fn release(&self, touched: &Touched) {
        self.move_relations(touched);
        self.rows.release(touched.rows_in);
        self.values.release(touched.values_in);
        self.searched.release();
    }

    /// Forgets everything, as when resource types change.
    pub(crate) fn clear(&self) {
        self.rows.clear();
        self.values.clear();
        self.searched.clear();
    }

    fn move_relations(&self, touched: &Touched) {
        for slot in touched.tenants.iter().filter_map(|slot| self.relations.get(*slot)) {
            slot.fetch_add(1, Ordering::SeqCst);
        }
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
}
