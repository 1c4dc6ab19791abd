//! Cursor paging (RFC 9865).

use std::collections::BTreeSet;

use http::Method;
use scim_core::Limits;
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::{
    endpoint::{Answer, Endpoint},
    watched::{ALL, Leaves, Watched, trusting},
};

fn user_names(page: &Value) -> Vec<String> {
    let resources = page["Resources"].as_array().unwrap().iter();
    resources.map(|it| it["userName"].as_str().unwrap().to_owned()).collect()
}

/// The cursor of the next page; checks what every page must keep.
fn next(page: &Value) -> Option<String> {
    // K-003, K-005, K-008
    assert!(page.get("startIndex").is_none() && page.get("previousCursor").is_none());
    let shown = page["Resources"].as_array().unwrap().len();
    assert_eq!(page["itemsPerPage"], shown);
    let cursor = page.get("nextCursor")?.as_str().unwrap();
    let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    assert!(!cursor.is_empty() && cursor.chars().all(is_unreserved), "{cursor}");
    Some(cursor.to_owned())
}

/// All pages of a query, from the first to the one without a cursor.
fn walk(scim: &Endpoint, query: &str) -> Vec<Value> {
    walk_at(scim, "/Users", query)
}

fn walk_at(scim: &Endpoint, path: &str, query: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(known) = cursor {
        let page = scim.get(&format!("{path}?{query}&cursor={known}")).expect(200).json();
        cursor = next(&page);
        pages.push(page);
    }
    pages
}

fn populated(scim: &Endpoint, users: usize) {
    for number in 0..users {
        let title = if number % 3 == 0 { "Guide" } else { "Driver" };
        let name = format!("user{:03}", number * 7 % users);
        let body = json!({"schemas": [crate::endpoint::USER], "userName": name, "title": title});
        scim.post("/Users", body).expect(201);
    }
}

#[test]
fn walking_meets_each_match_once_and_in_order() {
    // K-001, K-002, K-004, K-005, K-007, K-008, K-010
    for leaves in ALL {
        let scim = trusting(Watched::new(leaves), |it| it);
        populated(&scim, 23);
        for query in [
            "",
            "sortBy=userName",
            "sortBy=userName&sortOrder=descending",
            "sortBy=title",
            "filter=title%20eq%20%22guide%22",
            "filter=title%20eq%20%22guide%22&sortBy=userName",
            "filter=title%20eq%20%22none%22",
        ] {
            let whole = scim.get(&format!("/Users?{query}")).expect(200).json();
            for count in [1, 2, 7, 8, 22, 23, 24] {
                let pages = walk(&scim, &format!("{query}&count={count}"));
                let met: Vec<_> = pages.iter().flat_map(user_names).collect();
                assert_eq!(met, user_names(&whole), "{leaves:?} {query} {count}");
                for page in &pages {
                    assert!(user_names(page).len() <= count);
                    let total = page.get("totalResults");
                    assert!(total.is_none_or(|total| *total == whole["totalResults"]));
                    assert!(total.is_some() || leaves != Leaves::Nothing);
                }
                if leaves == Leaves::Nothing {
                    let last = pages.last().unwrap();
                    assert!(met.is_empty() || !user_names(last).is_empty());
                }
            }
        }
        let counted = scim.get("/Users?cursor&count=0").expect(200).json();
        assert_eq!((next(&counted), &counted["totalResults"]), (None, &json!(23)));
        let negative = scim.get("/Users?cursor=&count=-3").expect(200).json();
        assert_eq!(negative, counted);
    }
}

