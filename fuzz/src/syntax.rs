//! Properties of the parser and the printer.

use std::fmt::{Debug, Display};

use scim_filter::{Filter, ParseError, Parser, PatchPath};

use crate::reference::{Dialect, Reference};

/// Every combination of what a parser may accept.
const PARSERS: [Parser; 4] = [
    Parser::strict(),
    Parser::tolerant(),
    Parser::strict().accept_bare_words(),
    Parser::tolerant().accept_bare_words(),
];

/// Reads canonical text, which may be longer than the text it comes from.
const READER: Parser = Parser::strict().accept_bare_words().max_len(usize::MAX);

/// Parsing a filter never panics; what is accepted prints as text that a strict parser reads as
/// the same tree (F-004).
pub fn filter(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    for parser in PARSERS {
        match parser.filter(text) {
            Ok(filter) => {
                let printed = filter.to_string();
                round_trip(&filter, READER.filter(&printed), &printed);
                assert_eq!(filter.clone().into_owned(), filter);
            }
            Err(error) => describes(&error, text),
        }
        limits_refuse(parser, text);
    }
}

/// The same for the paths of PATCH operations and for attribute paths (H-005, H-042).
pub fn path(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    for parser in PARSERS {
        match parser.path(text) {
            Ok(path) => {
                let printed = path.to_string();
                round_trip(&path, READER.path(&printed), &printed);
                assert_eq!(path.clone().into_owned(), path);
            }
            Err(error) => describes(&error, text),
        }
        match parser.attr_path(text) {
            Ok(path) => {
                let printed = path.to_string();
                assert_eq!(READER.attr_path(&printed), Ok(path.clone()), "{printed}");
                assert_eq!(parser.path(text), Ok(PatchPath::Attribute(path)), "{text}");
            }
            Err(error) => describes(&error, text),
        }
    }
}

/// The parser accepts what a naive reading of the corrected grammar accepts, and as the same tree
/// (F-004, F-019, H-005).
pub fn differential(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    for (parser, dialect) in
        [(Parser::strict(), Dialect::Strict), (Parser::tolerant(), Dialect::Tolerant)]
    {
        let reference = Reference::new(text, dialect);
        assert_eq!(parser.filter(text).ok(), reference.filter(), "{dialect:?} filter {text:?}");
        let reference = Reference::new(text, dialect);
        assert_eq!(parser.path(text).ok(), reference.path(), "{dialect:?} path {text:?}");
    }
}

/// Text is a fixed point, and the tree is the same unless the text of a bare word reads otherwise:
/// `NULL` is then written in quotes.
fn round_trip<T>(tree: &T, again: Result<T, ParseError>, printed: &str)
where
    T: PartialEq + Debug + Display,
{
    let again = again.unwrap_or_else(|error| panic!("{}", error.render(printed)));
    assert_eq!(again.to_string(), printed);
    let has_bare_words = format!("{tree:?}").contains("Bare(");
    assert!(again == *tree || has_bare_words, "{printed}: {again:?} instead of {tree:?}");
}

/// An error names a place in the text and can be shown.
fn describes(error: &ParseError, text: &str) {
    let span = error.span();
    assert!(text.get(span.clone()).is_some(), "{span:?} of {text:?}");
    assert_eq!(error.render(text).lines().count(), 3, "{text:?}");
    assert!(!error.to_string().contains('\n'));
}

/// What fits in small limits is read as without them; what does not is refused.
fn limits_refuse(parser: Parser, text: &str) {
    let small = parser.max_depth(2).max_terms(3).max_len(64);
    if let Ok(filter) = small.filter(text) {
        assert_eq!(parser.filter(text), Ok(filter.clone()));
        assert!(text.len() <= 64 && terms(&filter) <= 3, "{text}");
    }
}

/// How many attribute expressions there are.
pub(crate) fn terms(filter: &Filter<'_>) -> usize {
    match filter {
        Filter::Or(operands) | Filter::And(operands) => operands.iter().map(terms).sum(),
        Filter::Not(inner) => terms(inner),
        Filter::Present(_) | Filter::Compare(_) => 1,
        Filter::ValuePath(path) => terms(&path.filter),
    }
}
