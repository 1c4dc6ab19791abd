//! The main job from end to end: a client provisions users and groups.

use http::Method;
use serde_json::json;

use crate::endpoint::{BASE, ENTERPRISE, Endpoint, GROUP, USER};

#[test]
fn a_user_lives_from_creation_to_deletion() {
    // C-004, C-005, C-006, C-015, R-018, R-020, R-022, R-023, G-001, X-001, X-002
    let scim = Endpoint::new();
    let created = scim
        .post(
            "/Users",
            json!({
                "schemas": [USER, ENTERPRISE],
                "userName": "bjensen",
                "name": {"givenName": "Barbara", "familyName": "Jensen"},
                "emails": [{"value": "b@example.com", "type": "work", "primary": true}],
                ENTERPRISE: {"department": "Tours"},
            }),
        )
        .expect(201);
    let user = created.json();
    let id = created.id();
    assert_eq!(user["meta"]["location"], format!("{BASE}/Users/{id}"));
    assert_eq!(created.header("location"), format!("{BASE}/Users/{id}"));
    assert_eq!(created.header("etag"), user["meta"]["version"]);
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    assert_eq!(user["meta"]["resourceType"], "User");
    assert_eq!(user["schemas"], json!([USER, ENTERPRISE]));
    assert!(user.get("groups").is_none());

    let path = format!("/Users/{id}");
    let got = scim.get(&path).expect(200);
    assert_eq!(got.json(), user);
    assert_eq!(got.header("content-type"), "application/scim+json");
    assert_eq!(got.header("content-location"), format!("{BASE}/Users/{id}"));

    // C-007, W-002
    scim.post("/Users", json!({"schemas": [USER], "userName": "BJensen"}))
        .expect_error(409, "uniqueness");

    // H-036, H-012
    let patched = scim
        .patch(
            &path,
            json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x@y.z"}]),
        )
        .expect(200);
    assert_eq!(patched.json()["emails"][0]["value"], "x@y.z");
    assert_ne!(patched.header("etag"), created.header("etag"));

    // V-008
    scim.request(Method::DELETE, &path, &[("if-match", created.header("etag"))], "")
        .expect_error(412, "");
    // V-007
    let current = patched.header("etag");
    let known = scim.request(Method::GET, &path, &[("if-none-match", current)], "").expect(304);
    assert_eq!((known.text.as_str(), known.header("etag")), ("", current));

    // U-003, U-004, U-014
    let replaced = scim.put(&path, json!({"schemas": [USER], "userName": "babs"})).expect(200);
    let replaced = replaced.json();
    assert_eq!(replaced["userName"], "babs");
    assert!(replaced.get("emails").is_none() && replaced.get(ENTERPRISE).is_none());
    assert_eq!(replaced["schemas"], json!([USER]));

    assert_eq!(scim.delete(&path).expect(204).text, "");
    for method in [Method::GET, Method::DELETE] {
        scim.request(method, &path, &[], "").expect_error(404, "");
    }
    //
    scim.user("babs");
}

#[test]
fn a_group_shows_its_members_and_they_show_it() {
    // W-018, W-019, W-023, W-024
    let scim = Endpoint::new();
    let user = scim.user("bjensen");
    let inner = scim.group("Tour Guides", &[&user]);
    let outer = scim.group("Employees", &[&inner]);

    let shown = scim.get(&format!("/Groups/{inner}")).expect(200).json();
    let expected = json!([{
        "value": user, "$ref": format!("{BASE}/Users/{user}"),
        "display": "bjensen", "type": "User"
    }]);
    assert_eq!(shown["members"], expected);

    let mut groups = scim.get(&format!("/Users/{user}")).json()["groups"].clone();
    groups.as_array_mut().unwrap().sort_by_key(|group| group["type"].to_string());
    let expected = json!([
        {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"),
         "display": "Tour Guides", "type": "direct"},
        {"value": outer, "$ref": format!("{BASE}/Groups/{outer}"),
         "display": "Employees", "type": "indirect"},
    ]);
    assert_eq!(groups, expected);

    // H-021, H-022: a change of edges alone answers 204; adding a member again changes nothing
    let path = format!("/Groups/{inner}");
    let before = scim.get(&path).header("etag").to_owned();
    let again = json!([{"op": "add", "path": "members", "value": [{"value": user}]}]);
    let unchanged = scim.patch(&path, again).expect(204);
    assert_eq!(unchanged.header("etag"), before);

    // H-027
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{user}\"]")}]);
    scim.patch(&path, remove).expect(204);
    assert_eq!(scim.get(&path).json()["members"], json!([]));

    //
    let unknown = json!([{"op": "add", "path": "members", "value": [{"value": "nobody"}]}]);
    scim.patch(&path, unknown).expect_error(400, "invalidValue");

    // U-015
    let put = json!({"schemas": [GROUP], "displayName": "Guides", "members": [{"value": user}]});
    assert_eq!(scim.put(&path, put).expect(200).json()["members"][0]["value"], user);

    //
    scim.delete(&format!("/Users/{user}")).expect(204);
    assert_eq!(scim.get(&path).json()["members"], json!([]));
}

