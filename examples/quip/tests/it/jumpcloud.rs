//! JumpCloud provisions into the service, over a socket: what its integration article says it does,
//! step by step, with the bodies that it is known to send.

use std::collections::HashSet;

use scim_example_options::process::Process;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_scim-example-quip");

/// JumpCloud's side of the integration.
struct JumpCloud {
    service: Process,
}

impl JumpCloud {
    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let (found, answer) = self.service.request(method, path, &body).unwrap();
        assert_eq!(found, status, "{method} {path}: {answer}");
        answer
    }

    /// The id of the user with this address.
    fn lookup(&self, email: &str) -> Option<String> {
        let path = format!("/Users?filter=emails%20eq%20%22{email}%22");
        only_id(&self.ask("GET", &path, Value::Null, 200))
    }

    fn lookup_group(&self, name: &str) -> Option<String> {
        let name = name.replace(' ', "%20");
        let path = format!("/Groups?filter=displayName%20eq%20%22{name}%22");
        only_id(&self.ask("GET", &path, Value::Null, 200))
    }

    fn create(&self, person: &Value) -> String {
        id(&self.ask("POST", "/Users", person.clone(), 201))
    }

    fn update(&self, id: &str, person: &Value) -> Value {
        let mut body = person.clone();
        body["id"] = id.into();
        self.ask("PUT", &format!("/Users/{id}"), body, 200)
    }

    fn deactivate(&self, id: &str) {
        let body = json!({"schemas": [USER], "emails": null, "active": false});
        assert_eq!(self.ask("PUT", &format!("/Users/{id}"), body, 200)["active"], false);
    }

    fn user(&self, id: &str) -> Value {
        self.ask("GET", &format!("/Users/{id}"), Value::Null, 200)
    }

    fn members(&self, group: &str) -> HashSet<String> {
        let group = self.ask("GET", &format!("/Groups/{group}"), Value::Null, 200);
        let members = group["members"].as_array().unwrap().iter();
        members.map(|member| member["value"].as_str().unwrap().to_owned()).collect()
    }

    /// Makes these the members of the group of this name. An empty group is not created; one that
    /// is there already is taken over.
    fn push_group(&self, name: &str, members: &[&str]) -> Option<String> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": members.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>(),
        });
        match self.lookup_group(name) {
            Some(group) => {
                self.ask("PUT", &format!("/Groups/{group}"), body, 200);
                Some(group)
            }
            None if members.is_empty() => None,
            None => Some(id(&self.ask("POST", "/Groups", body, 201))),
        }
    }

    /// All users of the service, page by page.
    fn import(&self) -> Vec<Value> {
        let mut users = Vec::new();
        loop {
            let path = format!("/Users?startIndex={}&count=100", users.len() + 1);
            let page = self.ask("GET", &path, Value::Null, 200);
            let found = page["Resources"].as_array().unwrap().clone();
            assert_eq!(page["itemsPerPage"], found.len());
            let is_last = found.is_empty() || found.len() < 100;
            users.extend(found);
            if is_last {
                assert_eq!(page["totalResults"], users.len());
                return users;
            }
        }
    }
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn person(name: &str, family: &str) -> Value {
    let email = format!("{}.{}@example.com", name.to_lowercase(), family.to_lowercase());
    json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": name.to_lowercase(),
        "name": {"familyName": family, "givenName": name},
        "displayName": format!("{name} {family}"),
        "emails": [{"value": email, "type": "work", "primary": true}],
        "active": true,
        "externalId": format!("employee-{name}"),
        "photos": [],
        "addresses": [],
        "phoneNumbers": [],
    })
}

fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

fn only_id(list: &Value) -> Option<String> {
    let found = list["Resources"].as_array().unwrap();
    assert!(found.len() <= 1 && list["totalResults"] == found.len(), "{list}");
    found.first().map(id)
}

#[test]
fn jumpcloud_provisions_over_memory() {
    provisions("memory");
}

