//! Filters and paths of PATCH operations: one function for each rule of the ABNF, under its name.
//!
//! The rules are those of RFC 7644, Figures 1 and 7, with the errata 4690, 7122, 7319, 7322 and
//! 8924 (of RFC 7643). Every rule decides by what comes next and never goes back, so the time
//! taken is linear in the length of the text.

use std::mem;

use nom::Parser as _;
use nom::character::complete::char;

use crate::ast::{CompareOp, Comparison, Filter, PatchPath, ValuePath};
use crate::context::{Context, Scope};
use crate::error::{Fault, ParseErrorKind};
use crate::lexer::{Parsed, after_keyword, two_letters};
use crate::literal::comp_value;
use crate::name::AttrPath;
use crate::path::{attr_path, element_name, sub_attr};

const OPERATOR: &str = "`pr`, `eq`, `ne`, `co`, `sw`, `ew`, `gt`, `lt`, `ge` or `le`";
const COMPARE_OP: &str = "`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `lt`, `ge` or `le`";

/// ```abnf
/// FILTER    = attrExp / logExp / valuePath / ["not" [SP]] "(" FILTER ")"
/// logExp    = FILTER SP ("and" / "or") SP FILTER
/// valFilter = attrExp / valLogExp / ["not" [SP]] "(" valFilter ")"
/// valLogExp = valFilter SP ("and" / "or") SP valFilter
/// ```
///
/// `and` binds tighter than `or`: a run of terms joined by `and` is closed by the next `or`.
/// Parentheses are kept in a list of their own, so the stack does not grow with them.
pub(crate) fn filter<'a>(cx: &mut Context<'_>, input: &'a str) -> Parsed<'a, Filter<'a>> {
    let mut groups = Vec::new();
    let mut terms = Terms::default();
    let mut input = input;
    loop {
        while let Some((negated, inside)) = opening(cx, input)? {
            groups.push(Group { negated, around: mem::take(&mut terms) });
            input = inside;
        }
        let (mut rest, mut last) = operand(cx, input)?;
        loop {
            let (after, operator) = log_op(cx, rest)?;
            if let Some(operator) = operator {
                terms.join(last, operator);
                input = after;
                break;
            }
            let filter = terms.end(last);
            let Some(group) = groups.pop() else {
                return Ok((rest, filter));
            };
            rest = closing(cx, rest, ')', "`and`, `or` or `)`")?;
            (terms, last) = group.close(filter);
        }
    }
}

/// ```abnf
/// PATH = attrPath / valuePath [subAttr] / attrExp
/// ```
pub(crate) fn path<'a>(cx: &mut Context<'_>, input: &'a str) -> Parsed<'a, PatchPath<'a>> {
    let (rest, path) = attr_path(input)?;
    if rest.starts_with('[') {
        let (rest, path) = value_path(cx, path, rest)?;
        let (rest, sub) = sub_attr(rest)?;
        return Ok((rest, PatchPath::Value { path, sub }));
    }
    let operator = cx.optional_space(rest);
    if operator.len() == rest.len() || operator.is_empty() {
        return Ok((rest, PatchPath::Attribute(path)));
    }
    let (rest, element) = comparison(cx, path, operator, COMPARE_OP)?;
    Ok((rest, PatchPath::Element(element)))
}

#[derive(Clone, Copy)]
enum LogOp {
    And,
    Or,
}

/// The terms of a logExp so far.
#[derive(Default)]
struct Terms<'a> {
    /// Joined by `or`, closed.
    alternatives: Vec<Filter<'a>>,
    /// Joined by `and`: the alternative that is still open.
    factors: Vec<Filter<'a>>,
}

impl<'a> Terms<'a> {
    fn join(&mut self, term: Filter<'a>, operator: LogOp) {
        match operator {
            LogOp::And => self.factors.push(term),
            LogOp::Or => {
                let alternative = joined(mem::take(&mut self.factors), term, Filter::And);
                self.alternatives.push(alternative);
            }
        }
    }

    fn end(self, last: Filter<'a>) -> Filter<'a> {
        joined(self.alternatives, joined(self.factors, last, Filter::And), Filter::Or)
    }
}

/// `last` alone, or as the last of several operands.
#[inline]
fn joined<'a>(
    mut operands: Vec<Filter<'a>>,
    last: Filter<'a>,
    join: fn(Vec<Filter<'a>>) -> Filter<'a>,
) -> Filter<'a> {
    if operands.is_empty() {
        return last;
    }
    operands.push(last);
    join(operands)
}

/// SP ("and" / "or") SP, or nothing: then no text is used up.
#[inline]
fn log_op<'a>(cx: &Context<'_>, input: &'a str) -> Parsed<'a, Option<LogOp>> {
    let after_space = cx.optional_space(input);
    if after_space.len() == input.len() {
        return Ok((input, None));
    }
    let (operator, rest) = if let Some(rest) = after_keyword(after_space, "and") {
        (LogOp::And, rest)
    } else if let Some(rest) = after_keyword(after_space, "or") {
        (LogOp::Or, rest)
    } else {
        return Ok((input, None));
    };
    let (rest, ()) = cx.space(rest, "a space and one more expression")?;
    Ok((rest, Some(operator)))
}

/// An open parenthesis.
struct Group<'a> {
    negated: bool,
    /// The terms before it.
    around: Terms<'a>,
}

impl<'a> Group<'a> {
    fn close(self, inner: Filter<'a>) -> (Terms<'a>, Filter<'a>) {
        let filter = if self.negated { Filter::Not(Box::new(inner)) } else { inner };
        (self.around, filter)
    }
}

