//! `TableStore` over tables whose rows are known by tenant and id.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use scim_core::{
    Document, Meta, Object, ResourceId, Timestamp,
    query::{Reach, Side, prepared_values},
    schema::{Registry, Relation, ResourceType},
    store::{
        Capabilities, Database, Delta, EdgePath, EdgeRow, Fault, Key, RelationView, Row, Scan,
        Scope, StoreError, StoreErrorKind, TableStore, Tables,
    },
};
use serde_json::Value;

scim_core::conformance!(|| TableStore::new(Maps::default()), except: &[(
    "a_budget_is_as_large_in_every_store",
    "each claim goes through all rows here, which takes minutes of thousands",
)]);

/// The names of the types that have a table.
const TYPES: [&str; 2] = ["User", "Group"];

/// Tenant and id.
type Place = (String, ResourceId);

#[derive(Clone, Debug, Default)]
struct State {
    rows: BTreeMap<Place, Held>,
    /// Source and target, by the name of the relation.
    edges: BTreeSet<(String, Place, Place)>,
}

#[derive(Clone, Debug)]
struct Held {
    resource_type: &'static str,
    version: u64,
    revision: u64,
    created: Timestamp,
    last_modified: Timestamp,
    values: Object,
}

impl Held {
    fn touch(&mut self) {
        self.version += 1;
        self.last_modified = Timestamp::now().after(self.last_modified);
    }

    fn row(&self, id: &ResourceId) -> Row {
        let meta = Meta {
            version: self.version.into(),
            revision: self.revision.into(),
            created: self.created,
            last_modified: self.last_modified,
        };
        Row { id: id.clone(), meta, values: self.values.clone() }
    }
}

#[derive(Debug, Default)]
struct Maps(Mutex<Arc<State>>);

impl Database for Maps {
    fn attach(&self, registry: &Registry) -> Result<Capabilities, StoreError> {
        let mut types = registry.resource_types().iter();
        match types.all(|it| TYPES.contains(&it.name())) {
            true => Ok(Capabilities::new()),
            false => Err(StoreErrorKind::Unsupported("there are users and groups only").into()),
        }
    }

    fn transaction<T>(
        &self,
        work: impl FnOnce(&dyn Tables) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let changing = Changing(RefCell::new(state.clone()));
        let done = work(&changing)?;
        *state = changing.0.into_inner();
        Ok(done)
    }
}

/// The tables within a transaction, which copies them when it first changes something.
struct Changing(RefCell<Arc<State>>);

fn place(scope: &Scope, id: &ResourceId) -> Place {
    (scope.tenant.as_str().to_owned(), id.clone())
}

fn named(resource_type: &ResourceType) -> &'static str {
    TYPES.into_iter().find(|it| *it == resource_type.name()).unwrap()
}

/// Whether it stands beside the document.
fn is_kept_apart(path: &str) -> bool {
    path == "id" || path.starts_with("meta.")
}

impl State {
    fn held(&mut self, place: &Place) -> Result<&mut Held, Fault> {
        Ok(self.rows.get_mut(place).ok_or(StoreErrorKind::NotFound)?)
    }

    /// The far ends of the edges of one relation.
    fn ends(&self, from: &Place, relation: &Relation, side: Side) -> Vec<Place> {
        let edges = self.edges.iter().filter(|(name, ..)| name == relation.name());
        let ends = edges.filter_map(|(_, source, target)| match side {
            Side::Targets => (source == from).then_some(target),
            Side::Sources => (target == from).then_some(source),
        });
        ends.cloned().collect()
    }
}

impl Tables for Changing {
    fn find(&self, scope: &Scope, key: &Key) -> Result<Option<Row>, Fault> {
        let (state, name) = (self.0.borrow(), named(&key.resource_type));
        let held = state.rows.get(&place(scope, &key.id));
        Ok(held.filter(|held| held.resource_type == name).map(|held| held.row(&key.id)))
    }

    fn scan(&self, scope: &Scope, scan: &Scan<'_>) -> Result<Vec<Row>, Fault> {
        let state = self.0.borrow();
        let is_wanted = |((tenant, id), held): &(&Place, &Held)| {
            tenant == scope.tenant.as_str()
                && held.resource_type == scan.resource_type.name()
                && scan.after.is_none_or(|after| id > after)
        };
        let has = |((_, _), held): &(&Place, &Held)| {
            let lookup = scan.lookup.filter(|it| !is_kept_apart(it.attribute.path()));
            lookup.is_none_or(|it| prepared_values(it.attribute, &held.values).contains(it.operand))
        };
        let rows = state.rows.iter().filter(is_wanted).filter(has);
        let rows = rows.skip(usize::try_from(scan.offset).unwrap_or(usize::MAX)).take(scan.limit);
        Ok(rows.map(|((_, id), held)| held.row(id)).collect())
    }

