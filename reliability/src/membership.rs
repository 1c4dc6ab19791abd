//! One user in one group, as clients see it that add it, remove it and look.

use crate::linear::Model;

/// What is asked, and what was answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    /// It was added.
    Add,
    /// It was removed.
    Remove,
    /// Whether it is a member.
    Look(bool),
    /// Too many at once: nothing happened.
    Refused,
}

/// Whether the user is a member.
pub(crate) struct Membership;

impl Model for Membership {
    type State = bool;
    type Call = Call;

    fn after(state: &bool, call: &Call) -> Option<bool> {
        match call {
            Call::Add => Some(true),
            Call::Remove => Some(false),
            Call::Look(is_member) => (is_member == state).then_some(*state),
            Call::Refused => Some(*state),
        }
    }
}
