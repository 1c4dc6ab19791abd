//! What Huddle documents, one test a sentence, over HTTP against the running example.

mod xml;

use std::{error::Error, process::Command};

use http::{Method, Request, Response};
use scim_example_options::{
    documented::Exchange,
    process::{Process, TOKEN},
};
use serde_json::{Value, json};

type Tested = Result<(), Box<dyn Error>>;

const PROGRAM: &str = env!("CARGO_BIN_EXE_scim-example-huddle");
const USERS: &str = "/people/companies/123/users";
const JSON: &str = "application/scim+json";
const XML: &str = "application/xml";

fn huddle() -> Result<Process, Box<dyn Error>> {
    huddle_with(&[])
}

fn huddle_with(arguments: &[&str]) -> Result<Process, Box<dyn Error>> {
    let mut command = Command::new(PROGRAM);
    command.args(["--store", "memory"]).args(arguments);
    Process::run(command)
}

fn barbara(user_name: &str) -> String {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    json!({"schemas": schemas, "userName": user_name, "title": "Tour Guide"}).to_string()
}

fn barbara_in_xml(user_name: &str) -> String {
    format!("<scimUser><userName>{user_name}</userName><title>Tour Guide</title></scimUser>")
}

/// A POST with this media type in and out.
fn post(process: &Process, path: &str, media_type: &str, body: &str) -> Answered {
    exchange(process, path, media_type, media_type, body)
}

type Answered = Result<Response<String>, Box<dyn Error>>;

fn exchange(process: &Process, path: &str, sent: &str, accepted: &str, body: &str) -> Answered {
    let request = Request::post(path)
        .header("authorization", format!("OAuth2 {TOKEN}"))
        .header("content-type", sent)
        .header("accept", accepted)
        .body(body.to_owned())?;
    process.send(request)
}

fn value_of(answer: &Response<String>) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(answer.body())?)
}

#[test]
fn documented_exchanges() -> Tested {
    for text in [include_str!("../vectors/json.http"), include_str!("../vectors/xml.http")] {
        let process = huddle()?;
        let exchange = Exchange::read(text, TOKEN)?;
        let answer = process.send(exchange.request())?;
        exchange.compare(&answer, process.origin(), |body| match body.starts_with('<') {
            true => xml::tree(body),
            false => Ok(serde_json::from_str(body)?),
        })?;
    }
    Ok(())
}

#[test]
fn users_are_added_below_any_base_path() -> Tested {
    for (base, users) in [("/{tenant}", "/123/users"), ("/a/b/{tenant}/c", "/a/b/123/c/users")] {
        let process = huddle_with(&["--base", base])?;
        let added = post(&process, users, JSON, &barbara("one@example.com"))?;
        assert_eq!(added.status(), 201, "{}", added.body());
        let one = post(&process, &format!("{users}/1"), JSON, &barbara("one@example.com"))?;
        assert_eq!(one.status(), 405, "{}", one.body());
    }
    Ok(())
}

#[test]
fn content_type_says_what_comes_in_and_accept_what_goes_out() -> Tested {
    let process = huddle()?;
    let name = "one@example.com";
    for (sent, accepted, body) in [
        (JSON, XML, barbara("one@example.com")),
        (XML, JSON, barbara_in_xml("two@example.com")),
        ("text/xml; charset=utf-8", XML, barbara_in_xml("three@example.com")),
        ("application/json", "application/json", barbara("four@example.com")),
    ] {
        let answer = exchange(&process, USERS, sent, accepted, &body)?;
        assert_eq!(answer.status(), 201, "{}", answer.body());
        assert_eq!(answer.headers()["content-type"], accepted);
        assert_eq!(answer.body().contains("<title>Tour Guide</title>"), accepted == XML);
    }
    let answer = exchange(&process, USERS, "text/plain", JSON, &barbara(name))?;
    assert_eq!(answer.status(), 415);
    assert_eq!(exchange(&process, USERS, JSON, "text/html", &barbara(name))?.status(), 406);
    Ok(())
}

