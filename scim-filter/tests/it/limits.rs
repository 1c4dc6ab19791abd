//! Hostile texts are answered in a small stack and at a cost linear in their length.

use std::thread;

use allocation_counter::{AllocationInfo, measure};
use scim_filter::{Filter, ParseErrorKind, Parser};

const SMALL_STACK: usize = 256 * 1024;
const NO_LIMITS: Parser =
    Parser::tolerant().max_depth(usize::MAX).max_terms(usize::MAX).max_len(usize::MAX);

fn in_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(SMALL_STACK).spawn(work).expect("a thread");
    thread.join().expect("no panic")
}

fn nested(levels: usize) -> String {
    format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels))
}

fn alternatives(terms: usize) -> String {
    vec!["a pr"; terms].join(" or ")
}

fn kind_of(parser: Parser, text: &str) -> Option<ParseErrorKind> {
    parser.filter(text).err().map(|error| error.kind())
}

#[test]
fn ten_thousand_parentheses_are_refused() {
    let kinds = in_small_stack(|| {
        [
            kind_of(Parser::strict(), &nested(10_000)),
            kind_of(NO_LIMITS, &nested(10_000)),
            kind_of(NO_LIMITS, &"(".repeat(10_000)),
            kind_of(NO_LIMITS, &"not (".repeat(10_000)),
            kind_of(NO_LIMITS, &format!("a[{}", "(".repeat(10_000))),
        ]
    });
    assert_eq!(kinds, [Some(ParseErrorKind::TooDeep); 5]);
}

#[test]
fn deepest_tree_is_handled_in_a_small_stack() {
    let deepest = |opening: &str, closing: &str| {
        let levels = Parser::DEEPEST;
        format!("{}a pr{}", opening.repeat(levels), closing.repeat(levels))
    };
    for (opening, closing) in
        [("(", ")"), ("not (", ")"), ("b pr or c pr and (", ")"), ("b pr and (", ") or c pr")]
    {
        let text = deepest(opening, closing);
        in_small_stack(move || {
            let filter = NO_LIMITS.filter(&text).expect("within the limit");
            let copy = filter.clone().into_owned();
            assert_eq!(copy.to_string().parse::<Filter<'_>>().as_ref(), Ok(&filter));
            assert_eq!(format!("{filter:?}"), format!("{copy:?}"));
        });
    }
    assert_eq!(kind_of(NO_LIMITS, &nested(Parser::DEEPEST + 1)), Some(ParseErrorKind::TooDeep));
}

#[test]
fn ten_thousand_terms_are_read_when_allowed() {
    let text = alternatives(10_000);
    let long = Parser::strict().max_len(text.len());
    assert_eq!(kind_of(long, &text), Some(ParseErrorKind::TooManyTerms));
    let operands = in_small_stack(move || match NO_LIMITS.filter(&text) {
        Ok(Filter::Or(operands)) => operands.len(),
        other => panic!("{other:?}"),
    });
    assert_eq!(operands, 10_000);
}

#[test]
fn megabyte_of_string_is_read_when_allowed() {
    for plain in ["x", "é", "\\n", "\\u00e9"] {
        let text = format!("a eq \"{}\"", plain.repeat(1 << 20));
        assert_eq!(kind_of(Parser::strict(), &text), Some(ParseErrorKind::TooLong));
        assert_eq!(in_small_stack(move || kind_of(NO_LIMITS, &text)), None);
    }
}

#[test]
fn limits_are_exact() {
    let parser = Parser::strict().max_depth(2).max_terms(3).max_len(20);
    let cases = [
        ("((a pr))", None),
        ("(((a pr)))", Some(ParseErrorKind::TooDeep)),
        ("(e[(a pr)])", Some(ParseErrorKind::TooDeep)),
        ("(a pr) or ((b pr))", None),
        ("a pr or b pr or c pr", None),
        ("a pr or b pr or cc pr", Some(ParseErrorKind::TooLong)),
    ];
    for (text, kind) in cases {
        assert_eq!(kind_of(parser, text), kind, "{text}");
    }
    let three_terms = Parser::strict().max_terms(3);
    assert_eq!(kind_of(three_terms, "a pr or b[c pr and d pr]"), None);
    assert_eq!(
        kind_of(three_terms, "a pr or b[c pr and d pr and e pr]"),
        Some(ParseErrorKind::TooManyTerms)
    );
}

#[test]
fn a_filter_is_as_deep_as_it_is_written_out() {
    // A condition behind the brackets goes inside, beside a disjunction that then needs its own.
    let parser = Parser::tolerant().max_depth(3);
    let cases = [
        ("a[b pr and not (c pr)].z pr", None),
        ("a[b pr or c pr].z pr", None),
        ("a[b pr or not (c pr)].z pr", None),
        ("a[b pr or not (c pr or (d pr and e pr))].z pr", Some(ParseErrorKind::TooDeep)),
        ("a[b pr and not (c pr or d pr)].z pr", None),
        ("x pr or (a[b pr or not (c pr)].z pr)", Some(ParseErrorKind::TooDeep)),
        ("(((x pr))) or a[b pr or c pr].z pr", None),
    ];
    for (text, kind) in cases {
        assert_eq!(kind_of(parser, text), kind, "{text}");
        if let Ok(filter) = parser.filter(text) {
            let written = filter.to_string();
            assert_eq!(parser.filter(&written).as_ref(), Ok(&filter), "{written}");
        }
    }
}

/// Sixteen times the text takes sixteen times the memory and as many allocations. What goes over the
/// rest of the text for each of its parts may allocate nothing, but takes minutes with the longest.
#[test]
fn cost_is_linear_in_the_length() {
    let shapes: [fn(usize) -> String; 7] = [
        alternatives,
        |n| format!("a eq \"{}\"", "\\u0041".repeat(n)),
        |n| format!("a eq \"{}", "x".repeat(n)),
        |n| format!("{}a pr", " ".repeat(n)),
        |n| format!("a pr{}or", " ".repeat(n)),
        |n| format!("a{} pr", ":".repeat(n)),
        |n| format!("not{}x", " ".repeat(n)),
    ];
    for shape in shapes {
        let [short, long] = [4_000, 64_000].map(|length| cost(&shape(length)));
        for (short, long) in
            [(short.bytes_total, long.bytes_total), (short.count_total, long.count_total)]
        {
            assert!(long <= short * 16 * 3 / 2 + 1_024, "{short}, then {long}");
        }
        cost(&shape(1 << 18));
    }
}

fn cost(text: &str) -> AllocationInfo {
    measure(|| _ = std::hint::black_box(NO_LIMITS.filter(text)))
}
