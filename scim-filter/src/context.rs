//! What a parser remembers between the rules of the grammar: limits used up, and where it is.

use crate::error::{Fault, ParseErrorKind};
use crate::lexer::Parsed;
use crate::parse::{Parser, Profile};

/// Whether attribute paths name attributes of the resource or of one element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Resource,
    /// Inside `[ ]`.
    Element,
}

/// The state of one run of a [`Parser`].
pub(crate) struct Context<'p> {
    parser: &'p Parser,
    depth: usize,
    /// The deepest level since the last value path began.
    deepest: usize,
    terms: usize,
    pub(crate) scope: Scope,
}

impl<'p> Context<'p> {
    pub(crate) const fn new(parser: &'p Parser) -> Self {
        Self { parser, depth: 0, deepest: 0, terms: 0, scope: Scope::Resource }
    }

    pub(crate) const fn is_tolerant(&self) -> bool {
        matches!(self.parser.profile, Profile::Tolerant)
    }

    pub(crate) const fn accepts_bare_words(&self) -> bool {
        self.parser.bare_words
    }

    /// One bracket deeper; `input` starts with the bracket.
    pub(crate) fn enter<'a>(&mut self, input: &'a str) -> Result<(), nom::Err<Fault<'a>>> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        self.check(self.depth, input)
    }

    /// From here on [`add_level`](Self::add_level) looks.
    pub(crate) const fn begin_value_path(&mut self) {
        self.deepest = self.depth;
    }

    /// One bracket more around a part of the last value path, for which there is none in `input`.
    pub(crate) fn add_level<'a>(&self, input: &'a str) -> Result<(), nom::Err<Fault<'a>>> {
        self.check(self.deepest + 1, input)
    }

    fn check<'a>(&self, depth: usize, input: &'a str) -> Result<(), nom::Err<Fault<'a>>> {
        if depth > self.parser.max_depth {
            return Err(Fault::at(ParseErrorKind::TooDeep, input, "fewer levels of nesting"));
        }
        Ok(())
    }

    pub(crate) const fn leave(&mut self) {
        self.depth -= 1;
    }

    /// One attribute expression more; `input` starts with it.
    pub(crate) fn count_term<'a>(&mut self, input: &'a str) -> Result<(), nom::Err<Fault<'a>>> {
        self.terms += 1;
        if self.terms > self.parser.max_terms {
            return Err(Fault::at(ParseErrorKind::TooManyTerms, input, "fewer terms"));
        }
        Ok(())
    }

    /// SP: one space, or several for the tolerant.
    #[inline]
    pub(crate) fn space<'a>(&self, input: &'a str, expected: &'static str) -> Parsed<'a, ()> {
        match self.optional_space(input) {
            rest if rest.len() < input.len() => Ok((rest, ())),
            rest => Err(Fault::at(ParseErrorKind::UnexpectedText, rest, expected)),
        }
    }

    /// \[SP\]: at most one space, or several for the tolerant.
    #[inline]
    pub(crate) fn optional_space<'a>(&self, input: &'a str) -> &'a str {
        if self.is_tolerant() {
            return self.padding(input);
        }
        input.strip_prefix(' ').unwrap_or(input)
    }

    /// No space by the RFC, any number for the tolerant: at both ends and inside brackets.
    #[inline]
    pub(crate) fn padding<'a>(&self, input: &'a str) -> &'a str {
        if !self.is_tolerant() {
            return input;
        }
        let spaces = input.bytes().take_while(|byte| *byte == b' ').count();
        input.get(spaces..).unwrap_or(input)
    }
}