#[test]
fn members_are_removed_as_earlier_operations_left_them() {
    // H-010, H-027
    let scim = Endpoint::new();
    let (user, other) = (scim.user("bjensen"), scim.user("babs"));
    let inner = scim.group("Tour Guides", &[]);
    let path = format!("/Groups/{}", scim.group("Employees", &[&user]));
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": other}, {"value": inner}]},
        {"op": "remove", "path": "members[type eq \"User\"]"},
    ]);
    scim.patch(&path, operations);
    let members = scim.get(&path).json()["members"].clone();
    assert_eq!(members.as_array().unwrap().len(), 1, "{members}");
    assert_eq!(members[0]["value"], inner);
}

#[test]
fn lists_are_filtered_sorted_and_paged() {
    // L-001, L-002, L-004, L-005, P-001, P-003, P-004, P-006, P-007, O-002, O-004
    let scim = Endpoint::new();
    for name in ["carol", "alice", "Bob", "dave", "erin"] {
        scim.user(name);
    }
    let page = scim.get("/Users?sortBy=userName&startIndex=2&count=2").expect(200).json();
    assert_eq!(page["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(5), &json!(2)));
    let names: Vec<_> =
        page["Resources"].as_array().unwrap().iter().map(|it| &it["userName"]).collect();
    assert_eq!(names, ["Bob", "carol"]);

    let found = scim.filter("/Users", "USERNAME Eq \"BOB\"").expect(200).json();
    assert_eq!(found["Resources"][0]["userName"], "Bob");
    let none = scim.filter("/Users", "userName eq \"nobody\"").expect(200).json();
    assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(0), &json!([])));
    let count = scim.get("/Users?count=0").expect(200).json();
    assert_eq!((&count["totalResults"], &count["itemsPerPage"]), (&json!(5), &json!(0)));
    let beyond = scim.get("/Users?startIndex=6").expect(200).json();
    assert_eq!((&beyond["totalResults"], &beyond["Resources"]), (&json!(5), &json!([])));

    // F-004, F-005
    scim.filter("/Users", "userName regex \"x\"").expect_error(400, "invalidFilter");
    //
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName sw \"a\"", "attributes": ["userName"]
    });
    let found = scim.post("/Users/.search", search).expect(200).json();
    assert_eq!(found["totalResults"], 1);
    assert!(found["Resources"][0].get("meta").is_none());
}

#[test]
fn discovery_tells_what_is_served() {
    // D-001, D-002, D-004, D-006, D-007, D-008, D-010, D-012
    let scim = Endpoint::new();
    let config = scim.get("/ServiceProviderConfig").expect(200).json();
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[feature]["supported"].is_boolean(), "{feature}");
    }
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert_eq!(scim.get("/Schemas").expect(200).json()["totalResults"], 6);
    assert_eq!(scim.get(&format!("/Schemas/{USER}")).expect(200).json()["id"], USER);
    assert_eq!(scim.get("/ResourceTypes").expect(200).json()["totalResults"], 2);
    assert_eq!(scim.get("/ResourceTypes/Group").expect(200).json()["schema"], GROUP);
    scim.get("/ResourceTypes/Nope").expect_error(404, "");
    scim.get("/Schemas?filter=id%20pr").expect_error(403, "");
    assert_eq!(scim.post("/Schemas", json!({})).header("allow"), "GET, HEAD");
}

#[test]
fn nobody_gets_in_without_a_token() {
    // Y-001, D-004
    let scim = Endpoint::new();
    let bare = |path: &str| {
        let uri = format!("/scim/v2{path}");
        scim.send(http::Request::get(uri).body(String::new()).unwrap())
    };
    let refused = bare("/Users");
    refused.expect_error(401, "");
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"scim\"");
    assert_eq!(bare("/ServiceProviderConfig").status, 200);
}

#[test]
fn a_password_is_validated_and_discarded() {
    // A-037, W-008, Y-011
    let scim = Endpoint::new();
    let body = json!({"schemas": [USER], "userName": "a", "password": "t1meMa$heen"});
    let created = scim.post("/Users?attributes=password,userName", body).expect(201);
    assert!(!created.text.contains("t1meMa"));
    let id = created.id();
    assert!(!scim.get(&format!("/Users/{id}?attributes=password")).text.contains("t1meMa"));
    let wrong = json!({"schemas": [USER], "userName": "b", "password": 5});
    let detail = scim.post("/Users", wrong).expect_error(400, "invalidValue");
    assert!(detail.starts_with("`password`: expected a string, found an integer; check"));
}
