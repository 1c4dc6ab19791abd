//! S12: preconditions are decided in the write.

use serde_json::json;

use super::fixture::{Fixture, failure, targets};
use crate::{
    resource::{ResourceId, Revision, Version},
    store::{Change, Delete, Delta, Key, Precondition, StoreErrorKind, Write},
};

fn nonsense() -> Version {
    Version::new("no-such-version")
}

pub(super) fn a_missing_resource_is_not_found_whatever_the_precondition(on: &Fixture) {
    let user = on.insert_user("bjensen");
    for key in [Key::new(&on.users, ResourceId::fresh()), Key::new(&on.groups, user.id.clone())] {
        for precondition in [
            Precondition::Exists,
            Precondition::Version(vec![nonsense()]),
            Precondition::Document(Revision::new("none")),
            Precondition::VersionAndDocument(vec![nonsense()], Revision::new("none")),
        ] {
            let change = Write::Change(Change::new(key.clone(), precondition.clone()));
            assert_eq!(failure(on.write_one(change)), (StoreErrorKind::NotFound, Some(0)));
            let delete = Write::Delete(Delete { key: key.clone(), precondition });
            assert_eq!(failure(on.write_one(delete)), (StoreErrorKind::NotFound, Some(0)));
        }
    }
}

pub(super) fn any_listed_version_will_do(on: &Fixture) {
    let user = on.insert_user("a");
    let versions = vec![nonsense(), on.meta(&user).version];
    on.change(on.rename(&user, Precondition::Version(versions), "a", "b"));
    assert_eq!(on.values(&user).get("userName"), Some(&json!("b")));
}

pub(super) fn an_old_version_is_refused(on: &Fixture) {
    let user = on.insert_user("a");
    let old = on.meta(&user).version;
    on.change(on.rename(&user, Precondition::Version(vec![old.clone()]), "a", "b"));
    for versions in [vec![old.clone()], vec![old, nonsense()], Vec::new()] {
        let change = on.rename(&user, Precondition::Version(versions), "b", "c");
        let failed = failure(on.write_one(Write::Change(change)));
        assert_eq!(failed, (StoreErrorKind::VersionMismatch, Some(0)));
    }
    assert_eq!(on.values(&user).get("userName"), Some(&json!("b")));
}

pub(super) fn an_old_revision_is_stale(on: &Fixture) {
    let user = on.insert_user("a");
    let old = on.meta(&user).revision;
    on.change(on.rename(&user, Precondition::Document(old.clone()), "a", "b"));
    let change = on.rename(&user, Precondition::Document(old), "b", "c");
    assert_eq!(failure(on.write_one(Write::Change(change))), (StoreErrorKind::Stale, Some(0)));
    let fresh = Precondition::Document(on.meta(&user).revision);
    on.change(on.rename(&user, fresh, "b", "c"));
}

pub(super) fn edges_do_not_make_a_document_stale(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[]));
    let read = on.meta(&group).revision;
    on.change(on.change_members(&group, Delta::Add(targets(&[&user]))));
    let values = json!({"displayName": "Tour guides"});
    on.change(on.rewrite(&group, Precondition::Document(read), values, &["displayName"]));
    assert_eq!(on.members_of(&group), [user.id]);
}

pub(super) fn version_and_revision_are_both_checked(on: &Fixture) {
    let user = on.insert_user("a");
    let meta = on.meta(&user);
    let other = Revision::new("no-such-revision");
    for (versions, revision, kind) in [
        (vec![nonsense()], meta.revision.clone(), StoreErrorKind::VersionMismatch),
        (vec![meta.version.clone()], other, StoreErrorKind::Stale),
    ] {
        let precondition = Precondition::VersionAndDocument(versions, revision);
        let change = Write::Change(on.rename(&user, precondition, "a", "b"));
        assert_eq!(failure(on.write_one(change)), (kind, Some(0)));
    }
    let both = Precondition::VersionAndDocument(vec![meta.version], meta.revision);
    on.change(on.rename(&user, both, "a", "b"));
}

pub(super) fn a_precondition_guards_a_delete(on: &Fixture) {
    let user = on.insert_user("a");
    let meta = on.meta(&user);
    let delete =
        |precondition| on.write_one(Write::Delete(Delete { key: user.clone(), precondition }));
    let mismatch = delete(Precondition::Version(vec![nonsense()]));
    assert_eq!(failure(mismatch), (StoreErrorKind::VersionMismatch, Some(0)));
    let stale = delete(Precondition::Document(Revision::new("no-such-revision")));
    assert_eq!(failure(stale), (StoreErrorKind::Stale, Some(0)));
    assert!(on.get(&user).is_some());
    delete(Precondition::Version(vec![meta.version])).expect("the version is the current one");
    assert!(on.get(&user).is_none());
}

pub(super) fn a_precondition_guards_a_change_without_effect(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[&user]));
    let mut change = on.change_members(&group, Delta::Add(targets(&[&user])));
    change.precondition = Precondition::Version(vec![nonsense()]);
    let failed = failure(on.write_one(Write::Change(change)));
    assert_eq!(failed, (StoreErrorKind::VersionMismatch, Some(0)));
}
