//! The typed API of a server over a file.

use pollster::block_on;
use scim_core::{
    Actor, BearerTokens, If, ScimServer, ScimType, Search,
    patch::PatchRequest,
    typed::{Group, User},
};
use scim_store_sqlite::SqliteStore;

#[test]
fn a_host_uses_a_file_without_http() {
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        let store = SqliteStore::open(directory.path().join("scim.db")).unwrap();
        let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build().unwrap();
        ScimServer::builder(store, tokens).build().unwrap().as_actor(Actor::new("hr"))
    };
    let scim = open();
    let (users, groups) = (scim.users(), scim.groups());
    let babs = block_on(users.create(&User::new("babs"))).unwrap();
    let guides = block_on(groups.create(&Group::new("Guides"))).unwrap();
    block_on(groups.add_member(&guides.id, &babs.id)).unwrap();
    let leave = PatchRequest::new().replace("active", false);
    let changed = block_on(users.patch(&babs.id, leave, &babs)).unwrap().unwrap();
    assert!(changed.version != babs.version && changed.last_modified > babs.last_modified);
    let stale = block_on(users.replace(&babs.id, &babs.resource, &babs)).unwrap_err();
    assert_eq!(stale.status(), 412);
    let taken = block_on(users.create(&User::new("BABS"))).unwrap_err();
    assert_eq!(taken.scim_type(), Some(ScimType::Uniqueness));
    drop((scim, users, groups));

    let users = open().users();
    let found = block_on(users.find("groups.display", "Guides")).unwrap().unwrap();
    assert_eq!(found, changed);
    block_on(users.delete(&found.id, If::Exists)).unwrap();
    assert_eq!(block_on(users.list(Search::new())).unwrap().total, Some(0));
}
