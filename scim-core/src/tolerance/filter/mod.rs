//! Filters as clients write them.
//!
//! A filter that can be read as it stands always means what it says; only one that cannot is
//! rewritten, with the exception of values that are encoded twice, which look like any other.

mod complex;
mod double_encoding;
mod unquoted_rest;

use std::sync::Arc;

use scim_filter::{Filter, ParseError, Parser};

use super::Switch;
use crate::{
    schema::ResourceType,
    validate::{NoteRule, Notes},
};

/// How filters are read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterTolerance {
    /// Superfluous spaces, values without quotes and `emails[type eq "work"].value eq "x"`. On
    /// unless said otherwise.
    pub grammar: Switch,
    /// Filters and values that were percent-encoded twice. Off unless said otherwise: `50%25` is a
    /// value too.
    pub double_encoding: Switch,
    /// Values without quotes that go on to the end: `displayName eq Tour Guides`. Off unless said
    /// otherwise: `displayName eq Tour and Guides` means something else to other clients.
    pub unquoted_rest: Switch,
    /// `manager eq "id"` for `manager.value eq "id"`. Off unless said otherwise: the RFC has
    /// no comparison of complex values.
    pub complex: Switch,
}

impl Default for FilterTolerance {
    fn default() -> Self {
        Self { grammar: Switch::On, ..Self::none() }
    }
}

impl FilterTolerance {
    /// Sets [`grammar`](Self#structfield.grammar).
    #[must_use]
    pub fn grammar(mut self, grammar: Switch) -> Self {
        self.grammar = grammar;
        self
    }

    /// Sets [`double_encoding`](Self#structfield.double_encoding).
    #[must_use]
    pub fn double_encoding(mut self, double_encoding: Switch) -> Self {
        self.double_encoding = double_encoding;
        self
    }

    /// Sets [`unquoted_rest`](Self#structfield.unquoted_rest).
    #[must_use]
    pub fn unquoted_rest(mut self, unquoted_rest: Switch) -> Self {
        self.unquoted_rest = unquoted_rest;
        self
    }

    /// Sets [`complex`](Self#structfield.complex).
    #[must_use]
    pub fn complex(mut self, complex: Switch) -> Self {
        self.complex = complex;
        self
    }
}

impl FilterTolerance {
    /// The grammar of the RFC and nothing else.
    pub fn none() -> Self {
        let off = Switch::Off;
        Self { grammar: off, double_encoding: off, unquoted_rest: off, complex: off }
    }

    /// Whether values may lack their quotes.
    pub(crate) fn accepts_bare_words(&self) -> bool {
        self.grammar == Switch::On
    }

    /// The parser of what the RFC's own cannot read.
    fn parser(&self) -> Parser {
        match self.grammar {
            Switch::On => Parser::tolerant().accept_bare_words(),
            Switch::Off => Parser::strict(),
        }
    }

    /// Reads the filter of a query for resources of these types, with parsers limited by `limit`.
    pub(crate) fn read(
        &self,
        text: &str,
        limit: impl Fn(Parser) -> Parser,
        types: &[Arc<ResourceType>],
        notes: &mut Notes,
    ) -> Result<Filter<'static>, ParseError> {
        let decoded = match self.double_encoding {
            Switch::On => double_encoding::decoded(text),
            Switch::Off => None,
        };
        if decoded.is_some() {
            notes.add(PLACE, NoteRule::FilterDecoded);
        }
        let mut filter = self.parsed(decoded.as_deref().unwrap_or(text), limit, notes)?;
        if self.complex == Switch::On && complex::by_value(&mut filter, types) {
            notes.add(PLACE, NoteRule::ComplexByValue);
        }
        Ok(filter)
    }

    fn parsed(
        &self,
        text: &str,
        limit: impl Fn(Parser) -> Parser,
        notes: &mut Notes,
    ) -> Result<Filter<'static>, ParseError> {
        // Most are as they should be, and what they mean is then the same to all parsers.
        let mut read = limit(Parser::strict()).filter(text);
        if read.is_err() && self.grammar == Switch::On {
            read = limit(self.parser()).filter(text);
            if read.is_ok() {
                notes.add(PLACE, NoteRule::FilterGrammar);
            }
        }
        let error = match read {
            Ok(filter) => return Ok(filter.into_owned()),
            Err(error) => error,
        };
        let quoted = match self.unquoted_rest {
            Switch::On => unquoted_rest::quoted(text).ok_or(error)?,
            Switch::Off => return Err(error),
        };
        let filter = limit(self.parser()).filter(&quoted)?.into_owned();
        notes.add(PLACE, NoteRule::RestQuoted);
        Ok(filter)
    }
}

