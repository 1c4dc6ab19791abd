//! S1: tenants do not meet.

use serde_json::json;

use super::fixture::{Fixture, deletion, document, failure, ids, targets};
use crate::{
    query::{Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side},
    resource::ResourceId,
    store::{
        Delta, IdSource, Insert, Key, Precondition, Query, RelatedQuery, StoreErrorKind, Total,
        Write,
    },
};

fn two(on: &Fixture) -> (Fixture, Fixture) {
    (on.as_tenant("acme"), on.as_tenant("globex"))
}

pub(super) fn tenants_may_use_the_same_ids_and_values(on: &Fixture) {
    let (acme, globex) = two(on);
    let user = acme.user("bjensen");
    let (here, there) = (acme.insert(user.clone()), globex.insert(user));
    if on.ids == IdSource::Engine {
        assert_eq!(here, there);
    }
    acme.change(acme.rename(&here, Precondition::Exists, "bjensen", "babs"));
    assert_eq!(globex.values(&there).get("userName"), Some(&json!("bjensen")));
    acme.delete(&here);
    assert!(globex.get(&there).is_some());
    let taken = failure(globex.write_one(Write::Insert(globex.user("bjensen"))));
    assert!(matches!(taken.0, StoreErrorKind::Conflict { holder, .. } if holder == there.id));
}

pub(super) fn a_tenant_reads_nothing_of_another(on: &Fixture) {
    let (acme, globex) = two(on);
    let user = acme.insert_user("bjensen");
    let group = acme.insert(acme.group("Guides", &[&user]));
    assert!(globex.get(&user).is_none());
    assert!(on.get(&user).is_none());
    let mut query = Query::new(&on.users, 10);
    query.total = Total::Count;
    let answer = globex.answer(&query);
    assert_eq!((answer.resources.len(), answer.total), (0, Some(0)));
    let name = globex.compare("userName", Operator::Equal, json!("bjensen"));
    assert!(globex.users_where(name).is_empty());
    assert!(globex.groups_of(&user).is_empty());
    assert!(globex.members_of(&group).is_empty());
    let view = globex.view(Side::Targets, Reach::Transitive);
    let related = globex.related(&RelatedQuery::new(&on.groups, vec![group.id], view));
    assert!(related[0].edges.is_empty());
}

pub(super) fn a_tenant_writes_nothing_of_another(on: &Fixture) {
    let (acme, globex) = two(on);
    let user = acme.insert_user("bjensen");
    let group = acme.insert(acme.group("Guides", &[&user]));
    let before = (acme.meta(&user), acme.meta(&group));
    let attempts = [
        Write::Change(globex.rename(&user, Precondition::Exists, "bjensen", "mallory")),
        Write::Change(globex.change_members(&group, Delta::Clear)),
        deletion(&user),
        deletion(&group),
    ];
    for attempt in attempts {
        assert_eq!(failure(globex.write_one(attempt)), (StoreErrorKind::NotFound, Some(0)));
    }
    assert_eq!((acme.meta(&user), acme.meta(&group)), before);
    assert_eq!(acme.members_of(&group), ids(&[&user]));
}

pub(super) fn a_tenant_points_at_nothing_of_another(on: &Fixture) {
    let (acme, globex) = two(on);
    let user = acme.insert_user("bjensen");
    let (kind, _) = failure(globex.write_one(Write::Insert(globex.group("Guides", &[&user]))));
    assert!(matches!(kind, StoreErrorKind::UnknownTarget { .. }), "{kind:?}");
    let group = globex.insert(globex.group("Guides", &[]));
    let add = globex.change_members(&group, Delta::Add(targets(&[&user])));
    let (kind, _) = failure(globex.write_one(Write::Change(add)));
    assert!(matches!(kind, StoreErrorKind::UnknownTarget { .. }), "{kind:?}");
    assert!(acme.groups_of(&user).is_empty());
    if on.ids == IdSource::Engine {
        // The same id in both tenants: each group has the member of its own tenant.
        let insert = |tenant: &Fixture, name| {
            let key = Key::new(&on.users, "0199abcd-ef00-7000-8000-000000000001");
            let values = json!({ "userName": name });
            tenant.insert(Insert::new(key, document(&on.users, values)))
        };
        let (here, there) = (insert(&acme, "here"), insert(&globex, "there"));
        let guides = acme.insert(acme.group("Guides", &[&here]));
        assert!(globex.groups_of(&there).is_empty());
        globex.delete(&there);
        assert_eq!(acme.members_of(&guides), ids(&[&here]));
    }
}

pub(super) fn an_alternative_stays_within_the_tenant(on: &Fixture) {
    let (acme, globex) = two(on);
    let user = acme.insert_user("bjensen");
    let group = acme.insert(acme.group("Guides", &[&user]));
    let mine = globex.insert_user("mine");
    let name = |name: &str| on.compare("userName", Operator::Equal, json!(name));
    let id = on.compare("id", Operator::Equal, json!(user.id.as_str()));
    let member = Predicate::Related(RelatedTerm {
        relation: on.members.clone(),
        side: Side::Sources,
        reach: Reach::Direct,
        test: RelatedTest::Id(group.id),
    });
    for filter in [
        Predicate::Or(vec![name("mine"), name("bjensen")]),
        Predicate::Or(vec![name("bjensen"), id, member, name("mine")]),
        Predicate::Not(Box::new(Predicate::And(vec![name("nobody"), name("mine")]))),
        Predicate::Constant(true),
    ] {
        assert_eq!(globex.users_where(filter.clone()), ids(&[&mine]), "{filter:?}");
    }
}

pub(super) fn names_of_tenants_are_values(on: &Fixture) {
    let names = ["", "a", "A", "a ", "a%", "a_", "a' or '1'='1", "ä", "a/b", "..", "null"];
    let tenants: Vec<Fixture> = names.iter().map(|name| on.as_tenant(name)).collect();
    let users: Vec<Key> = tenants.iter().map(|tenant| tenant.insert_user("bjensen")).collect();
    for (tenant, user) in tenants.iter().zip(&users) {
        let found: Vec<ResourceId> = tenant.all(&on.users).iter().map(|it| it.id.clone()).collect();
        assert_eq!(found, ids(&[user]), "{:?}", tenant.scope);
    }
}
