//! Where each version of the protocol is offered.

use std::sync::Arc;

use super::{base_path::BasePath, dialect::Dialect};
use crate::methods::MethodSwitches;

/// A version of the protocol below its base path.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    pub(crate) base: BasePath,
    pub(crate) dialect: Arc<dyn Dialect>,
    /// What is switched off in it.
    pub(crate) methods: MethodSwitches,
}

/// SCIM 2.0, and what else is offered beside it.
#[derive(Clone, Debug)]
pub(crate) struct Mounts {
    pub(crate) two: Mount,
    pub(crate) one: Option<Mount>,
    /// Whether a path that may be of either is of the older version.
    pub(crate) prefers_one: bool,
}

impl Mounts {
    /// All versions that are offered.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mount> {
        [&self.two].into_iter().chain(&self.one)
    }

    /// The version that a path is of. Its own name in the path decides (API §3.10, V-002);
    /// without one it is the newest that the path leads to, unless the host prefers another.
    pub(crate) fn of(&self, path: &str) -> &Mount {
        let Some(one) = &self.one else { return &self.two };
        let is_nested = one.base.depth() > self.two.base.depth();
        let is_one = match (self.two.base.fit(path), one.base.fit(path)) {
            (_, Fit::Named) => true,
            (_, Fit::None) | (Fit::Named, _) => false,
            (Fit::None, Fit::Possible) => true,
            (Fit::Possible, Fit::Possible) => self.prefers_one || is_nested,
        };
        if is_one { one } else { &self.two }
    }
}

/// How a path fits a base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It leads somewhere else, or names another version.
    None,
    /// It leads below, and names no version.
    Possible,
    /// It leads below, and names this version.
    Named,
}
