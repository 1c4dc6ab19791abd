//! Representations of resources.

use serde_json::{Value, json};

use super::{BASE, CORE, ENTERPRISE, One, written};
use crate::endpoint::{self, USER};

/// Core schema §11.2 and §11.3, but for what is read-only or a secret.
fn full_user() -> Value {
    serde_json::from_str(include_str!("../../vectors/scim11/user.json")).unwrap()
}

#[test]
fn the_full_user_of_the_draft_comes_back_as_it_was() {
    // 3.5, 3.8, 3.9, 6.5
    let scim = One::new();
    let created = scim.post("/Users", full_user()).expect(201);
    let id = created.id();
    let shown = scim.get(&format!("/Users/{id}")).expect(200).json();
    assert_eq!(shown, created.json());
    assert_eq!(shown["schemas"], json!([CORE, ENTERPRISE]));
    assert_eq!(written(shown), written(full_user()));

    let two = scim.two.get(&format!("/Users/{id}")).expect(200).json();
    assert_eq!(two["schemas"], json!([USER, endpoint::ENTERPRISE]));
    assert_eq!(two["locale"], "en-US");
    assert_eq!(two["preferredLanguage"], "en-US");
    let manager = &two[endpoint::ENTERPRISE]["manager"];
    assert_eq!(manager["value"], full_user()[ENTERPRISE]["manager"]["managerId"]);
    assert!(manager.get("managerId").is_none());
}

#[test]
fn schemas_need_not_be_given_and_are_always_shown() {
    // 3.1
    let scim = One::new();
    let bodies = [
        json!({"userName": "a"}),
        json!({"userName": "b", "schemas": [CORE]}),
        json!({"userName": "c", "schemas": [CORE, CORE, CORE.to_uppercase()]}),
        json!({"userName": "d", "schemas": CORE}),
        json!({"userName": "e", "schemas": [CORE, ENTERPRISE]}),
        json!({"userName": "f", "schemas": []}),
    ];
    for body in bodies {
        let shown = scim.post("/Users", body.clone()).expect(201).json();
        assert_eq!(shown["schemas"], json!([CORE]), "{body}");
    }
    let body = json!({"userName": "g", ENTERPRISE: {"department": "Tours"}});
    assert_eq!(scim.post("/Users", body).expect(201).json()["schemas"], json!([CORE, ENTERPRISE]));
}

#[test]
fn schemas_need_not_be_given_where_2_0_wants_them() {
    // 3.1: strict about everything else
    let scim = One::with(|it| it, |builder| builder.profile(&scim_core::ClientProfile::strict()));
    let emails = json!(["a@example.com", {"value": "b@example.com", "operation": "add"}]);
    let shown = scim.post("/Users", json!({"userName": "a", "emails": emails})).expect(201).json();
    assert_eq!(shown["emails"], json!([{"value": "a@example.com"}, {"value": "b@example.com"}]));
    let unknown = json!({"userName": "b", "schemas": [CORE, "urn:example:1.0:Other"]});
    super::expect_error(&scim.post("/Users", unknown), 400);
    super::expect_error(&scim.post("/Users", json!({"userName": "b", "shoeSize": 9})), 400);
}

#[test]
fn meta_is_the_server_s_and_has_no_resource_type() {
    // 3.2, 3.3, 4.1
    let scim = One::new();
    let body = json!({
        "userName": "babs",
        "id": "mine",
        "meta": {"created": "2001-01-01T00:00:00Z", "location": "x", "attributes": ["userName"]}
    });
    let answer = scim.post("/Users", body).expect(201);
    let (shown, id) = (answer.json(), answer.id());
    assert_ne!(id, "mine");
    let names: Vec<_> = shown["meta"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["created", "lastModified", "location", "version"]);
    let location = format!("{BASE}/Users/{id}");
    assert_eq!(shown["meta"]["location"], location);
    assert_eq!(answer.header("location"), location);
    assert_eq!(answer.header("etag"), shown["meta"]["version"]);

    let two = scim.two.get(&format!("/Users/{id}")).expect(200).json();
    assert_eq!(two["meta"]["location"], format!("{}/Users/{id}", endpoint::BASE));
    // 6.3
    assert_eq!(two["meta"]["version"], shown["meta"]["version"]);
    assert_eq!(two["meta"]["resourceType"], "User");
}

