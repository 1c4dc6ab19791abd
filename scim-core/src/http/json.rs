//! JSON as a request may contain it.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess};
use serde_json::{Deserializer, Value};

use crate::{
    error::{ScimError, ScimType, shortened},
    resource::{MemberName, Object, Reader, Structure, announced},
};

/// Reads a JSON object in which no name occurs twice, not even in another case (A-003).
///
/// Arrays and objects may be nested `depth` levels deep, 127 at the most. No error shows a value.
///
/// # Errors
/// 400 `invalidSyntax` with the place, for anything else (C-010).
pub(crate) fn read_object(text: &[u8], depth: usize) -> Result<Object, ScimError> {
    // A byte order mark is no JSON, but may be ignored (RFC 8259 §8.1).
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Err(invalid("the body is empty"));
    }
    match read(text, depth).map_err(|error| malformed(&error))? {
        Value::Object(object) => Ok(object),
        Value::Array(_) => Err(invalid("expected a JSON object, found an array")),
        _ => Err(invalid("expected a JSON object")),
    }
}

/// Reads a value, and refuses what serde_json's own values would pass over in silence.
fn read(text: &[u8], depth: usize) -> serde_json::Result<Value> {
    let mut deserializer = Deserializer::from_slice(text);
    let value = Reader(Strict { text, depth, path: Path::Root }).deserialize(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

fn malformed(error: &serde_json::Error) -> ScimError {
    invalid(format!("malformed JSON: {error}"))
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}

/// All that is in a value, in which no name occurs twice.
struct Strict<'p> {
    text: &'p [u8],
    /// How many levels may still follow.
    depth: usize,
    path: Path<'p>,
}

/// The way from the top to a value.
enum Path<'p> {
    Root,
    Name(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Strict<'_> {
    fn below<E: serde::de::Error>(&self) -> Result<usize, E> {
        self.depth.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))
    }
}

impl Structure for Strict<'_> {
    fn array<'de, A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let depth = self.below()?;
        let mut values = Vec::new();
        for index in 0.. {
            let path = Path::Index(&self.path, index);
            match elements.next_element_seed(Reader(Strict { text: self.text, depth, path }))? {
                Some(value) => values.push(value),
                None => break,
            }
        }
        Ok(values.into())
    }

    fn object<'de, A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let depth = self.below()?;
        let mut names = Names::default();
        let mut object = Object::new();
        while let Some(name) = members.next_key::<MemberName<'_>>()? {
            if name.announces_number(self.text)? {
                return announced(&mut members);
            }
            let MemberName(name) = name;
            let path = Path::Name(&self.path, &name);
            if !names.is_new(&name) {
                return Err(A::Error::custom(format_args!("`{path}` is given twice")));
            }
            let value = members.next_value_seed(Reader(Strict { text: self.text, depth, path }))?;
            object.insert(name.clone().into_owned(), value);
            names.add(name);
        }
        Ok(object.into())
    }
}

/// How many names are compared one by one.
const FEW: usize = 16;

/// The names of one object, in which case does not count.
#[derive(Default)]
struct Names<'n> {
    few: Vec<Cow<'n, str>>,
    /// All others in lower case. The set's hashes are keyed at random, so that names cannot be
    /// chosen to collide.
    others: HashSet<String>,
}

impl<'n> Names<'n> {
    fn is_new(&self, name: &str) -> bool {
        let is_known = self.few.iter().any(|few| few.eq_ignore_ascii_case(name))
            || !self.others.is_empty() && self.others.contains(&name.to_ascii_lowercase());
        !is_known
    }

    fn add(&mut self, name: Cow<'n, str>) {
        if self.few.len() < FEW {
            self.few.push(name);
        } else {
            self.others.insert(name.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&shortened(&text))
    }
}

impl Path<'_> {
    fn write(&self, text: &mut String) {
        match self {
            Self::Root => {}
            Self::Index(whole, index) => {
                whole.write(text);
                text.push_str(&format!("[{index}]"));
            }
            Self::Name(whole, name) => {
                whole.write(text);
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &[u8]) -> Result<Value, String> {
        let read = read_object(text, 64);
        read.map(Value::Object).map_err(|error| {
            assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax));
            error.to_string()
        })
    }

