//! Names and URIs are compared ignoring ASCII case and keep their spelling (RFC 7643 §2.1).

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use scim_filter::{AttrName, AttrPath, Filter, Parser, SchemaUri};

#[test]
fn case_makes_no_difference() {
    let parse = |text| Parser::strict().filter(text).expect(text);
    let lower = parse("urn:example:a:username eq \"x\"");
    let upper = parse("URN:EXAMPLE:A:USERNAME EQ \"x\"");
    assert_eq!(lower, upper);
    assert_eq!(upper.to_string(), "URN:EXAMPLE:A:USERNAME eq \"x\"");
    assert_eq!(HashSet::from([lower, upper]).len(), 1);
    assert_ne!(parse("a eq \"x\""), parse("a eq \"X\""));
}

#[test]
fn order_agrees_with_equality() {
    let names = ["emails", "EMAILS", "Email", "userName", "USERNAME", "a-b", "a_b"];
    let names = names.map(|name| AttrName::new(name).expect(name));
    let ordered: BTreeSet<&AttrName<'_>> = names.iter().collect();
    let hashed: HashSet<&AttrName<'_>> = names.iter().collect();
    assert_eq!(ordered.len(), 5);
    assert_eq!(hashed.len(), 5);
}

#[test]
fn names_stand_in_the_order_of_their_letters() {
    let mut names = ["userName", "EMAILS", "a_b", "Email", "a-b", "$ref"]
        .map(|it| AttrName::new(it).expect(it));
    names.sort();
    assert_eq!(
        names.map(|name| name.to_string()),
        ["$ref", "a-b", "a_b", "Email", "EMAILS", "userName"]
    );
}

/// What is equal hashes alike, and what is not does not.
#[test]
fn hashes_tell_names_apart() {
    let hash = |name| {
        BuildHasherDefault::<DefaultHasher>::new().hash_one(AttrName::new(name).expect(name))
    };
    assert_eq!(hash("userName"), hash("USERNAME"));
    for (one, other) in [("userName", "user"), ("a", "b"), ("ab", "ba")] {
        assert_ne!(hash(one), hash(other), "{one} {other}");
    }
}

#[test]
fn names_compare_with_text() {
    let path: AttrPath<'_> = "urn:example:a:name.familyName".parse().expect("a path");
    assert_eq!(path.name, "NAME");
    assert!(path.sub.as_ref().is_some_and(|sub| sub == "familyname"));
    assert_eq!(path.uri, Some(SchemaUri::new("URN:Example:A").expect("a URI")));
}

#[test]
fn and_lengthens_a_conjunction() {
    let parse = |text: &'static str| text.parse::<Filter<'static>>().expect(text);
    let cases = [
        ("a pr", "b pr", "a pr and b pr"),
        ("a pr and b pr", "c pr", "a pr and b pr and c pr"),
        ("a pr or b pr", "c pr", "(a pr or b pr) and c pr"),
    ];
    for (left, right, both) in cases {
        assert_eq!(parse(left).and(parse(right)), parse(both));
    }
}