/// Where notes about a filter are: its parts are the client's words.
const PLACE: &str = "filter";

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use crate::schema::Registry;

    fn read(
        tolerance: &FilterTolerance,
        text: &str,
    ) -> Result<(String, Vec<NoteRule>), ParseError> {
        let registry = Registry::standard();
        let mut notes = Notes::default();
        let types = registry.resource_types();
        let filter = tolerance.read(text, |parser| parser, types, &mut notes)?;
        Ok((filter.to_string(), notes.iter().map(|note| note.rule).collect()))
    }

    #[test]
    fn what_can_be_read_as_it_stands_is() {
        let all = FilterTolerance {
            unquoted_rest: Switch::On,
            complex: Switch::On,
            ..FilterTolerance::default()
        };
        for text in ["userName eq \"a\"", "displayName eq \"x and y\"", "title pr"] {
            assert_eq!(read(&all, text).unwrap(), (text.to_owned(), Vec::new()));
        }
        let two_terms = "userName eq a and active eq true";
        assert_eq!(read(&all, two_terms).unwrap().1, [NoteRule::FilterGrammar]);
    }

    proptest! {
        #[test]
        fn tolerance_changes_no_meaning(words in vec(select(WORDS), 1..12)) {
            let text = words.join(" ");
            let tolerant = FilterTolerance::default().parser();
            if let Ok(filter) = Parser::strict().filter(&text) {
                prop_assert_eq!(tolerant.filter(&text), Ok(filter));
            }
        }
    }

    const WORDS: &[&str] = &[
        "a",
        "a.b",
        "urn:x:y:a",
        "pr",
        "eq",
        "co",
        "ne",
        "\"v\"",
        "\"\"",
        "true",
        "null",
        "1.5",
        "v",
        "and",
        "or",
        "not",
        "(a pr)",
        "not (a pr)",
        "a[b eq 1]",
        "a[b pr and c pr]",
        "a eq 1",
        "a pr",
        "(",
        ")",
    ];

    #[test]
    fn each_switch_stands_alone() {
        let off = FilterTolerance::none;
        let cases = [
            (
                FilterTolerance::default(),
                "userName  eq bob",
                "userName eq \"bob\"",
                NoteRule::FilterGrammar,
            ),
            (
                FilterTolerance { double_encoding: Switch::On, ..off() },
                "userName eq \"a%40b.c\"",
                "userName eq \"a@b.c\"",
                NoteRule::FilterDecoded,
            ),
            (
                FilterTolerance { unquoted_rest: Switch::On, ..off() },
                "displayName eq Tour Guides",
                "displayName eq \"Tour Guides\"",
                NoteRule::RestQuoted,
            ),
            (
                FilterTolerance { complex: Switch::On, ..off() },
                "manager eq \"7\"",
                "manager.value eq \"7\"",
                NoteRule::ComplexByValue,
            ),
        ];
        for (tolerance, text, expected, rule) in cases {
            let (found, rules) = read(&tolerance, text).unwrap();
            assert_eq!(found.replace("eq bob", "eq \"bob\""), expected);
            assert_eq!(rules, [rule], "{text}");
        }
        assert!(read(&off(), "displayName eq Tour Guides").is_err());
        assert!(read(&off(), "userName  eq \"bob\"").is_err());
    }
}
