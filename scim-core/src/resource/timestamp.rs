//! Points in time to the microsecond.

use std::{fmt, str::FromStr};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
///
/// It is shown as an `xsd:dateTime` in UTC (RFC 7643 §2.3.5).
///
/// ```
/// use scim_core::Timestamp;
///
/// let instant = Timestamp::from_micros(1_305_261_754_000_000);
/// assert_eq!(instant.to_string(), "2011-05-13T04:42:34.000000Z");
/// assert_eq!("2011-05-13T06:42:34+02:00".parse(), Ok(instant));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not an `xsd:dateTime` with date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a dateTime with date and time")]
#[non_exhaustive]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The current time of the system's clock.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// The instant that many microseconds after 1970-01-01T00:00:00Z.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// The later of this instant and the one just after `previous`, so that the times of one
    /// resource's changes never stand still even if the clock does.
    pub fn after(self, previous: Self) -> Self {
        self.max(Self(previous.0.saturating_add(1)))
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        Ok(Self(instant.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => match text_of(instant) {
                Some(text) => f.write_str(str::from_utf8(&text).unwrap_or_default()),
                None => write!(f, "{instant:.6}"),
            },
            // Beyond the years that a calendar text can name.
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text of an instant in a year of four digits, which every answer shows twice.
fn text_of(instant: jiff::Timestamp) -> Option<[u8; 27]> {
    let at = jiff::tz::Offset::UTC.to_datetime(instant);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    for (place, value) in [
        (0..4, u32::try_from(at.year()).ok()?),
        (5..7, u32::try_from(at.month()).ok()?),
        (8..10, u32::try_from(at.day()).ok()?),
        (11..13, u32::try_from(at.hour()).ok()?),
        (14..16, u32::try_from(at.minute()).ok()?),
        (17..19, u32::try_from(at.second()).ok()?),
        (20..26, u32::try_from(at.subsec_nanosecond() / 1_000).ok()?),
    ] {
        let mut rest = value;
        for digit in text.get_mut(place)?.iter_mut().rev() {
            *digit = b"0123456789".get(usize::try_from(rest % 10).ok()?).copied()?;
            rest /= 10;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_those_of_the_calendar(micros in -400_000_000_000_000_000_i64..400_000_000_000_000_000) {
            if let Ok(instant) = jiff::Timestamp::from_microsecond(micros) {
                let expected = format!("{instant:.6}");
                prop_assert_eq!(Timestamp::from_micros(micros).to_string(), expected);
            }
        }
    }
}
