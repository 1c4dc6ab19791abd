//! What a PATCH does to a resource (RFC 7644 §3.5.2).
//!
//! [`plan`] reads the operations of a [`PatchRequest`] against the schema: it finds what each
//! [path](Operation::path) names, checks the values, and sorts the work into changes of relations
//! and changes of the document. [`apply`] does the latter on a copy, so a request that fails half
//! way has changed nothing and there is nothing to undo (H-011).
//!
//! A [`Plan`] that [is blind](Plan::is_blind) can be carried out without reading the resource.

mod apply;
mod assign;
mod discard;
mod edit;
mod elements;
mod error;
mod kept;
mod options;
mod parts;
mod plan;
mod positions;
mod relation;
mod remove;
mod request;
mod schemas;
mod seed;
mod step;
mod target;
mod work;

pub use crate::resource::changed;
pub use apply::apply;
pub(crate) use edit::edit;
pub use options::{
    DottedUrns, EmptyAdd, ListedValues, Matching, PatchOptions, PathGrammar, RequiredCheck,
    UnknownPaths, UnmatchedAdd, UnmatchedRemove, UnmatchedReplace, WrappedValues,
};
pub use plan::{PatchContext, Plan, plan};
pub(crate) use relation::looks_at_targets;
pub use relation::{RelationAction, RelationOperation, targets};
pub(crate) use request::no_operations;
pub use request::{Op, Operation, PatchRequest};
pub use step::DocumentOperation;
pub(crate) use step::assigned;
