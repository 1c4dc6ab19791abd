//! The one resource that has a value, as it is kept in memory.

use scim_core::ResourceId;

use super::shards::Kept;

/// What an entry takes up beside its texts, about.
const OVERHEAD: usize = 250;

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
}

impl Holder {
    pub(super) fn new(value: Value<'_>, id: &ResourceId) -> Self {
        let Value { tenant, index, key } = value;
        Self { tenant: tenant.into(), index, key: key.into(), id: id.clone() }
    }

    /// Whether it is this value that it holds.
    pub(super) fn has(&self, value: Value<'_>) -> bool {
        *self.tenant == *value.tenant && self.index == value.index && *self.key == *value.key
    }
}

impl Kept for Holder {
    fn bytes(&self) -> usize {
        OVERHEAD + self.tenant.len() + self.key.len() + self.id.as_str().len()
    }
}
