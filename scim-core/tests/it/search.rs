//! Queries over all resource types (RFC 7644 §3.4.2.1, §3.4.3).

use http::Method;
use scim_core::Limits;
use serde_json::{Value, json};

use crate::{
    endpoint::{Endpoint, GROUP, USER},
    watched::{ALL, Leaves, Watched, trusting},
};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The names by which the tests know resources, in the order of an answer.
fn names(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().unwrap().iter();
    let name =
        |it: &Value| [&it["userName"], &it["displayName"]].map(|it| it.as_str().map(str::to_owned));
    resources.map(|it| name(it).into_iter().flatten().next().unwrap()).collect()
}

fn named(scim: &Endpoint, user_name: &str, display_name: &str) {
    let body = json!({"schemas": [USER], "userName": user_name, "displayName": display_name});
    scim.post("/Users", body).expect(201);
}

fn search(scim: &Endpoint, mut body: Value) -> Value {
    body["schemas"] = json!([SEARCH]);
    scim.post("/.search", body).expect(200).json()
}

#[test]
fn a_query_at_the_root_meets_all_types() {
    // L-001, L-002, L-007, L-008, Q-001, Q-004, Q-005
    let scim = Endpoint::new();
    let user = scim.user("babs");
    scim.group("Guides", &[&user]);
    let both = "meta.resourceType eq \"User\" or meta.resourceType eq \"Group\"";
    let by_get = scim.filter("/", both).expect(200).json();
    assert_eq!(by_get, search(&scim, json!({ "filter": both })));
    assert_eq!(by_get, scim.get("/").expect(200).json());
    assert_eq!(by_get["totalResults"], 2);
    assert_eq!(names(&by_get), ["babs", "Guides"]);
    let [user, group] = [0, 1].map(|index| by_get["Resources"][index].clone());
    for resource in [&user, &group] {
        let path = resource["meta"]["location"].as_str().unwrap().split("/v2").last().unwrap();
        assert_eq!(scim.get(path).expect(200).json(), *resource);
    }
    // Nothing was created, and `.search` is no id: Q-006
    assert_eq!(scim.get("/").json()["totalResults"], 2);
    for path in ["/.search", "/Users/.search"] {
        scim.get(path).expect_error(405, "");
    }
    //
    for body in [json!({}), json!({"schemas": [USER]}), json!({"schemas": [SEARCH], "count": "1"})]
    {
        scim.post("/.search", body).expect_error(400, "invalidSyntax");
    }
}

#[test]
fn what_a_type_lacks_has_no_value_there() {
    // L-010
    let scim = Endpoint::new();
    named(&scim, "babs", "Guides");
    scim.group("Guides", &[]);
    let cases = [
        ("userName pr", 1),
        ("not (userName pr)", 1),
        ("userName ne \"babs\"", 1),
        ("displayName eq \"guides\"", 2),
        ("userName eq \"babs\" or displayName eq \"guides\"", 2),
        ("userName eq \"babs\" and displayName eq \"guides\"", 1),
        ("members eq \"x\"", 0),
        ("schemas eq \"urn:example:none\"", 0),
        ("urn:ietf:params:scim:schemas:core:2.0:User pr", 1),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", 0),
        ("not (urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr)", 2),
    ];
    for (filter, expected) in cases {
        let found = scim.filter("/", filter).expect(200).json();
        assert_eq!(found["totalResults"], expected, "{filter}");
        assert_eq!(found["Resources"].as_array().unwrap().len(), expected, "{filter}");
    }
    let detail = scim.filter("/", "nosuch pr").expect_error(400, "invalidFilter");
    assert_eq!(detail, "`nosuch`: no such attribute in any resource type");
    scim.get("/?sortBy=nosuch").expect_error(400, "invalidValue");
    scim.filter("/", "active gt true").expect_error(400, "invalidFilter");
}

#[test]
fn types_that_cannot_match_are_not_queried() {
    let store = Watched::new(Leaves::Nothing);
    let scim = trusting(store.clone(), |it| it);
    scim.user("babs");
    scim.group("Guides", &[]);
    let group = format!("schemas eq \"{GROUP}\"");
    let cases = [
        ("meta.resourceType eq \"Group\"", &["Group"][..]),
        (&group, &["Group"]),
        ("meta.resourceType eq \"User\" and userName pr", &["User"]),
        ("userName sw \"b\"", &["User"]),
        ("meta.resourceType eq \"Other\"", &[]),
        ("id pr", &["User", "Group"]),
    ];
    for (filter, expected) in cases {
        store.0.answered();
        let found = scim.filter("/", filter).expect(200).json();
        let queried: Vec<_> = store.0.answered().into_iter().map(|(name, _)| name).collect();
        assert_eq!(queried, expected, "{filter}");
        assert_eq!(found["totalResults"], expected.len(), "{filter}");
    }
}

