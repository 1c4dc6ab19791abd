//! URLs: what their paths can be made to lead to (T-008, T-015; RFC 3986 §6).

use http::Method;

use crate::endpoint::Endpoint;

#[test]
fn no_path_leads_where_it_does_not_say() {
    let scim = Endpoint::new();
    let user = scim.user("bjensen");
    let nowhere = [
        "/Users/../Groups",
        "/Users/%2e%2e/Groups",
        "/Users/%2E%2E%2FGroups",
        "/../../etc/passwd",
        "/Users/..",
        "/Users/.",
        "/Users/%2e",
        "//Users",
        "/Users//",
        "/Users/%2F",
        "/Users%2F{user}",
        "/Users\\{user}",
        "/Users/{user}%00",
        "/Users/%00",
        "/Users/{user}%20",
        "/Users/{user}%2F",
        "/Users/{user};a=b",
        "/Users/{user}/..",
        "/Users/{user}/{user}",
        "/Users/%C0%AE%C0%AE",
        "/Users/%C0%AF",
        "/Users/%E0%80%AF",
        "/Users/%ED%A0%80",
        "/Users/%FF",
        "/Users/%u0041",
        "/Users/%252e%252e",
        "/Schemas/..",
        "/Schemas/%00",
        "/ResourceTypes/%2e%2e",
        "/Us%00ers",
        "/Ｕsers",
    ];
    for path in nowhere {
        let path = path.replace("{user}", &user);
        // Beyond ASCII no URI is made of it (RFC 3986 §2).
        let path: String = path.chars().map(encoded).collect();
        scim.get(&path).expect_error(404, "");
        let answer = scim.delete(&path);
        assert!(matches!(answer.status.as_u16(), 404 | 405), "{path}: {}", answer.text);
    }
    // Percent encoding of what needs none changes nothing (RFC 3986 §6.2.2.2).
    let spelled: String = user.bytes().map(|byte| format!("%{byte:02x}")).collect();
    scim.get(&format!("/Users/{spelled}")).expect(200);
    scim.get(&format!("/%55sers/{user}?%00#/Groups")).expect(200);
}

fn encoded(letter: char) -> String {
    if letter.is_ascii() && letter != '\\' {
        return letter.to_string();
    }
    letter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn long_paths_are_looked_up_and_not_found() {
    let scim = Endpoint::new();
    scim.get(&format!("/Users/{}", "a".repeat(60_000))).expect_error(404, "");
    scim.get(&format!("/Users/{}", "%41".repeat(20_000))).expect_error(404, "");
    scim.get(&"/Users".repeat(10_000)).expect_error(404, "");
    scim.get(&"/".repeat(60_000)).expect_error(404, "");
}

#[test]
fn methods_that_are_none_of_scim_are_refused() {
    // T-007
    let scim = Endpoint::new();
    for method in ["TRACE", "CONNECT", "PROPFIND", "get", "x"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        scim.request(method, "/Users", &[], "").expect_error(405, "");
    }
}

#[test]
fn headers_that_say_nothing_sensible_do_no_harm() {
    // V-008, Y-001: what cannot be read is as if it was not there, or refused.
    let scim = Endpoint::new();
    let user = format!("/Users/{}", scim.user("bjensen"));
    let long = "x,".repeat(100_000);
    let quoted = format!("\"{}", "\\".repeat(100_000));
    let tags = "W/\"0\", ".repeat(20_000);
    for value in [long.as_str(), &quoted, &tags, "\"", "W/", "*,*", ""] {
        for name in ["accept", "if-none-match", "x-forwarded-host", "prefer"] {
            let answer = scim.request(Method::GET, &user, &[(name, value)], "");
            assert!(matches!(answer.status.as_u16(), 200 | 304 | 400 | 406), "{name}");
        }
        let answer = scim.request(Method::DELETE, &user, &[("if-match", value)], "");
        match value {
            // A list with `*` in it is none; the empty header is no condition that could hold.
            "*,*" | "" => assert!(matches!(answer.status.as_u16(), 204 | 400 | 412), "{value}"),
            _ => assert!(matches!(answer.status.as_u16(), 400 | 412), "{}", answer.status),
        }
    }
    for credentials in ["Bearer", "Bearer ", "Bearer secret secret", "Basic c2VjcmV0", &long] {
        let headers = [("authorization", credentials)];
        scim.request(Method::GET, "/Users", &headers, "").expect_error(401, "");
    }
}
