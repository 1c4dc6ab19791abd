//! Every fault has a kind, the bytes at fault and an expectation; rendering never splits a
//! character.

use proptest::prelude::*;
use scim_filter::{AttrName, NumberText, ParseErrorKind as Kind, Parser, SchemaUri};

/// (text, kind, the text at fault, what was expected)
const FILTERS: &[(&str, Kind, &str, &str)] = &[
    ("", Kind::UnexpectedEnd, "", "an attribute path"),
    ("userName", Kind::UnexpectedEnd, "", "a space and an operator"),
    ("userName eq", Kind::UnexpectedEnd, "", "a space and a value"),
    ("userName eq ", Kind::UnexpectedEnd, "", VALUE),
    ("userName is \"x\"", Kind::Operator, "is", OPERATOR),
    ("userName == \"x\"", Kind::Operator, "==", OPERATOR),
    ("userName \"x\"", Kind::Operator, "\"", OPERATOR),
    ("userName eq bjensen", Kind::Value, "bjensen", VALUE),
    ("displayName sw 'Group'", Kind::Value, "'Group'", VALUE),
    ("x eq (1)", Kind::Value, "(", VALUE),
    ("x eq 01", Kind::Number, "01", "a JSON number"),
    ("x eq 1,000", Kind::Number, "1,000", "a JSON number"),
    ("x eq \"abc", Kind::UnexpectedEnd, "", "`\"` at the end of the string"),
    ("x eq \"a\nb\"", Kind::String, "\nb", "`\"` at the end of the string"),
    ("x eq \"a\\xy\"", Kind::String, "xy", ESCAPE),
    ("x eq \"\\u12\"", Kind::String, "u12", "four hexadecimal digits"),
    ("x eq \"\\ud83d\"", Kind::String, "ud83d", "a pair of surrogates"),
    ("x eq \"\\ud83d\\u0041\"", Kind::String, "ud83d\\u0041", "a pair of surrogates"),
    ("x eq \"\\ude00\\ud83d\"", Kind::String, "ude00\\ud83d", "a pair of surrogates"),
    ("title pr and", Kind::UnexpectedEnd, "", "a space and one more expression"),
    ("title pr and(x pr)", Kind::UnexpectedText, "(", "a space and one more expression"),
    ("title pr xor x pr", Kind::UnexpectedText, "xor", "`and`, `or` or the end of the filter"),
    ("title pr)", Kind::UnexpectedText, ")", "`and`, `or` or the end of the filter"),
    ("(title pr", Kind::UnexpectedEnd, "", "`and`, `or` or `)`"),
    ("(title pr]", Kind::UnexpectedText, "]", "`and`, `or` or `)`"),
    ("emails[type pr", Kind::UnexpectedEnd, "", "`and`, `or` or `]`"),
    ("emails[a[b pr]]", Kind::SubAttribute, "a", "the name of a sub-attribute alone"),
    ("emails[a.b pr]", Kind::SubAttribute, "a.b", "the name of a sub-attribute alone"),
    ("emails[1x pr]", Kind::Name, "1x", NAME),
    ("emails[[x pr]]", Kind::Name, "[", "the name of a sub-attribute alone"),
    ("emails[]", Kind::Name, "]", "the name of a sub-attribute alone"),
    ("a.b[c pr]", Kind::SubAttribute, "[", "an attribute without sub-attribute before `[`"),
    ("1name pr", Kind::Name, "1name", NAME),
    ("name. pr", Kind::Name, "", NAME),
    ("a.b.c pr", Kind::Name, "b.c", NAME),
    ("foo:bar pr", Kind::Uri, "foo", "the absolute URI of a schema"),
    ("naïve eq \"x\"", Kind::UnexpectedText, "ïve", "a space and an operator"),
    ("a eq \"ü\" ünd b pr", Kind::UnexpectedText, "ünd", "`and`, `or` or the end of the filter"),
];

const VALUE: &str = "a JSON string, a number, `true`, `false` or `null`";
const OPERATOR: &str = "`pr`, `eq`, `ne`, `co`, `sw`, `ew`, `gt`, `lt`, `ge` or `le`";
const ESCAPE: &str = "one of `\"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, `u` after `\\`";
const NAME: &str = "an attribute name: a letter, then letters, digits, `-`, `_` or `$`";

#[test]
fn faults_of_filters() {
    for &(text, kind, found, expected) in FILTERS {
        for parser in [Parser::strict(), Parser::tolerant()] {
            let error = parser.filter(text).expect_err(text);
            let at_fault = text.get(error.span());
            let seen = (error.kind(), at_fault, error.expected());
            assert_eq!(seen, (kind, Some(found), expected), "{text}");
        }
    }
}

/// Where the grammar has one space, the strict parser points at the second.
#[test]
fn spaces_too_many_are_faults_of_their_own() {
    for (text, span) in [("a pr ", 4..5), (" a pr", 0..1), ("a  pr", 2..3), ("a pr  or b pr", 5..6)]
    {
        let error = Parser::strict().filter(text).expect_err(text);
        assert_eq!(error.span(), span, "{text}: {error}");
        assert_ne!(error.kind(), Kind::UnexpectedEnd, "{text}: {error}");
        assert!(Parser::tolerant().filter(text).is_ok(), "{text}");
    }
}

