//! Lists: projection, sorting, paging.

use serde_json::{Value, json};

use super::{CORE, ENTERPRISE, One, expect_error};

fn names(answer: &Value) -> Vec<&str> {
    answer["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["userName"].as_str().unwrap())
        .collect()
}

#[test]
fn attributes_select_beside_id_and_meta() {
    // 4.3
    let scim = One::new();
    let id = scim.user(
        "babs",
        json!({
            "name": {"givenName": "Barbara", "familyName": "Jensen"},
            "nickName": "B",
            ENTERPRISE: {"department": "Tours", "manager": {"managerId": "7"}}
        }),
    );
    let manager = format!("{ENTERPRISE}:manager.managerId");
    let cases = [
        ("userName".to_owned(), json!({"userName": "babs"})),
        ("USERNAME, nickname".to_owned(), json!({"userName": "babs", "nickName": "B"})),
        ("name.givenName".to_owned(), json!({"name": {"givenName": "Barbara"}})),
        (format!("{CORE}:name.givenName"), json!({"name": {"givenName": "Barbara"}})),
        (manager, json!({ENTERPRISE: {"manager": {"managerId": "7"}}})),
        (format!("{ENTERPRISE}:department"), json!({ENTERPRISE: {"department": "Tours"}})),
        ("nothing".to_owned(), json!({})),
        ("meta.version".to_owned(), json!({})),
    ];
    for (attributes, expected) in cases {
        let query = format!("attributes={}", attributes.replace(' ', "%20"));
        let one = scim.get(&format!("/Users/{id}?{query}")).expect(200).json();
        let list = scim.get(&format!("/Users?{query}")).expect(200).json();
        for mut shown in [one, list["Resources"][0].clone()] {
            assert_eq!(shown["id"], *id, "{attributes}");
            assert!(shown["meta"]["location"].is_string(), "{attributes}: {shown}");
            let members = shown.as_object_mut().unwrap();
            members.retain(|name, _| !["id", "meta", "schemas"].contains(&name.as_str()));
            assert_eq!(shown, expected, "{attributes}");
        }
    }
}

#[test]
fn a_list_says_what_it_is() {
    // 4.4
    let scim = One::new();
    for name in ["a", "b", "c"] {
        scim.user(name, json!({}));
    }
    let answer = scim.get("/Users?startIndex=2&count=1").expect(200);
    let mut list = answer.json();
    assert_eq!(list["Resources"].as_array().unwrap().len(), 1);
    list.as_object_mut().unwrap().remove("Resources");
    let expected =
        json!({"totalResults": 3, "itemsPerPage": 1, "startIndex": 2, "schemas": [CORE]});
    assert_eq!(list, expected);
    assert_eq!(scim.get("/Groups").json()["totalResults"], 0);
}

#[test]
fn pages_are_by_index() {
    // 4.11
    let scim = One::new();
    for name in ["c", "a", "b"] {
        scim.user(name, json!({}));
    }
    let page =
        |query: &str| scim.get(&format!("/Users?sortBy=userName&{query}")).expect(200).json();
    assert_eq!(names(&page("")), ["a", "b", "c"]);
    assert_eq!(names(&page("sortOrder=descending")), ["c", "b", "a"]);
    assert_eq!(names(&page("startIndex=2&count=5")), ["b", "c"]);
    assert_eq!(names(&page("startIndex=0&count=1")), ["a"]);
    assert_eq!(names(&page("startIndex=-3&count=1")), ["a"]);
    assert!(names(&page("count=0")).is_empty());
    assert_eq!(page("count=0")["totalResults"], 3);
    assert!(names(&page("count=-1")).is_empty());
    assert!(names(&page("startIndex=9")).is_empty());
    expect_error(&scim.get("/Users?count=many"), 400);
}

#[test]
fn sorting_knows_the_names_of_1_1() {
    // 4.11, 6.1
    let scim = One::new();
    for (name, manager) in [("a", "2"), ("b", "1")] {
        scim.user(name, json!({ENTERPRISE: {"manager": {"managerId": manager}}}));
    }
    for path in ["manager.managerId".to_owned(), format!("{ENTERPRISE}:manager.managerId")] {
        let list = scim.get(&format!("/Users?sortBy={path}")).expect(200).json();
        assert_eq!(names(&list), ["b", "a"], "{path}");
    }
    let list = scim.get(&format!("/Users?sortBy={CORE}:userName")).expect(200).json();
    assert_eq!(names(&list), ["a", "b"]);
}
