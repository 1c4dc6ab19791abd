//! Lists: filters, order and pages (RFC 7644 §3.4.2, §3.4.3).

use std::{thread, time::Duration};

use jiff::{Timestamp, tz};
use scim_core::Limits;
use serde_json::{Value, json};

use crate::endpoint::{ENTERPRISE, Endpoint, user};

fn names(list: &Value) -> Vec<&str> {
    let resources = list["Resources"].as_array().unwrap();
    resources.iter().map(|it| it["userName"].as_str().unwrap()).collect()
}

fn found<'a>(scim: &Endpoint, filter: &str, store: &'a mut Value) -> Vec<&'a str> {
    *store = scim.filter("/Users", filter).expect(200).json();
    let mut found = names(store);
    found.sort_unstable();
    found
}

/// 25 users whose names sort as their numbers do.
fn many() -> Endpoint {
    let scim = Endpoint::new();
    for number in 1..=25 {
        scim.user(&format!("user{number:02}"));
    }
    scim
}

#[test]
fn pages_say_what_they_are_a_part_of() {
    // L-001, L-002, L-003, L-004, P-001, P-002, P-003, P-004, P-006, P-007
    let scim = many();
    let cases = [
        ("count=10", 1, 10, Some("user01")),
        ("startIndex=11&count=10", 11, 10, Some("user11")),
        ("startIndex=21&count=10", 21, 5, Some("user21")),
        ("startIndex=0&count=1", 1, 1, Some("user01")),
        ("startIndex=-5&count=1", 1, 1, Some("user01")),
        ("startIndex=26", 26, 0, None),
        ("count=0", 1, 0, None),
        ("count=-1", 1, 0, None),
        ("count=100000", 1, 25, Some("user01")),
    ];
    for (query, start, items, first) in cases {
        let page = scim.get(&format!("/Users?sortBy=userName&{query}")).expect(200).json();
        assert_eq!(page["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!(page["totalResults"], 25, "{query}");
        assert_eq!((&page["startIndex"], &page["itemsPerPage"]), (&json!(start), &json!(items)));
        assert_eq!(names(&page).len(), items, "{query}");
        assert_eq!(names(&page).first().copied(), first, "{query}");
    }
}

#[test]
fn the_server_limits_its_pages() {
    // P-004, P-005, P-009
    let mut limits = Limits::default();
    (limits.default_page, limits.max_page) = (3, 5);
    let scim = Endpoint::with(|builder| builder.limits(limits));
    for number in 1..=7 {
        scim.user(&format!("user{number}"));
    }
    for (query, items) in [("", 3), ("?count=4", 4), ("?count=6", 5)] {
        let page = scim.get(&format!("/Users{query}")).expect(200).json();
        assert_eq!((&page["itemsPerPage"], &page["totalResults"]), (&json!(items), &json!(7)));
    }
    let config = scim.get("/ServiceProviderConfig").json();
    assert_eq!(config["filter"]["maxResults"], 5);
}

#[test]
fn parameters_that_mean_nothing_are_refused() {
    // P-008, O-003, O-006, F-024
    let scim = Endpoint::new();
    for (query, scim_type) in [
        ("count=ten", "invalidValue"),
        ("startIndex=1.5", "invalidValue"),
        ("sortBy=userName&sortOrder=up", "invalidValue"),
        ("sortBy=name", "invalidValue"),
        ("filter=", "invalidFilter"),
        ("filter=userName+eq", "invalidFilter"),
        ("filter=title+pr+and", "invalidFilter"),
    ] {
        let detail = scim.get(&format!("/Users?{query}")).expect_error(400, scim_type);
        assert!(!detail.is_empty(), "{query}");
    }
    scim.get("/Users?sortBy=name.familyName&sortOrder=DESCENDING").expect(200);
}

#[test]
fn equal_keys_keep_their_order_from_page_to_page() {
    // O-009, O-002, O-007
    let scim = Endpoint::new();
    for name in ["b", "A", "C", "d", "e"] {
        scim.post("/Users", user(name, json!({"title": "same"}))).expect(201);
    }
    let mut seen = Vec::new();
    for start in 1..=5 {
        let query = format!("/Users?sortBy=title&count=1&startIndex={start}");
        let page = scim.get(&query).json();
        seen.push(names(&page)[0].to_owned());
    }
    seen.sort_unstable();
    assert_eq!(seen, ["A", "C", "b", "d", "e"]);
    let sorted = scim.get("/Users?sortBy=userName").json();
    assert_eq!(names(&sorted), ["A", "b", "C", "d", "e"]);
}

#[test]
fn order_follows_type_primary_value_and_presence() {
    // O-004, O-005, O-008
    let scim = Endpoint::new();
    let emails = |values: [(&str, bool); 2]| {
        json!(values.map(|(value, primary)| json!({"value": value, "primary": primary})))
    };
    let bodies = [
        user("a", json!({"title": "x", "emails": emails([("z@x", false), ("b@x", true)])})),
        user("b", json!({"emails": emails([("a@x", false), ("y@x", false)])})),
        user("c", json!({"title": "w", "active": true})),
    ];
    for body in bodies {
        scim.post("/Users", body).expect(201);
        // So that no two were created at once.
        thread::sleep(Duration::from_millis(1));
    }
    for (query, expected) in [
        ("sortBy=title", ["c", "a", "b"]),
        ("sortBy=title&sortOrder=descending", ["b", "a", "c"]),
        ("sortBy=emails.value", ["b", "a", "c"]),
        ("sortBy=emails", ["b", "a", "c"]),
        ("sortBy=meta.created", ["a", "b", "c"]),
        ("sortBy=meta.created&sortOrder=descending", ["c", "b", "a"]),
    ] {
        let sorted = scim.get(&format!("/Users?{query}")).expect(200).json();
        assert_eq!(names(&sorted), expected, "{query}");
    }
}

#[test]
fn a_filter_chooses_exactly_what_matches() {
    // F-002, F-006, F-008, F-009, F-010, F-016, F-017, F-018, F-020, F-022, F-023, F-027, L-005
    let scim = Endpoint::new();
    let address = |kind: &str, value: &str| json!({"type": kind, "value": value});
    let both = [address("work", "a@x"), address("home", "b@y")];
    scim.post("/Users", user("ann", json!({"title": "T", "active": false, "emails": both})))
        .expect(201);
    let extended = json!({"nickName": "50%_off", ENTERPRISE: {"employeeNumber": "1"}});
    scim.post("/Users", user("bob", extended)).expect(201);
    let mut store = Value::Null;
    let cases: [(&str, &[&str]); 18] = [
        ("userName eq \"bob\"", &["bob"]),
        ("userName eq \"nobody\"", &[]),
        ("title eq \"t\" or userName eq \"bob\" and title pr", &["ann"]),
        ("(title eq \"t\" or userName eq \"bob\") and not (title pr)", &["bob"]),
        ("title ne \"x\"", &["ann", "bob"]),
        ("userName sw \"bob\"", &["bob"]),
        ("nickName co \"%\"", &["bob"]),
        ("userName co \"%\"", &[]),
        ("active pr", &["ann"]),
        ("emails pr", &["ann"]),
        ("emails.value eq \"b@y\"", &["ann"]),
        ("emails co \"@y\"", &["ann"]),
        ("emails[type eq \"work\" and value co \"@y\"]", &[]),
        ("emails.type eq \"work\" and emails.value co \"@y\"", &["ann"]),
        ("schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"", &["bob"]),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"ann\"", &["ann"]),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"1\"",
            &["bob"],
        ),
        ("nickName eq null", &["ann"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&scim, filter, &mut store), expected, "{filter}");
    }
}

#[test]
fn filters_that_mean_nothing_are_refused() {
    // F-004, F-005, F-012, F-013, F-014, F-019, F-030
    let scim = Endpoint::new();
    for filter in [
        "active gt true",
        "x509Certificates.value lt \"QUJD\"",
        "active co \"t\"",
        "meta.created sw \"2011\"",
        "active eq \"yes\"",
        "emails[emails[type eq \"x\"]]",
        "emails[userName eq \"x\"]",
        "name eq \"x\"",
        "addresses co \"x\"",
    ] {
        scim.filter("/Users", filter).expect_error(400, "invalidFilter");
    }
    let detail = scim.filter("/Users", "userName regex \"x\"").expect_error(400, "invalidFilter");
    assert!(detail.contains("`regex`"), "{detail}");
}

#[test]
fn instants_are_compared_as_such() {
    // F-011
    let scim = Endpoint::new();
    let user = scim.get(&format!("/Users/{}", scim.user("a"))).expect(200).json();
    let modified: Timestamp = user["meta"]["lastModified"].as_str().unwrap().parse().unwrap();
    // As texts, the one is later and the other earlier.
    for hours in [14, -12] {
        let written = modified.display_with_offset(tz::offset(hours));
        for (operator, total) in [("eq", 1), ("ge", 1), ("le", 1), ("gt", 0), ("lt", 0), ("ne", 0)]
        {
            let filter = format!("meta.lastModified {operator} \"{written}\"");
            let found = scim.filter("/Users", &filter).expect(200).json();
            assert_eq!(found["totalResults"], total, "{filter}");
        }
    }
    let filter = "meta.lastModified gt \"2011-05-13T06:42:34+02:00\"";
    assert_eq!(scim.filter("/Users", filter).expect(200).json()["totalResults"], 1);
}

#[test]
fn a_search_is_a_query_and_creates_nothing() {
    // E-012
    let scim = many();
    let message = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
    let search = json!({
        "schemas": message, "filter": "userName sw \"user1\"", "sortBy": "userName",
        "sortOrder": "descending", "startIndex": 2, "count": 3, "attributes": ["userName"]
    });
    let query = "/Users?filter=userName+sw+%22user1%22&sortBy=userName&sortOrder=descending\
                 &startIndex=2&count=3&attributes=userName";
    let answer = scim.post("/Users/.search", search).expect(200);
    assert_eq!(answer.json(), scim.get(query).json());
    assert_eq!(scim.get("/Users?count=0").json()["totalResults"], 25);
    for body in
        [json!({}), json!({"schemas": ["urn:x"]}), json!({"schemas": message, "count": "x"})]
    {
        scim.post("/Users/.search", body).expect_error(400, "invalidSyntax");
    }
    scim.get("/Users/.search").expect_error(405, "");
}

#[test]
fn nothing_is_found_of_what_was_deleted() {
    // L-013, X-003, L-005
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    scim.delete(&path).expect(204);
    for query in ["/Users", "/Users?filter=userName+eq+%22a%22"] {
        let list = scim.get(query).expect(200).json();
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
    }
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    assert_eq!(scim.post("/Users/.search", search).json()["totalResults"], 0);
}

#[test]
fn each_page_is_asked_for_by_someone_who_may() {
    // K-005, K-008, K-017, K-018, K-021
    let scim = super::hosts::by_name(|builder| builder);
    let send = |caller: &str, method: http::Method, path: &str, body: Value| {
        scim.request(method, path, &[("authorization", &format!("Bearer {caller}"))], body)
    };
    for name in ["a", "b"] {
        send("okta", http::Method::POST, "/Users", user(name, json!({}))).expect(201);
    }
    let first = send("okta", http::Method::GET, "/Users?cursor&count=1", json!({})).expect(200);
    assert!(first.json().get("previousCursor").is_none());
    assert!(first.json().get("startIndex").is_none());
    let cursor = first.json()["nextCursor"].as_str().unwrap().to_owned();
    let page = |caller: &str| {
        send(caller, http::Method::GET, &format!("/Users?cursor={cursor}&count=1"), json!({}))
    };
    page("expired").expect_error(401, "");
    page("stranger").expect_error(403, "");
    page("entra").expect_error(400, "invalidCursor");
    assert_eq!(names(&page("okta").expect(200).json()).len(), 1);
}