/// A space behind a path that ends there belongs to it where spaces are free, and never starts an
/// expression.
#[test]
fn a_space_behind_a_path_is_no_operator() {
    for text in ["title ", "name.familyName "] {
        let error = Parser::strict().path(text).expect_err(text);
        let expected = (Kind::UnexpectedText, "the end of the path");
        assert_eq!((error.kind(), error.expected()), expected, "{text}: {error}");
        assert!(Parser::tolerant().path(text).is_ok(), "{text}");
    }
}

/// RFC 7644 §3.12, Table 9: `invalidFilter` for a filter, `invalidPath` for the rest of a path.
#[test]
fn faults_of_paths_inside_and_outside_of_brackets() {
    let cases = [
        ("", false),
        ("emails.", false),
        ("emails]", false),
        ("/emails/0/value", false),
        ("emails[type eq \"work\"]value", false),
        ("emails[type eq \"work\"].", false),
        ("emails.type[value eq \"x\"]", false),
        ("emails [type eq \"work\"]", false),
        ("title pr", false),
        ("emails[", true),
        ("emails[]", true),
        ("emails[0]", true),
        ("emails[type eq work]", true),
        ("emails[type eq \"work\"", true),
        ("emails[(type eq \"work\"]", true),
        ("emails[members[value eq \"x\"]]", true),
    ];
    for (text, inside) in cases {
        let error = Parser::strict().path(text).expect_err(text);
        assert_eq!(error.in_value_filter(), inside, "{text}: {error}");
    }
}

#[test]
fn names_numbers_and_uris_are_checked() {
    let kind = |result: Result<(), scim_filter::ParseError>| result.err().map(|e| e.kind());
    for (text, expected) in
        [("$ref", None), ("a.b", Some(Kind::Name)), ("", Some(Kind::Name)), ("é", Some(Kind::Name))]
    {
        assert_eq!(kind(AttrName::new(text).map(drop)), expected, "{text}");
    }
    for (text, expected) in
        [("-1.5e+3", None), ("", Some(Kind::Number)), ("1 ", Some(Kind::Number))]
    {
        assert_eq!(kind(NumberText::new(text).map(drop)), expected, "{text}");
    }
    for (text, expected) in [
        ("urn:x", None),
        ("x", Some(Kind::Uri)),
        (":x", Some(Kind::Uri)),
        ("urn:é", Some(Kind::Uri)),
    ] {
        assert_eq!(kind(SchemaUri::new(text).map(drop)), expected, "{text}");
    }
}

#[test]
fn carets_stand_below_the_fault() {
    let rendered = |text: &str| Parser::strict().filter(text).expect_err(text).render(text);
    assert_eq!(
        rendered("grün pr"),
        "unexpected text at byte 2: expected a space and an operator\n\
         grün pr\n\
         \x20 ^^"
    );
    assert_eq!(
        rendered("title pr and"),
        "unexpected end at byte 12: expected a space and one more expression\n\
         title pr and\n\
         \x20           ^"
    );
    assert_eq!(
        rendered("a eq \"\t\""),
        "invalid string at byte 6: expected `\"` at the end of the string\n\
         a eq \"\u{fffd}\"\n\
         \x20     ^"
    );
}

#[test]
fn long_texts_are_shown_in_part() {
    let text =
        format!("a eq \"{}\" and b is 1 or {}", "é".repeat(10_000), "c pr or ".repeat(1_000));
    let rendered = Parser::strict().filter(&text).expect_err("no operator").render(&text);
    let lines: Vec<&str> = rendered.lines().collect();
    let [_, shown, carets] = lines.as_slice() else { panic!("{rendered}") };
    assert_eq!(shown.chars().count(), 40 + 2 + 40);
    assert_eq!(*carets, format!("{:40}^^", ""));
}

/// A fault that fills its share of the line leaves no room for what follows.
#[test]
fn of_a_long_fault_the_beginning_is_shown() {
    for (length, shown) in [(39, 5 + 39 + 6), (40, 5 + 40), (41, 5 + 40)] {
        let text = format!("name {} title", "x".repeat(length));
        let rendered = Parser::strict().filter(&text).expect_err("no operator").render(&text);
        let lines: Vec<&str> = rendered.lines().collect();
        let [_, line, carets] = lines.as_slice() else { panic!("{rendered}") };
        assert_eq!(line.chars().count(), shown, "{length}");
        assert_eq!(*carets, format!("     {}", "^".repeat(length.min(40))), "{length}");
    }
}

proptest! {
    /// Any text, also one made of the pieces of filters, with characters of every width.
    #[test]
    fn any_text_is_answered_and_spans_are_whole_characters(
        pieces in prop::collection::vec(piece(), 0..24),
        other in any::<String>(),
    ) {
        let text = pieces.concat();
        for parser in [Parser::strict(), Parser::tolerant().accept_bare_words()] {
            let answers = [
                parser.filter(&text).err(),
                parser.path(&text).err(),
                parser.attr_path(&text).err(),
            ];
            for error in answers.into_iter().flatten() {
                prop_assert!(text.get(error.span()).is_some(), "{error} in {text:?}");
                prop_assert_eq!(error.render(&text).lines().count(), 3);
                // The wrong text is a mistake of the caller, not a reason to panic.
                let _ = error.render(&other);
            }
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        " ", " ", " ", "(", ")", "[", "]", "\"", "\\", "\\u", "\\ud83d", "d83d", "not", "and",
        "or", "eq", "pr", "emails", "type", "urn:a:b", ":", ".", "1", "-0.5e", "true", "null", "é",
        "😀", "\u{a0}", "\n", "'", "\"x\"", " and ", " pr", "a eq 1",
    ];
    prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}
