//! Which writes must not overtake each other because of unique values (B-021).

use std::collections::{HashMap, HashSet};

use crate::{
    config::UniqueNames,
    hooks::{Proposal, ProposedDocument},
    ops::unique,
    resource::Difference,
    schema::ResourceType,
    store::Claim,
};

/// A name may have been taken by another client than the one that gives it up.
const ANY_NAME: UniqueNames = UniqueNames::Groups;

/// A unique value: name of the resource type and path of the attribute, which have no zero, and
/// comparable form.
type Held = Vec<u8>;

/// For each proposal those that give up a unique value which it takes, so that a batch can write
/// them first.
pub(super) fn givers(proposals: &[&Proposal], names: UniqueNames) -> Vec<Vec<usize>> {
    let values: Vec<_> = proposals.iter().map(|it| UniqueValues::of([*it], names)).collect();
    let mut known: HashMap<&Held, usize> = HashMap::new();
    let mut unknown: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, values) in values.iter().enumerate() {
        known.extend(values.given_up.iter().map(|held| (held, index)));
        for name in &values.givers {
            unknown.entry(name).or_default().push(index);
        }
    }
    let of_taker = |taker: &UniqueValues| {
        let known = taker.taken.iter().filter_map(|held| known.get(held));
        let unknown = taker.takers.iter().filter_map(|name| unknown.get(&**name)).flatten();
        known.chain(unknown).copied().collect()
    };
    values.iter().map(of_taker).collect()
}

/// The unique values that writes take and give up.
#[derive(Debug, Default)]
pub(super) struct UniqueValues {
    taken: HashSet<Held>,
    given_up: HashSet<Held>,
    /// Resource types of which values are taken.
    takers: HashSet<Box<str>>,
    /// Resource types of which values are given up that are not known.
    givers: HashSet<Box<str>>,
}

impl UniqueValues {
    /// The values that proposals take and give up.
    pub(super) fn of<'a>(
        proposals: impl IntoIterator<Item = &'a Proposal>,
        names: UniqueNames,
    ) -> Self {
        let mut values = Self::default();
        proposals.into_iter().for_each(|proposal| values.see(proposal, names));
        values
    }

    /// Whether the outcome depends on which comes first.
    pub(super) fn compete_with(&self, other: &Self) -> bool {
        let meet = |one: &HashSet<Held>, two: &HashSet<Held>| !one.is_disjoint(two);
        meet(&self.taken, &other.taken)
            || meet(&self.taken, &other.given_up)
            || meet(&self.given_up, &other.taken)
            || !self.takers.is_disjoint(&other.givers)
            || !self.givers.is_disjoint(&other.takers)
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.taken.extend(other.taken);
        self.given_up.extend(other.given_up);
        self.takers.extend(other.takers);
        self.givers.extend(other.givers);
    }

    fn see(&mut self, proposal: &Proposal, names: UniqueNames) {
        let resource_type = proposal.resource_type();
        match &proposal.document {
            ProposedDocument::New(after) => {
                self.take(resource_type, unique::claims(resource_type, after, names));
            }
            ProposedDocument::Changed { before, after } => {
                let difference = Difference::between(resource_type, before, after);
                self.take(resource_type, unique::taken(resource_type, &difference, names));
                let given_up = unique::given_up(resource_type, &difference, ANY_NAME);
                self.given_up.extend(held(resource_type, given_up));
            }
            ProposedDocument::Deleted { before: Some(before) } => {
                let given_up = unique::claims(resource_type, before, ANY_NAME);
                self.given_up.extend(held(resource_type, given_up));
            }
            ProposedDocument::Deleted { before: None } => {
                self.givers.insert(resource_type.name().into());
            }
            ProposedDocument::Untouched => {}
        }
    }

    fn take(&mut self, resource_type: &ResourceType, taken: Vec<Claim>) {
        if !taken.is_empty() && !self.takers.contains(resource_type.name()) {
            self.takers.insert(resource_type.name().into());
        }
        self.taken.extend(held(resource_type, taken));
    }
}

fn held(resource_type: &ResourceType, claims: Vec<Claim>) -> impl Iterator<Item = Held> {
    claims.into_iter().map(|claim| {
        let (name, path) = (resource_type.name().as_bytes(), claim.attribute.path().as_bytes());
        [name, b"\0", path, b"\0", &claim.value.to_key()].concat()
    })
}