    fn count(&self, scope: &Scope, resource_type: &ResourceType) -> Result<u64, Fault> {
        let state = self.0.borrow();
        let is_it = |((tenant, _), held): &(&Place, &Held)| {
            tenant == scope.tenant.as_str() && held.resource_type == resource_type.name()
        };
        Ok(state.rows.iter().filter(is_it).count() as u64)
    }

    fn edges(
        &self,
        scope: &Scope,
        id: &ResourceId,
        view: &RelationView,
        after: Option<&ResourceId>,
    ) -> Result<Vec<EdgeRow>, Fault> {
        let state = self.0.borrow();
        let direct = state.ends(&place(scope, id), &view.relation, view.side);
        let mut reached: BTreeSet<_> = direct.iter().cloned().collect();
        let mut next = if view.reach == Reach::Transitive { direct.clone() } else { Vec::new() };
        while let Some(place) = next.pop() {
            let ends = state.ends(&place, &view.relation, view.side);
            next.extend(ends.into_iter().filter(|end| reached.insert(end.clone())));
        }
        let ends = reached.into_iter().filter(|(_, id)| after.is_none_or(|after| id > after));
        let edge = |place: Place| {
            let Held { resource_type, values, .. } = &state.rows[&place];
            let label = ["displayName", "userName"].into_iter().find_map(|it| values.get(it));
            let path = if direct.contains(&place) { EdgePath::Direct } else { EdgePath::Indirect };
            let label = label.and_then(Value::as_str).map(Into::into);
            EdgeRow { id: place.1, resource_type, label, path }
        };
        Ok(ends.take(view.limit).map(edge).collect())
    }

    fn insert(
        &self,
        scope: &Scope,
        key: &Key,
        document: &Document,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let mut state = self.0.borrow_mut();
        let state = Arc::make_mut(&mut state);
        if state.rows.contains_key(&place(scope, &key.id)) {
            let attribute = key.resource_type.attribute("id").unwrap().clone();
            return Err(StoreErrorKind::Conflict { attribute, holder: key.id.clone() }.into());
        }
        let values = document.values()?.clone();
        let (created, last_modified) = (now, now);
        let resource_type = named(&key.resource_type);
        let held = Held { resource_type, version: 1, revision: 1, created, last_modified, values };
        state.rows.insert(place(scope, &key.id), held);
        Ok(())
    }

    fn update(&self, scope: &Scope, key: &Key, document: &Document) -> Result<(), Fault> {
        let mut state = self.0.borrow_mut();
        let held = Arc::make_mut(&mut state).held(&place(scope, &key.id))?;
        held.values = document.values()?.clone();
        held.revision += 1;
        held.touch();
        Ok(())
    }

    fn delete(&self, scope: &Scope, key: &Key, _: Timestamp) -> Result<(), Fault> {
        let (mut state, gone) = (self.0.borrow_mut(), place(scope, &key.id));
        let state = Arc::make_mut(&mut state);
        let sources: BTreeSet<_> = state
            .edges
            .iter()
            .filter(|(_, source, target)| *target == gone && *source != gone)
            .map(|(_, source, _)| source.clone())
            .collect();
        sources.iter().try_for_each(|source| state.held(source).map(Held::touch))?;
        state.edges.retain(|(_, source, target)| *source != gone && *target != gone);
        state.rows.remove(&gone);
        Ok(())
    }

    fn relate(
        &self,
        scope: &Scope,
        key: &Key,
        relation: &Relation,
        delta: &Delta,
        targets: &[ResourceId],
    ) -> Result<bool, Fault> {
        let (mut state, source) = (self.0.borrow_mut(), place(scope, &key.id));
        let state = Arc::make_mut(&mut state);
        let (name, before) = (relation.name().to_owned(), state.edges.len());
        state.edges.retain(|(it, from, target)| {
            let goes = match delta {
                Delta::Add(_) => false,
                Delta::Remove(ids) => ids.contains(&target.1),
                Delta::Replace(_) | Delta::Clear => !targets.contains(&target.1),
            };
            (it, from) != (&name, &source) || !goes
        });
        let mut is_changed = state.edges.len() < before;
        for id in targets {
            let edge = (name.clone(), source.clone(), place(scope, id));
            is_changed |= state.edges.insert(edge);
        }
        if is_changed {
            state.held(&source)?.touch();
        }
        Ok(is_changed)
    }

    fn inserted(&self, scope: &Scope, key: &Key) -> Result<(), Fault> {
        let mut state = self.0.borrow_mut();
        let held = Arc::make_mut(&mut state).held(&place(scope, &key.id))?;
        (held.version, held.last_modified) = (1, held.created);
        Ok(())
    }
}
