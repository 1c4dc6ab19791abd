//! Filters.

use scim_core::scim11::Operators;
use serde_json::json;

use super::{CORE, ENTERPRISE, One, expect_error};
use crate::endpoint;

fn people(scim: &One) {
    scim.user(
        "babs",
        json!({
            "name": {"givenName": "Barbara"}, "title": "Guide", "userType": "Employee",
            "locale": "en_US", "active": true, "emails": ["babs@example.com", "b@home.org"],
            ENTERPRISE: {"employeeNumber": "1", "manager": {"managerId": "7"}}
        }),
    );
    scim.user("carl", json!({"userType": "Intern", "locale": "en_GB", "active": false}));
}

fn found(scim: &One, filter: &str) -> String {
    let answer = scim.filter("/Users", filter);
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
    let list = answer.json();
    let names = list["Resources"].as_array().unwrap().iter();
    let mut names: Vec<_> = names.map(|it| it["userName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names.join(" ")
}

#[test]
fn operators_and_names_of_1_1() {
    // 4.5, 4.7, 4.8, 4.9, 4.10, 6.1
    let scim = One::new();
    people(&scim);
    let enterprise = |rest: &str| format!("{ENTERPRISE}:{rest}");
    let cases = [
        ("userName eq \"BABS\"".to_owned(), "babs"),
        ("userName co \"AB\"".to_owned(), "babs"),
        ("userName sw \"c\"".to_owned(), "carl"),
        ("USERNAME pr".to_owned(), "babs carl"),
        ("title pr".to_owned(), "babs"),
        ("userName gt \"Babs\"".to_owned(), "carl"),
        ("userName ge \"babs\"".to_owned(), "babs carl"),
        ("userName lt \"CARL\"".to_owned(), "babs"),
        ("userName le \"carl\"".to_owned(), "babs carl"),
        ("active eq true".to_owned(), "babs"),
        ("meta.lastModified gt \"2011-05-13T04:42:34Z\"".to_owned(), "babs carl"),
        ("title pr and userType eq \"Employee\"".to_owned(), "babs"),
        ("title pr or userType eq \"Intern\"".to_owned(), "babs carl"),
        ("title pr or userName pr and userType eq \"Intern\"".to_owned(), "babs carl"),
        ("(title pr or userName pr) and userType eq \"Intern\"".to_owned(), "carl"),
        (
            "userType eq \"Employee\" and (emails co \"example.com\" or emails co \"example.org\")"
                .to_owned(),
            "babs",
        ),
        ("emails.value eq \"B@HOME.ORG\"".to_owned(), "babs"),
        ("name.givenName eq \"barbara\"".to_owned(), "babs"),
        (format!("{CORE}:name.givenName eq \"barbara\""), "babs"),
        (format!("{}:NAME.GIVENNAME eq \"barbara\"", CORE.to_uppercase()), "babs"),
        (enterprise("employeeNumber eq \"1\""), "babs"),
        (enterprise("manager.managerId eq \"7\""), "babs"),
        ("manager.managerid eq \"7\"".to_owned(), "babs"),
        (format!("{}:manager.value eq \"7\"", endpoint::ENTERPRISE), "babs"),
        ("locale eq \"en_US\"".to_owned(), "babs"),
        ("locale eq \"en-US\"".to_owned(), "babs"),
        ("locale sw \"en_\"".to_owned(), "babs carl"),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&scim, &filter), expected, "{filter}");
    }
}

#[test]
fn operators_of_2_0_are_refused_unless_allowed() {
    // 4.5, 4.6
    let scim = One::new();
    people(&scim);
    let cases = [
        ("userName ne \"babs\"", "ne", "carl"),
        ("userName ew \"bs\"", "ew", "babs"),
        ("not (userName eq \"babs\")", "not", "carl"),
        ("emails[value sw \"b@\"]", "[ ]", "babs"),
        ("title eq null", "null", "carl"),
        ("userName pr and (title pr and userType ne \"x\")", "ne", "babs"),
        ("locale ne \"en_US\"", "ne", "carl"),
    ];
    let lenient = One::at(|it| it.operators(Operators::OfTwo));
    people(&lenient);
    for (filter, operator, expected) in cases {
        let description = expect_error(&scim.filter("/Users", filter), 400);
        assert!(description.contains(&format!("`{operator}`")), "{filter}: {description}");
        assert_eq!(found(&lenient, filter), expected, "{filter}");
    }
    let description = expect_error(&scim.filter("/Users", "userName regex \"b.*\""), 400);
    assert!(description.contains("`regex`"), "{description}");
    for filter in ["", "userName", "userName eq", "(userName pr", "name eq \"x\""] {
        expect_error(&scim.filter("/Users", filter), 400);
    }
}
