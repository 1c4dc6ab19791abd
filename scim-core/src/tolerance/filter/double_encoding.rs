//! Percent-encoding that is still there once the query string was decoded: Entra ID's validator
//! encodes the value before it encodes the query.

use percent_encoding::percent_decode_str;

/// The filter with its percent-encoding undone; `None` where there is none.
///
/// Inside of a string what is decoded stays inside: a quote becomes an escaped one.
pub(super) fn decoded(text: &str) -> Option<String> {
    let decoded = if text.contains('"') { in_strings(text)? } else { whole(text)? };
    (decoded != text).then_some(decoded)
}

fn in_strings(text: &str) -> Option<String> {
    let mut parts = text.split('"');
    let mut result = whole(parts.next()?)?;
    let mut is_inside = true;
    for part in parts {
        result.push('"');
        match is_inside {
            true => result.push_str(&whole(&escaped(part))?),
            false => result.push_str(&whole(part)?),
        }
        // A quote after an odd number of backslashes is part of the string.
        let backslashes = part.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if !is_inside || backslashes % 2 == 0 {
            is_inside = !is_inside;
        }
    }
    Some(result)
}

fn whole(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(String::from)
}

/// What would end or change a string once it is decoded, as JSON has it instead.
fn escaped(text: &str) -> String {
    text.replace("%22", "\\\"").replace("%5C", "\\\\").replace("%5c", "\\\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_once() {
        let cases = [
            ("userName eq \"a%40b.c\"", Some("userName eq \"a@b.c\"")),
            ("userName eq \"a@b.c\"", None),
            ("userName%20eq%20%22a%40b.c%22", Some("userName eq \"a@b.c\"")),
            ("userName eq \"a%2540b\"", Some("userName eq \"a%40b\"")),
            ("userName eq \"50%\"", None),
            ("userName eq \"a%22 or title pr\"", Some("userName eq \"a\\\" or title pr\"")),
            ("displayName eq \"a\\\"%41\"", Some("displayName eq \"a\\\"A\"")),
            ("userName eq \"a%5Cn\"", Some("userName eq \"a\\\\n\"")),
            ("userName eq \"%FF\"", None),
        ];
        for (text, expected) in cases {
            assert_eq!(decoded(text).as_deref(), expected, "{text}");
        }
    }
}
