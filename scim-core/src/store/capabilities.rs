//! What a store can do beyond its contract.

/// What a store can do, as it says when a registry is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Who chooses the ids of new resources.
    pub ids: IdSource,
}

impl Capabilities {
    /// A store that keeps the ids it is given.
    pub fn new() -> Self {
        Self { ids: IdSource::Engine }
    }

    /// Says who chooses ids.
    pub fn ids(mut self, ids: IdSource) -> Self {
        self.ids = ids;
        self
    }
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::new()
    }
}

/// Who chooses the ids of new resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdSource {
    /// The engine: UUIDv7, known before the write.
    Engine,
    /// The store, such as from a sequence; known after the write.
    Store,
}
