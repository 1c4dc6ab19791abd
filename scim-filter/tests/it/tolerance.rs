//! What only some parsers accept.

use scim_filter::{Comparison, Filter, Literal, Parser};

const BARE: Parser = Parser::tolerant().accept_bare_words();

fn value(parser: Parser, text: &str) -> Option<Literal<'_>> {
    match parser.filter(text) {
        Ok(Filter::Compare(Comparison { value, .. })) => Some(value),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    }
}

#[test]
fn bare_words_are_values_when_accepted() {
    let cases = [
        ("emails eq a@b.c", Some(Literal::Bare("a@b.c".into()))),
        ("meta.resourceType eq User", Some(Literal::Bare("User".into()))),
        ("name.familyName eq O'Malley", Some(Literal::Bare("O'Malley".into()))),
        ("name.familyName eq Müller", Some(Literal::Bare("Müller".into()))),
        ("phoneNumbers eq +1-201-555-0123", Some(Literal::Bare("+1-201-555-0123".into()))),
        ("externalId eq 007", Some(Literal::Bare("007".into()))),
        ("active eq NULL", Some(Literal::Bare("NULL".into()))),
        ("active eq TRUE", Some(Literal::Bool(true))),
        ("active eq null", Some(Literal::Null)),
        ("displayName sw 'Group'", None),
        ("name eq {}", None),
        ("name eq []", None),
        ("name eq a\\u0041", None),
        ("name eq a\nb", None),
        ("name eq a\"b\"", None),
        ("name eq", None),
    ];
    for (text, expected) in cases {
        assert_eq!(value(BARE, text), expected, "{text}");
    }
    assert!(BARE.filter("emails[value eq a@b.c and type eq work]").is_ok());
    assert!(BARE.path("emails[type eq work].value").is_ok());
}

#[test]
fn one_element_satisfies_filter_and_selected_comparison() {
    let cases = [
        (r#"emails[type eq "work"].value eq "x""#, r#"emails[type eq "work" and value eq "x"]"#),
        (
            r#"emails[type eq "work" or primary eq true].value pr"#,
            r#"emails[(type eq "work" or primary eq true) and value pr]"#,
        ),
    ];
    for (sent, meant) in cases {
        assert_eq!(Parser::tolerant().filter(sent), Parser::strict().filter(meant));
        assert!(Parser::strict().filter(sent).is_err());
    }
    assert!(Parser::tolerant().filter(r#"emails[type pr].value"#).is_err());
    assert!(Parser::tolerant().filter(r#"emails[type pr].value.x pr"#).is_err());
}

#[test]
fn attribute_paths_may_be_padded() {
    assert!(Parser::tolerant().attr_path(" name.familyName ").is_ok());
    assert!(Parser::strict().attr_path(" name.familyName").is_err());
    assert!(Parser::tolerant().attr_path("name familyName").is_err());
    assert!(Parser::tolerant().attr_path("emails[type pr]").is_err());
}
