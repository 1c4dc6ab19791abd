//! Preparation of strings and internationalised names (RFC 7644 §5, §7.8).

use serde_json::json;

use super::hosts::Keeper;
use crate::endpoint::{Endpoint, user};

#[test]
fn user_names_are_prepared_before_they_are_compared() {
    // I-001, I-002, I-003, I-005, W-002, F-028
    let scim = Endpoint::new();
    scim.user("jürgen");
    for same in ["JÜRGEN", "ju\u{308}rgen", "ｊürgen"] {
        scim.post("/Users", user(same, json!({}))).expect_error(409, "uniqueness");
        let found = scim.filter("/Users", &format!("userName eq \"{same}\"")).json();
        assert_eq!(found["totalResults"], 1, "{same}");
    }
    for refused in ["a\u{7}", "😀", " a", "a  b"] {
        scim.post("/Users", user(refused, json!({}))).expect_error(400, "invalidValue");
    }
    for admitted in ["bjensen@example.com", "José", "john doe"] {
        let created = scim.post("/Users", user(admitted, json!({}))).expect(201).json();
        assert_eq!(created["userName"], admitted);
    }
}

#[test]
fn passwords_are_prepared_before_they_are_kept() {
    // I-001, I-004, W-009
    let keeper = Keeper::default();
    let scim = Endpoint::with(|builder| builder.secret_keeper(keeper.clone()));
    let spellings = ["Correct Hörse", "Correct\u{a0}Ho\u{308}rse", "Correct\u{3000}Hörse"];
    for (number, password) in spellings.iter().enumerate() {
        let body = user(&format!("user{number}"), json!({ "password": password }));
        scim.post("/Users", body).expect(201);
    }
    assert_eq!(*keeper.0.lock().unwrap(), ["Correct Hörse"; 3]);
    let bell = user("b", json!({"password": "correct\u{7}horse"}));
    let answer = scim.post("/Users", bell);
    answer.expect_error(400, "invalidValue");
    assert!(!answer.text.contains("horse"));
}

#[test]
fn texts_are_composed_folded_and_kept() {
    // I-006, I-007, I-008, J-002, F-028
    let scim = Endpoint::new();
    let given = json!({"displayName": "Stra\u{df}e 😀", "emails": [{"value": "用户@example.com"}]});
    let created = scim.post("/Users", user("a", given.clone())).expect(201).json();
    assert_eq!(created["displayName"], given["displayName"]);
    assert_eq!(created["emails"], given["emails"]);
    scim.post("/Users", user("b", json!({"displayName": "e\u{301}"}))).expect(201);
    for (filter, total) in [
        ("displayName eq \"STRASSE 😀\"", 1),
        ("displayName co \"😀\"", 1),
        ("displayName eq \"É\"", 1),
    ] {
        assert_eq!(scim.filter("/Users", filter).json()["totalResults"], total, "{filter}");
    }
    let sorted = scim.get("/Users?sortBy=displayName").json();
    assert_eq!(sorted["Resources"][0]["userName"], "a");
}

#[test]
fn addresses_are_kept_as_they_are_and_uris_compared_in_one_form() {
    // J-001, J-003, J-004
    let scim = Endpoint::new();
    let emails = json!([{"value": "x@bücher.example"}]);
    let given = json!({"emails": emails, "profileUrl": "HTTP://Example.COM/%7ea"});
    let created = scim.post("/Users", user("a", given)).expect(201).json();
    assert_eq!(created["emails"], emails);
    for (filter, total) in [
        ("emails eq \"X@BÜCHER.example\"", 1),
        ("emails eq \"x@xn--bcher-kva.example\"", 0),
        ("profileUrl eq \"http://example.com/~a\"", 1),
    ] {
        assert_eq!(scim.filter("/Users", filter).json()["totalResults"], total, "{filter}");
    }
}
