//! The entry points: what a parser accepts, and up to which size.

use std::str::FromStr;

use crate::ast::{Filter, PatchPath};
use crate::context::{Context, Scope};
use crate::error::{Fault, ParseError, ParseErrorKind};
use crate::grammar;
use crate::lexer::Parsed;
use crate::name::AttrPath;
use crate::path;

/// Reads filters and attribute paths; a small value that holds what is accepted and the limits.
///
/// ```
/// use scim_filter::Parser;
///
/// const PARSER: Parser = Parser::tolerant().accept_bare_words().max_terms(20);
///
/// assert!(PARSER.filter("emails eq a@example.com").is_ok());
/// assert!(Parser::strict().filter("emails eq a@example.com").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parser {
    pub(crate) profile: Profile,
    pub(crate) bare_words: bool,
    pub(crate) max_depth: usize,
    pub(crate) max_terms: usize,
    max_len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Strict,
    Tolerant,
}

impl Parser {
    /// The deepest nesting any parser accepts: a tree of it is handled in a small stack.
    pub const DEEPEST: usize = 64;

    /// Accepts the grammar of RFC 7644 with its errata and nothing else.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            profile: Profile::Strict,
            bare_words: false,
            max_depth: Self::DEEPEST,
            max_terms: 1_000,
            max_len: 64 * 1024,
        }
    }

    /// Accepts in addition what common clients send; the default.
    ///
    /// - Spaces at both ends, inside brackets, and several where the grammar has one.
    /// - No space between an operator and a string: `value eq"x"`.
    /// - `True` and `False` in any case.
    /// - `emails[type eq "work"].value eq "x"`, read as `emails[type eq "work" and value eq "x"]`.
    #[must_use]
    pub const fn tolerant() -> Self {
        Self { profile: Profile::Tolerant, ..Self::strict() }
    }

    /// Accepts words without quotes as values: `emails eq a@example.com`.
    #[must_use]
    pub const fn accept_bare_words(mut self) -> Self {
        self.bare_words = true;
        self
    }

    /// Sets how many brackets may be open at once: 64 at first, which is also the most
    /// ([`DEEPEST`](Self::DEEPEST)).
    #[must_use]
    pub const fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = if levels < Self::DEEPEST { levels } else { Self::DEEPEST };
        self
    }

    /// Sets how many attribute expressions a filter may have: 1,000 at first.
    #[must_use]
    pub const fn max_terms(mut self, terms: usize) -> Self {
        self.max_terms = terms;
        self
    }

    /// Sets the longest text in bytes: 65,536 at first.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// Reads a filter (RFC 7644 §3.4.2.2), URL-decoded already.
    ///
    /// # Errors
    ///
    /// The first fault in the text; a server answers 400 `invalidFilter`.
    pub fn filter<'a>(&self, text: &'a str) -> Result<Filter<'a>, ParseError> {
        self.whole(text, grammar::filter, "`and`, `or` or the end of the filter")
    }

    /// Reads the path of a PATCH operation (RFC 7644 §3.5.2).
    ///
    /// # Errors
    ///
    /// The first fault in the text; a server answers 400 `invalidPath`, or `invalidFilter` when
    /// the fault is [inside the brackets](ParseError::in_value_filter).
    pub fn path<'a>(&self, text: &'a str) -> Result<PatchPath<'a>, ParseError> {
        self.whole(text, grammar::path, "the end of the path")
    }

    /// Reads an attribute path (RFC 7644 §3.10), as in `attributes` and `sortBy`.
    ///
    /// # Errors
    ///
    /// The first fault in the text; a server answers 400.
    pub fn attr_path<'a>(&self, text: &'a str) -> Result<AttrPath<'a>, ParseError> {
        self.whole(text, |_, input| path::attr_path(input), "the end of the attribute path")
    }

    /// Applies one rule of the grammar to the whole of `text`.
    fn whole<'a, T>(
        &self,
        text: &'a str,
        rule: impl Fn(&mut Context<'_>, &'a str) -> Parsed<'a, T>,
        expected: &'static str,
    ) -> Result<T, ParseError> {
        if text.len() > self.max_len {
            let fault = Fault::at(ParseErrorKind::TooLong, text, "a shorter text");
            return Err(ParseError::new(fault, text, false));
        }
        let mut cx = Context::new(self);
        let start = cx.padding(text);
        let parsed = rule(&mut cx, start).and_then(|(rest, found)| match cx.padding(rest) {
            "" => Ok(found),
            _ => {
                let surplus = Some(cx.optional_space(rest)).filter(|word| !word.is_empty());
                Err(Fault::at(ParseErrorKind::UnexpectedText, surplus.unwrap_or(rest), expected))
            }
        });
        parsed.map_err(|fault| ParseError::new(fault, text, cx.scope == Scope::Element))
    }
}

impl Default for Parser {
    /// [`Parser::tolerant`].
    fn default() -> Self {
        Self::tolerant()
    }
}

/// Reads with [`Parser::tolerant`] and keeps a copy of the text.
macro_rules! from_str {
    ($type:ident, $rule:ident) => {
        impl FromStr for $type<'static> {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                Parser::default().$rule(text).map($type::into_owned)
            }
        }
    };
}

from_str!(Filter, filter);
from_str!(PatchPath, path);
from_str!(AttrPath, attr_path);
