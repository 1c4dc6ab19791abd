//! The instants that `xsd:dateTime` texts name (RFC 7643 §2.3.5).

use jiff::civil::Date;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// The nanoseconds since 1970-01-01T00:00:00Z of an `xsd:dateTime`.
///
/// Without an offset it is taken as UTC. `24:00:00` is the start of the next day. Digits of a
/// fraction beyond the ninth are dropped. Years are those of four digits, perhaps negative.
pub(super) fn parse(text: &str) -> Option<i128> {
    let (date, time) = text.split_once(['T', 't'])?;
    let (time, offset_seconds) = split_offset(time)?;
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, nanos(fraction)?),
        None => (time, 0),
    };
    let seconds = days(date)? * 86_400 + seconds_of_day(time, fraction)? - offset_seconds;
    Some(i128::from(seconds) * NANOS_PER_SECOND + i128::from(fraction))
}

fn days(date: &str) -> Option<i64> {
    let (negative, date) = match date.strip_prefix('-') {
        Some(date) => (-1, date),
        None => (1, date),
    };
    let mut parts = date.split('-');
    let year: i16 = digits(parts.next()?, 4)?;
    let month: i8 = digits(parts.next()?, 2)?;
    let day: i8 = digits(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    let date = Date::new(negative * year, month, day).ok()?;
    Some(date.duration_since(Date::constant(1970, 1, 1)).as_secs() / 86_400)
}

fn seconds_of_day(time: &str, fraction: u32) -> Option<i64> {
    let mut parts = time.split(':');
    let hour: i64 = digits(parts.next()?, 2)?;
    let minute: i64 = digits(parts.next()?, 2)?;
    let second: i64 = digits(parts.next()?, 2)?;
    let is_end_of_day = hour == 24 && minute == 0 && second == 0 && fraction == 0;
    let is_time = hour < 24 && minute < 60 && second < 60;
    let complete = parts.next().is_none() && (is_time || is_end_of_day);
    complete.then_some(hour * 3_600 + minute * 60 + second)
}

/// The time without its offset, and the offset in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let (sign, split) = match time.split_once('+') {
        Some(split) => (1, Some(split)),
        None => (-1, time.split_once('-')),
    };
    let Some((time, offset)) = split else { return Some((time, 0)) };
    let (hours, minutes) = offset.split_once(':')?;
    let (hours, minutes): (i64, i64) = (digits(hours, 2)?, digits(minutes, 2)?);
    let within = minutes < 60 && hours * 60 + minutes <= 14 * 60;
    within.then_some((time, sign * (hours * 3_600 + minutes * 60)))
}

fn nanos(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(padded.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0')))
}

/// The number of exactly so many digits, which are few.
fn digits<N: TryFrom<u32>>(text: &str, length: usize) -> Option<N> {
    let add =
        |number: u32, byte: u8| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'));
    let number = (text.len() == length).then(|| text.bytes().try_fold(0, add))??;
    number.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_has_many_spellings() {
        // F-011
        let spellings = [
            "2011-05-13T04:42:34Z",
            "2011-05-13T06:42:34+02:00",
            "2011-05-12T23:12:34-05:30",
            "2011-05-13T04:42:34",
            "2011-05-13T04:42:34.0000000Z",
            "2011-05-13t04:42:34z",
        ];
        for text in spellings {
            assert_eq!(parse(text), Some(1_305_261_754_000_000_000), "{text}");
        }
    }

    #[test]
    fn fractions_and_the_end_of_a_day() {
        assert_eq!(parse("1970-01-01T00:00:00.5Z"), Some(500_000_000));
        assert_eq!(parse("1970-01-01T00:00:00.1234567Z"), Some(123_456_700));
        assert_eq!(parse("1970-01-01T00:00:00.1234567899Z"), Some(123_456_789));
        assert_eq!(parse("1969-12-31T24:00:00Z"), Some(0));
        assert_eq!(parse("1969-12-31T23:59:59.5Z"), Some(-500_000_000));
        assert!(parse("9999-12-31T24:00:00-14:00") > parse("9999-12-31T23:59:59Z"));
        assert!(parse("-0044-03-15T12:00:00Z") < parse("0044-03-15T12:00:00Z"));
    }

    #[test]
    fn what_is_no_date_time_is_refused() {
        let texts = [
            "",
            "2011-05-13",
            "04:42:34Z",
            "2011-05-13 04:42:34Z",
            "2011-02-29T00:00:00Z",
            "2011-05-13T24:00:01Z",
            "2011-05-13T24:00:00.1Z",
            "2011-05-13T24:30:00Z",
            "2011-05-13T25:00:00Z",
            "2011-05-13T23:60:00Z",
            "2011-05-13T23:59:60Z",
            "2011-05-13T04:42:34+01:60",
            "2011-05-13T04:42Z",
            "2011-05-13T04:42:34.Z",
            "2011-05-13T04:42:34+0200",
            "2011-05-13T04:42:34+14:01",
            "2011-5-13T04:42:34Z",
            "20110513T044234Z",
            "2011-05-13T04:42:34Zjunk",
            "T",
        ];
        for text in texts {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
