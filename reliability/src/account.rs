//! A user as clients see it that know only its name: created, found, read, changed and deleted.

use crate::linear::Model;

/// What clients see of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) nick_name: String,
    /// What the entity tag counts: our stores begin with 1 and add one for each change.
    pub(crate) version: u64,
}

/// Which of two attributes is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field {
    Title,
    NickName,
}

/// What is asked, and what was answered. A write is answered by what is there afterwards, be it of
/// somebody else: that is a call of its own, which follows the write.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// The created user, or none as the name is taken.
    Create(Option<Account>),
    /// The user that has the name.
    Find(Option<Account>),
    /// The user that has this id.
    Read(String, Option<Account>),
    /// Whether one attribute of the user with this id has got a value.
    Write { id: String, field: Field, value: String, was_there: bool },
    /// The same if it still has this version.
    Guarded { id: String, version: u64, value: String, outcome: Guarded },
    /// Whether the user with this id was there.
    Delete(String, bool),
    /// Too many at once: nothing happened.
    Refused,
}

impl Call {
    /// The user that the answer showed.
    pub(crate) fn shown(&self) -> Option<&Account> {
        match self {
            Self::Create(shown) | Self::Find(shown) | Self::Read(_, shown) => shown.as_ref(),
            _ => None,
        }
    }
}

/// What came of a guarded write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guarded {
    Done,
    /// 412
    Changed,
    /// 404
    Gone,
}

/// One name, which one user has or none.
pub(crate) struct Name;

impl Model for Name {
    type State = Option<Account>;
    type Call = Call;

    fn after(state: &Self::State, call: &Call) -> Option<Self::State> {
        let unchanged = |holds: bool| holds.then(|| state.clone());
        let known = |id: &String| state.as_ref().filter(|account| account.id == *id);
        match call {
            Call::Create(None) => unchanged(state.is_some()),
            Call::Create(made) => state.is_none().then(|| made.clone()),
            Call::Find(found) => unchanged(state == found),
            Call::Read(id, read) => unchanged(known(id) == read.as_ref()),
            Call::Write { id, field, value, was_there } => match known(id) {
                Some(before) => was_there.then(|| Some(before.written(*field, value))),
                None => unchanged(!was_there),
            },
            Call::Guarded { id, version, value, outcome } => match (known(id), outcome) {
                (None, Guarded::Gone) => unchanged(true),
                (Some(before), Guarded::Changed) => unchanged(before.version != *version),
                (Some(before), Guarded::Done) if before.version == *version => {
                    Some(Some(before.written(Field::Title, value)))
                }
                _ => None,
            },
            Call::Delete(id, was_there) => match known(id) {
                Some(_) => was_there.then_some(None),
                None => unchanged(!was_there),
            },
            Call::Refused => unchanged(true),
        }
    }
}

impl Account {
    fn written(&self, field: Field, value: &str) -> Self {
        let mut after = self.clone();
        match field {
            Field::Title => value.clone_into(&mut after.title),
            Field::NickName => value.clone_into(&mut after.nick_name),
        }
        after.version += 1;
        after
    }
}
