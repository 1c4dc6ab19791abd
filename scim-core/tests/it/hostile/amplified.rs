//! Small requests that are about much: what they look at does not grow with the product of its
//! parts (Y-016).

use http::Method;
use scim_core::Limits;
use serde_json::{Value, json};

use super::attack::{Attack, post, sent};
use crate::{
    endpoint::{ENTERPRISE, Endpoint, user},
    watched::{self, Watched, trusting},
};

/// A PATCH with one operation that adds this many values, and then others.
fn adding(values: usize, more: &Value, times: usize) -> String {
    let mut operations = vec![json!({"op": "add", "path": "emails", "value": emails(values)})];
    operations.extend(std::iter::repeat_n(more.clone(), times));
    patch(&operations)
}

fn patch(operations: &[Value]) -> String {
    let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json!({"schemas": [urn], "Operations": operations}).to_string()
}

fn manager(part: &str) -> String {
    format!("{ENTERPRISE}:manager.{part}")
}

/// A PATCH that makes a part of the manager large, and then others of its parts small.
fn beside_large(part: &str, change: &Value, size: usize) -> String {
    let value = "x".repeat(1_000 * size);
    let mut operations = vec![json!({"op": "add", "path": manager(part), "value": value})];
    operations.extend(std::iter::repeat_n(change.clone(), size));
    patch(&operations)
}

fn emails(size: usize) -> Value {
    (0..size).map(|number| json!({"value": format!("{number}@x.test")})).collect()
}