#[test]
fn the_last_page_costs_no_more_than_the_first() {
    for leaves in [Leaves::Nothing, Leaves::Filter] {
        let store = Watched::new(leaves);
        let scim = trusting(store.clone(), |it| it);
        populated(&scim, 120);
        for query in ["", "sortBy=userName", "filter=title%20eq%20%22driver%22"] {
            let mut cursor = String::new();
            let mut costs = Vec::new();
            store.0.answered();
            loop {
                let path = format!("/Users?{query}&count=10&cursor={cursor}");
                let page = scim.get(&path).expect(200).json();
                costs.push(store.0.rows());
                let Some(known) = next(&page) else { break };
                cursor = known;
            }
            assert!(costs.len() >= 8, "{leaves:?} {query}");
            let most = if leaves == Leaves::Nothing { 10 } else { 60 };
            assert!(costs.iter().all(|cost| *cost <= most), "{leaves:?} {query}: {costs:?}");
        }
    }
}

#[test]
fn a_walk_survives_changes() {
    // K-002
    for query in ["", "sortBy=userName", "sortBy=title"] {
        let scim = Endpoint::new();
        populated(&scim, 20);
        let whole = scim.get("/Users").json();
        let mut met = Vec::new();
        let mut gone = BTreeSet::new();
        let mut cursor = String::new();
        for round in 0.. {
            let path = format!("/Users?{query}&count=4&cursor={cursor}");
            let page = scim.get(&path).expect(200).json();
            met.extend(user_names(&page));
            // The resource that the cursor points behind goes away.
            if let Some(last) = page["Resources"].as_array().unwrap().last() {
                gone.insert(last["userName"].as_str().unwrap().to_owned());
                scim.delete(&format!("/Users/{}", last["id"].as_str().unwrap())).expect(204);
                scim.user(&format!("a new one {round}"));
            }
            let Some(known) = next(&page).filter(|_| round < 20) else { break };
            cursor = known;
        }
        let met_once: BTreeSet<_> = met.iter().cloned().collect();
        assert_eq!(met.len(), met_once.len(), "{query}");
        let stayed = user_names(&whole).into_iter().filter(|name| !gone.contains(name));
        assert!(stayed.into_iter().all(|name| met_once.contains(&name)), "{query}");
    }
}

#[test]
fn a_cursor_belongs_to_one_query_of_one_caller() {
    // K-006, K-009, K-013, K-017, K-019, K-020
    let scim = trusting(MemoryStore::new(), |it| {
        let mut limits = Limits::default();
        limits.max_page = 50;
        it.limits(limits)
    });
    populated(&scim, 9);
    let as_caller = |path: &str, headers: &[(&str, &str)]| -> Answer {
        scim.request(Method::GET, path, headers, "")
    };
    let query = "filter=title%20pr&sortBy=userName&count=3";
    let first = scim.get(&format!("/Users?{query}&cursor")).expect(200).json();
    let cursor = next(&first).unwrap();
    let good = format!("/Users?{query}&cursor={cursor}");
    scim.get(&good).expect(200);
    // Names, spacing and case of the same filter do not matter, nor does what is shown.
    let respelled = "FILTER=title%20%20PR&sortBy=userName&count=3&attributes=userName";
    scim.get(&format!("/Users?{respelled}&cursor={cursor}")).expect(200);

    let flip = |(index, c): (usize, char)| match (index, c) {
        (5, 'A') => 'B',
        (5, _) => 'A',
        _ => c,
    };
    let flipped: String = cursor.chars().enumerate().map(flip).collect();
    let paths = [
        format!("/Users?{query}&cursor=x"),
        format!("/Users?{query}&cursor={flipped}"),
        format!("/Users?{query}&cursor={cursor}A"),
        format!("/Users?{query}&cursor={cursor}="),
        format!("/Users?sortBy=userName&count=3&cursor={cursor}"),
        format!("/Users?filter=title%20pr&count=3&cursor={cursor}"),
        format!("/Users?{query}&sortOrder=descending&cursor={cursor}"),
        format!("/Groups?filter=displayName%20pr&count=3&cursor={cursor}"),
    ];
    let mut details: BTreeSet<_> =
        paths.iter().map(|path| scim.get(path).expect_error(400, "invalidCursor")).collect();
    for caller in [("x-subject", "other"), ("x-tenant", "acme")] {
        details.insert(as_caller(&good, &[caller]).expect_error(400, "invalidCursor"));
    }
    assert_eq!(details.len(), 1, "{details:?}");

    let other_count = format!("/Users?filter=title%20pr&sortBy=userName&count=4&cursor={cursor}");
    scim.get(&other_count).expect_error(400, "invalidCount");
    scim.get("/Users?cursor&count=51").expect_error(400, "invalidCount");
    scim.get("/Users?cursor&startIndex=1").expect_error(400, "invalidValue");
    // K-012
    let plain = scim.get("/Users").expect(200).json();
    assert!(plain["startIndex"] == 1 && plain.get("nextCursor").is_none());
}

