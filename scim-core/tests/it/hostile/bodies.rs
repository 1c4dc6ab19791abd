//! Bodies: their size, shape and bytes (RFC 7644 §3.12, §7; RFC 8259 §8, §9).

use http::Method;
use scim_core::{Limits, ScimServerBuilder};

use super::attack::{Attack, Sent, post, sent};
use crate::endpoint::{Endpoint, USER};

const PATCH: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":["#;
const BULK: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":["#;

/// A body of many parts: what comes before them, each of them, and what comes after.
fn many(before: &str, size: usize, part: impl Fn(usize) -> String, after: &str) -> String {
    let parts: Vec<_> = (0..size).map(part).collect();
    format!("{before}{}{after}", parts.join(","))
}

fn nested(open: &str, size: usize, close: &str) -> String {
    format!(r#"{{"x":{}1{}}}"#, open.repeat(size), close.repeat(size))
}

fn create(further: &str) -> Sent {
    post("/Users", format!(r#"{{"schemas":["{USER}"],"userName":"mallory",{further}}}"#))
}

pub(super) fn long(builder: ScimServerBuilder) -> ScimServerBuilder {
    builder.limits(Limits::default().body(8 << 20).bulk_payload(8 << 20))
}

/// Y-016, E-006, B-022, C-010, A-003
pub(super) const ATTACKS: [Attack; 22] = [
    Attack {
        name: "a body beyond the limit",
        size: 2 << 20,
        request: |size| create(&format!(r#""title":"{}""#, "x".repeat(size))),
        answer: (413, ""),
    },
    Attack {
        name: "operations of Bulk beyond the limit",
        size: 5_000,
        request: |size| {
            let part =
                |n| format!(r#"{{"method":"POST","path":"/Users","bulkId":"{n}","data":{{}}}}"#);
            post("/Bulk", many(BULK, size, part, "]}"))
        },
        answer: (413, ""),
    },
    Attack {
        name: "100,000 empty operations of Bulk",
        size: 25_000,
        request: |size| post("/Bulk", many(BULK, size, |_| "{}".to_owned(), "]}")),
        answer: (413, ""),
    },
    Attack {
        name: "100,000 operations of PATCH",
        size: 25_000,
        request: |size| {
            let part = |_| r#"{"op":"add"}"#.to_owned();
            sent(Method::PATCH, "/Users/{user}", many(PATCH, size, part, "]}"))
        },
        answer: (413, ""),
    },
    Attack {
        name: "all operations that a PATCH may have",
        size: 250,
        request: |size| {
            let part = |n| format!(r#"{{"op":"add","path":"title","value":"{n}"}}"#);
            sent(Method::PATCH, "/Users/{user}", many(PATCH, size, part, "]}"))
        },
        answer: (200, ""),
    },
    Attack {
        name: "all operations that a Bulk may have",
        size: 250,
        request: |size| {
            let part = |n| {
                let data = format!(r#"{{"schemas":["{USER}"],"userName":"user{n}"}}"#);
                format!(r#"{{"method":"POST","path":"/Users","bulkId":"{n}","data":{data}}}"#)
            };
            post("/Bulk", many(BULK, size, part, "]}"))
        },
        answer: (200, ""),
    },
    Attack {
        name: "arrays in arrays",
        size: 50_000,
        request: |size| post("/Users", nested("[", size, "]")),
        answer: (400, "invalidSyntax"),
    },
    Attack {
        name: "objects in objects",
        size: 50_000,
        request: |size| post("/Users", nested(r#"{"x":"#, size, "}")),
        answer: (400, "invalidSyntax"),
    },
    Attack {
        name: "brackets that are never closed",
        size: 250_000,
        request: |size| post("/Users", nested("[", size, "")),
        answer: (400, "invalidSyntax"),
    },
    Attack {
        name: "many names",
        size: 10_000,
        request: |size| create(&many("", size, |n| format!(r#""attribute{n:08}":{n}"#), "")),
        answer: (201, ""),
    },
    Attack {
        // Equal under hashes that multiply by 31 and add.
        name: "names made to collide",
        size: 2_048,
        request: |size| {
            let pair = |n: usize, bit: usize| if (n >> bit) & 1_usize == 0 { "a~" } else { "b_" };
            let name = |n| (0..13).map(|bit| pair(n, bit)).collect::<String>();
            create(&many("", size, |n| format!(r#""{}":{n}"#, name(n)), ""))
        },
        answer: (201, ""),
    },
    Attack {
        name: "a long name, twice, in another case",
        size: 100_000,
        request: |size| create(&format!(r#""{}":1,"{}":2"#, "a".repeat(size), "A".repeat(size))),
        answer: (400, "invalidSyntax"),
    },
    Attack {
        name: "many schemas",
        size: 5_000,
        request: |size| {
            post(
                "/Users",
                many(
                    r#"{"userName":"mallory","schemas":["#,
                    size,
                    |n| format!(r#""urn:example:{n}""#),
                    "]}",
                ),
            )
        },
        answer: (201, ""),
    },
    Attack {
        name: "many values",
        size: 5_000,
        request: |size| {
            let part = |n| format!(r#"{{"value":"{n}@x.test","type":"t{n}"}}"#);
            create(&many(r#""emails":["#, size, part, "]"))
        },
        answer: (201, ""),
    },
    Attack {
        name: "one value many times",
        size: 5_000,
        request: |size| {
            create(&many(r#""emails":["#, size, |_| r#"{"value":"a@x.test"}"#.to_owned(), "]"))
        },
        answer: (201, ""),
    },
    Attack {
        name: "many members that do not exist",
        size: 4_000,
        request: |size| {
            let one = many("", size, |n| format!(r#"{{"value":"{n}"}}"#), "");
            let body = format!(r#"{PATCH}{{"op":"add","path":"members","value":[{one}]}}]}}"#);
            sent(Method::PATCH, "/Groups/{group}", body)
        },
        answer: (400, "invalidValue"),
    },
    Attack {
        name: "an integer of many digits",
        size: 100_000,
        request: |size| create(&format!(r#""x":{}"#, "9".repeat(size))),
        answer: (400, "invalidSyntax"),
    },
    Attack {
        name: "a fraction of many digits",
        size: 100_000,
        request: |size| create(&format!(r#""x":0.{}1"#, "0".repeat(size))),
        answer: (201, ""),
    },
    Attack {
        name: "an exponent of many digits",
        size: 100_000,
        request: |size| create(&format!(r#""x":1e{}"#, "9".repeat(size))),
        answer: (400, "invalidSyntax"),
    },
    Attack {
        name: "escapes",
        size: 100_000,
        request: |size| create(&format!(r#""title":"{}""#, r"\u00e4".repeat(size))),
        answer: (201, ""),
    },
    Attack {
        name: "combining marks out of order",
        size: 50_000,
        request: |size| create(&format!(r#""title":"a{}""#, "\u{0301}\u{0323}".repeat(size))),
        answer: (201, ""),
    },
    Attack {
        name: "spaces",
        size: 200_000,
        request: |size| create(&format!(r#""title":{}"x""#, " ".repeat(size))),
        answer: (201, ""),
    },
];

#[test]
fn each_body_has_its_answer_and_costs_what_its_size_explains() {
    for attack in &ATTACKS {
        attack.check(long);
    }
}

#[test]
fn bytes_that_are_no_json_are_refused() {
    // C-010, A-003, RFC 8259 §8.1
    let body = |user_name: &[u8]| {
        let mut text = format!(r#"{{"schemas":["{USER}"],"userName":""#).into_bytes();
        text.extend_from_slice(user_name);
        text.extend_from_slice(b"\"}");
        text
    };
    let marked = |mark: &[u8]| [mark, &body(b"marked")].concat();
    let utf_16 = |units: &str| units.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let numbers = |number: &str| format!(r#"{{"userName":"a","x":{number}}}"#).into_bytes();
    let refused: [(&str, Vec<u8>); 20] = [
        ("nothing", Vec::new()),
        ("NUL", vec![0]),
        ("a stray continuation", body(b"\x80")),
        ("a start without the rest", body(b"\xC3")),
        ("an overlong slash", body(b"\xC0\xAF")),
        ("an overlong NUL", body(b"\xE0\x80\x80")),
        ("a surrogate", body(b"\xED\xA0\x80")),
        ("beyond Unicode", body(b"\xF4\x90\x80\x80")),
        ("an escaped surrogate alone", body(br"\ud800")),
        ("escaped surrogates the wrong way round", body(br"\udc00\ud800")),
        ("a bare control character", body(b"\x01")),
        ("a bare line break", body(b"\n")),
        ("UTF-16", utf_16("\u{feff}{\"userName\":\"a\"}")),
        ("two marks", marked("\u{feff}\u{feff}".as_bytes())),
        ("a name given twice", br#"{"userName":"a","userName":"b"}"#.to_vec()),
        ("a name given twice by an escape", br#"{"userName":"a","user\u004eame":"b"}"#.to_vec()),
        ("a number beyond numbers", numbers("1e999999")),
        ("a negative one", numbers("-1e999999")),
        ("no number", numbers("NaN")),
        ("octal", numbers("0777")),
    ];
    let scim = Endpoint::new();
    for (what, body) in refused {
        let answer = scim.send_bytes("/Users", body);
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        answer.expect_error(400, "invalidSyntax");
    }
    assert_eq!(scim.get("/Users").json()["totalResults"], 0);
    scim.send_bytes("/Users", marked("\u{feff}".as_bytes())).expect(201);
}

/// Names by which serde_json hands values to itself are no way to send text that nobody looks at.
#[test]
fn names_that_mean_something_to_the_parser_are_refused() {
    // C-010
    let scim = Endpoint::new();
    let id = scim.user("bjensen");
    for name in ["Number", "RawValue"].map(|name| format!("$serde_json::private::{name}")) {
        for name in [name.replace('$', r"\u0024"), name.clone()] {
            let value = format!(r#"{{"{name}":"1"}}"#);
            let user = format!(r#""schemas":["{USER}"],"userName":"mallory","#);
            for further in [
                format!(r#""x":{value}"#),
                format!(r#""emails":[{{"value":{value}}}]"#),
                format!(r#""{name}":"1""#),
                format!(r#""name":{{"givenName":"M","{name}":"1"}}"#),
            ] {
                let body = format!("{{{user}{further}}}");
                scim.request_text("/Users", &body).expect_error(400, "invalidSyntax");
                let data = format!(r#"{{"method":"POST","path":"/Users","data":{body}}}"#);
                let bulk = format!("{BULK}{data}]}}");
                scim.request_text("/Bulk", &bulk).expect_error(400, "invalidSyntax");
            }
            for operation in [
                format!(r#"{{"op":"add","path":"title","value":{value}}}"#),
                format!(r#"{{"op":"add","value":{{"name":{value}}}}}"#),
                format!(r#"{{"op":"add","value":{value}}}"#),
            ] {
                let patch = format!("{PATCH}{operation}]}}");
                let answer = scim.request(Method::PATCH, &format!("/Users/{id}"), &[], &patch);
                answer.expect_error(400, "invalidSyntax");
            }
        }
        let titled = format!(r#"{{"schemas":["{USER}"],"userName":"{name}","title":"{name}"}}"#);
        let user = scim.request_text("/Users", &titled).expect(201).json();
        assert_eq!(user["title"], name, "as a text it is nothing special");
    }
}

#[test]
fn numbers_fit_their_type_or_are_refused() {
    // A-009, C-010
    let scim = Endpoint::new();
    for number in ["1e308", "-0", "1e-999999", "18446744073709551615"] {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"u{number}","x":{number}}}"#);
        scim.request_text("/Users", &body).expect(201);
    }
    for number in ["1e308", "18446744073709551616"] {
        let body = format!(r#"{{"userName":{number}}}"#);
        scim.request_text("/Users", &body).expect_error(400, "invalidValue");
    }
}
