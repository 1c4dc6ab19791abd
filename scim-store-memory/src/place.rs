//! Where a resource stands in an ordered answer, as bytes that compare in that order.
//!
//! A place is the encoded sort values followed by the row number. It is at once what matches are
//! sorted by and what a [`Position`] holds, so a page goes on at the right place even if the
//! resource it ended with is gone.

use std::sync::Arc;

use scim_core::{
    query::{SortKey, SortOrder, Subject, sort_value},
    store::Position,
};

const ROW_BYTES: usize = size_of::<u64>();

/// A place in the order of some sort keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(Vec<u8>);

impl Place {
    /// The place of a resource in this order; without sort keys that of its row number.
    pub(crate) fn new(sort: &[SortKey], subject: &dyn Subject, number: u64) -> Self {
        let mut bytes = Vec::new();
        for key in sort {
            let value = sort_value(key, subject).map(|value| value.to_key());
            push_value(&mut bytes, value.as_deref(), key.order);
        }
        bytes.extend(number.to_be_bytes());
        Self(bytes)
    }

    /// The place of a row in the order of one attribute, by the key bytes of its value there.
    pub(crate) fn of_key(key: &[u8], order: SortOrder, number: u64) -> Self {
        let mut bytes = Vec::new();
        push_value(&mut bytes, Some(key), order);
        bytes.extend(number.to_be_bytes());
        Self(bytes)
    }

    /// What [`of_key`](Self::of_key) was made from; `None` for the place of a missing value.
    pub(crate) fn entry(&self, order: SortOrder) -> Option<(Arc<[u8]>, u64)> {
        let end = self.0.len().checked_sub(ROW_BYTES)?;
        let written = self.0.get(..end)?.iter();
        let mut bytes: Vec<u8> = match order {
            SortOrder::Ascending => written.copied().collect(),
            SortOrder::Descending => written.map(|byte| !byte).collect(),
        };
        bytes.truncate(bytes.len().checked_sub(2)?);
        let (&0, escaped) = bytes.split_first()? else { return None };
        let mut key = Vec::with_capacity(escaped.len());
        let mut escaped = escaped.iter();
        while let Some(byte) = escaped.next() {
            key.push(*byte);
            if *byte == 0 {
                escaped.next();
            }
        }
        Some((key.into(), self.number()))
    }

    /// The place of a row in the order of row numbers.
    pub(crate) fn of_row(number: u64) -> Self {
        Self(number.to_be_bytes().to_vec())
    }

    /// The number of the row.
    pub(crate) fn number(&self) -> u64 {
        let start = self.0.len().saturating_sub(ROW_BYTES);
        let number = self.0.get(start..).and_then(|bytes| bytes.try_into().ok());
        number.map_or(0, u64::from_be_bytes)
    }
}

impl From<&Position> for Place {
    fn from(position: &Position) -> Self {
        Self(position.0.to_vec())
    }
}

impl From<Place> for Position {
    fn from(place: Place) -> Self {
        Self(place.0.into())
    }
}

/// Appends a value so that no value is a prefix of another: zeros are escaped, two end it. A
/// missing value comes after all others. Inverting every bit turns the order around.
fn push_value(bytes: &mut Vec<u8>, value: Option<&[u8]>, order: SortOrder) {
    let start = bytes.len();
    match value {
        None => bytes.push(1),
        Some(value) => {
            bytes.push(0);
            for byte in value {
                bytes.push(*byte);
                if *byte == 0 {
                    bytes.push(u8::MAX);
                }
            }
            bytes.extend([0, 0]);
        }
    }
    if order == SortOrder::Descending {
        bytes.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: Option<&[u8]>, order: SortOrder) -> Vec<u8> {
        let mut bytes = Vec::new();
        push_value(&mut bytes, value, order);
        bytes
    }

    #[test]
    fn encoded_values_are_in_the_order_of_the_values() {
        let values: [&[u8]; 7] = [b"", b"\0", b"\0\0", b"\0\xff", b"\x01", b"a", b"\xff\xff"];
        let values: Vec<_> = values.into_iter().map(Some).chain([None]).collect();
        for (one, other) in values.iter().zip(values.iter().skip(1)) {
            let of = |order| encoded(*one, order).cmp(&encoded(*other, order));
            assert!(of(SortOrder::Ascending).is_lt(), "{one:?} {other:?}");
            assert!(of(SortOrder::Descending).is_gt(), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_place_tells_its_key_and_row() {
        let keys: [&[u8]; 6] = [b"", b"\0", b"a\0\0b", b"\0\xff", b"a", b"\xff\xff"];
        for (key, order) in keys
            .into_iter()
            .flat_map(|key| [SortOrder::Ascending, SortOrder::Descending].map(|it| (key, it)))
        {
            let place = Place::of_key(key, order, 4711);
            assert_eq!(place.entry(order), Some((key.into(), 4711)), "{key:?} {order:?}");
        }
    }

    #[test]
    fn a_place_tells_its_row() {
        assert_eq!(Place::of_row(4711).number(), 4711);
    }
}
