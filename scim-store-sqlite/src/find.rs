//! Filters that point at one resource, which is then mostly in memory.

use scim_core::{
    query::{
        Comparison, Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side, Standalone, eval,
    },
    store::{
        Hidden, Key, Page, Projection, Query, Resource, Scope, Start, Store, StoreError, Total,
    },
};

use crate::{
    SqliteStore,
    attached::Attached,
    cache::{RowCache, Value, ValueTicket},
    connection::Link,
    error::Failure,
    lookup::{asks_for_edges, conjuncts},
    read::{self, Holder, Wanted, may_be_short},
    related,
};

/// What a filter asks of the one resource that it points at.
struct Pointer<'a> {
    to: To<'a>,
    /// What its document has to match as well.
    conditions: Vec<&'a Predicate>,
    /// The edges that it has to have.
    edges: Vec<(&'a RelatedTerm, &'a str)>,
}

/// How a filter points.
enum To<'a> {
    Id(&'a str),
    Value { index: i64, key: Vec<u8> },
}

/// What came of looking for it.
enum Found {
    One(Resource),
    Nothing,
    /// Something else is needed to tell.
    Undecided,
}

impl SqliteStore {
    /// The page of a query that points at one resource; `None` where it has to be planned, because
    /// it points at several or because what it looks at is being changed.
    pub(crate) async fn find(
        &self,
        attached: &Attached,
        scope: &Scope,
        query: &Query,
    ) -> Result<Option<Page>, StoreError> {
        let Some(cache) = &self.cache else { return Ok(None) };
        let Some(pointer) = Pointer::of(attached, query) else { return Ok(None) };
        let search = Search { store: self, cache, attached, scope, query, pointer: &pointer };
        let found = match &pointer.to {
            To::Id(id) => search.by_id(id).await?,
            To::Value { index, key } => {
                search.by_value(Value { tenant: scope.tenant.as_str(), index: *index, key })?
            }
        };
        Ok(match found {
            Found::One(resource) => Some(page(query, Some(resource))),
            Found::Nothing => Some(page(query, None)),
            Found::Undecided => None,
        })
    }
}

fn page(query: &Query, found: Option<Resource>) -> Page {
    let mut page = Page::default();
    page.total = (query.total == Total::Count).then_some(u64::from(found.is_some()));
    page.resources.extend(found.map(|mut resource| {
        if query.projection.hidden == Hidden::Skip {
            resource.document = resource.document.without_hidden();
        }
        resource
    }));
    page
}

impl<'a> Pointer<'a> {
    fn of(attached: &Attached, query: &'a Query) -> Option<Self> {
        if query.start != Start::Index(0) || query.limit == 0 {
            return None;
        }
        let parts = conjuncts(query.filter.as_ref()?);
        let is_id = |part: &Predicate| matches!(target(attached, query, part), Some(To::Id(_)));
        let at = parts
            .iter()
            .position(is_id)
            .or_else(|| parts.iter().position(|part| target(attached, query, part).is_some()))?;
        let pointing = parts.get(at)?;
        let to = target(attached, query, pointing)?;
        let (mut conditions, mut edges) = (Vec::new(), Vec::new());
        for (place, part) in parts.iter().enumerate() {
            match (part, edge(part)) {
                // Whether one value matches altogether is left to be checked.
                (Predicate::Compare(_), _) if place == at => {}
                (_, Some(edge)) if matches!(to, To::Id(_)) => edges.push(edge),
                _ if asks_for_edges(part) => return None,
                _ => conditions.push(part),
            }
        }
        Some(Self { to, conditions, edges })
    }
}

/// Where a part of a filter points at, if it can be one resource alone.
fn target<'a>(attached: &Attached, query: &Query, part: &'a Predicate) -> Option<To<'a>> {
    match part {
        Predicate::Compare(Comparison { attribute, operator: Operator::Equal, operand }) => {
            if attribute.path() == "id" {
                return operand.as_text().map(To::Id);
            }
            let index = attached.index(&query.resource_type, attribute)?.number;
            Some(To::Value { index, key: operand.to_key() })
        }
        Predicate::Element(_, inner) => {
            let inner = conjuncts(inner).iter();
            inner.filter_map(|part| target(attached, query, part)).find(|to| match to {
                To::Id(_) => false,
                To::Value { .. } => true,
            })
        }
        _ => None,
    }
}

