//! Relations on their way in and out: values become edges, selections become views.

use std::{borrow::Cow, sync::Arc};

use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    patch::targets,
    query::{Predicate, Reach, RelatedTerm, Side},
    resource::{Object, Selection},
    schema::{Registry, Relation, ResourceType},
    store::{Delta, Hidden, Projection, RelationChange, RelationView, Target, UnknownTargets},
};

/// What the store must read of resources so that selections can be shown.
#[derive(Debug)]
pub(crate) struct Projections {
    /// How many edges one answer of the store may hold.
    limit: usize,
    /// For what is shown unless a request says otherwise, of each type.
    plain: Vec<(Arc<ResourceType>, Projection)>,
}

impl Projections {
    pub(crate) fn new(registry: &Registry, limit: usize) -> Self {
        let plain =
            |it: &Arc<ResourceType>| (it.clone(), projection(it, &Selection::default(), limit));
        Self { limit, plain: registry.resource_types().iter().map(plain).collect() }
    }

    /// What the store must read of a resource for a selection to be shown.
    pub(crate) fn of(
        &self,
        resource_type: &ResourceType,
        selection: &Selection,
    ) -> Cow<'_, Projection> {
        let plain = self.plain.iter().find(|(it, _)| std::ptr::eq(&**it, resource_type));
        match plain.filter(|_| selection.is_default()) {
            Some((_, plain)) => Cow::Borrowed(plain),
            None => Cow::Owned(projection(resource_type, selection, self.limit)),
        }
    }
}

/// What the store must read of a resource for a selection to be shown.
pub(super) fn projection(
    resource_type: &ResourceType,
    selection: &Selection,
    limit: usize,
) -> Projection {
    let targets = resource_type.relations().iter().filter(|it| selection.shows(it.attribute()));
    let targets = targets.map(|relation| view(relation, Side::Targets, limit));
    let sources = resource_type.inverses().iter().filter(|it| selection.shows(it.attribute()));
    let sources = sources.map(|inverse| view(inverse.relation(), Side::Sources, limit));
    let hidden = match selection.needs_hidden(resource_type) {
        true => Hidden::Load,
        false => Hidden::Skip,
    };
    Projection { hidden, relations: targets.chain(sources).collect() }
}

/// The edges of a relation as they are shown: targets directly, sources through nesting too.
pub(crate) fn view(relation: &Arc<Relation>, side: Side, limit: usize) -> RelationView {
    let reach = match side {
        Side::Sources if relation.nests() => Reach::Transitive,
        _ => Reach::Direct,
    };
    RelationView { relation: relation.clone(), side, reach, limit }
}

/// The targets that a body names for a relation.
pub(crate) type Targets = (Arc<Relation>, Vec<Target>);

/// Takes the values of relations out of an object: edges are never part of a document.
///
/// # Errors
/// 400 `invalidValue` for a value without an id or of a type that the relation does not accept, and
/// when there is none although one is required.
pub(crate) fn take_targets(
    registry: &Registry,
    resource_type: &ResourceType,
    values: &mut Object,
) -> Result<Vec<Targets>, ScimError> {
    let relations = resource_type.relations().iter();
    relations
        .map(|relation| {
            let given = values.remove(relation.attribute().name());
            let elements = given.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let targets = targets(registry, relation, elements)?;
            if targets.is_empty() && relation.attribute().is_required() {
                let detail = "a value is required";
                return Err(
                    ScimError::new(ScimType::InvalidValue, detail).at(relation.attribute().path())
                );
            }
            Ok((relation.clone(), targets))
        })
        .collect()
}

/// The edges that a new resource starts with.
pub(crate) fn initial(targets: Vec<Targets>, unknown: UnknownTargets) -> Vec<RelationChange> {
    let given = targets.into_iter().filter(|(_, targets)| !targets.is_empty());
    given
        .map(|(relation, targets)| RelationChange { relation, delta: Delta::Add(targets), unknown })
        .collect()
}

/// The changes that make exactly these the edges of a resource.
pub(crate) fn replaced(targets: Vec<Targets>, unknown: UnknownTargets) -> Vec<RelationChange> {
    let change = |(relation, targets): (_, Vec<_>)| {
        let delta = if targets.is_empty() { Delta::Clear } else { Delta::Replace(targets) };
        RelationChange { relation, delta, unknown }
    };
    targets.into_iter().map(change).collect()
}

/// Whether a predicate asks about edges.
pub(crate) fn asks_for_edges(predicate: &Predicate) -> bool {
    !views_in(predicate, 0).is_empty()
}

/// The edges that a predicate asks about, each once.
pub(crate) fn views_in(predicate: &Predicate, limit: usize) -> Vec<RelationView> {
    let mut views = Vec::new();
    each_term(predicate, &mut |RelatedTerm { relation, side, reach, .. }| {
        let (relation, side, reach) = (relation.clone(), *side, *reach);
        let view = RelationView { relation, side, reach, limit };
        if !views.contains(&view) {
            views.push(view);
        }
    });
    views
}

fn each_term(predicate: &Predicate, show: &mut dyn FnMut(&RelatedTerm)) {
    match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => {
            parts.iter().for_each(|part| each_term(part, show));
        }
        Predicate::Not(part) => each_term(part, show),
        Predicate::Related(term) => show(term),
        _ => {}
    }
}
