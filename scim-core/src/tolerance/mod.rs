//! What identity providers send instead of what the RFCs ask for, rewritten before it is checked.
//!
//! Each rewrite is one function in a file of its own and is noted on the request. What contradicts
//! no rule of the RFCs is done unless switched off; what does, or what one client means otherwise
//! than another, is switched on by a
//! [`ClientProfile`](crate::ClientProfile). With [`Tolerance::none`] and
//! [`FilterTolerance::none`] the strict path never sees any of them.

mod arrays;
mod booleans;
mod dotted_urns;
mod extensions;
mod filter;
mod lists;
mod objects;
mod wrapped;

use serde_json::Value;

use crate::{
    resource::Object,
    schema::{Attribute, ResourceType},
    validate::Notes,
};

pub(crate) use dotted_urns::with_colon;
pub use filter::FilterTolerance;
pub(crate) use wrapped::unwrapped;

/// Which values of a neighbouring type are rewritten to the declared one, and where attributes may
/// stand.
///
/// ```
/// use scim_core::{Switch, Tolerance};
///
/// let tolerance = Tolerance::none().booleans(Switch::On);
/// assert_ne!(tolerance, Tolerance::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tolerance {
    /// `"True"` and `"False"` for booleans (Entra ID). On unless said otherwise.
    pub booleans: Switch,
    /// One value where a list is declared (OneLogin). On unless said otherwise.
    pub lists: Switch,
    /// A bare value where an object with a `value` is declared (Entra ID, AWS). On unless said
    /// otherwise.
    pub objects: Switch,
    /// A list of one where one value is declared (old samples of Entra ID). Off unless said
    /// otherwise.
    pub arrays: Switch,
    /// Attributes of an extension outside of its object. Off unless said otherwise.
    pub extensions: Switch,
}

/// On or off. Closed: there is no third.
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
        let (on, off) = (Switch::On, Switch::Off);
        Self { booleans: on, lists: on, objects: on, arrays: off, extensions: off }
    }
}

impl Tolerance {
    /// Sets [`booleans`](Self#structfield.booleans).
    #[must_use]
    pub fn booleans(mut self, booleans: Switch) -> Self {
        self.booleans = booleans;
        self
    }

    /// Sets [`lists`](Self#structfield.lists).
    #[must_use]
    pub fn lists(mut self, lists: Switch) -> Self {
        self.lists = lists;
        self
    }

    /// Sets [`objects`](Self#structfield.objects).
    #[must_use]
    pub fn objects(mut self, objects: Switch) -> Self {
        self.objects = objects;
        self
    }

    /// Sets [`arrays`](Self#structfield.arrays).
    #[must_use]
    pub fn arrays(mut self, arrays: Switch) -> Self {
        self.arrays = arrays;
        self
    }

    /// Sets [`extensions`](Self#structfield.extensions).
    #[must_use]
    pub fn extensions(mut self, extensions: Switch) -> Self {
        self.extensions = extensions;
        self
    }
}

impl Tolerance {
    /// No rewrites at all.
    pub fn none() -> Self {
        let off = Switch::Off;
        Self { booleans: off, lists: off, objects: off, arrays: off, extensions: off }
    }

    /// Rewrites a whole body.
    pub(crate) fn rewrite_body(
        &self,
        resource_type: &ResourceType,
        body: &mut Object,
        notes: &mut Notes,
    ) {
        if self.extensions == Switch::On {
            extensions::qualify(resource_type, body, notes);
        }
    }

    /// Rewrites a value as a whole.
    pub(crate) fn rewrite(
        &self,
        attribute: &Attribute,
        mut value: Value,
        notes: &mut Notes,
    ) -> Value {
        if attribute.is_multi_valued() {
            return match self.lists {
                Switch::On => lists::wrap(attribute, value, notes),
                Switch::Off => value,
            };
        }
        value = self.rewrite_list(attribute, value, notes);
        self.rewrite_element(attribute, value, notes)
    }

    /// Rewrites a list where one value is declared.
    pub(crate) fn rewrite_list(
        &self,
        attribute: &Attribute,
        mut value: Value,
        notes: &mut Notes,
    ) -> Value {
        if self.lists == Switch::On {
            value = arrays::empty_to_null(attribute, value, notes);
        }
        if self.arrays == Switch::On {
            value = arrays::only_element(attribute, value, notes);
        }
        value
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