/// The edge that a part of a filter asks for, and where it leads.
fn edge(part: &Predicate) -> Option<(&RelatedTerm, &str)> {
    match part {
        Predicate::Related(term) => match (term.side, term.reach, &term.test) {
            (Side::Targets, Reach::Direct, RelatedTest::Id(id)) => Some((term, id)),
            _ => None,
        },
        _ => None,
    }
}

struct Search<'a> {
    store: &'a SqliteStore,
    cache: &'a RowCache,
    attached: &'a Attached,
    scope: &'a Scope,
    query: &'a Query,
    pointer: &'a Pointer<'a>,
}

impl Search<'_> {
    async fn by_id(&self, id: &str) -> Result<Found, StoreError> {
        let tenant = self.scope.tenant.as_str();
        let key = Key::new(&self.query.resource_type, id);
        let ticket = self.cache.ticket(tenant, &key);
        let Some(resource) = self.store.get(self.scope, &key, &self.projection()).await? else {
            return Ok(Found::Nothing);
        };
        if !self.matches(&resource)? {
            return Ok(Found::Nothing);
        }
        for (term, other) in &self.pointer.edges {
            let relation = term.relation.name();
            let is_there = |link: &Link| related::is_edge(link, tenant, relation, id, other);
            match self.store.readers.inline(is_there)?.transpose()? {
                Some(true) => {}
                Some(false) => return Ok(Found::Nothing),
                None => return Ok(Found::Undecided),
            }
        }
        // The edges were not read at the same moment as the resource.
        let is_one_moment = || ticket.is_valid() && self.cache.ticket(tenant, &key) == ticket;
        match self.pointer.edges.is_empty() || is_one_moment() {
            true => Ok(Found::One(resource)),
            false => Ok(Found::Undecided),
        }
    }

    fn by_value(&self, value: Value<'_>) -> Result<Found, StoreError> {
        let (resource_type, projection) = (&self.query.resource_type, self.projection());
        let ticket = self.cache.value_ticket(value);
        let found = match self.cache.holder(ticket, value, resource_type, &projection) {
            Some(resource) => Found::One(resource),
            None => self.read(ticket, value, &projection)?,
        };
        match found {
            Found::One(resource) if !self.matches(&resource)? => Ok(Found::Nothing),
            found => Ok(found),
        }
    }

    /// Reads who has the value, and keeps it.
    fn read(
        &self,
        ticket: ValueTicket,
        value: Value<'_>,
        projection: &Projection,
    ) -> Result<Found, StoreError> {
        if !may_be_short(&projection.relations, 1) {
            return Ok(Found::Undecided);
        }
        let (cache, tenant) = (self.cache, value.tenant);
        let open = cache.open_ticket(tenant);
        let wanted = Wanted { resource_type: &self.query.resource_type, projection };
        let kept = |key: &Key| cache.find(tenant, key, projection).ok();
        let read = |link: &Link| read::holder(link, self.attached, value, &wanted, kept);
        let Some(holder) = self.store.readers.inline(read)? else { return Ok(Found::Undecided) };
        let resource = match holder? {
            Holder::Nobody => return Ok(Found::Nothing),
            Holder::Read(resource) => {
                let key = Key::new(&resource.resource_type, &resource.id);
                let of_resource = cache.ticket_of(&open, tenant, &key);
                cache.keep(of_resource, tenant, &projection.relations, &resource);
                resource
            }
            // It may have been kept later than the value was looked up.
            Holder::Kept(resource) if cache.stands(ticket) => resource,
            Holder::Kept(_) | Holder::Several => return Ok(Found::Undecided),
        };
        cache.keep_holder(ticket, value, &resource.id);
        Ok(Found::One(resource))
    }

    fn matches(&self, resource: &Resource) -> Result<bool, Failure> {
        let conditions = &self.pointer.conditions;
        if conditions.is_empty() {
            return Ok(true);
        }
        let Resource { id, meta, document, .. } = resource;
        let members: Vec<_> = conditions.iter().flat_map(|it| it.members()).collect();
        let subject = Standalone { id, meta, values: &*document.members(&members)? };
        Ok(conditions.iter().all(|condition| eval(condition, &subject)))
    }

    /// What is read of the resource: conditions may be about what is hidden, and it is kept whole.
    fn projection(&self) -> Projection {
        let relations = self.query.projection.relations.clone();
        Projection { hidden: Hidden::Load, relations }
    }
}
