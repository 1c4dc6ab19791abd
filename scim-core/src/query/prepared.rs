//! Values in the form in which they are compared.

/// A value prepared for comparison (RFC 7644 §5, §7.8): equal values are equal, and the order is
/// the order of the attribute's type.
///
/// Only values of the same attribute are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Prepared {
    /// `false` before `true`.
    Boolean(bool),
    /// A number by value; see [`Decimal`].
    Number(Decimal),
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    Instant(i128),
    /// Text in the attribute's [preparation](crate::schema::Preparation), by code point.
    Text(Box<str>),
    /// Decoded octets.
    Octets(Box<[u8]>),
}

/// A decimal number of any size, compared by value: `1`, `1.0` and `1e0` are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// −1, 0 or 1.
    sign: i8,
    /// Power of ten of the first digit: 3 for 1234.
    magnitude: i64,
    /// The significant digits (0 to 9) without leading and trailing zeros.
    digits: Box<[u8]>,
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let absolute =
            || self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits));
        self.sign.cmp(&other.sign).then_with(|| match self.sign {
            0 => std::cmp::Ordering::Equal,
            sign if sign > 0 => absolute(),
            _ => absolute().reverse(),
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
