//! Text prepared for comparison (RFC 7644 §5, §7.8).

use std::borrow::Cow;

use caseless::Caseless;
use precis_core::profile::{PrecisFastInvocation, Rules};
use precis_profiles::{OpaqueString, UsernameCaseMapped};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The longest text in bytes, ASCII apart, that PRECIS judges here: its contextual rules cost the
/// square of the length.
const LONGEST: usize = 1023;

/// The mappings of PRECIS UsernameCaseMapped (RFC 8265 §3.3.2): width, lower case, NFC.
///
/// They apply to every text, also to one that the profile does not allow (and to the fragments of
/// names that `co` looks for), so that all texts are comparable by one rule.
pub(super) fn user_name(text: &str) -> Box<str> {
    if text.is_ascii() {
        return text.to_ascii_lowercase().into();
    }
    let narrow = UsernameCaseMapped::new().width_mapping_rule(text).unwrap_or(Cow::Borrowed(text));
    narrow.chars().flat_map(char::to_lowercase).map(without_final_form).nfc().collect()
}

/// Whether PRECIS allows the text as a user name (RFC 8265 §3.1): user parts of the
/// UsernameCaseMapped profile with single spaces between them (I-005).
///
/// Texts beyond ASCII are refused when they are longer than 1023 bytes.
///
/// ```
/// use scim_core::query::is_user_name;
///
/// assert!(is_user_name("bjensen@example.com"));
/// assert!(is_user_name("José"));
/// assert!(!is_user_name(" bjensen"));
/// ```
pub fn is_user_name(text: &str) -> bool {
    text.split(' ').all(|part| match part.is_ascii() {
        true => !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic()),
        false => text.len() <= LONGEST && UsernameCaseMapped::enforce(part).is_ok(),
    })
}

/// A password prepared by PRECIS OpaqueString (RFC 8265 §4.2): spaces of every kind become ASCII
/// ones, the rest is composed, case is kept. `None` for what the profile does not allow, and for
/// texts beyond ASCII that are longer than 1023 bytes.
///
/// Prepare what a user types in the same way before comparing it with what a
/// [`SecretKeeper`](crate::SecretKeeper) was given.
///
/// ```
/// use scim_core::query::prepared_password;
///
/// let typed = prepared_password("Correct\u{a0}Ho\u{308}rse");
/// assert_eq!(typed.as_deref(), Some("Correct Hörse"));
/// assert_eq!(prepared_password("bell\u{7}"), None);
/// ```
pub fn prepared_password(text: &str) -> Option<String> {
    let is_short = text.is_ascii() || text.len() <= LONGEST;
    is_short.then(|| OpaqueString::enforce(text).ok())?.map(Cow::into_owned)
}

/// NFC, full case folding without a locale, NFC (I-006).
pub(super) fn case_folded(text: &str) -> Box<str> {
    if text.is_ascii() {
        return text.to_ascii_lowercase().into();
    }
    text.nfc().default_case_fold().nfc().collect()
}

/// Folded, without white space (W-014).
pub(super) fn handle(text: &str) -> Box<str> {
    case_folded(&text.split_whitespace().collect::<String>())
}

/// NFC; case is kept (F-028).
pub(super) fn case_exact(text: &str) -> Box<str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.into(),
        _ => text.nfc().collect(),
    }
}

/// Lower case has two forms of sigma, by its place in the word; here both are the same letter, so
/// that a part of a prepared name is the prepared part of the name.
fn without_final_form(letter: char) -> char {
    if letter == 'ς' { 'σ' } else { letter }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // I-002, F-028: canonically equivalent texts are one text.
        #[test]
        fn the_form_of_composition_does_not_count(text: String) {
            let decomposed: String = text.nfd().collect();
            for prepare in [user_name, case_folded, case_exact] {
                prop_assert_eq!(prepare(&text), prepare(&decomposed));
            }
            is_user_name(&text);
        }

        // The short way for ASCII is the long way cut short.
        #[test]
        fn ascii_goes_the_short_way(text in "[ -~]*") {
            let long = user_name(&format!("{text}ä"));
            prop_assert_eq!(format!("{}ä", user_name(&text)), &*long);
            let long = case_folded(&format!("{text}ä"));
            prop_assert_eq!(format!("{}ä", case_folded(&text)), &*long);
        }
    }

    #[test]
    fn user_names_are_the_same_in_any_case_width_and_form() {
        // I-001, I-002, I-003, W-002
        let same = [
            ["BJensen", "bjensen"],
            ["JÜRGEN", "jürgen"],
            ["ju\u{308}rgen", "jürgen"],
            ["ｂｊｅｎｓｅｎ＠example.com", "bjensen@example.com"],
            ["ΟΔΟΣ", "οδος"],
            ["ＪＯＨＮ\u{3000}DOE", "john doe"],
        ];
        for [one, other] in same {
            assert_eq!(user_name(one), user_name(other));
        }
        assert_ne!(user_name("jürgen"), user_name("jurgen"));
        assert_ne!(user_name("straße"), user_name("strasse"));
    }

    #[test]
    fn what_precis_takes_long_for_has_a_length() {
        // Y-016
        let (short, long) = ("\u{660}".repeat(LONGEST / 2), "\u{660}".repeat(LONGEST / 2 + 1));
        assert!(prepared_password(&short).is_some() && prepared_password(&long).is_none());
        let (short, long) = ("ä".repeat(LONGEST / 2), "ä".repeat(LONGEST / 2 + 1));
        assert!(is_user_name(&short) && !is_user_name(&long));
        assert!(prepared_password(&"a".repeat(1 << 20)).is_some());
    }

    #[test]
    fn precis_says_which_user_names_are_allowed() {
        // I-005
        for name in ["bjensen@example.com", "José", "john doe", "a.b+c", "用户", "Ünal Ay"] {
            assert!(is_user_name(name), "{name}");
        }
        let refused = ["", " ", " a", "a ", "a  b", "a\tb", "a\u{7f}", "😀", "a\u{200b}b", "ﬁ"];
        for name in refused {
            assert!(!is_user_name(name), "{name:?}");
        }
        assert!(is_user_name(&"a".repeat(5000)));
        assert!(!is_user_name(&"ä".repeat(5000)));
    }

    #[test]
    fn folding_is_full_and_has_no_locale() {
        // I-006, I-007
        assert_eq!(case_folded("STRASSE"), case_folded("straße"));
        assert_eq!(case_folded("ΟΔΟΣ"), case_folded("οδος"));
        assert_eq!(case_folded("E\u{301}"), case_folded("é"));
        assert_ne!(case_folded("İ"), case_folded("i"));
        assert_eq!(&*case_folded("I"), "i");
        assert_eq!(&*case_folded("😀A"), "😀a");
    }

    #[test]
    fn exact_text_keeps_its_case_and_is_composed() {
        // F-015, F-028
        assert_eq!(&*case_exact("e\u{301}A"), "éA");
        assert_eq!(&*case_exact("Straße"), "Straße");
    }
}
