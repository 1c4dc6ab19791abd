//! What a client's values become: canonical JSON that keeps to the schema, or a precise error.
//!
//! The rules run in a fixed order, so that the same input always meets the same error: shape and
//! type of each value, then what belongs together (`primary`, duplicates), then what is required.
//! Canonical JSON spells names as the schema does, holds neither `null` nor empty arrays nor empty
//! objects (RFC 7643 §2.5 makes them one state: absent), and nothing that clients may not write.

mod carry;
mod identity;
mod notes;
mod references;
mod required;
mod resource;
mod rules;
mod scalar;
mod schemas;
mod value;

pub(crate) use carry::{Former, NAMES, carry_elements, carry_single, carry_unseen, drop_outdated};
pub(crate) use identity::{Identity, Key, firsts};
pub use notes::{Note, NoteRule, Notes};
pub(crate) use references::references;
pub(crate) use required::{Known, members_with_required, required};
pub(crate) use resource::resource;
pub use rules::{CanonicalValues, MissingSchemas, Rules, UnknownAttributes, ValueForms};
pub(crate) use scalar::describe;
pub(crate) use value::{element, unknown, value};