#[test]
fn pages_go_from_type_to_type_without_reading_what_they_skip() {
    // L-002, L-004, P-001
    for leaves in ALL {
        let store = Watched::new(leaves);
        let scim = trusting(store.clone(), |it| it);
        let users: Vec<_> = (0..5).map(|number| format!("u{number}")).collect();
        let groups: Vec<_> = (0..4).map(|number| format!("g{number}")).collect();
        users.iter().for_each(|name| drop(scim.user(name)));
        groups.iter().for_each(|name| drop(scim.group(name, &[])));
        let all = [users, groups].concat();
        for (start, count) in (1..=11).flat_map(|start| (0..=10).map(move |count| (start, count))) {
            store.0.answered();
            let path = format!("/?startIndex={start}&count={count}");
            let page = scim.get(&path).expect(200).json();
            assert!(store.0.rows() <= count, "{path}");
            let expected: Vec<_> = all.iter().skip(start - 1).take(count).cloned().collect();
            assert_eq!(names(&page), expected, "{path}");
            assert_eq!(page["totalResults"], 9, "{path}");
            assert_eq!(page["startIndex"], start, "{path}");
            assert_eq!(page["itemsPerPage"], expected.len(), "{path}");
            let filtered =
                scim.get(&format!("{path}&filter=id%20pr%20and%20not%20(id%20eq%20%22x%22)"));
            assert_eq!(filtered.expect(200).json(), page, "{path}");
        }
    }
}

#[test]
fn all_types_are_sorted_together() {
    // O-002, O-004, L-008
    for leaves in ALL {
        let scim = trusting(Watched::new(leaves), |it| {
            let mut limits = Limits::default();
            limits.max_page = 4;
            it.limits(limits)
        });
        for (user, display) in [("u1", "b"), ("u2", "D"), ("u3", "f")] {
            named(&scim, user, display);
        }
        scim.user("u4");
        for display in ["A", "c", "b", "E", "g"] {
            scim.group(display, &[]);
        }
        let ascending = ["A", "u1", "b", "c", "u2", "E", "u3", "g", "u4"];
        let by_display = |order: &str, start: usize, count: usize| {
            let path =
                format!("/?sortBy=displayName&sortOrder={order}&startIndex={start}&count={count}");
            let page = scim.get(&path).expect(200).json();
            assert_eq!(page["totalResults"], 9, "{path}");
            names(&page)
        };
        let descending = ["u4", "g", "u3", "E", "u2", "c", "u1", "b", "A"];
        for (order, all) in [("ascending", ascending), ("descending", descending)] {
            for (start, count) in (1..=10).flat_map(|start| (0..=4).map(move |it| (start, it))) {
                let expected: Vec<_> = all.iter().skip(start - 1).take(count).copied().collect();
                assert_eq!(by_display(order, start, count), expected, "{leaves:?} {order} {start}");
            }
        }
        // A type without the attribute has no value to sort by.
        let page = scim.get("/?sortBy=userName&startIndex=3&count=3").expect(200).json();
        assert_eq!(names(&page), ["u3", "u4", "A"]);
    }
}

#[test]
fn sorting_passes_over_no_more_than_the_limit() {
    // L-009
    let scim = Endpoint::with(|it| {
        let mut limits = Limits::default();
        limits.candidates = 4;
        it.limits(limits)
    });
    for name in ["a", "b", "c"] {
        scim.user(name);
        scim.group(name, &[]);
    }
    scim.get("/?sortBy=displayName&startIndex=2&count=3").expect(200);
    scim.get("/?sortBy=displayName&startIndex=3&count=3").expect_error(400, "tooMany");
    // What is beyond the end costs nothing, and neither does an unsorted page.
    scim.get("/?sortBy=displayName&startIndex=700&count=3").expect(200);
    scim.get("/?startIndex=3&count=3").expect(200);
}

#[test]
fn each_type_shows_what_was_named_of_it() {
    // L-012, G-004, G-007
    let scim = Endpoint::new();
    let user = scim.user("babs");
    scim.group("Guides", &[&user]);
    let keys = |query: Value| {
        let list = search(&scim, query);
        let resources = list["Resources"].as_array().unwrap();
        let keys =
            |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        resources.iter().map(keys).collect::<Vec<_>>()
    };
    let only = json!({"attributes": ["userName", "members.value"]});
    assert_eq!(keys(only), ["id schemas userName", "id members schemas"]);
    let qualified = json!({"attributes": [format!("{GROUP}:displayName")]});
    assert_eq!(keys(qualified), ["id schemas", "displayName id schemas"]);
    let without = json!({"excludedAttributes": ["members", "meta", "groups"]});
    assert_eq!(keys(without), ["id schemas userName", "displayName id schemas"]);
    let sorted = json!({"attributes": ["members"], "sortBy": "id", "sortOrder": "descending"});
    assert_eq!(keys(sorted), ["id members schemas", "id schemas"]);
    assert_eq!(scim.request(Method::HEAD, "/", &[], "").expect(200).text, "");
}
