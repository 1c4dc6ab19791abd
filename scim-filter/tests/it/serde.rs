//! Trees are their text in serde's formats.

use scim_filter::{AttrPath, Filter, PatchPath};
use serde_json::{from_str, from_value, json, to_value};

#[test]
fn trees_are_written_and_read_as_text() {
    let filter: Filter<'static> = from_value(json!(r#" emails[value eq "a\"b"] "#)).expect("valid");
    assert_eq!(to_value(&filter).ok(), Some(json!(r#"emails[value eq "a\"b"]"#)));

    let path: PatchPath<'_> = from_str(r#""members[value pr].display""#).expect("valid");
    assert_eq!(to_value(&path).ok(), Some(json!("members[value pr].display")));

    let path: AttrPath<'_> = from_str(r#""name.familyName""#).expect("valid");
    assert_eq!(to_value(&path).ok(), Some(json!("name.familyName")));
}

#[test]
fn bare_words_survive() {
    let filter: Filter<'_> = from_str(r#""emails eq a@b.c""#).expect("valid");
    assert_eq!(to_value(&filter).ok(), Some(json!("emails eq a@b.c")));
}

#[test]
fn faults_are_told() {
    let message = |json| match from_value::<Filter<'static>>(json) {
        Ok(filter) => filter.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        message(json!("title is x")),
        "unknown operator at byte 6: expected `pr`, `eq`, `ne`, `co`, `sw`, `ew`, `gt`, `lt`, `ge` or `le`"
    );
    assert_eq!(message(json!(1)), "invalid type: integer `1`, expected a SCIM filter");
}
