//! The one resource that has a value, as it is kept in memory.

use scim_core::{
    Meta, ResourceId,
    query::{Predicate, Prepared},
};

use super::shards::Kept;

/// What an entry takes up beside its texts, about.
const OVERHEAD: usize = 300;

/// What a part of a filter takes up, about.
const PART: usize = 200;

/// A value of an indexed attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    pub(crate) tenant: &'a str,
    /// The number of the index.
    pub(crate) index: i64,
    pub(crate) key: &'a [u8],
}

/// Who has a value, which nobody else has.
#[derive(Debug)]
pub(super) struct Holder {
    tenant: Box<str>,
    index: i64,
    key: Box<[u8]>,
    pub(super) id: ResourceId,
    pub(super) verdict: Option<Verdict>,
}

/// Whether a resource matched conditions on its document when it had this metadata.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) conditions: Vec<Predicate>,
    pub(crate) meta: Meta,
    pub(crate) matches: bool,
}

impl Holder {
    pub(super) fn new(value: Value<'_>, id: &ResourceId, verdict: Option<Verdict>) -> Self {
        let Value { tenant, index, key } = value;
        Self { tenant: tenant.into(), index, key: key.into(), id: id.clone(), verdict }
    }

    /// Whether it is this value that it holds.
    pub(super) fn has(&self, value: Value<'_>) -> bool {
        *self.tenant == *value.tenant && self.index == value.index && *self.key == *value.key
    }
}

impl Kept for Holder {
    fn bytes(&self) -> usize {
        let conditions = self.verdict.iter().flat_map(|it| &it.conditions);
        OVERHEAD + self.tenant.len() + self.key.len() + conditions.map(size).sum::<usize>()
    }
}

/// What a filter takes up, about.
fn size(filter: &Predicate) -> usize {
    PART + match filter {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().map(size).sum(),
        Predicate::Not(part) | Predicate::Element(_, part) => size(part),
        Predicate::Compare(comparison) => match &comparison.operand {
            Prepared::Text(text) => text.len(),
            Prepared::Octets(octets) => octets.len(),
            _ => 0,
        },
        _ => 0,
    }
}
