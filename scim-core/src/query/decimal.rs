//! Decimal numbers by value.

use std::cmp::Ordering;

/// Exponents beyond this are refused, so that no sum with a number of digits overflows.
const MAX_EXPONENT: i64 = 1 << 60;

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

impl Decimal {
    /// Reads a JSON number (RFC 8259 §6); leading zeros and a leading `+` are let pass.
    ///
    /// `None` when the text is no number or its exponent does not fit 60 bits.
    ///
    /// ```
    /// use scim_core::query::Decimal;
    ///
    /// assert_eq!(Decimal::parse("1e400"), Decimal::parse("10.0E+399"));
    /// assert!(Decimal::parse("9007199254740993") > Decimal::parse("9007199254740992"));
    /// assert_eq!(Decimal::parse("one"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        Some(Self::from_parts(negative, whole, fraction, exponent))
    }

    fn from_parts(negative: bool, whole: &str, fraction: &str, exponent: i64) -> Self {
        let digits = || whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0');
        let leading = digits().take_while(|digit| *digit == 0).count();
        let mut digits: Vec<u8> = digits().skip(leading).collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Self { sign: 0, magnitude: 0, digits: Box::default() };
        }
        // Lengths of texts are far below 2^60.
        let position = whole.len() as i64 - leading as i64 - 1;
        Self {
            sign: if negative { -1 } else { 1 },
            magnitude: exponent.saturating_add(position),
            digits: digits.into(),
        }
    }

    /// Bytes in the order of the numbers: the sign, the magnitude, the digits, an end.
    pub(super) fn to_key(&self) -> Vec<u8> {
        let mut key = vec![1_u8.saturating_add_signed(self.sign)];
        if self.sign == 0 {
            return key;
        }
        let magnitude = self.magnitude.cast_unsigned() ^ (1 << 63);
        let digits = self.digits.iter().map(|digit| digit + 1);
        let absolute = magnitude.to_be_bytes().into_iter().chain(digits).chain([0]);
        // Among negative numbers the order of the absolute values is turned over.
        let mask = if self.sign == -1 { u8::MAX } else { 0 };
        key.extend(absolute.map(|byte| byte ^ mask));
        key
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let exponent: i64 = if is_digits(digits) { text.parse().ok()? } else { return None };
    (-MAX_EXPONENT..=MAX_EXPONENT).contains(&exponent).then_some(exponent)
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let absolute =
            || self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits));
        self.sign.cmp(&other.sign).then_with(|| match self.sign {
            -1 => absolute().reverse(),
            _ => absolute(),
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value() {
        // F-011, grammar of numbers by RFC 8259 §6
        let ascending = [
            "-1e400", "-12", "-1.5", "-1.01", "-1", "-0.25", "0", "1e-400", "0.5", "1", "1.25",
            "2", "10", "1e400",
        ];
        for pair in ascending.windows(2) {
            let [less, more] = [pair[0], pair[1]].map(|text| Decimal::parse(text).unwrap());
            assert!(less < more, "{pair:?}");
            assert!(less.to_key() < more.to_key(), "{pair:?}");
        }
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for same in [["1", "1.0"], ["1e0", "0.1e1"], ["-0", "0e99"], ["1200", "12E+2"]] {
            assert_eq!(Decimal::parse(same[0]), Decimal::parse(same[1]), "{same:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "-", "1.", ".5", "1e", "e1", "0x1", "1e+-1", "NaN", "1e9223372036854775807"]
        {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
