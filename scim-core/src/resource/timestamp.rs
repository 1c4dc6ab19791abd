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