#[test]
fn jumpcloud_provisions_over_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    provisions(&format!("sqlite:{}", directory.path().join("scim.db").display()));
}

fn provisions(store: &str) {
    let jumpcloud = JumpCloud { service: Process::start(PROGRAM, store).unwrap() };
    activates(&jumpcloud);
    manages_users(&jumpcloud);
    manages_groups(&jumpcloud);
    imports(&jumpcloud);
    // It is deactivated and activated again: the test user is there, disabled.
    activates(&jumpcloud);
    is_removed(&jumpcloud);
}

/// Activation: a test user and a test group are created and removed.
fn activates(jumpcloud: &JumpCloud) {
    let test = person("Jumpcloud", "Test");
    let known = jumpcloud.lookup("jumpcloud.test@example.com");
    let status = if known.is_some() { 200 } else { 201 };
    let user = id(&jumpcloud.ask("POST", "/Users", test, status));
    assert_eq!(jumpcloud.user(&user)["active"], true);
    assert!(known.is_none_or(|known| known == user));
    assert_eq!(jumpcloud.lookup_group("jumpcloud-test"), None);
    let group = jumpcloud.push_group("jumpcloud-test", &[&user]).unwrap();
    assert_eq!(jumpcloud.members(&group), HashSet::from([user.clone()]));
    jumpcloud.ask("DELETE", &format!("/Groups/{group}"), Value::Null, 204);
    jumpcloud.ask("GET", &format!("/Groups/{group}"), Value::Null, 404);
    // "Deletion of the user will deactivate the user in Quip."
    jumpcloud.ask("DELETE", &format!("/Users/{user}"), Value::Null, 204);
    assert_eq!(jumpcloud.user(&user)["active"], false);
    assert_eq!(jumpcloud.lookup("jumpcloud.test@example.com"), Some(user));
}

/// Lookup by email, create, update by PUT, deactivate, delete.
fn manages_users(jumpcloud: &JumpCloud) {
    let mut ann = person("Ann", "Cox");
    assert_eq!(jumpcloud.lookup("ann.cox@example.com"), None);
    let user = jumpcloud.create(&ann);
    assert_eq!(jumpcloud.lookup("ann.cox@example.com").as_ref(), Some(&user));
    let shown = jumpcloud.user(&user);
    let expected = json!({
        "schemas": [USER], "id": user, "userName": user, "active": true,
        "externalId": "employee-Ann",
        "name": {"givenName": "Ann", "familyName": "Cox", "formatted": "Ann Cox"},
        "emails": [{"value": "ann.cox@example.com", "type": "work", "primary": true}],
    });
    assert_eq!(shown, expected);
    // Whoever provisions the same address twice is told.
    jumpcloud.ask("POST", "/Users", ann.clone(), 409);

    ann["name"]["familyName"] = "Fox".into();
    ann["emails"][0]["value"] = "ann.fox@example.com".into();
    ann["externalId"] = "employee-2".into();
    let updated = jumpcloud.update(&user, &ann);
    assert_eq!(
        (&updated["name"]["formatted"], &updated["externalId"]),
        (&json!("Ann Fox"), &json!("employee-2"))
    );
    assert_eq!(
        (jumpcloud.lookup("ann.cox@example.com"), jumpcloud.lookup("ann.fox@example.com")),
        (None, Some(user.clone()))
    );

    jumpcloud.deactivate(&user);
    let disabled = jumpcloud.user(&user);
    assert_eq!(disabled["emails"], updated["emails"]);
    // "Requests that filter by email will return deactivated users."
    assert_eq!(jumpcloud.lookup("ann.fox@example.com"), Some(user.clone()));
    assert_eq!(jumpcloud.update(&user, &ann)["active"], true);
    jumpcloud.ask("DELETE", &format!("/Users/{user}"), Value::Null, 204);
    assert_eq!(jumpcloud.user(&user), disabled);

    // "If you want to assign an existing disabled account's email to a new account, modify the
    // old account": a harmless value takes its place.
    let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let email = json!([{"value": "gone+1@example.com", "primary": true}]);
    let change = json!({"op": "replace", "path": "emails", "value": email});
    let body = json!({"schemas": [urn], "Operations": [change]});
    jumpcloud.ask("PATCH", &format!("/Users/{user}"), body, 200);
    let other = jumpcloud.create(&ann);
    assert_ne!(other, user);
    assert_eq!(jumpcloud.user(&other)["active"], true);
}

