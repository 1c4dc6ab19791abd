//! The operations of a Bulk request, and the resources that they add.

use std::collections::{HashMap, HashSet};

use http::StatusCode;
use serde_json::Value;

use super::{
    BulkAnswer, BulkEffect, BulkItem, BulkOperation, BulkVerb,
    references::{resolved, resolved_text},
};
use crate::{
    error::{ScimError, ScimType},
    hooks::Caller,
    ops::{Edit, Engine, Failure},
    resource::ResourceId,
    store::Key,
};

/// What is to be done, and which bulkId stands for which resource.
#[derive(Debug)]
pub(super) struct Work {
    items: Vec<BulkItem>,
    /// Which operation adds what a bulkId stands for.
    creates: HashMap<Box<str>, usize>,
    /// The ids of resources that operations add: proposed at first, and then what became of them.
    /// One that could not be added has none.
    added: HashMap<usize, ResourceId>,
    /// The operations whose proposed ids came to nothing.
    surprises: HashSet<usize>,
}

impl Work {
    pub(super) fn new(items: Vec<BulkItem>) -> Self {
        let (mut creates, mut added) = (HashMap::new(), HashMap::new());
        for (index, item) in items.iter().enumerate() {
            if let (Some(BulkVerb::Create), Some(bulk_id)) = (item.verb, &item.bulk_id) {
                creates.insert(bulk_id.clone(), index);
            }
            if let Ok(BulkOperation::Create(..)) = item.operation {
                added.insert(index, ResourceId::fresh());
            }
        }
        Self { items, creates, added, surprises: HashSet::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = Option<&BulkOperation>> {
        self.items.iter().map(|item| item.operation.as_ref().ok())
    }

    /// The ids of the resources that operations add.
    pub(super) fn added(&self) -> impl Iterator<Item = &ResourceId> {
        self.added.values()
    }

    /// The operation that adds what a bulkId stands for.
    pub(super) fn create_of(&self, bulk_id: &str) -> Option<usize> {
        self.creates.get(bulk_id).copied()
    }

    /// Learns under which id an operation added its resource, if it did.
    pub(super) fn learn(&mut self, index: usize, id: Option<&ResourceId>) {
        let adds = self.items.get(index).is_some_and(|it| it.verb == Some(BulkVerb::Create));
        if !adds || self.added.get(&index) == id {
            return;
        }
        match id {
            Some(id) => self.added.insert(index, id.clone()),
            None => self.added.remove(&index),
        };
        self.surprises.insert(index);
    }

    /// Whether what was proposed under the assumption that this operation succeeds, and under the
    /// id it proposed, no longer holds.
    pub(super) fn is_surprise(&self, index: usize) -> bool {
        self.surprises.contains(&index)
    }

    /// Takes the body of an operation that names no bulkId: there is no need to keep it.
    pub(super) fn take_data(&mut self, index: usize) -> Option<Value> {
        let operation = self.items.get_mut(index)?.operation.as_mut().ok()?;
        operation.data_mut().map(Value::take)
    }

    /// What an operation asks for, with ids in place of references, unless its body was taken.
    ///
    /// # Errors
    /// What is wrong with the operation; 400 `invalidValue` for a bulkId that no operation has, 409
    /// for one whose operation failed (B-018).
    pub(super) fn edit(
        &self,
        engine: &Engine,
        caller: &Caller<'_>,
        index: usize,
        taken: Option<Value>,
    ) -> Result<Edit, ScimError> {
        let body = |data| match taken {
            Some(body) => Ok(body),
            None => resolved(data, &|bulk_id: &str| self.id_of(bulk_id)),
        };
        Ok(match self.operation(index)? {
            BulkOperation::Create(resource_type, data) => {
                let id = self.added.get(&index).cloned().unwrap_or_else(ResourceId::fresh);
                let key = Key::new(resource_type, id);
                let body = body(data)?;
                Edit::Create(key, engine.resource_body(caller, resource_type, body)?)
            }
            BulkOperation::Replace(key, data, precondition) => {
                let key = self.resolved_key(key)?;
                let body = body(data)?;
                let body = engine.resource_body(caller, &key.resource_type, body)?;
                Edit::Replace(key, body, precondition.clone())
            }
            BulkOperation::Patch(key, data, precondition) => {
                let key = self.resolved_key(key)?;
                let body = body(data)?;
                let request = engine.patch_body(caller, &key.resource_type, body)?;
                Edit::Patch(key, request, precondition.clone())
            }
            BulkOperation::Delete(key, precondition) => {
                Edit::Delete(self.resolved_key(key)?, precondition.clone())
            }
        })
    }

    /// The answer to an operation.
    pub(super) fn answer(
        &self,
        index: usize,
        result: Result<(Key, BulkEffect), Failure>,
    ) -> BulkAnswer {
        let item = self.items.get(index);
        let as_sent =
            || item?.key.as_ref().map(|key| self.resolved_key(key).unwrap_or(key.clone()));
        let (key, result) = match result {
            Ok((key, effect)) => (Some(key), Ok(effect)),
            Err(failure) => (as_sent(), Err(failure)),
        };
        let (verb, bulk_id) = item.map_or((None, None), |it| (it.verb, it.bulk_id.clone()));
        BulkAnswer { verb, bulk_id, key, result }
    }

    fn operation(&self, index: usize) -> Result<&BulkOperation, ScimError> {
        let nothing = || ScimError::new(ScimType::InvalidSyntax, "there is no such operation");
        let item = self.items.get(index).ok_or_else(nothing)?;
        item.operation.as_ref().map_err(ScimError::clone)
    }

    fn resolved_key(&self, key: &Key) -> Result<Key, ScimError> {
        let id = resolved_text(&key.id, &|bulk_id| self.id_of(bulk_id))?;
        Ok(Key::new(&key.resource_type, &*id))
    }

    fn id_of(&self, bulk_id: &str) -> Result<ResourceId, ScimError> {
        let Some(create) = self.create_of(bulk_id) else {
            let detail = format!("no operation of the request has the bulkId `{bulk_id}`");
            return Err(ScimError::new(ScimType::InvalidValue, detail));
        };
        self.added.get(&create).cloned().ok_or_else(|| {
            let detail = format!("the operation with the bulkId `{bulk_id}` failed");
            ScimError::with_status(StatusCode::CONFLICT, detail)
        })
    }
}
