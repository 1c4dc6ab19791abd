//! Filters, orders and selections (RFC 7644 §3.4.2, §3.9, §7.8).

use http::Method;
use serde_json::json;

use super::attack::{Attack, Sent, post, sent};
use crate::endpoint::{Endpoint, user};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

fn search(filter: impl Into<String>) -> Sent {
    post("/Users/.search", json!({"schemas": [SEARCH], "filter": filter.into()}).to_string())
}

fn remove(path: &str) -> Sent {
    let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let operation = json!({"op": "remove", "path": path});
    let body = json!({"schemas": [urn], "Operations": [operation]});
    sent(Method::PATCH, "/Users/{user}", body.to_string())
}

fn get(query: &str) -> Sent {
    sent(Method::GET, &format!("/Users?{query}"), "")
}

/// Y-016, L-006
pub(super) const ATTACKS: [Attack; 22] = [
    Attack {
        name: "parentheses",
        size: 10_000,
        request: |size| search(format!("{}title pr{}", "(".repeat(size), ")".repeat(size))),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "negations",
        size: 10_000,
        request: |size| search(format!("{}title pr{}", "not (".repeat(size), ")".repeat(size))),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "brackets",
        size: 10_000,
        request: |size| search("emails[".repeat(size)),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "terms beyond the limit",
        size: 1_000,
        request: |size| search(vec!["title pr"; size].join(" or ")),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "as many terms as allowed",
        size: 250,
        request: |size| search(vec!["title co \"x\""; size].join(" or ")),
        answer: (200, ""),
    },
    Attack {
        name: "`and` and `or` in turn",
        size: 125,
        request: |size| search(vec!["title pr or title pr"; size].join(" and ")),
        answer: (200, ""),
    },
    Attack {
        name: "terms about values",
        size: 250,
        request: |size| search(format!("emails[{}]", vec!["type eq \"x\""; size].join(" or "))),
        answer: (200, ""),
    },
    Attack {
        name: "terms about members",
        size: 250,
        request: |size| search(vec!["groups.value eq \"x\""; size].join(" or ")),
        answer: (200, ""),
    },
    Attack {
        name: "a filter beyond the limit",
        size: 100_000,
        request: |size| search(format!("title eq \"{}\"", "x".repeat(size))),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "a quote that is never closed",
        size: 15_000,
        request: |size| search(format!("title eq \"{}", "\\\\".repeat(size))),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "a number of many digits",
        size: 15_000,
        request: |size| search(format!("title eq {}", "9".repeat(size))),
        answer: (200, ""),
    },
    Attack {
        name: "a long attribute",
        size: 15_000,
        request: |size| search(format!("{} pr", "a".repeat(size))),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "a long URN",
        size: 5_000,
        request: |size| search(format!("urn:{}a pr", "a:".repeat(size))),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "a path of many names",
        size: 10_000,
        request: |size| remove(&format!("name{}", ".x".repeat(size))),
        answer: (400, "invalidPath"),
    },
    Attack {
        name: "a path of brackets",
        size: 2_000,
        request: |size| remove(&"emails[".repeat(size)),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "a path of parentheses",
        size: 10_000,
        request: |size| remove(&format!("emails[{}", "(".repeat(size))),
        answer: (400, "invalidFilter"),
    },
    Attack {
        name: "thousands of attributes",
        size: 2_000,
        request: |size| get(&format!("attributes={}", vec!["title"; size].join(","))),
        answer: (400, "invalidValue"),
    },
    Attack {
        name: "as many attributes as allowed",
        size: 64,
        request: |size| get(&format!("attributes={}", vec!["name.familyName"; size].join(","))),
        answer: (200, ""),
    },
    Attack {
        name: "attributes without names",
        size: 10_000,
        request: |size| get(&format!("attributes={}", ",".repeat(size))),
        answer: (200, ""),
    },
    Attack {
        name: "parameters without names",
        size: 10_000,
        request: |size| get(&"&".repeat(size)),
        answer: (200, ""),
    },
    Attack {
        name: "one parameter many times",
        size: 1_500,
        request: |size| get(&vec!["count=1"; size].join("&")),
        answer: (400, "invalidValue"),
    },
    Attack {
        name: "a long order",
        size: 2_000,
        request: |size| get(&format!("sortBy={}", "a.".repeat(size))),
        answer: (400, "invalidValue"),
    },
];

#[test]
fn each_query_has_its_answer_and_costs_what_its_size_explains() {
    for attack in &ATTACKS {
        attack.check(|builder| builder);
    }
}

#[test]
fn patterns_are_text() {
    // F-009: `co`, `sw` and `ew` know no wildcards.
    let scim = Endpoint::new();
    let names = ["(a+)+$", ".*", "%", "_", "[a-z]*", "a\\", "*"];
    for name in names {
        scim.post("/Users", user(&hexadecimal(name), json!({ "title": name }))).expect(201);
    }
    for name in names {
        let quoted = json!(name).to_string();
        for operator in ["co", "sw", "ew", "eq"] {
            let found = scim.filter("/Users", &format!("title {operator} {quoted}")).json();
            let expected = names.iter().filter(|it| match operator {
                "co" => it.contains(name),
                "sw" => it.starts_with(name),
                "ew" => it.ends_with(name),
                _ => *it == &name,
            });
            assert_eq!(found["totalResults"], expected.count(), "title {operator} {quoted}");
        }
    }
}

fn hexadecimal(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn positions_beyond_all_pages_are_empty_pages() {
    // P-004, P-006
    let scim = Endpoint::new();
    scim.user("bjensen");
    for query in ["startIndex=9223372036854775807", "startIndex=99999999999999999999999"] {
        let page = scim.get(&format!("/Users?{query}")).expect(200).json();
        assert_eq!(page["itemsPerPage"], 0, "{query}");
        assert_eq!(page["totalResults"], 1, "{query}");
    }
    let page = scim.get("/Users?count=99999999999999999999").expect(200).json();
    assert_eq!(page["itemsPerPage"], 1);
    for query in ["count=1e9", "count=0x10", "startIndex=%00", "count=%EF%BC%91"] {
        scim.get(&format!("/Users?{query}")).expect_error(400, "invalidValue");
    }
}