pub(super) const ATTACKS: [Attack; 8] = [
    Attack {
        name: "many primary values",
        size: 2_000,
        request: |size| {
            let mut emails = emails(size);
            for email in emails.as_array_mut().unwrap() {
                email["primary"] = true.into();
            }
            post("/Users", user("mallory", json!({ "emails": emails })).to_string())
        },
        answer: (400, "invalidValue"),
    },
    Attack {
        name: "value paths over many values",
        size: 100,
        request: |size| {
            let path = r#"emails[value sw "1"].display"#;
            let operation = json!({"op": "replace", "path": path, "value": "x"});
            let body = adding(20 * size, &operation, size);
            sent(Method::PATCH, "/Users/{user}", body)
        },
        answer: (400, "tooMany"),
    },
    Attack {
        name: "a large value for many values",
        size: 2_000,
        request: |size| {
            let path = "emails.display";
            let operation = json!({"op": "replace", "path": path, "value": "x".repeat(20 * size)});
            sent(Method::PATCH, "/Users/{user}", adding(size, &operation, 1))
        },
        answer: (400, "tooMany"),
    },
    Attack {
        name: "many changes beside a large value",
        size: 100,
        request: |size| {
            let change = json!({"op": "replace", "path": manager("$ref"), "value": "../Users/1"});
            sent(Method::PATCH, "/Users/{user}", beside_large("value", &change, size))
        },
        answer: (200, ""),
    },
    Attack {
        name: "many changes beside a large reference",
        size: 100,
        request: |size| {
            let change = json!({"op": "remove", "path": manager("value")});
            sent(Method::PATCH, "/Users/{user}", beside_large("$ref", &change, size))
        },
        answer: (200, ""),
    },
    Attack {
        name: "many terms over a large value",
        size: 20,
        request: |size| {
            let terms = vec![r#"value co "q""#; 10 * size].join(" or ");
            let remove = json!({"op": "remove", "path": format!("emails[{terms}]")});
            let large = json!({"value": "ä".repeat(2_500 * size)});
            let add = json!({"op": "add", "path": "emails", "value": large});
            let operations = [add, remove.clone(), remove.clone(), remove];
            sent(Method::PATCH, "/Users/{user}", patch(&operations))
        },
        answer: (400, "tooMany"),
    },
    Attack {
        name: "removals among many values",
        size: 100,
        request: |size| {
            let value = json!([{"value": "q"}]);
            let operation = json!({"op": "remove", "path": "emails", "value": value});
            let body = adding(20 * size, &operation, size);
            sent(Method::PATCH, "/Users/{user}", body)
        },
        answer: (400, "tooMany"),
    },
    Attack {
        name: "one value after the other",
        size: 100,
        request: |size| {
            let value = json!([{"value": "q", "primary": true}]);
            let operation = json!({"op": "add", "path": "emails", "value": value});
            sent(Method::PATCH, "/Users/{user}", adding(20 * size, &operation, size))
        },
        answer: (200, ""),
    },
];

#[test]
fn operations_do_not_multiply_with_values() {
    for attack in &ATTACKS {
        attack.check(|builder| builder);
    }
}

#[test]
fn comparisons_count_as_often_as_they_are_made() {
    let scim = Endpoint::new();
    let id = scim.post("/Users", user("a", json!({ "emails": emails(1_100) }))).expect(201).id();
    let path = format!("emails[{}].display", vec![r#"value eq "x""#; 999].join(" or "));
    let remove = json!({"op": "remove", "path": path});
    // One operation may take what it takes; another one is one too many.
    scim.patch(&format!("/Users/{id}"), json!([remove])).expect(200);
    let answer = scim.patch(&format!("/Users/{id}"), json!([remove, remove]));
    let detail = answer.expect_error(400, "tooMany");
    assert!(detail.contains("operation 2"), "{detail}");
}

/// Who becomes primary takes that from another one, which may now be the same as a third.
#[test]
fn values_that_become_primary_in_turn_are_counted() {
    let scim = Endpoint::new();
    let id = scim.post("/Users", user("a", json!({ "emails": emails(2_000) }))).expect(201).id();
    let primary = |number: usize| {
        let value = json!({"value": format!("{}@x.test", number % 7), "primary": true});
        json!({"op": "add", "path": "emails", "value": value})
    };
    let answer = |operations: usize| {
        let operations: Vec<_> = (0..operations).map(primary).collect();
        scim.patch(&format!("/Users/{id}"), json!(operations))
    };
    answer(400).expect(200);
    answer(600).expect_error(400, "tooMany");
}

/// Y-016: what a filter costs is what it looks at, however few resources that is in.
#[test]
fn values_and_their_length_count_as_often_as_they_are_compared() {
    for leaves in watched::ALL {
        let limits = Limits::default().comparisons(20_000);
        let scim = trusting(Watched::new(leaves), |builder| builder.limits(limits));
        for number in 0..5 {
            let mut emails = emails(100);
            for email in emails.as_array_mut().unwrap() {
                email["display"] = "Babs".into();
            }
            let values = json!({"emails": emails, "title": "ä".repeat(3_200)});
            scim.post("/Users", user(&format!("u{number}"), values)).expect(201);
        }
        let terms = |term: &str, count: usize| vec![term; count].join(" or ");
        for (few, many) in [
            (terms("emails.display co \"x\"", 10), terms("emails.display co \"x\"", 100)),
            ("emails[display ew \"x\"]".to_owned(), {
                format!("emails[{}]", terms("display ew \"x\"", 100))
            }),
            (terms("title co \"x\"", 10), terms("title co \"x\"", 100)),
        ] {
            scim.filter("/Users", &few).expect(200);
            scim.filter("/Users", &many).expect_error(400, "tooMany");
        }
    }
}

#[test]
fn removals_do_not_multiply_with_members() {
    let limits = Limits::default().candidates(20);
    let scim = Endpoint::with(|builder| builder.limits(limits));
    let users: Vec<_> = (0..30).map(|number| scim.user(&format!("user{number}"))).collect();
    let members: Vec<_> = users.iter().map(String::as_str).collect();
    let group = format!("/Groups/{}", scim.group("guides", &members));
    let remove = |part| json!({"op": "remove", "path": format!("members[display co \"{part}\"]")});
    scim.patch(&group, json!([remove("user29")])).expect(200);
    let two = scim.patch(&group, json!([remove("user28"), remove("user27")]));
    two.expect_error(400, "tooMany");
    let left = scim.get(&group).json();
    assert_eq!(left["members"].as_array().map(Vec::len), Some(29), "nothing was removed");
}

/// L-009, E-010: what a filter costs is resources times terms, whoever looks at them.
#[test]
fn terms_do_not_multiply_with_resources() {
    for leaves in watched::ALL {
        let limits = Limits::default().comparisons(1_000);
        let scim = trusting(Watched::new(leaves), |builder| builder.limits(limits));
        for number in 0..40 {
            let values = json!({"title": "Guide", "emails": emails(1)});
            scim.post("/Users", user(&format!("u{number}"), values)).expect(201);
        }
        let search = |path: &str, filter: String, more: Value| {
            let mut request = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                "filter": filter,
            });
            request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            scim.post(&format!("{path}/.search"), request)
        };
        let terms = |term: &str, count: usize| vec![term; count].join(" or ");
        for (path, more) in [
            ("/Users", json!({})),
            ("/Users", json!({"count": 0})),
            ("/Users", json!({"cursor": ""})),
            ("/Users", json!({"sortBy": "nickName"})),
            ("", json!({})),
            ("", json!({"sortBy": "nickName"})),
        ] {
            for term in ["title co \"x\"", "userName ew \"x\"", "not (title sw \"g\")"] {
                let few = search(path, terms(term, 10), more.clone());
                assert_eq!(few.expect(200).json()["itemsPerPage"], 0, "{leaves:?} {term}");
                let many = search(path, terms(term, 100), more.clone());
                many.expect_error(400, "tooMany");
            }
            let parts = format!("emails[{}]", terms("value co \"x\" and type pr", 50));
            search(path, parts, more.clone()).expect_error(400, "tooMany");
            let names = terms("groups.display co \"x\"", 100);
            search(path, names, more).expect_error(400, "tooMany");
        }
        // What an index tells costs what is found there.
        search("/Users", "userName eq \"u7\"".to_owned(), json!({})).expect(200);
        scim.get("/Users?sortBy=title").expect(200);
    }
}
