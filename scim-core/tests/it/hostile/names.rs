//! User names that look alike: what is one name, what is refused, what stays apart (RFC 8265 §3,
//! RFC 8264 §12.5).

use serde_json::json;

use crate::endpoint::{Endpoint, user};

/// I-001, I-002, I-003: two spellings of one name; the second cannot be taken beside the first.
const ONE_NAME: [(&str, &str, &str); 11] = [
    ("upper case", "BJENSEN", "bjensen"),
    ("full width", "ｂｊｅｎｓｅｎ", "bjensen"),
    ("full width and upper case", "ＢＪＥＮＳＥＮ", "bjensen"),
    ("a full-width sign", "b＠x.test", "b@x.test"),
    ("half-width kana", "ｶﾅ", "カナ"),
    ("combining marks", "jose\u{301}", "josé"),
    ("marks in another order", "a\u{323}\u{302}", "a\u{302}\u{323}"),
    ("upper case beyond ASCII", "ÉMILE", "émile"),
    ("upper case beyond Latin", "ЖАННА", "жанна"),
    ("sigma at the end of a word", "ΝΙΚΟΣ", "νικος"),
    ("either small sigma", "νικοσ", "νικος"),
];

/// I-005: names that nobody can have.
const REFUSED: [(&str, &str); 39] = [
    ("a zero-width space", "bj\u{200b}ensen"),
    ("a zero-width joiner", "bj\u{200d}ensen"),
    ("a zero-width non-joiner", "bj\u{200c}ensen"),
    ("a word joiner", "bj\u{2060}ensen"),
    ("a byte order mark", "\u{feff}bjensen"),
    ("a soft hyphen", "bj\u{ad}ensen"),
    ("a grapheme joiner", "bj\u{34f}ensen"),
    ("a variation selector", "bjensen\u{fe0f}"),
    ("a tag", "bjensen\u{e0041}"),
    ("an override of direction", "bj\u{202e}ensen"),
    ("a mark of direction", "bjensen\u{200f}"),
    ("an isolate", "\u{2066}bjensen\u{2069}"),
    ("letters of both directions", "bאensen"),
    ("a number before letters from right to left", "1א"),
    ("digits of two kinds", "م\u{661}\u{6f1}"),
    ("a ligature", "ﬁona"),
    ("two letters in one", "ǆ"),
    ("a superscript", "bjensen²"),
    ("a number in a circle", "bjensen①"),
    ("a Roman number", "henryⅧ"),
    ("mathematical letters", "𝐛𝐣𝐞𝐧𝐬𝐞𝐧"),
    ("the sign of Kelvin", "\u{212a}elvin"),
    ("the sign of Ångström", "\u{212b}ngstrom"),
    ("a picture", "bjensen😀"),
    ("a space without break", "b\u{a0}jensen"),
    ("a space of another width", "b\u{2003}jensen"),
    ("a line separator", "b\u{2028}jensen"),
    ("a tabulator", "b\tjensen"),
    ("a line break", "bjensen\n"),
    ("NUL", "bjensen\0"),
    ("delete", "bjensen\u{7f}"),
    ("a control character beyond ASCII", "bjensen\u{85}"),
    ("a space before", " bjensen"),
    ("a space after", "bjensen "),
    ("two spaces", "b  jensen"),
    ("a private letter", "bjensen\u{e000}"),
    ("an unassigned letter", "bjensen\u{378}"),
    ("a dot between other letters than l", "a·b"),
    ("letters of Hangul in parts", "\u{1112}\u{1161}\u{11ab}"),
];

/// Pairs that may look alike and are two names all the same: PRECIS compares code points, not
/// shapes (RFC 8264 §12.5); which scripts may be mixed is a matter of the host.
const TWO_NAMES: [(&str, &str, &str); 11] = [
    ("Cyrillic for Latin", "раураl", "paypal"),
    ("one Cyrillic letter", "bjеnsen", "bjensen"),
    ("Greek for Latin", "bjensοn", "bjenson"),
    ("zero for O", "b0b", "bob"),
    ("one for l", "bi11", "bill"),
    ("no accent", "jose", "josé"),
    ("sharp s", "straße", "strasse"),
    ("no dot", "ılker", "ilker"),
    ("a capital with a dot", "İlker", "ilker"),
    ("Armenian for Latin", "օscar", "oscar"),
    ("a dot between two l", "col·lega", "collega"),
];

#[test]
fn one_name_in_two_spellings_is_taken_once() {
    for (what, one, other) in ONE_NAME {
        for (first, second) in [(one, other), (other, one)] {
            let scim = Endpoint::new();
            let id = scim.user(first);
            let answer = scim.post("/Users", user(second, json!({})));
            assert_eq!(answer.status, 409, "{what}: {second}: {}", answer.text);
            answer.expect_error(409, "uniqueness");
            for operator in ["eq", "sw", "co", "ew"] {
                let filter = format!("userName {operator} {}", json!(second));
                let found = scim.filter("/Users", &filter).json();
                assert_eq!(found["totalResults"], 1, "{what}: {filter}");
            }
            // Whose name it is may spell it in another way.
            let path = format!("/Users/{id}");
            let renamed = scim.put(&path, user(second, json!({}))).expect(200);
            assert_eq!(renamed.json()["userName"], second, "{what}");
        }
    }
}

#[test]
fn names_that_cannot_be_told_apart_are_refused() {
    for (what, name) in REFUSED {
        let scim = Endpoint::new();
        let id = scim.user("bjensen");
        let answer = scim.post("/Users", user(name, json!({})));
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        answer.expect_error(400, "invalidValue");
        let path = format!("/Users/{id}");
        let answer = scim.put(&path, user(name, json!({})));
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        let operation = json!({"op": "replace", "path": "userName", "value": name});
        let answer = scim.patch(&path, json!([operation]));
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        assert_eq!(scim.get(&path).json()["userName"], "bjensen", "{what}");
    }
}

#[test]
fn names_of_other_letters_are_other_names() {
    for (what, one, other) in TWO_NAMES {
        let scim = Endpoint::new();
        for name in [one, other] {
            let answer = scim.post("/Users", user(name, json!({})));
            assert_eq!(answer.status, 201, "{what}: {name}: {}", answer.text);
        }
        let found = scim.filter("/Users", &format!("userName eq {}", json!(one))).json();
        assert_eq!(found["Resources"][0]["userName"], one, "{what}");
        assert_eq!(found["totalResults"], 1, "{what}");
    }
}

#[test]
fn names_of_all_directions_and_scripts_are_allowed() {
    let scim = Endpoint::new();
    for name in ["אברהם", "محمد", "用户", "ひらがな", "한글", "ஜோன்", "นาย", "नमस्ते"]
    {
        scim.user(name);
        let found = scim.filter("/Users", &format!("userName eq {}", json!(name))).json();
        assert_eq!(found["totalResults"], 1, "{name}");
    }
}
