//! The forms that RFC 7643 §4.1 gives some values of a User beyond their type.

/// What a text has to look like.
///
/// Only looks count: whether a zone or a country exists changes with the years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// Anything of the attribute's type.
    #[default]
    Any,
    /// The name of a user, which is held to its form always (I-005).
    UserName,
    /// The address of an instant messenger, of which only the comparison is special.
    Handle,
    /// The id of a resource, which compares exactly wherever it stands (RFC 7643 §3.1).
    Id,
    /// A language tag (RFC 5646 §2.1); `_` may stand for `-` (W-005).
    LanguageTag,
    /// Language ranges with weights (RFC 9110 §12.5.4).
    LanguageRanges,
    /// The name of a zone, such as `America/Los_Angeles`.
    TimeZone,
    /// A country code of two letters (ISO 3166-1 alpha-2).
    Country,
    /// One certificate in DER, in base64.
    Certificate,
}

impl Form {
    /// The form of an attribute of the User schema, by its path.
    pub(super) fn of_user(path: &str) -> Self {
        match path {
            "userName" => Self::UserName,
            "ims.value" => Self::Handle,
            "locale" => Self::LanguageTag,
            "preferredLanguage" => Self::LanguageRanges,
            "timezone" => Self::TimeZone,
            "addresses.country" => Self::Country,
            "x509Certificates.value" => Self::Certificate,
            _ => Self::Any,
        }
    }

    /// The form of a part of an attribute that shows edges, by its path.
    pub(super) fn of_edge(path: &str) -> Self {
        if path.ends_with(".value") { Self::Id } else { Self::Any }
    }

    /// What a value has to be, for error messages.
    pub(crate) fn expectation(self) -> &'static str {
        match self {
            Self::Any | Self::UserName | Self::Handle | Self::Id => "a value",
            Self::LanguageTag => "a language tag such as `en-US`",
            Self::LanguageRanges => "language ranges such as `da, en-gb;q=0.8`",
            Self::TimeZone => "the name of a time zone such as `America/Los_Angeles`",
            Self::Country => "a country code of two letters",
            Self::Certificate => "one certificate",
        }
    }

    /// Whether a text has the form; of a certificate, its octets are asked for.
    pub(crate) fn admits(self, text: &str, octets: Option<&[u8]>) -> bool {
        match self {
            Self::Any | Self::UserName | Self::Handle | Self::Id => true,
            Self::LanguageTag => is_language_tag(text),
            Self::LanguageRanges => text.split(',').all(is_weighted_range),
            Self::TimeZone => is_time_zone(text),
            Self::Country => text.len() == 2 && text.bytes().all(|it| it.is_ascii_alphabetic()),
            Self::Certificate => octets.is_some_and(is_one_sequence),
        }
    }
}

fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split(['-', '_']);
    let is_language = |it: &str| it.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_subtag = |it: &str| {
        (1..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    subtags.next().is_some_and(|it| is_subtag(it) && is_language(it)) && subtags.all(is_subtag)
}

fn is_weighted_range(text: &str) -> bool {
    let (range, weight) = text.split_once(';').map_or((text, None), |(it, q)| (it, Some(q)));
    let range = range.trim();
    let is_weight = |weight: &str| {
        let value = weight.trim().strip_prefix(['q', 'Q']).and_then(|it| it.strip_prefix('='));
        value.and_then(|it| it.parse::<f32>().ok()).is_some_and(|it| (0.0..=1.0).contains(&it))
    };
    (range == "*" || is_language_tag(range)) && weight.is_none_or(is_weight)
}

/// `Area/Location`, or one of the old names without an area, of which only those of the zone
/// `GMT` have an offset.
fn is_time_zone(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || b"_+-".contains(&it))
    };
    let has_area = text.contains('/');
    text.split('/').all(is_part) && (has_area || !text.contains('+') || text == "GMT+0")
}

/// Whether the octets are one DER sequence that begins with a sequence and ends where it says
/// (RFC 5280 §4.1): a second certificate behind it would be left over.
fn is_one_sequence(octets: &[u8]) -> bool {
    let Some(content) = sequence(octets) else { return false };
    content.first() == Some(&SEQUENCE)
}

const SEQUENCE: u8 = 0x30;

fn sequence(octets: &[u8]) -> Option<&[u8]> {
    let (&[tag, length], rest) = octets.split_first_chunk()?;
    let (length, content) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (digits, content) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit));
            (length, content)
        }
        _ => return None,
    };
    (tag == SEQUENCE && content.len() == length).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_form() {
        // W-004, W-005, W-006, W-016
        let cases: [(Form, &[&str], &[&str]); 4] = [
            (
                Form::LanguageTag,
                &["en", "en-US", "en_US", "zh-Hant-TW", "de-CH-1996"],
                &["", "en US", "-", "en-", "1a", "abcdefghi", "*"],
            ),
            (
                Form::LanguageRanges,
                &["en", "*", "da, en-gb;q=0.8, en;q=0.7"],
                &["", "en,", "en;q=2", "en;q=NaN", "en;x=1"],
            ),
            (
                Form::TimeZone,
                &["UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1", "EST5EDT", "GMT+0"],
                &["", "+01:00", "PST8PDT+1", "Europe/", "Eu rope", "W. Europe Standard Time"],
            ),
            (Form::Country, &["US", "de"], &["", "USA", "U1", "ü"]),
        ];
        for (form, good, bad) in cases {
            for text in good {
                assert!(form.admits(text, None), "{form:?}: {text}");
            }
            for text in bad {
                assert!(!form.admits(text, None), "{form:?}: {text}");
            }
        }
    }

    #[test]
    fn a_certificate_is_one_sequence() {
        // W-020
        let long = [&[0x30, 0x81, 0x80, 0x30, 0x7e][..], &[0; 0x7e]].concat();
        for good in [&[0x30, 2, 0x30, 0][..], &long] {
            assert!(is_one_sequence(good), "{good:?}");
        }
        let twice = [long.as_slice(), &long].concat();
        let endless = [0x30, 0x80, 0x30, 0, 0, 0];
        for bad in
            [&[][..], &[0x30], &[0x30, 0], &[0x30, 3, 0x30, 0], &[4, 2, 0x30, 0], &twice, &endless]
        {
            assert!(!is_one_sequence(bad), "{bad:?}");
        }
    }
}
