//! Data types (RFC 7643 §2.3).

use serde_json::{Value, json};

use super::widget::{body, endpoint, widget};
use crate::endpoint::{Endpoint, user};

#[test]
fn values_have_the_type_of_their_attribute() {
    // A-006, A-009, A-010, A-011, A-012, A-015
    let scim = endpoint();
    let cases: [(&str, &[&str], &[&str]); 7] = [
        ("plain", &[r#""""#, r#""é 😀""#], &["5", "true", r#"["a", "b"]"#, r#"{"a": 1}"#]),
        ("price", &["1.5", "-2", "1e3"], &[r#""1.5""#, "true"]),
        ("size", &["5", "-7", "0"], &["5.0", "5e1", r#""5""#, "true"]),
        (
            "seen",
            &[
                r#""2011-05-13T04:42:34Z""#,
                r#""2011-05-13T04:42:34.123Z""#,
                r#""2011-05-13T04:42:34+02:00""#,
            ],
            &[r#""2011-05-13""#, r#""04:42:34Z""#, "1305261754", r#""yesterday""#],
        ),
        ("icon", &[r#""QUJD""#, r#""-_8=""#], &[r#""%%%""#, "5"]),
        (
            "page",
            &[r#""https://x.test/a?b#c""#, r#""Users/1""#, r#""urn:a:b""#],
            &[r#""not a uri""#, "5"],
        ),
        ("active", &["true", "false"], &["0", "1", r#""yes""#]),
    ];
    for (attribute, good, bad) in cases {
        for text in good {
            let given: Value = serde_json::from_str(text).unwrap();
            let path = widget(&scim, json!({ attribute: given }));
            assert_eq!(scim.get(&path).json()[attribute], given, "{attribute}: {text}");
        }
        for text in bad {
            let given: Value = serde_json::from_str(text).unwrap();
            let answer = scim.post("/Widgets", body(json!({ attribute: given })));
            let detail = answer.expect_error(400, "invalidValue");
            assert!(detail.starts_with(&format!("`{attribute}`: ")), "{detail}");
        }
    }
}

#[test]
fn bodies_are_utf8() {
    // A-006, I-008, T-001
    let scim = Endpoint::new();
    let broken = [br#"{"userName": "a", "displayName": ""#.as_slice(), &[0xff], br#""}"#].concat();
    scim.send_bytes("/Users", broken).expect_error(400, "invalidSyntax");

    let escaped = br#"{"userName": "a", "displayName": "\ud83d\ude00 \u0041"}"#.to_vec();
    let created = scim.send_bytes("/Users", escaped).expect(201);
    assert_eq!(created.json()["displayName"], "😀 A");
}

#[test]
fn booleans_are_literals_where_the_rules_are_strict() {
    // A-008
    let strict = Endpoint::strict();
    let body = |active: Value| user("a", json!({ "active": active }));
    for given in ["true", "True", "false"] {
        strict.post("/Users", body(given.into())).expect_error(400, "invalidValue");
    }
    // By default the spellings that identity providers send are read as what they mean.
    let tolerant = Endpoint::new();
    let created = tolerant.post("/Users", body("False".into())).expect(201);
    assert_eq!(created.json()["active"], false);
    tolerant.post("/Users", body("no".into())).expect_error(400, "invalidValue");
}

#[test]
fn base64_may_go_without_padding() {
    // A-012, A-013, A-014
    let scim = endpoint();
    let path = widget(&scim, json!({"icon": "QUI"}));
    assert_eq!(scim.get(&path).json()["icon"], "QUI");
    for (filter, total) in [("icon eq \"QUI=\"", 1), ("icon eq \"qui=\"", 0)] {
        assert_eq!(scim.filter("/Widgets", filter).json()["totalResults"], total, "{filter}");
    }
}

#[test]
fn references_are_compared_with_their_case() {
    // A-017, J-004
    let scim = Endpoint::new();
    let body = user("a", json!({"profileUrl": "https://x.test/Babs"}));
    scim.post("/Users", body).expect(201);
    for (url, total) in
        [("https://X.test/Babs", 1), ("https://x.test/babs", 0), ("https://x.test/%42abs", 1)]
    {
        let found = scim.filter("/Users", &format!("profileUrl eq \"{url}\"")).json();
        assert_eq!(found["totalResults"], total, "{url}");
    }
    let schema = scim.get(&format!("/Schemas/{}", crate::endpoint::USER)).json();
    let attributes = schema["attributes"].as_array().unwrap();
    let profile = attributes.iter().find(|it| it["name"] == "profileUrl").unwrap();
    assert_eq!(profile["caseExact"], true);
}

#[test]
fn references_to_resources_can_be_followed() {
    // A-016, A-018
    let scim = Endpoint::new();
    let member = scim.user("bjensen");
    let group = format!("/Groups/{}", scim.group("Tours", &[&member]));
    let shown = scim.get(&group).json();
    let reference = shown["members"][0]["$ref"].as_str().unwrap();
    let path = reference.strip_prefix(crate::endpoint::BASE).unwrap();
    assert_eq!(scim.get(path).expect(200).id(), member);
    scim.delete(path).expect(204);
    scim.get(path).expect_error(404, "");
}
