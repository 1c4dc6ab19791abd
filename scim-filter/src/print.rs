//! The canonical text of a tree: what a strict parser reads as the same tree again.

use std::fmt::{Display, Formatter, Result, Write as _};

use crate::ast::{CompareOp, Comparison, Filter, Literal, NumberText, PatchPath, ValuePath};
use crate::literal::is_bare_word;
use crate::name::{AttrName, AttrPath, SchemaUri};

impl Display for Filter<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Or(operands) => logical(f, operands, " or ", Binding::Or),
            Self::And(operands) => logical(f, operands, " and ", Binding::And),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare(comparison) => comparison.fmt(f),
            Self::ValuePath(path) => path.fmt(f),
        }
    }
}

impl Display for Comparison<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {} {}", self.path, self.op, self.value)
    }
}

impl Display for ValuePath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}[{}]", self.path, self.filter)
    }
}

impl Display for PatchPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Attribute(path) => path.fmt(f),
            Self::Value { path, sub } => {
                path.fmt(f)?;
                sub_attr(f, sub.as_ref())
            }
            Self::Element(comparison) => comparison.fmt(f),
        }
    }
}

impl Display for AttrPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(uri) = &self.uri {
            write!(f, "{uri}:")?;
        }
        self.name.fmt(f)?;
        sub_attr(f, self.sub.as_ref())
    }
}

impl Display for AttrName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.as_str().fmt(f)
    }
}

impl Display for SchemaUri<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.as_str().fmt(f)
    }
}

impl Display for CompareOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.as_str().fmt(f)
    }
}

impl Display for Literal<'_> {
    /// A bare word is written as one, unless a parser would read that as something else.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(digits) => digits.fmt(f),
            Self::Bare(word) if is_bare_word(word) => f.write_str(word),
            Self::String(text) | Self::Bare(text) => json_string(f, text),
        }
    }
}

impl Display for NumberText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.as_str().fmt(f)
    }
}

/// How tightly an operand holds together, the loosest first.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binding {
    Or,
    And,
    Term,
}

impl Binding {
    const fn of(filter: &Filter<'_>) -> Self {
        match filter {
            Filter::Or(_) => Self::Or,
            Filter::And(_) => Self::And,
            _ => Self::Term,
        }
    }
}

/// The operands, those in parentheses that do not bind tighter than the operator.
fn logical(f: &mut Formatter<'_>, operands: &[Filter<'_>], op: &str, binding: Binding) -> Result {
    for (position, operand) in operands.iter().enumerate() {
        if position > 0 {
            f.write_str(op)?;
        }
        if Binding::of(operand) > binding {
            operand.fmt(f)?;
        } else {
            write!(f, "({operand})")?;
        }
    }
    Ok(())
}

fn sub_attr(f: &mut Formatter<'_>, sub: Option<&AttrName<'_>>) -> Result {
    sub.map_or(Ok(()), |name| write!(f, ".{name}"))
}

/// A JSON string that escapes what must be escaped and nothing else (RFC 8259 §7).
fn json_string(f: &mut Formatter<'_>, text: &str) -> Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\0'..' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