/// \["not" \[SP\]\] "(", or nothing: `not` without a parenthesis is the name of an attribute.
/// Answers whether it negates, and the text inside.
#[inline]
fn opening<'a>(
    cx: &mut Context<'_>,
    input: &'a str,
) -> Result<Option<(bool, &'a str)>, nom::Err<Fault<'a>>> {
    let operand = after_keyword(input, "not").map(|rest| cx.optional_space(rest));
    let negated = operand.is_some_and(|operand| operand.starts_with('('));
    let bracket = operand.filter(|_| negated).unwrap_or(input);
    let Some(inside) = bracket.strip_prefix('(') else {
        return Ok(None);
    };
    cx.enter(bracket)?;
    Ok(Some((negated, cx.padding(inside))))
}

/// The text after the bracket `close`.
fn closing<'a>(
    cx: &mut Context<'_>,
    input: &'a str,
    close: char,
    expected: &'static str,
) -> Result<&'a str, nom::Err<Fault<'a>>> {
    cx.leave();
    cx.padding(input).strip_prefix(close).ok_or_else(|| {
        let found = cx.optional_space(input);
        Fault::at(ParseErrorKind::UnexpectedText, found, expected)
    })
}

/// attrExp / valuePath, or in brackets attrExp alone
#[inline]
fn operand<'a>(cx: &mut Context<'_>, input: &'a str) -> Parsed<'a, Filter<'a>> {
    let (rest, path) = match cx.scope {
        Scope::Resource => attr_path(input)?,
        Scope::Element => element_name(input)?,
    };
    if rest.starts_with('[') {
        let (rest, path) = value_path(cx, path, rest)?;
        return selected_exp(cx, path, rest);
    }
    attr_exp(cx, path, rest)
}

/// ```abnf
/// valuePath = attrPath "[" valFilter "]"
/// ```
///
/// `input` is what follows the attrPath, from "[" on.
fn value_path<'a>(
    cx: &mut Context<'_>,
    path: AttrPath<'a>,
    input: &'a str,
) -> Parsed<'a, ValuePath<'a>> {
    if path.sub.is_some() {
        let expected = "an attribute without sub-attribute before `[`";
        return Err(Fault::at(ParseErrorKind::SubAttribute, input, expected));
    }
    let (inside, _) = char('[').parse(input)?;
    cx.scope = Scope::Element;
    cx.begin_value_path();
    cx.enter(input)?;
    let (rest, filter) = filter(cx, cx.padding(inside))?;
    let rest = closing(cx, rest, ']', "`and`, `or` or `]`")?;
    cx.scope = Scope::Resource;
    Ok((rest, ValuePath { path, filter: Box::new(filter) }))
}

/// `attr[filter].sub op value`, which the grammar lacks: the same element must satisfy both.
fn selected_exp<'a>(
    cx: &mut Context<'_>,
    path: ValuePath<'a>,
    input: &'a str,
) -> Parsed<'a, Filter<'a>> {
    if !cx.is_tolerant() || !input.starts_with('.') {
        return Ok((input, Filter::ValuePath(path)));
    }
    let (rest, sub) = sub_attr(input)?;
    let Some(name) = sub else {
        return Ok((rest, Filter::ValuePath(path)));
    };
    let (rest, test) = attr_exp(cx, AttrPath::from(name), rest)?;
    if matches!(*path.filter, Filter::Or(_)) {
        cx.add_level(input)?;
    }
    let filter = Box::new(path.filter.and(test));
    Ok((rest, Filter::ValuePath(ValuePath { path: path.path, filter })))
}

/// ```abnf
/// attrExp = (attrPath SP "pr") / (attrPath SP compareOp SP compValue)
/// ```
///
/// `input` is what follows the attrPath.
#[inline]
fn attr_exp<'a>(
    cx: &mut Context<'_>,
    path: AttrPath<'a>,
    input: &'a str,
) -> Parsed<'a, Filter<'a>> {
    cx.count_term(input)?;
    let (rest, ()) = cx.space(input, "a space and an operator")?;
    if let Some(rest) = after_keyword(rest, "pr") {
        return Ok((rest, Filter::Present(path)));
    }
    let (rest, comparison) = comparison(cx, path, rest, OPERATOR)?;
    Ok((rest, Filter::Compare(comparison)))
}

/// compareOp SP compValue of an attrExp; `operators` names what may stand first.
#[inline]
fn comparison<'a>(
    cx: &Context<'_>,
    path: AttrPath<'a>,
    input: &'a str,
    operators: &'static str,
) -> Parsed<'a, Comparison<'a>> {
    let (rest, op) = compare_op(input, operators)?;
    let rest = if cx.is_tolerant() && rest.starts_with('"') {
        rest
    } else {
        cx.space(rest, "a space and a value")?.0
    };
    let (rest, value) = comp_value(cx, rest)?;
    Ok((rest, Comparison { path, op, value }))
}

/// ```abnf
/// compareOp = "eq" / "ne" / "co" / "sw" / "ew" / "gt" / "lt" / "ge" / "le"
/// ```
#[inline]
fn compare_op<'a>(input: &'a str, operators: &'static str) -> Parsed<'a, CompareOp> {
    let op = two_letters(input).and_then(|(word, rest)| {
        let op = match &word {
            b"eq" => CompareOp::Eq,
            b"ne" => CompareOp::Ne,
            b"co" => CompareOp::Co,
            b"sw" => CompareOp::Sw,
            b"ew" => CompareOp::Ew,
            b"gt" => CompareOp::Gt,
            b"lt" => CompareOp::Lt,
            b"ge" => CompareOp::Ge,
            b"le" => CompareOp::Le,
            _ => return None,
        };
        Some((rest, op))
    });
    op.ok_or_else(|| Fault::at(ParseErrorKind::Operator, input, operators))
}
