//! The characters and words the grammar is made of.

use nom::Parser as _;
use nom::bytes::complete::{take_till, take_while};

use crate::error::Fault;

/// What a rule of the grammar answers: the text left over and what it read, or the fault.
pub(crate) type Parsed<'a, T> = nom::IResult<&'a str, T, Fault<'a>>;

/// Ends a word, whatever the word is.
pub(crate) const fn is_delimiter(c: char) -> bool {
    matches!(c, ' ' | '(' | ')' | '[' | ']' | '"')
}

/// nameChar = "$" / "-" / "_" / DIGIT / ALPHA (RFC 7643 §2.1)
pub(crate) const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '$' | '-' | '_')
}

/// A character of a URI but for the brackets, or of an attribute path.
const fn is_path_char(c: char) -> bool {
    is_name_char(c)
        || matches!(
            c,
            '.' | '~'
                | ':'
                | '/'
                | '?'
                | '#'
                | '@'
                | '!'
                | '&'
                | '\''
                | '*'
                | '+'
                | ','
                | ';'
                | '='
                | '%'
        )
}

/// The longest run of path characters; may be empty.
pub(crate) fn path_run(input: &str) -> Parsed<'_, &str> {
    take_while(is_path_char).parse(input)
}

/// Everything before the next delimiter; may be empty.
pub(crate) fn word(input: &str) -> Parsed<'_, &str> {
    take_till(is_delimiter).parse(input)
}

/// What follows `keyword`, when it is the next word in any case.
pub(crate) fn after_keyword<'a>(input: &'a str, keyword: &str) -> Option<&'a str> {
    let (rest, found) = word(input).ok()?;
    found.eq_ignore_ascii_case(keyword).then_some(rest)
}
