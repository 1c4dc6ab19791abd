//! Every filter and PATCH path that RFC 7644 prints, and what a strict parser makes of it.

use scim_filter::{Filter, Parser, PatchPath};

/// §3.4.2.1, §3.4.2.2 and §3.10; each is its own canonical text.
const FILTERS: &[&str] = &[
    r#"userName eq "bjensen""#,
    r#"name.familyName co "O'Malley""#,
    r#"userName sw "J""#,
    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
    "title pr",
    r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified le "2011-05-13T04:42:34Z""#,
    r#"title pr and userType eq "Employee""#,
    r#"title pr or userType eq "Intern""#,
    r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
    r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
    r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
];

/// §3.5.2, Figure 8 and the examples of its operations; each is its own canonical text.
const PATHS: &[&str] = &[
    "members",
    "name.familyName",
    r#"addresses[type eq "work"]"#,
    r#"members[value eq "2819c223-7f76-453a-919d-413861904646"]"#,
    r#"members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName"#,
    r#"emails[type eq "work" and value ew "example.com"]"#,
    r#"addresses[type eq "work"].streetAddress"#,
];

#[test]
fn printed_filters_are_read_and_written_alike() {
    for &text in FILTERS {
        let filter = Parser::strict().filter(text).expect(text);
        assert_eq!(filter.to_string(), text);
        assert_eq!(text.parse::<Filter<'_>>(), Ok(filter));
    }
}

#[test]
fn printed_paths_are_read_and_written_alike() {
    for &text in PATHS {
        let path = Parser::strict().path(text).expect(text);
        assert_eq!(path.to_string(), text);
        assert_eq!(text.parse::<PatchPath<'_>>(), Ok(path));
    }
}

/// F-003: names and operators in any case; the canonical text has lower-case operators.
#[test]
fn case_of_operators_is_not_kept() {
    let cases = [
        (r#"userName Eq "john""#, r#"userName eq "john""#),
        (r#"USERNAME EQ "john" AND NOT(title PR)"#, r#"USERNAME eq "john" and not (title pr)"#),
    ];
    for (text, canonical) in cases {
        assert_eq!(Parser::strict().filter(text).expect(text).to_string(), canonical);
    }
}

/// F-006 and erratum 4670: parentheses that say nothing are left out, the others stay.
#[test]
fn parentheses_are_written_where_they_matter() {
    let cases = [
        ("((a pr))", "a pr"),
        ("a pr or (b pr and c pr)", "a pr or b pr and c pr"),
        ("(a pr or b pr) and c pr", "(a pr or b pr) and c pr"),
        ("(a pr and b pr) and c pr", "(a pr and b pr) and c pr"),
        ("not ((a pr))", "not (a pr)"),
    ];
    for (text, canonical) in cases {
        assert_eq!(Parser::strict().filter(text).expect(text).to_string(), canonical);
    }
}

/// Examples that break the RFC's own grammar: a missing pair of quotes (§3.4.2.1), single quotes
/// (§3.7.1) and a missing space (§3.5.2.2).
#[test]
fn examples_against_the_grammar() {
    let bare = "(meta.resourceType eq User) or (meta.resourceType eq Group)";
    assert!(Parser::strict().filter(bare).is_err());
    assert!(Parser::strict().accept_bare_words().filter(bare).is_ok());

    let single_quotes = "displayName sw 'Group'";
    assert!(Parser::strict().filter(single_quotes).is_err());
    assert!(Parser::tolerant().accept_bare_words().filter(single_quotes).is_err());

    let no_space = r#"members[value eq"2819c223-7f76-453a-919d-413861904646"]"#;
    assert!(Parser::strict().path(no_space).is_err());
    assert!(Parser::tolerant().path(no_space).is_ok());
}
