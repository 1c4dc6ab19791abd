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
        if let Some(text) = self.text() {
            return f.write_str(str::from_utf8(&text).unwrap_or_default());
        }
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant:.6}"),
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

impl Timestamp {
    /// The text of an instant in a year of four digits, which every answer shows twice.
    pub(crate) fn text(self) -> Option<[u8; 27]> {
        const MICROS_PER_DAY: i64 = 86_400_000_000;
        let (days, micros) = (self.0.div_euclid(MICROS_PER_DAY), self.0.rem_euclid(MICROS_PER_DAY));
        let (year, month, day) = date(days);
        if !(0..10_000).contains(&year) {
            return None;
        }
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        for (place, value) in [
            (0..4, year),
            (5..7, month),
            (8..10, day),
            (11..13, seconds / 3_600),
            (14..16, seconds / 60 % 60),
            (17..19, seconds % 60),
            (20..26, micros),
        ] {
            let mut rest = value;
            for digit in text.get_mut(place)?.iter_mut().rev() {
                *digit = b'0' + u8::try_from(rest % 10).ok()?;
                rest /= 10;
            }
        }
        Some(text)
    }
}

/// Year, month and day of the Gregorian calendar, so many days after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that leap days end them; 400 of them always take as long.
    const FOUR_CENTURIES: i64 = 146_097;
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(FOUR_CENTURIES), days.rem_euclid(FOUR_CENTURIES));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (400 * cycle + year + carry, month, day)
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
