//! The characters and words the grammar is made of.

use crate::error::Fault;

/// What a rule of the grammar answers: the text left over and what it read, or the fault.
pub(crate) type Parsed<'a, T> = nom::IResult<&'a str, T, Fault<'a>>;

/// nameChar = "$" / "-" / "_" / DIGIT / ALPHA (RFC 7643 §2.1)
pub(crate) static NAME: Class = Class::alphanumeric_or(b"$-_");

/// What an attribute path is made of, the URI before it included.
pub(crate) static PATH: Class = Class::alphanumeric_or(b"$-_.~:/?#@!&'*+,;=%");

/// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 §3.1)
pub(crate) static SCHEME: Class = Class::alphanumeric_or(b"+-.");

/// Everything that does not end a word.
pub(crate) static WORD: Class = Class::all_but(b" ()[]\"");

/// unescaped = %x20-21 / %x23-5B / %x5D-10FFFF (RFC 8259 §7)
pub(crate) static UNESCAPED: Class = Class::all_but(
    b"\"\\\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\
      \x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f",
);

/// A set of characters that holds all beyond ASCII or none, so that bytes decide.
pub(crate) struct Class {
    has: [bool; 256],
}

impl Class {
    const fn alphanumeric_or(others: &[u8]) -> Self {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        Self { has: [false; 256] }.with(letters, true).with(b"0123456789", true).with(others, true)
    }

    const fn all_but(others: &[u8]) -> Self {
        Self { has: [true; 256] }.with(others, false)
    }

    #[expect(clippy::indexing_slicing, reason = "a byte is less than 256")]
    const fn with(mut self, mut members: &[u8], value: bool) -> Self {
        while let [member, rest @ ..] = members {
            self.has[*member as usize] = value;
            members = rest;
        }
        self
    }

    #[inline]
    fn contains(&self, byte: u8) -> bool {
        self.has.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// The text left over, and the longest run before it; may be empty.
    #[inline]
    pub(crate) fn run<'a>(&self, input: &'a str) -> (&'a str, &'a str) {
        let end = input.bytes().position(|byte| !self.contains(byte)).unwrap_or(input.len());
        input.split_at_checked(end).map_or((input, ""), |(run, rest)| (rest, run))
    }

    /// Whether a run of this class goes to the end of `text`.
    pub(crate) fn is_all_of(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.contains(byte))
    }

    /// Whether a run of this class begins here.
    pub(crate) fn is_start_of(&self, text: &str) -> bool {
        text.as_bytes().first().is_some_and(|byte| self.contains(*byte))
    }
}

/// The next word in lower case and what follows it, when it has two letters as operators do.
#[inline]
pub(crate) fn two_letters(input: &str) -> Option<([u8; 2], &str)> {
    let (word, rest) = input.split_at_checked(2)?;
    let letters: [u8; 2] = word.as_bytes().try_into().ok()?;
    (!WORD.is_start_of(rest)).then_some((letters.map(|letter| letter.to_ascii_lowercase()), rest))
}

/// What follows `keyword`, when it is the next word in any case.
#[inline]
pub(crate) fn after_keyword<'a>(input: &'a str, keyword: &str) -> Option<&'a str> {
    let (found, rest) = input.split_at_checked(keyword.len())?;
    (found.eq_ignore_ascii_case(keyword) && !WORD.is_start_of(rest)).then_some(rest)
}
