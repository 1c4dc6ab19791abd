//! What is wrong with a text, where, and what should stand there.

use std::fmt;
use std::ops::Range;

use nom::Offset;
use thiserror::Error;

use crate::lexer::WORD;

/// Why a text is not a filter or path: what kind of fault, at which bytes, what was expected.
///
/// `Display` is one line and holds nothing of the text, so it may be logged;
/// [`render`](Self::render) shows the place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind} at byte {}: expected {expected}", .span.start)]
pub struct ParseError {
    kind: ParseErrorKind,
    span: Range<usize>,
    expected: &'static str,
    in_value_filter: bool,
}

/// The kind of fault in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text ends too early.
    #[error("unexpected end")]
    UnexpectedEnd,
    /// Something else should stand here.
    #[error("unexpected text")]
    UnexpectedText,
    /// Not an attribute name.
    #[error("invalid attribute name")]
    Name,
    /// Not the absolute URI of a schema.
    #[error("invalid schema URI")]
    Uri,
    /// Not an operator.
    #[error("unknown operator")]
    Operator,
    /// Not a value.
    #[error("invalid value")]
    Value,
    /// Not a JSON number.
    #[error("invalid number")]
    Number,
    /// Not a JSON string.
    #[error("invalid string")]
    String,
    /// A path into a sub-attribute where only one level is allowed.
    #[error("sub-attribute out of place")]
    SubAttribute,
    /// More nesting than [`max_depth`](crate::Parser::max_depth).
    #[error("too deeply nested")]
    TooDeep,
    /// More terms than [`max_terms`](crate::Parser::max_terms).
    #[error("too many terms")]
    TooManyTerms,
    /// Longer than [`max_len`](crate::Parser::max_len).
    #[error("too long")]
    TooLong,
}

impl ParseError {
    /// What kind of fault it is.
    #[must_use]
    pub const fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// The bytes at fault; never inside a character, empty at the end of the text.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What should have stood there, as the object of "expected".
    #[must_use]
    pub const fn expected(&self) -> &str {
        self.expected
    }

    /// Whether the fault lies inside `[ ]`: `invalidFilter` rather than `invalidPath` when the text
    /// is the path of a PATCH operation (RFC 7644 §3.12, Table 9).
    #[must_use]
    pub const fn in_value_filter(&self) -> bool {
        self.in_value_filter
    }

    /// Three lines: the message, the part of `input` around the fault, carets below it.
    ///
    /// `input` is the text that was parsed; it may hold secrets, so the result is for the one who
    /// wrote it. Control characters are shown as `�`, and of a long text only the surroundings.
    ///
    /// ```
    /// use scim_filter::Parser;
    ///
    /// let text = r#"userName equals "x""#;
    /// let error = Parser::strict().filter(text).unwrap_err();
    /// assert_eq!(
    ///     error.render(text),
    ///     "unknown operator at byte 9: expected `pr`, `eq`, `ne`, `co`, `sw`, `ew`, `gt`, `lt`, \
    ///      `ge` or `le`\n\
    ///      userName equals \"x\"\n\
    ///      \x20        ^^^^^^"
    /// );
    /// ```
    #[must_use]
    pub fn render(&self, input: &str) -> String {
        Excerpt::around(input, &self.span).below(self)
    }
}

/// The part of a text that is shown with an error.
struct Excerpt {
    line: String,
    /// Characters before the first caret.
    indent: usize,
    carets: usize,
}

impl Excerpt {
    /// Characters shown on each side of the fault, and of the fault itself.
    const MARGIN: usize = 40;

    fn around(input: &str, span: &Range<usize>) -> Self {
        // A span of another text may lie anywhere: `get` answers nothing instead of panicking.
        let before = input.get(..span.start).unwrap_or(input);
        let found = input.get(span.clone()).unwrap_or_default();
        let after = input.get(span.end..).unwrap_or_default();

        let mut before: Vec<char> = before.chars().rev().take(Self::MARGIN).collect();
        before.reverse();
        let found: Vec<char> = found.chars().take(Self::MARGIN).collect();
        let after = if found.len() < Self::MARGIN { after } else { "" };
        Self {
            indent: before.len(),
            carets: found.len().max(1),
            line: before
                .into_iter()
                .chain(found)
                .chain(after.chars().take(Self::MARGIN))
                .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
                .collect(),
        }
    }

    fn below(&self, message: &impl fmt::Display) -> String {
        let Self { line, indent, carets } = self;
        format!("{message}\n{line}\n{:indent$}{}", "", "^".repeat(*carets))
    }
}

/// A fault on its way out of the grammar: the text at fault is a part of the input.
#[derive(Debug)]
pub(crate) struct Fault<'a> {
    kind: ParseErrorKind,
    found: &'a str,
    expected: &'static str,
}

impl<'a> Fault<'a> {
    /// The whole of `found` is at fault.
    pub(crate) const fn new(
        kind: ParseErrorKind,
        found: &'a str,
        expected: &'static str,
    ) -> nom::Err<Self> {
        nom::Err::Failure(Self { kind, found, expected })
    }

    /// The fault is what stands at the start of `rest`: a word, one delimiter or the end.
    pub(crate) fn at(
        kind: ParseErrorKind,
        rest: &'a str,
        expected: &'static str,
    ) -> nom::Err<Self> {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let (_, word) = WORD.run(rest);
        let kind = if rest.is_empty() { ParseErrorKind::UnexpectedEnd } else { kind };
        Self::new(kind, rest.get(..word.len().max(first)).unwrap_or(rest), expected)
    }
}

impl ParseError {
    /// The error for the one who gave the whole `input`, of which the fault names a part.
    pub(crate) fn new(fault: nom::Err<Fault<'_>>, input: &str, in_value_filter: bool) -> Self {
        let (nom::Err::Failure(fault) | nom::Err::Error(fault)) = fault else {
            return Self {
                kind: ParseErrorKind::UnexpectedEnd,
                span: input.len()..input.len(),
                expected: "more text",
                in_value_filter,
            };
        };
        let start = input.offset(fault.found);
        Self {
            kind: fault.kind,
            span: start..start + fault.found.len(),
            expected: fault.expected,
            in_value_filter,
        }
    }
}

impl<'a> nom::error::ParseError<&'a str> for Fault<'a> {
    fn from_error_kind(input: &'a str, _: nom::error::ErrorKind) -> Self {
        Self { kind: ParseErrorKind::UnexpectedText, found: input, expected: "something else" }
    }

    fn append(_: &'a str, _: nom::error::ErrorKind, first: Self) -> Self {
        first
    }
}
