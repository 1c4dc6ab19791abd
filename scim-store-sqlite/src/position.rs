//! Places in an ordered answer: the sort keys of the last row, and the row.

use bytes::Bytes;
use rusqlite::types::Value;
use scim_core::store::{Position, StoreErrorKind};

const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BLOB: u8 = 3;

/// The position of these values in an order, which `order` tells from others.
pub(crate) fn encode(order: u32, values: &[Value]) -> Position {
    let mut octets = order.to_be_bytes().to_vec();
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

/// The values of a position in this order, which are as many as the order has keys.
pub(crate) fn decode(
    position: &Position,
    order: u32,
    keys: usize,
) -> Result<Vec<Value>, StoreErrorKind> {
    let (found, mut rest) = position.0.split_first_chunk::<4>().ok_or(FOREIGN)?;
    if u32::from_be_bytes(*found) != order {
        return Err(FOREIGN);
    }
    let mut values = Vec::with_capacity(keys);
    while !rest.is_empty() {
        let (value, after) = next(rest).ok_or(FOREIGN)?;
        values.push(value);
        rest = after;
    }
    if values.len() == keys { Ok(values) } else { Err(FOREIGN) }
}

/// The position of a row among edges.
pub(crate) fn encode_row(row: i64) -> Position {
    encode(EDGES, &[Value::Integer(row)])
}

/// The row of a position among edges.
pub(crate) fn decode_row(position: &Position) -> Result<i64, StoreErrorKind> {
    match decode(position, EDGES, 1)?.as_slice() {
        [Value::Integer(row)] => Ok(*row),
        _ => Err(FOREIGN),
    }
}

/// The order of edges.
const EDGES: u32 = 0;

/// A number that tells a text from others: FNV-1a, for it has to stay from release to release.
pub(crate) fn digest(text: &str) -> u32 {
    text.bytes()
        .fold(0x811c_9dc5, |hash, octet| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193))
}

/// The engine answers it as a cursor that has expired.
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
        assert_eq!(decode(&encode(9, &values), 9, 4).unwrap(), values);
        assert!(decode(&encode(9, &values), 9, 3).is_err());
        assert!(decode(&encode(9, &values), 8, 4).is_err(), "the position of another order");
    }

    #[test]
    fn foreign_octets_are_refused() {
        for octets in [&b"x"[..], &[1, 0, 0], &[3, 255, 255, 255, 255, 255, 255, 255, 255, 1]] {
            assert!(decode(&Position(Bytes::copy_from_slice(octets)), 0, 1).is_err());
            let behind_an_order = [&[0; 4], octets].concat();
            assert!(decode(&Position(behind_an_order.into()), 0, 1).is_err());
        }
    }
}
