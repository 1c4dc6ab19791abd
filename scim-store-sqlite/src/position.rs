//! Places in an ordered answer: the sort keys of the last row, and the row.

use bytes::Bytes;
use rusqlite::types::Value;
use scim_core::store::{Position, StoreErrorKind};

const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BLOB: u8 = 3;

/// The position of these values.
pub(crate) fn encode(values: &[Value]) -> Position {
    let mut octets = Vec::new();
    let mut counted = |tag: u8, value: &[u8]| {
        octets.push(tag);
        octets.extend((value.len() as u64).to_be_bytes());
        octets.extend(value);
    };
    for value in values {
        match value {
            Value::Integer(integer) => counted(INTEGER, &integer.to_be_bytes()),
            Value::Text(text) => counted(TEXT, text.as_bytes()),
            Value::Blob(blob) => counted(BLOB, blob),
            // No key is absent or a fraction.
            Value::Null | Value::Real(_) => counted(BLOB, &[]),
        }
    }
    Position(Bytes::from(octets))
}

/// The values of a position, which are as many as the order has keys.
pub(crate) fn decode(position: &Position, keys: usize) -> Result<Vec<Value>, StoreErrorKind> {
    let mut rest = &*position.0;
    let mut values = Vec::with_capacity(keys);
    while !rest.is_empty() {
        let (value, after) = next(rest).ok_or(FOREIGN)?;
        values.push(value);
        rest = after;
    }
    if values.len() == keys { Ok(values) } else { Err(FOREIGN) }
}

/// The row of a position that is nothing else.
pub(crate) fn decode_row(position: &Position) -> Result<i64, StoreErrorKind> {
    match decode(position, 1)?.as_slice() {
        [Value::Integer(row)] => Ok(*row),
        _ => Err(FOREIGN),
    }
}

const FOREIGN: StoreErrorKind = StoreErrorKind::Unsupported("a position of another query");

fn next(octets: &[u8]) -> Option<(Value, &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (value, rest) =
        rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
    let value = match *tag {
        INTEGER => Value::Integer(i64::from_be_bytes(value.try_into().ok()?)),
        TEXT => Value::Text(String::from_utf8(value.to_vec()).ok()?),
        BLOB => Value::Blob(value.to_vec()),
        _ => return None,
    };
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_written() {
        let values = vec![
            Value::Blob(vec![0, b'b']),
            Value::Text("x".into()),
            Value::Integer(-7),
            Value::Blob(vec![]),
        ];
        assert_eq!(decode(&encode(&values), 4).unwrap(), values);
        assert!(decode(&encode(&values), 3).is_err());
    }

    #[test]
    fn foreign_octets_are_refused() {
        for octets in [&b"x"[..], &[1, 0, 0], &[3, 255, 255, 255, 255, 255, 255, 255, 255, 1]] {
            assert!(decode(&Position(Bytes::copy_from_slice(octets)), 1).is_err());
        }
    }
}
