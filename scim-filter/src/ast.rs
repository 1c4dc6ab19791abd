//! The syntax trees of filters and PATCH paths: data only.

use std::borrow::Cow;

use crate::error::ParseError;
use crate::literal;
use crate::name::{AttrName, AttrPath};

/// A filter (RFC 7644 §3.4.2.2).
///
/// The variants are those of the RFC's grammar, which is closed: a match may name them all.
/// [`Or`](Self::Or) and [`And`](Self::And) hold two or more operands in the order written; one
/// inside its own kind stands for parentheses in the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter<'a> {
    /// `a or b or c`: at least one holds.
    Or(Vec<Filter<'a>>),
    /// `a and b and c`: all hold.
    And(Vec<Filter<'a>>),
    /// `not (a)`.
    Not(Box<Filter<'a>>),
    /// `attribute pr`: the attribute has a value.
    Present(AttrPath<'a>),
    /// `attribute op value`.
    Compare(Comparison<'a>),
    /// `attribute[filter]`: one and the same element fulfils the inner filter.
    ValuePath(ValuePath<'a>),
}

/// `attribute op value`, one comparison of a [`Filter`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Comparison<'a> {
    /// What is compared.
    pub path: AttrPath<'a>,
    /// How.
    pub op: CompareOp,
    /// With what.
    pub value: Literal<'a>,
}

/// `attribute[filter]`: elements of a multi-valued attribute (RFC 7644 §3.4.2.2, `valuePath`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ValuePath<'a> {
    /// The attribute, without a sub-attribute.
    pub path: AttrPath<'a>,
    /// The test of one element; its attribute paths are bare names of sub-attributes.
    pub filter: Box<Filter<'a>>,
}

/// The target of a PATCH operation (RFC 7644 §3.5.2).
///
/// The variants are those of the RFC's grammar with erratum 7122, which is closed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatchPath<'a> {
    /// `attribute` or `attribute.sub`.
    Attribute(AttrPath<'a>),
    /// `attribute[filter]` or `attribute[filter].sub`.
    Value {
        /// The elements.
        path: ValuePath<'a>,
        /// The sub-attribute of those elements.
        sub: Option<AttrName<'a>>,
    },
    /// `attribute op value`: values of a simple multi-valued attribute (erratum 7122). The
    /// erratum's rule also has `attribute pr`, which selects nothing and is refused.
    Element(Comparison<'a>),
}

/// The operators that compare an attribute with a value, closed by RFC 7644 §3.4.2.2, Table 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Less than.
    Lt,
    /// Greater than or equal.
    Ge,
    /// Less than or equal.
    Le,
}

/// The value on the right of a comparison, closed by RFC 7644 §3.4.2.2 (`compValue`) but for
/// [`Bare`](Self::Bare).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A JSON number, kept as text.
    Number(NumberText<'a>),
    /// A JSON string, decoded.
    String(Cow<'a, str>),
    /// A word without quotes, only from a parser that
    /// [accepts them](crate::Parser::accept_bare_words).
    Bare(Cow<'a, str>),
}

/// The text of a JSON number (RFC 8259 §6), so that no digit is lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NumberText<'a>(Cow<'a, str>);

impl<'a> Filter<'a> {
    /// Both hold: `self and other`. Lengthens an [`And`](Self::And) rather than nesting it.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut operands) => {
                operands.push(other);
                Self::And(operands)
            }
            first => Self::And(vec![first, other]),
        }
    }

    /// The same filter, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Filter<'static> {
        match self {
            Self::Or(operands) => Filter::Or(all_owned(operands)),
            Self::And(operands) => Filter::And(all_owned(operands)),
            Self::Not(inner) => Filter::Not(Box::new(inner.into_owned())),
            leaf => leaf.leaf_into_owned(),
        }
    }

    /// Apart from the variants that nest, whose recursion shall need little of the stack.
    fn leaf_into_owned(self) -> Filter<'static> {
        match self {
            Self::Present(path) => Filter::Present(path.into_owned()),
            Self::Compare(comparison) => Filter::Compare(comparison.into_owned()),
            Self::ValuePath(value_path) => Filter::ValuePath(value_path.into_owned()),
            nested @ (Self::Or(_) | Self::And(_) | Self::Not(_)) => nested.into_owned(),
        }
    }
}

impl Comparison<'_> {
    /// The same comparison, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Comparison<'static> {
        Comparison { path: self.path.into_owned(), op: self.op, value: self.value.into_owned() }
    }
}

impl ValuePath<'_> {
    /// The same value path, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> ValuePath<'static> {
        ValuePath { path: self.path.into_owned(), filter: Box::new(self.filter.into_owned()) }
    }
}

impl PatchPath<'_> {
    /// The same path, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> PatchPath<'static> {
        match self {
            Self::Attribute(path) => PatchPath::Attribute(path.into_owned()),
            Self::Value { path, sub } => {
                PatchPath::Value { path: path.into_owned(), sub: sub.map(AttrName::into_owned) }
            }
            Self::Element(comparison) => PatchPath::Element(comparison.into_owned()),
        }
    }
}

impl CompareOp {
    /// Every operator, in the order of the RFC's table.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Lt, Self::Ge, Self::Le];

    /// The operator as filters write it, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Lt => "lt",
            Self::Ge => "ge",
            Self::Le => "le",
        }
    }
}

impl Literal<'_> {
    /// The same value, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Literal<'static> {
        match self {
            Self::Null => Literal::Null,
            Self::Bool(value) => Literal::Bool(value),
            Self::Number(text) => Literal::Number(text.into_owned()),
            Self::String(text) => Literal::String(into_static(text)),
            Self::Bare(text) => Literal::Bare(into_static(text)),
        }
    }
}

impl<'a> NumberText<'a> {
    /// Takes a text that is a JSON number.
    ///
    /// # Errors
    ///
    /// [`ParseErrorKind::Number`](crate::ParseErrorKind::Number) when it is not.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, ParseError> {
        let text = text.into();
        literal::number(&text).map_err(|fault| ParseError::new(fault, &text, false))?;
        Ok(Self(text))
    }

    /// The caller has checked the grammar.
    pub(crate) const fn checked(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same number, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> NumberText<'static> {
        NumberText(into_static(self.0))
    }
}

pub(crate) fn into_static(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn all_owned(operands: Vec<Filter<'_>>) -> Vec<Filter<'static>> {
    let mut owned = Vec::with_capacity(operands.len());
    // A loop needs less of the stack than `map` and `collect` do, at every level of nesting.
    for operand in operands {
        owned.push(operand.into_owned());
    }
    owned
}