/// Group push, take-over by name, rename, member sync, deletion.
fn manages_groups(jumpcloud: &JumpCloud) {
    let users: Vec<_> =
        ["Bo", "Cy", "Di"].iter().map(|name| jumpcloud.create(&person(name, "Ek"))).collect();
    let [bo, cy, di] = users.as_slice() else { unreachable!() };
    assert_eq!(jumpcloud.push_group("Nobody", &[]), None);
    let existing = json!({"displayName": "Tour Guides", "members": [{"value": di}]});
    let existing = id(&jumpcloud.ask("POST", "/Groups", existing, 201));
    let group = jumpcloud.push_group("Tour Guides", &[bo, cy]).unwrap();
    assert_eq!(group, existing);
    assert_eq!(jumpcloud.members(&group), HashSet::from([bo.clone(), cy.clone()]));
    let shown = json!([{"value": group, "display": "Tour Guides"}]);
    assert_eq!(jumpcloud.user(bo)["groups"], shown);

    let path = format!("/Groups/{group}");
    let renamed = jumpcloud.ask("PATCH", &path, json!({"displayName": "Guides"}), 200);
    assert_eq!(renamed["displayName"], "Guides");
    assert_eq!(jumpcloud.lookup_group("Tour Guides"), None);
    assert_eq!(jumpcloud.lookup_group("guides").as_ref(), Some(&group));
    let sync = json!({"members": [{"value": di}, {"value": bo, "operation": "delete"}]});
    jumpcloud.ask("PATCH", &path, sync, 200);
    assert_eq!(jumpcloud.members(&group), HashSet::from([cy.clone(), di.clone()]));
    assert_eq!(jumpcloud.push_group("Guides", &[bo]), Some(group.clone()));
    assert_eq!(jumpcloud.members(&group), HashSet::from([bo.clone()]));

    // "All members of the deleted group are deactivated."
    jumpcloud.ask("DELETE", &path, Value::Null, 204);
    jumpcloud.deactivate(bo);
    assert_eq!(jumpcloud.lookup_group("Guides"), None);
    assert_eq!(jumpcloud.user(bo).get("groups"), None);
}

/// Import of the users that the service had before, by paging.
fn imports(jumpcloud: &JumpCloud) {
    let before = jumpcloud.import().len();
    for number in 0..250 {
        let body = json!({
            "name": format!("Person {number}"),
            "emails": [{"value": format!("person{number}@example.com")}],
        });
        jumpcloud.ask("POST", "/Users", body, 201);
    }
    let users = jumpcloud.import();
    assert_eq!(users.len(), before + 250);
    let ids: HashSet<_> = users.iter().map(id).collect();
    assert_eq!(ids.len(), users.len(), "none twice");
    let emails: HashSet<_> =
        users.iter().map(|user| user["emails"][0]["value"].as_str().unwrap()).collect();
    for number in 0..250 {
        assert!(emails.contains(format!("person{number}@example.com").as_str()), "{number}");
    }
    assert!(users.iter().all(|user| user["active"] == true));
}

/// Removing the integration leaves users and groups as they are; those managed until then can
/// be disabled one by one.
fn is_removed(jumpcloud: &JumpCloud) {
    let user = jumpcloud.lookup("cy.ek@example.com").unwrap();
    assert_eq!(jumpcloud.user(&user)["active"], true);
    jumpcloud.ask("DELETE", &format!("/Users/{user}"), Value::Null, 204);
    let left = jumpcloud.import();
    assert!(!left.iter().any(|it| id(it) == user));
    assert_eq!(jumpcloud.user(&user)["active"], false);
}
