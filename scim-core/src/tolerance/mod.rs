//! What identity providers send instead of what the RFCs ask for, rewritten before it is checked.
//!
//! Each rewrite is one function in a file of its own, contradicts no rule of the RFCs and is noted
//! on the request. [`Tolerance::none`] switches all of them off: the strict path never sees them.

mod booleans;
mod lists;
mod objects;

use serde_json::Value;

use crate::{schema::Attribute, validate::Notes};

/// Which values of a neighbouring type are rewritten to the declared one. The default is all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tolerance {
    /// `"True"` and `"False"` for booleans (Entra ID).
    pub booleans: Switch,
    /// One value where a list is declared (OneLogin).
    pub lists: Switch,
    /// A bare value where an object with a `value` is declared (Entra ID, AWS).
    pub objects: Switch,
}

/// On or off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Switch {
    /// In force.
    #[default]
    On,
    /// Not in force.
    Off,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { booleans: Switch::On, lists: Switch::On, objects: Switch::On }
    }
}

impl Tolerance {
    /// No rewrites at all.
    pub fn none() -> Self {
        Self { booleans: Switch::Off, lists: Switch::Off, objects: Switch::Off }
    }

    /// Rewrites a value as a whole.
    pub(crate) fn rewrite(&self, attribute: &Attribute, value: Value, notes: &mut Notes) -> Value {
        if attribute.is_multi_valued() {
            return match self.lists {
                Switch::On => lists::wrap(attribute, value, notes),
                Switch::Off => value,
            };
        }
        self.rewrite_element(attribute, value, notes)
    }

    /// Rewrites one value of a multi-valued attribute, or the value of a single-valued one.
    pub(crate) fn rewrite_element(
        &self,
        attribute: &Attribute,
        mut value: Value,
        notes: &mut Notes,
    ) -> Value {
        if self.booleans == Switch::On {
            value = booleans::from_text(attribute, value, notes);
        }
        if self.objects == Switch::On {
            value = objects::from_scalar(attribute, value, notes);
        }
        value
    }
}