#[test]
fn cursors_work_in_search_requests() {
    // K-014
    let scim = Endpoint::new();
    populated(&scim, 5);
    let search = |path: &str, cursor: &str| {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"];
        let body = json!({"schemas": schemas, "sortBy": "userName", "count": 3, "cursor": cursor,
            "filter": "meta.resourceType eq \"User\""});
        scim.post(path, body)
    };
    for path in ["/Users/.search", "/.search"] {
        let first = search(path, "").expect(200).json();
        let second = search(path, &next(&first).unwrap()).expect(200).json();
        assert_eq!(next(&second), None);
        let met: Vec<_> = [&first, &second].into_iter().flat_map(user_names).collect();
        assert_eq!(met, (0..5).map(|it| format!("user{it:03}")).collect::<Vec<_>>());
    }
}

fn ids(page: &Value) -> Vec<String> {
    let resources = page["Resources"].as_array().unwrap().iter();
    resources.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

/// Users and groups whose names alternate and, now and then, are the same.
fn mixed(scim: &Endpoint, users: usize, groups: usize) {
    for number in 0..users {
        let body = json!({"schemas": [crate::endpoint::USER], "userName": format!("u{number}"),
            "displayName": format!("n{:02}", number * 7 % 11)});
        scim.post("/Users", body).expect(201);
    }
    for number in 0..groups {
        scim.group(&format!("n{:02}", number * 5 % 11), &[]);
    }
}

#[test]
fn walking_over_several_types_meets_each_match_once_and_in_order() {
    // K-001, K-002, K-004, K-007, L-002, L-004
    const QUERIES: [&str; 7] = [
        "",
        "sortBy=displayName",
        "sortBy=displayName&sortOrder=descending",
        "sortBy=userName",
        "filter=displayName%20gt%20%22n04%22",
        "filter=displayName%20gt%20%22n04%22&sortBy=displayName",
        "filter=userName%20pr",
    ];
    for leaves in ALL {
        for (users, groups) in [(13, 9), (0, 5), (6, 0), (0, 0)] {
            let scim = trusting(Watched::new(leaves), |it| it);
            mixed(&scim, users, groups);
            for query in QUERIES {
                let whole = scim.get(&format!("/?{query}")).expect(200).json();
                for count in [1, 2, 5, 12, 13, 22, 23] {
                    let case = format!("{leaves:?} {users} {groups} {query} {count}");
                    let pages = walk_at(&scim, "/", &format!("{query}&count={count}"));
                    let met: Vec<_> = pages.iter().flat_map(ids).collect();
                    assert_eq!(met, ids(&whole), "{case}");
                    let last = pages.last().unwrap();
                    for page in &pages {
                        let total = page.get("totalResults");
                        assert!(total.is_none_or(|it| *it == whole["totalResults"]), "{case}");
                        assert!(total.is_some() || leaves != Leaves::Nothing, "{case}");
                        assert!(ids(page).len() == count || page == last, "{case}");
                    }
                    if leaves == Leaves::Nothing {
                        assert!(met.is_empty() || !ids(last).is_empty(), "{case}");
                    }
                }
            }
            let counted = scim.get("/?cursor&count=0").expect(200).json();
            assert_eq!((next(&counted), &counted["totalResults"]), (None, &json!(users + groups)));
        }
    }
}

#[test]
fn the_last_page_over_several_types_costs_no_more_than_the_first() {
    let store = Watched::new(Leaves::Nothing);
    let scim = trusting(store.clone(), |it| it);
    mixed(&scim, 70, 50);
    for query in ["", "sortBy=displayName"] {
        let mut cursor = String::new();
        let mut costs = Vec::new();
        store.0.answered();
        loop {
            let path = format!("/?{query}&count=10&cursor={cursor}");
            let page = scim.get(&path).expect(200).json();
            costs.push(store.0.rows());
            let Some(known) = next(&page) else { break };
            cursor = known;
        }
        assert_eq!(costs.len(), 12);
        assert!(costs.iter().all(|cost| *cost <= 30), "{query}: {costs:?}");
    }
}

#[test]
fn a_walk_over_several_types_survives_changes() {
    // K-002
    for query in ["", "sortBy=displayName"] {
        let scim = Endpoint::new();
        mixed(&scim, 12, 12);
        let whole = ids(&scim.get("/").json());
        let (mut met, mut gone, mut cursor) = (Vec::new(), BTreeSet::new(), String::new());
        for round in 0.. {
            let path = format!("/?{query}&count=4&cursor={cursor}");
            let page = scim.get(&path).expect(200).json();
            met.extend(ids(&page));
            if let Some(last) = page["Resources"].as_array().unwrap().last() {
                gone.insert(last["id"].as_str().unwrap().to_owned());
                let location = last["meta"]["location"].as_str().unwrap();
                scim.delete(location.split("/v2").last().unwrap()).expect(204);
                scim.group(&format!("n0{}", round % 10), &[]);
            }
            let Some(known) = next(&page).filter(|_| round < 40) else { break };
            cursor = known;
        }
        let once: BTreeSet<_> = met.iter().cloned().collect();
        assert_eq!(met.len(), once.len(), "{query}");
        assert!(whole.into_iter().all(|id| gone.contains(&id) || once.contains(&id)), "{query}");
    }
}

#[test]
fn a_cursor_over_several_types_belongs_to_them() {
    // K-006, K-017
    let scim = Endpoint::new();
    mixed(&scim, 5, 5);
    let cursor = next(&scim.get("/?cursor&count=2").json()).unwrap();
    scim.get(&format!("/?count=2&cursor={cursor}")).expect(200);
    for path in ["/Users?count=2", "/Groups?count=2", "/?count=2&sortBy=displayName"] {
        scim.get(&format!("{path}&cursor={cursor}")).expect_error(400, "invalidCursor");
    }
    scim.get(&format!("/?count=3&cursor={cursor}")).expect_error(400, "invalidCount");
}

#[test]
fn servers_with_one_key_know_each_others_cursors() {
    // K-022
    let store = std::sync::Arc::new(MemoryStore::new());
    let server = |key: Option<u8>| {
        trusting(store.clone(), |it| match key {
            Some(key) => it.cursor_key([key; 32]),
            None => it,
        })
    };
    let (one, other) = (server(Some(7)), server(Some(7)));
    populated(&one, 5);
    let cursor = next(&one.get("/Users?cursor&count=2").json()).unwrap();
    let path = format!("/Users?count=2&cursor={cursor}");
    assert_eq!(other.get(&path).expect(200).json(), one.get(&path).json());
    for stranger in [server(Some(8)), server(None)] {
        stranger.get(&path).expect_error(400, "invalidCursor");
    }
}

#[test]
fn discovery_tells_how_pages_are_found() {
    // K-012, K-015, K-016
    let scim = Endpoint::new();
    let config = scim.get("/ServiceProviderConfig").expect(200).json();
    let expected = json!({
        "cursor": true, "index": true, "defaultPaginationMethod": "index",
        "defaultPageSize": 100, "maxPageSize": 1000, "cursorTimeout": 3600,
    });
    assert_eq!(config["pagination"], expected);
}
