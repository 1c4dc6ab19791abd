//! Values of comparisons: the rules of JSON (RFC 8259).

use std::borrow::Cow;

use nom::Parser as _;
use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while_m_n};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{all_consuming, opt};

use crate::ast::{Literal, NumberText};
use crate::context::Context;
use crate::error::{Fault, ParseErrorKind};
use crate::lexer::{Parsed, UNESCAPED, WORD};

const VALUE: &str = "a JSON string, a number, `true`, `false` or `null`";
const NUMBER: &str = "a JSON number";
const STRING_END: &str = "`\"` at the end of the string";
const ESCAPE: &str = "one of `\"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, `u` after `\\`";
const HEX: &str = "four hexadecimal digits";
const LOW_SURROGATE: &str = "a pair of surrogates";

/// compValue = false / null / true / number / string
#[inline]
pub(crate) fn comp_value<'a>(cx: &Context<'_>, input: &'a str) -> Parsed<'a, Literal<'a>> {
    if let Some(opened) = input.strip_prefix('"') {
        let (rest, text) = string(opened)?;
        return Ok((rest, Literal::String(text)));
    }
    let (rest, found) = WORD.run(input);
    let value = match found {
        "" => return Err(Fault::at(ParseErrorKind::Value, input, VALUE)),
        "null" => Literal::Null,
        "true" => Literal::Bool(true),
        "false" => Literal::Bool(false),
        _ if cx.is_tolerant() && found.eq_ignore_ascii_case("true") => Literal::Bool(true),
        _ if cx.is_tolerant() && found.eq_ignore_ascii_case("false") => Literal::Bool(false),
        _ => number_or_bare_word(cx, found)?,
    };
    Ok((rest, value))
}

/// number = \[ minus \] int \[ frac \] \[ exp \]
///
/// int = zero / ( digit1-9 *DIGIT ), frac = "." 1*DIGIT, exp = "e" \[ "-" / "+" \] 1*DIGIT
pub(crate) fn number(text: &str) -> Result<NumberText<'_>, nom::Err<Fault<'_>>> {
    let int = alt((
        char('0').map(drop),
        (one_of("123456789"), take_while(|c: char| c.is_ascii_digit())).map(drop),
    ));
    let frac = (char('.'), digit1);
    let exp = (one_of("eE"), opt(one_of("+-")), digit1);
    all_consuming((opt(char('-')), int, opt(frac), opt(exp)))
        .parse(text)
        .map(|_| NumberText::checked(text))
        .map_err(|_: nom::Err<Fault<'_>>| Fault::new(ParseErrorKind::Number, text, NUMBER))
}

/// Whether a parser that accepts bare words reads `text` as one and as nothing else.
pub(crate) fn is_bare_word(text: &str) -> bool {
    let keyword = ["null", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
    !keyword && !is_reserved(text) && number(text).is_err() && WORD.is_all_of(text)
}

fn number_or_bare_word<'a>(
    cx: &Context<'_>,
    found: &'a str,
) -> Result<Literal<'a>, nom::Err<Fault<'a>>> {
    match number(found) {
        Ok(digits) => Ok(Literal::Number(digits)),
        Err(_) if cx.accepts_bare_words() && !is_reserved(found) => {
            Ok(Literal::Bare(Cow::Borrowed(found)))
        }
        Err(fault) if found.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => Err(fault),
        Err(_) => Err(Fault::new(ParseErrorKind::Value, found, VALUE)),
    }
}

/// Words that look like other syntax: better refused than taken by the letter.
fn is_reserved(word: &str) -> bool {
    word.is_empty()
        || word.starts_with('\'')
        || word.contains(|c: char| c.is_control() || matches!(c, '{' | '}' | '\\'))
}

/// string = quotation-mark *char quotation-mark, of which the first was read.
#[inline]
fn string(opened: &str) -> Parsed<'_, Cow<'_, str>> {
    let (rest, plain) = UNESCAPED.run(opened);
    match rest.strip_prefix('"') {
        Some(rest) => Ok((rest, Cow::Borrowed(plain))),
        None => escaped_string(plain, rest).map(|(rest, text)| (rest, Cow::Owned(text))),
    }
}

/// The rest of a string with escapes, after its first run of plain characters.
fn escaped_string<'a>(plain: &'a str, mut input: &'a str) -> Parsed<'a, String> {
    let mut text = String::from(plain);
    loop {
        if let Some(rest) = input.strip_prefix('"') {
            return Ok((rest, text));
        }
        let (rest, decoded) = escape(input)?;
        text.push(decoded);
        let (rest, plain) = UNESCAPED.run(rest);
        text.push_str(plain);
        input = rest;
    }
}

/// escape ( %x22 / %x5C / %x2F / %x62 / %x66 / %x6E / %x72 / %x74 / %x75 4HEXDIG )
fn escape(input: &str) -> Parsed<'_, char> {
    let Some(escaped) = input.strip_prefix('\\') else {
        return Err(Fault::at(ParseErrorKind::String, input, STRING_END));
    };
    let mut rest = escaped.chars();
    let decoded = match rest.next() {
        Some(same @ ('"' | '\\' | '/')) => same,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode_escape(escaped),
        _ => return Err(Fault::at(ParseErrorKind::String, escaped, ESCAPE)),
    };
    Ok((rest.as_str(), decoded))
}

/// %x75 4HEXDIG, twice for a character beyond U+FFFF
fn unicode_escape(input: &str) -> Parsed<'_, char> {
    let (rest, first) = code_unit(input)?;
    if let Some(c) = char::from_u32(first.into()) {
        return Ok((rest, c));
    }
    let lone = || Fault::at(ParseErrorKind::String, input, LOW_SURROGATE);
    let (rest, second) = code_unit(rest.strip_prefix('\\').ok_or_else(lone)?)?;
    match char::decode_utf16([first, second]).next() {
        Some(Ok(c)) => Ok((rest, c)),
        _ => Err(lone()),
    }
}

/// %x75 4HEXDIG
fn code_unit(input: &str) -> Parsed<'_, u16> {
    let hex: Parsed<'_, (char, &str)> =
        (char('u'), take_while_m_n(4, 4, |c: char| c.is_ascii_hexdigit())).parse(input);
    let fault = || Fault::at(ParseErrorKind::String, input, HEX);
    let (rest, (_, digits)) = hex.map_err(|_| fault())?;
    let unit = u16::from_str_radix(digits, 16).map_err(|_| fault())?;
    Ok((rest, unit))
}
