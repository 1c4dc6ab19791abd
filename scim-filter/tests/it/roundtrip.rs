//! The text of any tree is read as the same tree, by the strict parser.

use std::borrow::Cow;

use proptest::prelude::*;
use scim_filter::{
    AttrName, AttrPath, CompareOp, Comparison, Filter, Literal, NumberText, Parser, PatchPath,
    SchemaUri, ValuePath,
};

const STRICT: Parser = Parser::strict().accept_bare_words();

proptest! {
    #[test]
    fn filter_reads_as_it_was_written(filter in filter()) {
        let text = filter.to_string();
        prop_assert_eq!(STRICT.filter(&text), Ok(filter.clone()), "{}", text);
        let tolerant = Parser::tolerant().accept_bare_words();
        prop_assert_eq!(tolerant.filter(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn canonical_text_is_stable(filter in filter()) {
        let text = filter.to_string();
        let again = STRICT.filter(&text).map(|filter| filter.to_string());
        prop_assert_eq!(again, Ok(text));
    }

    #[test]
    fn path_reads_as_it_was_written(path in patch_path()) {
        let text = path.to_string();
        prop_assert_eq!(STRICT.path(&text), Ok(path), "{}", text);
    }

    #[test]
    fn attr_path_reads_as_it_was_written(path in attr_path()) {
        let text = path.to_string();
        prop_assert_eq!(text.parse::<AttrPath<'_>>(), Ok(path), "{}", text);
    }

    #[test]
    fn owned_tree_is_the_same_tree(filter in filter(), path in patch_path()) {
        prop_assert_eq!(filter.clone().into_owned(), filter);
        prop_assert_eq!(path.clone().into_owned(), path);
    }
}

#[test]
fn only_escaped_strings_are_copied() {
    let text = |input| match STRICT.filter(input) {
        Ok(Filter::Compare(Comparison { value: Literal::String(text), .. })) => text,
        other => panic!("{other:?}"),
    };
    assert!(matches!(text(r#"a eq "plain é""#), Cow::Borrowed("plain é")));
    assert!(matches!(text(r#"a eq "\u00e9""#), Cow::Owned(text) if text == "é"));
}

/// RFC 8259 §7: what may be escaped is read, and written as short as it can be.
#[test]
fn each_escape_is_read_and_the_shortest_written() {
    let cases = [
        (r#""\"\\\/""#, "\"\\/", r#""\"\\/""#),
        (r#""\b\f\n\r\t""#, "\u{8}\u{c}\n\r\t", r#""\u0008\u000c\n\r\t""#),
        (r#""\u0000\u001F\u0020""#, "\0\u{1f} ", r#""\u0000\u001f ""#),
        (r#""\u00e9\uD83D\uDE00""#, "é😀", r#""é😀""#),
    ];
    for (written, text, shortest) in cases {
        let literal = Literal::String(text.into());
        let filter = format!("a eq {written}");
        let filter = STRICT.filter(&filter).expect(written);
        let Filter::Compare(Comparison { value, .. }) = filter else { panic!("{written}") };
        assert_eq!(value, literal, "{written}");
        assert_eq!(literal.to_string(), shortest, "{written}");
    }
}

/// A tree built by hand may call anything a bare word.
#[test]
fn text_that_is_no_bare_word_is_written_in_quotes() {
    let written = |word: &'static str| Literal::Bare(word.into()).to_string();
    assert_eq!(written("a@b.c"), "a@b.c");
    for word in ["", "a b", "true", "NULL", "1.5", "'x'", "a\"b", "a)", "{}"] {
        assert_eq!(written(word), Literal::String(word.into()).to_string(), "{word}");
    }
}

fn filter() -> impl Strategy<Value = Filter<'static>> {
    let leaf = prop_oneof![
        attr_path().prop_map(Filter::Present),
        comparison(attr_path()).prop_map(Filter::Compare),
        value_path().prop_map(Filter::ValuePath),
    ];
    logical(leaf)
}

fn element_filter() -> impl Strategy<Value = Filter<'static>> {
    let bare_name = || attr_name().prop_map(AttrPath::from);
    logical(prop_oneof![
        bare_name().prop_map(Filter::Present),
        comparison(bare_name()).prop_map(Filter::Compare),
    ])
}

fn logical(
    leaf: impl Strategy<Value = Filter<'static>> + 'static,
) -> impl Strategy<Value = Filter<'static>> {
    leaf.prop_recursive(6, 24, 4, |inner| {
        let operands = || prop::collection::vec(inner.clone(), 2..5);
        prop_oneof![
            operands().prop_map(Filter::Or),
            operands().prop_map(Filter::And),
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

fn patch_path() -> impl Strategy<Value = PatchPath<'static>> {
    prop_oneof![
        attr_path().prop_map(PatchPath::Attribute),
        (value_path(), prop::option::of(attr_name()))
            .prop_map(|(path, sub)| PatchPath::Value { path, sub }),
        comparison(attr_path()).prop_map(PatchPath::Element),
    ]
}

fn value_path() -> impl Strategy<Value = ValuePath<'static>> {
    (attr_path(), element_filter()).prop_map(|(path, filter)| ValuePath {
        path: AttrPath { sub: None, ..path },
        filter: Box::new(filter),
    })
}

fn comparison(
    path: impl Strategy<Value = AttrPath<'static>>,
) -> impl Strategy<Value = Comparison<'static>> {
    (path, prop::sample::select(&CompareOp::ALL), literal())
        .prop_map(|(path, op, value)| Comparison { path, op, value })
}

fn attr_path() -> impl Strategy<Value = AttrPath<'static>> {
    (prop::option::of(uri()), attr_name(), prop::option::of(attr_name()))
        .prop_map(|(uri, name, sub)| AttrPath { uri, name, sub })
}

fn uri() -> impl Strategy<Value = SchemaUri<'static>> {
    "[A-Za-z][A-Za-z0-9+.-]{0,4}:[A-Za-z0-9._~:/?#@!$&'*+,;=%-]{0,12}"
        .prop_map(|text| SchemaUri::new(text).expect("a URI"))
}

fn attr_name() -> impl Strategy<Value = AttrName<'static>> {
    let keyword = prop::sample::select(&["and", "or", "not", "pr", "eq", "true", "null"][..]);
    prop_oneof![
        4 => "\\$?[A-Za-z][A-Za-z0-9$_-]{0,8}",
        1 => keyword.prop_map(str::to_owned),
    ]
    .prop_map(|text| AttrName::new(text).expect("a name"))
}

fn literal() -> impl Strategy<Value = Literal<'static>> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?"
            .prop_map(|text| Literal::Number(NumberText::new(text).expect("a number"))),
        any::<String>().prop_map(|text| Literal::String(text.into())),
        "[\\x00-\\x1f\"\\\\/a-c😀]{0,8}".prop_map(|text| Literal::String(text.into())),
        "[B-Zéü][a-z@.'-]{0,8}".prop_filter_map("a JSON literal", bare_word),
    ]
}

fn bare_word(text: String) -> Option<Literal<'static>> {
    let is_literal = ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    (!is_literal).then(|| Literal::Bare(text.into()))
}
