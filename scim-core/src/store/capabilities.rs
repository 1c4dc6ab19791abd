//! What a store can do beyond its contract.

/// What a store can do, as it says when a registry is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Who chooses the ids of new resources.
    pub ids: IdSource,
    /// Whether documents read as they were written.
    pub documents: Documents,
}

impl Capabilities {
    /// A store that keeps ids and documents as they are given.
    pub fn new() -> Self {
        Self { ids: IdSource::Engine, documents: Documents::Kept }
    }

    /// Says who chooses ids.
    pub fn ids(mut self, ids: IdSource) -> Self {
        self.ids = ids;
        self
    }

    /// Says whether documents read as they were written.
    pub fn documents(mut self, documents: Documents) -> Self {
        self.documents = documents;
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

/// Whether documents read as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Documents {
    /// They do.
    Kept,
    /// The store completes or rewrites them: columns have defaults, triggers fill others in. The
    /// engine reads a new resource back before it shows it.
    Derived,
}
