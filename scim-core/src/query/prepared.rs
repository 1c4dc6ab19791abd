//! Values in the form in which they are compared.

use super::Decimal;

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

impl Prepared {
    /// The text of a value that is compared as text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a text or of octets.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Boolean(_) | Self::Number(_) | Self::Instant(_) => 0,
            Self::Text(text) => text.len(),
            Self::Octets(octets) => octets.len(),
        }
    }

    /// The key of an index: byte strings in the order of the values of one attribute.
    ///
    /// Different values have different keys. Text is its own UTF-8, so that the texts that start
    /// with another are a range of keys.
    ///
    /// ```
    /// use scim_core::query::Prepared;
    ///
    /// assert_eq!(Prepared::Text("bjensen".into()).to_key(), b"bjensen");
    /// assert!(Prepared::Instant(-1).to_key() < Prepared::Instant(0).to_key());
    /// ```
    pub fn to_key(&self) -> Vec<u8> {
        match self {
            Self::Boolean(value) => vec![u8::from(*value)],
            Self::Number(number) => number.to_key(),
            // With the sign bit turned over, negative instants come first.
            Self::Instant(nanos) => (nanos.cast_unsigned() ^ (1 << 127)).to_be_bytes().to_vec(),
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Octets(octets) => octets.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys_follow_values(a: &Prepared, b: &Prepared) {
        assert_eq!(a.cmp(b), a.to_key().cmp(&b.to_key()), "{a:?} {b:?}");
    }

    fn number() -> impl Strategy<Value = Prepared> {
        let small =
            (-200i32..200, -3i32..3).prop_map(|(digits, exponent)| (digits.into(), exponent));
        let any = (any::<i64>(), -400i32..400);
        prop_oneof![small, any].prop_map(|(digits, exponent)| {
            Prepared::Number(Decimal::parse(&format!("{digits}e{exponent}")).unwrap())
        })
    }

    proptest! {
        // O-008: the order of an index is the order of the type.
        #[test]
        fn keys_of_numbers_are_in_order(a in number(), b in number()) {
            keys_follow_values(&a, &b);
        }

        #[test]
        fn keys_of_instants_are_in_order(a: i128, b: i128) {
            keys_follow_values(&Prepared::Instant(a), &Prepared::Instant(b));
        }

        #[test]
        fn keys_of_texts_are_in_order(a: String, b: String) {
            keys_follow_values(&Prepared::Text(a.into()), &Prepared::Text(b.into()));
        }

        #[test]
        fn keys_of_octets_are_in_order(a: Vec<u8>, b: Vec<u8>) {
            keys_follow_values(&Prepared::Octets(a.into()), &Prepared::Octets(b.into()));
        }

        #[test]
        fn keys_of_booleans_are_in_order(a: bool, b: bool) {
            keys_follow_values(&Prepared::Boolean(a), &Prepared::Boolean(b));
        }

        // F-009: whoever has an index answers `sw` by a range of keys.
        #[test]
        fn the_key_of_a_start_starts_the_key(start: String, rest: String) {
            let whole = Prepared::Text(format!("{start}{rest}").into());
            prop_assert!(whole.to_key().starts_with(&Prepared::Text(start.into()).to_key()));
        }
    }
}