    #[test]
    fn objects_are_read() {
        let cases = [
            ("{}", json!({})),
            (
                " \n{\"a\" : [1, -2, 3.5, null, true, \"x\"]}\r\n",
                json!({"a": [1, -2, 3.5, null, true, "x"]}),
            ),
            ("\u{feff}{\"a\":1}", json!({"a": 1})),
            (
                r#"{"a":{"b":1},"c":{"b":1,"a":2},"d":[{"b":1},{"b":2}]}"#,
                json!({
                    "a": {"b": 1}, "c": {"b": 1, "a": 2}, "d": [{"b": 1}, {"b": 2}]
                }),
            ),
            (r#"{"\u00e4":1,"\u00c4":2}"#, json!({"ä": 1, "Ä": 2})),
            (r#"{"a":18446744073709551615,"b":1e2}"#, json!({"a": u64::MAX, "b": 100.0})),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn names_occur_once() {
        // A-003
        let cases = [
            (r#"{"userName":"a","userName":"b"}"#, "`userName` is given twice"),
            (r#"{"userName":"a","username":"b"}"#, "`username` is given twice"),
            (r#"{"a":1,"\u0041":2}"#, "`A` is given twice"),
            (r#"{"name":{"x":1,"X":1}}"#, "`name.X` is given twice"),
            (
                r#"{"emails":[{},{"value":1,"type":2,"VALUE":3}]}"#,
                "`emails[1].VALUE` is given twice",
            ),
            (r#"{"a":[[{"b":1,"b":1}]]}"#, "`a[0][0].b` is given twice"),
        ];
        for (text, expected) in cases {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(error.contains(" at line 1 column "), "{text}: {error}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        // C-010
        let cases: [(&[u8], &str); 18] = [
            (b"", "the body is empty"),
            (b" \n", "the body is empty"),
            (b"[1]", "expected a JSON object, found an array"),
            (b"null", "expected a JSON object"),
            (b"\"x\"", "expected a JSON object"),
            (b"{\"a\"", "line 1 column 4"),
            (b"{\"a\":}", "line 1 column 6"),
            (b"{\"a\":1,}", "line 1 column 8"),
            (b"{\n\"a\":tru}", "line 2 column 8"),
            (b"{} x", "trailing characters at line 1 column 4"),
            (b"{}{}", "trailing characters at line 1 column 3"),
            (b"{\"a\":\"\xFF\"}", "line 1 column"),
            (b"{\"\xC3\x28\":1}", "line 1 column"),
            (b"\xFF\xFE{\0}\0", "line 1 column 1"),
            (b"{\"a\":\"\\ud800\"}", "line 1 column"),
            (b"{\"a\":1e999}", "number out of range at line 1 column"),
            (b"{a:1}", "line 1 column 2"),
            (b"{\"a\":\"\n\"}", "line 2 column 0"),
        ];
        for (text, expected) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{}: {error}", text.escape_ascii());
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |levels: usize| {
            let inner = levels - 1;
            format!("{{\"a\":{}1{}}}", "[".repeat(inner), "]".repeat(inner))
        };
        for depth in [1, 2, 64, 127] {
            assert!(read_object(nested(depth).as_bytes(), depth).is_ok(), "{depth}");
            let error = read_object(nested(depth + 1).as_bytes(), depth).unwrap_err();
            assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax), "{depth}");
        }
        let deep = "[".repeat(1_000_000);
        assert!(read_object(deep.as_bytes(), usize::MAX).is_err());
        let error = read(format!("{{\"a\":{deep}").as_bytes()).unwrap_err();
        assert!(error.contains("nested too deeply at line 1 column"), "{error}");
    }

    #[test]
    fn errors_show_no_values_and_no_endless_names() {
        let secret = r#"{"password":"t1meMa$heen","password":"t1meMa$heen2"}"#;
        assert!(!read(secret.as_bytes()).unwrap_err().contains("t1meMa"));
        for text in [r#"{"password":"t1meMa$heen"#, r#"{"password":"t1meMa$heen" "#, r#""t1meMa""#]
        {
            assert!(!read(text.as_bytes()).unwrap_err().contains("t1meMa"), "{text}");
        }
        let long = "ä".repeat(100_000);
        let error = read(format!("{{\"{long}\":1,\"{long}\":2}}").as_bytes()).unwrap_err();
        assert!(error.len() < 1_000 && error.contains("…` is given twice"), "{error}");
    }

    #[test]
    fn many_names_take_their_time_only() {
        let members: Vec<_> = (0..200_000).map(|index| format!("\"n{index}\":0")).collect();
        let text = format!("{{{}}}", members.join(","));
        assert_eq!(read(text.as_bytes()).unwrap().as_object().unwrap().len(), 200_000);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-cA-C]{1,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn has_twins(value: &Value) -> bool {
        match value {
            Value::Array(elements) => elements.iter().any(has_twins),
            Value::Object(object) => {
                let lower: HashSet<_> = object.keys().map(|name| name.to_lowercase()).collect();
                lower.len() < object.len() || object.values().any(has_twins)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(value in any_json()) {
            let text = json!({"top": value}).to_string();
            match read(text.as_bytes()) {
                Ok(read) => prop_assert!(read["top"] == value && !has_twins(&value)),
                Err(_) => prop_assert!(has_twins(&value)),
            }
        }

        #[test]
        fn no_bytes_do_harm(text in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&text);
        }
    }
}