#[test]
fn xml_wraps_lists_and_has_its_own_root() -> Tested {
    let process = huddle()?;
    let body = "<scimUser><userName>a@example.com</userName><phoneNumbers>\
                <phoneNumber><value>1</value></phoneNumber><phoneNumber><value>2</value></phoneNumber>\
                </phoneNumbers></scimUser>";
    let answer = post(&process, USERS, XML, body)?;
    let shown = answer.body();
    for part in [
        "<scimUser ",
        "<schemas><schema>urn:ietf:params:scim:schemas:core:2.0:User</schema></schemas>",
        "<phoneNumbers><phoneNumber><value>1</value></phoneNumber><phoneNumber><value>2</value>",
        "<meta><location>",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let other_root = body.replace("scimUser", "User");
    assert_eq!(post(&process, USERS, XML, &other_root)?.status(), 400);
    Ok(())
}

#[test]
fn document_types_and_entities_are_refused() -> Tested {
    let process = huddle()?;
    let user = barbara_in_xml("a@example.com");
    for body in [
        format!("<!DOCTYPE scimUser>{user}"),
        format!("<!DOCTYPE scimUser [<!ENTITY a \"b\">]>{user}"),
        format!("<!DOCTYPE scimUser SYSTEM \"file:///etc/passwd\">{user}"),
        barbara_in_xml("&passwd;"),
    ] {
        let answer = post(&process, USERS, XML, &body)?;
        assert_eq!(answer.status(), 400, "{body}");
        assert!(answer.body().contains("<scimType>invalidSyntax</scimType>"), "{}", answer.body());
    }
    Ok(())
}

#[test]
fn created_users_have_an_absolute_location_a_uuid_and_no_other_metadata() -> Tested {
    let process = huddle()?;
    let answer = post(&process, USERS, JSON, &barbara("a@example.com"))?;
    assert_eq!(answer.status(), 201);
    let user = value_of(&answer)?;
    let location = answer.headers()["location"].to_str()?;
    assert_eq!(user["meta"], json!({"location": location}));
    let id = location.strip_prefix(&format!("{}{USERS}/", process.origin())).unwrap_or_default();
    assert_eq!(user["id"], id);
    let lengths: Vec<_> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
    Ok(())
}

#[test]
fn the_authorization_scheme_is_oauth2() -> Tested {
    let process = huddle()?;
    for credentials in [None, Some(format!("Bearer {TOKEN}")), Some("OAuth2 a/b".to_owned())] {
        let mut request = Request::post(USERS).header("content-type", JSON);
        if let Some(credentials) = &credentials {
            request = request.header("authorization", credentials);
        }
        let answer = process.send(request.body(barbara("a@example.com"))?)?;
        assert_eq!(answer.status(), 401, "{credentials:?}");
        assert!(answer.headers()["www-authenticate"].to_str()?.starts_with("OAuth2 "));
    }
    Ok(())
}

#[test]
fn actors_need_a_company_and_its_permission() -> Tested {
    let process = huddle()?;
    for (company, detail) in [
        ("124", "the actor does not have provisioning permissions"),
        ("125", "the actor is not in the company"),
        ("999", "the actor is not in the company"),
    ] {
        let path = format!("/people/companies/{company}/users");
        let json = post(&process, &path, JSON, &barbara("a@example.com"))?;
        assert_eq!((json.status().as_u16(), &value_of(&json)?["detail"]), (403, &json!(detail)));
        let xml = post(&process, &path, XML, &barbara_in_xml("a@example.com"))?;
        assert_eq!(xml.status(), 403);
        assert!(xml.body().contains(&format!("<detail>{detail}</detail>")), "{}", xml.body());
    }
    Ok(())
}

#[test]
fn email_domains_are_those_of_the_company() -> Tested {
    let process = huddle()?;
    for name in ["a@example.org", "a@sub.example.com", "a@example.com@example.org"] {
        let answer = post(&process, USERS, JSON, &barbara(name))?;
        assert_eq!(answer.status(), 403, "{name}");
        assert_eq!(post(&process, USERS, XML, &barbara_in_xml(name))?.status(), 403);
    }
    let body = json!({"userName": "a@example.com", "emails": [{"value": "a@example.org"}]});
    assert_eq!(post(&process, USERS, JSON, &body.to_string())?.status(), 403);
    let elsewhere = "/people/companies/126/users";
    assert_eq!(post(&process, elsewhere, JSON, &barbara("a@example.org"))?.status(), 201);
    Ok(())
}

#[test]
fn invalid_requests_are_400() -> Tested {
    let process = huddle()?;
    let cases = [
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, ""),
        (JSON, "{\"title\": \"Tour Guide\"}"),
        (JSON, "{\"userName\": 7}"),
        (JSON, "{\"userName\": \"no address\"}"),
        (XML, ""),
        (XML, "<scimUser>"),
        (XML, "<scimUser/>"),
        (XML, "<scimUser><userName>a</userName><userName>b</userName></scimUser>"),
        (XML, "<scimUser><userName>a@example.com</userName><active>maybe</active></scimUser>"),
    ];
    for (media_type, body) in cases {
        assert_eq!(post(&process, USERS, media_type, body)?.status(), 400, "{body}");
    }
    Ok(())
}

#[test]
fn a_user_that_exists_already_is_409() -> Tested {
    let process = huddle()?;
    assert_eq!(post(&process, USERS, JSON, &barbara("a@example.com"))?.status(), 201);
    assert_eq!(post(&process, USERS, JSON, &barbara("A@example.com"))?.status(), 409);
    let answer = post(&process, USERS, XML, &barbara_in_xml("a@example.com"))?;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"].to_str()?),
        (409, &XML)
    );
    // Another company has users of its own.
    let elsewhere = "/people/companies/126/users";
    assert_eq!(post(&process, elsewhere, JSON, &barbara("a@example.com"))?.status(), 201);
    Ok(())
}

#[test]
fn other_methods_are_405() -> Tested {
    let process = huddle()?;
    let user = value_of(&post(&process, USERS, JSON, &barbara("a@example.com"))?)?;
    let user = format!("{USERS}/{}", user["id"].as_str().unwrap_or_default());
    let methods = [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE];
    for (path, allow) in [(USERS, "POST"), (&user, "")] {
        for method in &methods {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", format!("OAuth2 {TOKEN}"))
                .header("content-type", JSON);
            let body = if method.is_safe() { String::new() } else { "{}".to_owned() };
            let answer = process.send(request.body(body)?)?;
            assert_eq!(answer.status(), 405, "{method} {path}");
            assert_eq!(answer.headers()["allow"], allow, "{method} {path}");
        }
    }
    Ok(())
}
