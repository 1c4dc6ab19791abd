//! What tenants ask for, at random.

use proptest::prelude::*;

/// How many tenants there are.
pub(super) const TENANTS: usize = 3;

/// A request of one tenant.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) by: usize,
    pub(super) request: Asked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

/// A resource that some tenant has or had.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    /// How many tenants on from the one that asks.
    pub(super) tenant: usize,
    /// Which of the resources that were made there.
    pub(super) number: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Asked {
    AddUser {
        name: u8,
        title: u8,
    },
    PutUser {
        user: Pick,
        name: u8,
        title: u8,
    },
    PatchUser {
        user: Pick,
        title: u8,
    },
    AddGroup {
        name: u8,
        members: Vec<Pick>,
        by: NamedAs,
    },
    ChangeMembers {
        group: Pick,
        change: MemberChange,
        member: Pick,
        by: NamedAs,
    },
    Delete(Kind, Pick),
    Get(Kind, Pick),
    List {
        kind: Kind,
        filter: Filter,
        sort: Sort,
        walk: Walk,
        count: usize,
        place: Place,
    },
    /// All groups and one user, from the endpoint of all types.
    Everything(Pick),
    /// Takes the cursor of a tenant to another one.
    StealCursor(Kind, usize),
    /// A user, a group of it and of another one, and a deletion, in one request.
    Bulk {
        name: u8,
        member: Pick,
        deleted: Pick,
    },
    /// Goes to the path of another tenant.
    Trespass(usize),
}

/// How a body names a member.
#[derive(Clone, Copy, Debug)]
pub(super) enum NamedAs {
    Value,
    Reference,
    /// By its id, with a reference into the next tenant.
    ValueWithForeignReference,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum MemberChange {
    Add,
    Remove,
    Replace,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sort {
    No,
    Ascending,
    Descending,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Walk {
    Index,
    Cursor,
}

/// Where a query stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Url,
    Search,
}

#[derive(Clone, Debug)]
pub(super) enum Filter {
    None,
    One(Term),
    Or(Term, Term),
    AndNot(Term, Term),
}

#[derive(Clone, Debug)]
pub(super) enum Term {
    /// `userName` or `displayName`
    Name(u8),
    Title(u8),
    HasId,
    HasTitle,
    Id(Pick),
    Location(Pick),
    /// A member of a group, or a group of a user.
    Related(Pick),
    RelatedReference(Pick),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    (0..TENANTS, asked()).prop_map(|(by, request)| Step { by, request })
}

fn asked() -> impl Strategy<Value = Asked> {
    prop_oneof![
        5 => (name(), title()).prop_map(|(name, title)| Asked::AddUser { name, title }),
        2 => (pick(), name(), title())
            .prop_map(|(user, name, title)| Asked::PutUser { user, name, title }),
        2 => (pick(), title()).prop_map(|(user, title)| Asked::PatchUser { user, title }),
        3 => (name(), prop::collection::vec(pick(), 0..3), named_as())
            .prop_map(|(name, members, by)| Asked::AddGroup { name, members, by }),
        3 => (pick(), member_change(), pick(), named_as()).prop_map(|(group, change, member, by)| {
            Asked::ChangeMembers { group, change, member, by }
        }),
        2 => (kind(), pick()).prop_map(|(kind, it)| Asked::Delete(kind, it)),
        2 => (kind(), pick()).prop_map(|(kind, it)| Asked::Get(kind, it)),
        6 => list(),
        1 => pick().prop_map(Asked::Everything),
        1 => (kind(), 1..TENANTS).prop_map(|(kind, thief)| Asked::StealCursor(kind, thief)),
        2 => (name(), pick(), pick())
            .prop_map(|(name, member, deleted)| Asked::Bulk { name, member, deleted }),
        1 => (1..TENANTS).prop_map(Asked::Trespass),
    ]
}

fn list() -> impl Strategy<Value = Asked> {
    let sort = prop_oneof![Just(Sort::No), Just(Sort::Ascending), Just(Sort::Descending)];
    let walk = prop_oneof![Just(Walk::Index), Just(Walk::Cursor)];
    let place = prop_oneof![Just(Place::Url), Just(Place::Search)];
    (kind(), filter(), sort, walk, 1_usize..4, place).prop_map(
        |(kind, filter, sort, walk, count, place)| Asked::List {
            kind,
            filter,
            sort,
            walk,
            count,
            place,
        },
    )
}

fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        1 => Just(Filter::None),
        2 => term().prop_map(Filter::One),
        3 => (term(), term()).prop_map(|(one, other)| Filter::Or(one, other)),
        2 => (term(), term()).prop_map(|(one, other)| Filter::AndNot(one, other)),
    ]
}

fn term() -> impl Strategy<Value = Term> {
    prop_oneof![
        2 => name().prop_map(Term::Name),
        2 => title().prop_map(Term::Title),
        1 => Just(Term::HasId),
        1 => Just(Term::HasTitle),
        1 => pick().prop_map(Term::Id),
        1 => pick().prop_map(Term::Location),
        2 => pick().prop_map(Term::Related),
        1 => pick().prop_map(Term::RelatedReference),
    ]
}

/// Mostly the tenant's own.
fn pick() -> impl Strategy<Value = Pick> {
    let tenant = prop_oneof![3 => Just(0), 1 => 1..TENANTS];
    (tenant, 0_usize..12).prop_map(|(tenant, number)| Pick { tenant, number })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![2 => Just(Kind::User), 1 => Just(Kind::Group)]
}

fn named_as() -> impl Strategy<Value = NamedAs> {
    prop_oneof![
        2 => Just(NamedAs::Value),
        1 => Just(NamedAs::Reference),
        1 => Just(NamedAs::ValueWithForeignReference),
    ]
}

fn member_change() -> impl Strategy<Value = MemberChange> {
    prop_oneof![
        2 => Just(MemberChange::Add),
        1 => Just(MemberChange::Remove),
        1 => Just(MemberChange::Replace),
    ]
}

/// Few, so that names collide within tenants and across them.
fn name() -> impl Strategy<Value = u8> {
    0_u8..6
}

fn title() -> impl Strategy<Value = u8> {
    0_u8..3
}
