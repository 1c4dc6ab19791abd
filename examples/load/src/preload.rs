//! Fills a store without HTTP, in batches.

use std::{error::Error, sync::Arc};

use pollster::block_on;
use scim_core::{
    Document, Object, ResourceId,
    query::prepared_values,
    schema::{Registry, ResourceType},
    store::{
        Batch, Change, Claim, Delta, Insert, Key, Precondition, RelationChange, Scope, Store,
        Target, UnknownTargets, Write,
    },
};
use serde_json::Value;

use crate::{
    population::{Population, group, group_id, user, user_id},
    server::Ready,
};

const BATCH: usize = 1_000;

/// Adds all users, then all groups; `measure` tells memory in KiB and files in bytes.
pub(crate) fn preload(
    store: &dyn Store,
    registry: &Registry,
    population: Population,
    measure: impl Fn() -> (u64, u64),
) -> Result<Ready, Box<dyn Error>> {
    let users = registry.resource_type("User").ok_or("no users")?;
    let groups = registry.resource_type("Group").ok_or("no groups")?;
    let (memory, files) = measure();
    let numbers: Vec<usize> = (0..population.all_users()).collect();
    for chunk in numbers.chunks(BATCH) {
        let entries = chunk.iter().map(|it| insert(users, user_id(*it), user(*it)));
        write(store, entries.collect::<Result<_, _>>()?)?;
    }
    let (memory_after, files_after) = measure();
    for number in 0..population.all_groups() {
        write(store, vec![insert(groups, group_id(number), group(number))?])?;
        let members: Vec<usize> = match population.sizes().get(number) {
            Some(size) => (0..*size).collect(),
            None => (0..Population::BUSY).map(|it| population.busy(it)).collect(),
        };
        for chunk in members.chunks(BATCH) {
            write(store, vec![joining(groups, number, chunk)?])?;
        }
    }
    Ok(Ready {
        users_kib: memory_after.saturating_sub(memory),
        file_bytes: files_after.saturating_sub(files),
        ..Ready::default()
    })
}

fn write(store: &dyn Store, entries: Vec<Write>) -> Result<(), Box<dyn Error>> {
    block_on(store.write(&Scope::default(), Batch::new(entries)))?;
    Ok(())
}

fn insert(
    resource_type: &Arc<ResourceType>,
    id: String,
    values: Value,
) -> Result<Write, Box<dyn Error>> {
    let values: Object = serde_json::from_value(values)?;
    let label = values.get("displayName").and_then(Value::as_str).map(Into::into);
    let unique = resource_type.attribute("userName").into_iter();
    let claims = unique.flat_map(|attribute| {
        let values = prepared_values(attribute, &values).into_iter();
        values.map(|value| Claim { attribute: attribute.clone(), value })
    });
    let claims = claims.collect();
    let key = Key::new(resource_type, ResourceId::from(id));
    let mut insert = Insert::new(key, Document::new(resource_type, values));
    (insert.label, insert.claims) = (label, claims);
    Ok(Write::Insert(insert))
}

fn joining(
    groups: &Arc<ResourceType>,
    group: usize,
    members: &[usize],
) -> Result<Write, Box<dyn Error>> {
    let relation = groups.relations().first().ok_or("groups have no members")?.clone();
    let targets = members.iter().map(|it| Target::from(ResourceId::from(user_id(*it)))).collect();
    let key = Key::new(groups, ResourceId::from(group_id(group)));
    let mut change = Change::new(key, Precondition::Exists);
    let (delta, unknown) = (Delta::Add(targets), UnknownTargets::Refuse);
    change.relations = vec![RelationChange { relation, delta, unknown }];
    Ok(Write::Change(change))
}