#[test]
fn extensions_are_objects_under_their_urn() {
    // 3.4, 3.10, 6.2
    let scim = One::new();
    let boss = scim.user("boss", json!({}));
    let body = json!({
        ENTERPRISE.to_uppercase():
            {"DEPARTMENT": "Tours", "manager": {"managerID": boss, "displayName": "ignored"}}
    });
    let id = scim.user("babs", body);
    let shown = scim.get(&format!("/Users/{id}")).expect(200).json();
    let expected = json!({"department": "Tours", "manager": {"managerId": boss}});
    assert_eq!(shown[ENTERPRISE], expected);
    let two = scim.two.get(&format!("/Users/{id}")).expect(200).json();
    assert_eq!(two[endpoint::ENTERPRISE]["manager"]["value"], boss);

    let both = json!({
        "userName": "twice",
        ENTERPRISE: {"department": "a"},
        endpoint::ENTERPRISE: {"department": "b"}
    });
    super::expect_error(&scim.post("/Users", both), 400);

    // The names of both versions for one part.
    let manager = json!({"manager": {"managerId": boss, "value": boss}});
    let both = json!({"userName": "twice", ENTERPRISE: manager});
    super::expect_error(&scim.post("/Users", both.clone()), 400);
    super::expect_error(&scim.patch(&format!("/Users/{id}"), both), 400);
}

#[test]
fn lists_may_be_of_plain_values() {
    // 3.6, 3.7
    let scim = One::new();
    let id = scim.user(
        "babs",
        json!({
            "emails": ["a@example.com", {"value": "b@example.com", "operation": "delete"}],
            "roles": "admin",
            "x509Certificates": ["MIIDQzCC"]
        }),
    );
    let shown = scim.get(&format!("/Users/{id}")).expect(200).json();
    assert_eq!(shown["emails"], json!([{"value": "a@example.com"}, {"value": "b@example.com"}]));
    assert_eq!(shown["roles"], json!([{"value": "admin"}]));
    let group = scim.post("/Groups", json!({"displayName": "g", "members": [id]})).expect(201);
    assert_eq!(group.json()["members"][0]["value"], id);
}

#[test]
fn there_are_no_references() {
    // 3.8, 3.9: `$ref` is no name of an element
    let scim = One::new();
    let babs = scim.user("babs", json!({}));
    let inner = scim.group("inner", &[&babs]);
    let outer = json!({"displayName": "outer", "members": [
        {"value": inner, "type": "group", "display": "ignored"}, {"value": babs, "type": "user"}
    ]});
    let outer = scim.post("/Groups", outer).expect(201).json();
    let mut members = outer["members"].as_array().unwrap().clone();
    members.sort_by_key(|it| it["type"].to_string());
    let expected = json!([
        {"value": inner, "display": "inner", "type": "Group"},
        {"value": babs, "type": "User", "display": members[1]["display"]}
    ]);
    assert_eq!(Value::from(members), expected);
    for path in [format!("/Users/{babs}"), format!("/Groups/{inner}"), "/Groups".to_owned()] {
        let answer = scim.get(&path).expect(200);
        assert!(!answer.text.contains("$ref"), "{}", answer.text);
        assert!(!answer.text.contains("resourceType"), "{}", answer.text);
    }
    let shown = scim.get(&format!("/Users/{babs}")).json();
    let groups: Vec<_> =
        shown["groups"].as_array().unwrap().iter().map(|it| it["value"].clone()).collect();
    assert!(groups.contains(&inner.into()), "{groups:?}");
}

#[test]
fn only_languages_with_countries_have_another_form() {
    // 3.8
    let scim = One::new();
    let cases = [
        ("en_US", "en-US", "en_US"),
        ("en-US", "en-US", "en_US"),
        ("de", "de", "de"),
        ("zh-Hant-TW", "zh-Hant-TW", "zh-Hant-TW"),
        ("es-419", "es-419", "es-419"),
    ];
    for (index, (given, stored, shown)) in cases.into_iter().enumerate() {
        let id = scim.user(&format!("user{index}"), json!({"locale": given}));
        let path = format!("/Users/{id}");
        assert_eq!(scim.two.get(&path).json()["locale"], stored, "{given}");
        assert_eq!(scim.get(&path).json()["locale"], shown, "{given}");
    }
    let weighted = "da, en-gb;q=0.8";
    let id = scim.user("weighted", json!({"preferredLanguage": weighted}));
    assert_eq!(scim.get(&format!("/Users/{id}")).json()["preferredLanguage"], weighted);
}

#[test]
fn a_password_is_never_returned() {
    // 1
    let scim = One::new();
    let id = scim.user("babs", json!({"password": "t1meMa$heen"}));
    for path in ["/Users", &format!("/Users/{id}?attributes=password")] {
        assert!(!scim.get(path).expect(200).text.contains("t1meMa"), "{path}");
    }
}

#[test]
fn a_list_too_large_for_one_answer_is_sent_whole() {
    use scim_core::Limits;
    let mut limits = Limits::default();
    limits.edges = 2;
    let scim = One::with(|it| it, |builder| builder.limits(limits));
    let members: Vec<_> =
        (0..7).map(|index| scim.user(&format!("user{index}"), json!({}))).collect();
    let members: Vec<_> = members.iter().map(String::as_str).collect();
    let group = scim.group("all", &members);
    let shown = scim.get(&format!("/Groups/{group}")).expect(200).json();
    assert_eq!(shown["members"].as_array().unwrap().len(), 7);
    assert!(!shown.to_string().contains("$ref"));
}
