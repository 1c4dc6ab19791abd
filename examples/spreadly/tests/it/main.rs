//! What Spreadly documents, one test a sentence, over HTTP against the running example.

use std::{error::Error, fs, process::Command};

use scim_example_options::{
    documented::Exchange,
    process::{Process, TOKEN},
};
use serde_json::{Value, json};
use ureq::http::Request;

type Tested = Result<(), Box<dyn Error>>;

const PROGRAM: &str = env!("CARGO_BIN_EXE_scim-example-spreadly");
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const SPREADLY: &str = "urn:ietf:params:scim:schemas:extension:spreadly:2.0:User";

fn spreadly() -> Result<Process, Box<dyn Error>> {
    let mut command = Command::new(PROGRAM);
    command.args(["--store", "memory"]);
    Process::run(command)
}

/// The least that a user has.
fn barbara() -> Value {
    json!({
        "schemas": [USER],
        "userName": "bjensen@example.com",
        "externalId": "701984",
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
    })
}

fn with(mut user: Value, name: &str, value: Value) -> Value {
    user.as_object_mut().map(|user| user.insert(name.to_owned(), value));
    user
}

fn without(mut user: Value, name: &str) -> Value {
    user.as_object_mut().map(|user| user.remove(name));
    user
}

/// What a user becomes that is created.
fn created(process: &Process, user: &Value) -> Result<Value, Box<dyn Error>> {
    let (status, shown) = process.request("POST", "/Users", user)?;
    assert_eq!(status, 201, "{shown}");
    Ok(shown)
}

fn patch_of(operations: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

fn path_of(user: &Value) -> String {
    format!("/Users/{}", user["id"].as_str().unwrap_or_default())
}

#[test]
fn documented_exchanges() -> Tested {
    let process = spreadly()?;
    let exchange = Exchange::read(include_str!("../vectors/get-users.http"), TOKEN)?;
    let answer = process.send(exchange.request())?;
    exchange.compare(&answer, process.origin(), |text| Ok(serde_json::from_str(text)?))
}

#[test]
fn all_methods_are_branches_of_the_base_url() -> Tested {
    let process = spreadly()?;
    let user = created(&process, &barbara())?;
    let location = user["meta"]["location"].as_str().unwrap_or_default().to_owned();
    assert!(
        location.starts_with(&format!("{}/api/v1/scim/Users/", process.origin())),
        "{location}"
    );
    let outside = Request::get("/scim/v2/Users").header("authorization", format!("Bearer {TOKEN}"));
    assert_eq!(process.send(outside.body(String::new())?)?.status(), 404);
    Ok(())
}

#[test]
fn a_bearer_token_is_required() -> Tested {
    let process = spreadly()?;
    for credentials in [None, Some(format!("Basic {TOKEN}")), Some("Bearer wrong".to_owned())] {
        let mut request = Request::get("/api/v1/scim/Users");
        if let Some(credentials) = &credentials {
            request = request.header("authorization", credentials);
        }
        let answer = process.send(request.body(String::new())?)?;
        assert_eq!(answer.status(), 401, "{credentials:?}");
        let challenge = answer.headers()["www-authenticate"].to_str()?;
        assert!(challenge.starts_with("Bearer "), "{challenge}");
    }
    Ok(())
}

#[test]
fn bodies_are_application_json_in_and_out() -> Tested {
    let process = spreadly()?;
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let sent = process.exchange("POST", "/Users", &headers, barbara().to_string())?;
    assert_eq!(
        (sent.0.status.as_u16(), &sent.0.headers["content-type"].to_str()?),
        (201, &"application/json")
    );
    let user = path_of(&sent.1);
    let put = with(barbara(), "title", json!("Tour Guide")).to_string();
    let put = process.exchange("PUT", &user, &headers, put)?;
    assert_eq!((put.0.status.as_u16(), &put.1["title"]), (200, &json!("Tour Guide")));
    let patch = patch_of(&json!([{"op": "replace", "path": "title", "value": "Guide"}]));
    let patch = process.exchange("PATCH", &user, &headers, patch.to_string())?;
    assert_eq!((patch.0.status.as_u16(), &patch.1["title"]), (200, &json!("Guide")));
    for accept in ["application/scim+json", "*/*"] {
        let headers = [("accept".to_owned(), accept.to_owned())];
        let (head, _) = process.exchange("GET", &user, &headers, String::new())?;
        assert_eq!(head.headers["content-type"], "application/json", "{accept}");
    }
    Ok(())
}

#[test]
fn user_name_names_and_external_id_are_required() -> Tested {
    let process = spreadly()?;
    let user = path_of(&created(&process, &barbara())?);
    let cases = [
        (without(barbara(), "userName"), "userName"),
        (without(barbara(), "externalId"), "externalId"),
        (with(barbara(), "externalId", json!(" ")), "externalId"),
        (without(barbara(), "name"), "name"),
        (with(barbara(), "name", json!({"givenName": "Barbara"})), "name.familyName"),
        (with(barbara(), "name", json!({"familyName": "Jensen"})), "name.givenName"),
    ];
    for (body, attribute) in cases {
        for (method, path) in [("POST", "/Users"), ("PUT", user.as_str())] {
            let (status, error) = process.request(method, path, &body)?;
            assert_eq!((status, &error["scimType"]), (400, &json!("invalidValue")), "{error}");
            let detail = error["detail"].as_str().unwrap_or_default();
            assert!(detail.starts_with(&format!("`{attribute}`")), "{detail}");
        }
    }
    for path in ["externalId", "name", "name.givenName", "name.familyName", "userName"] {
        let patch = patch_of(&json!([{"op": "remove", "path": path}]));
        let (status, error) = process.request("PATCH", &user, &patch)?;
        let detail = error["detail"].as_str().unwrap_or_default();
        assert!(status == 400 && detail.contains(path), "{path}: {error}");
    }
    Ok(())
}

#[test]
fn external_id_may_be_written_external_id_in_capitals() -> Tested {
    let process = spreadly()?;
    let sent = with(without(barbara(), "externalId"), "externalID", json!("701984"));
    let user = created(&process, &sent)?;
    assert_eq!((&user["externalId"], user.get("externalID")), (&json!("701984"), None));
    let patch = patch_of(&json!([{"op": "replace", "path": "externalID", "value": "2"}]));
    let (_, patched) = process.request("PATCH", &path_of(&user), &patch)?;
    assert_eq!(patched["externalId"], "2");
    let (_, found) =
        process.request("GET", "/Users?filter=externalID%20eq%20%222%22", &Value::Null)?;
    assert_eq!(found["totalResults"], 1);
    Ok(())
}

#[test]
fn phones_are_of_type_work_and_mobile_by_either_name() -> Tested {
    let process = spreadly()?;
    let phones = json!([
        {"type": "work", "value": "555-555-8377"},
        {"type": "mobile", "value": "555-555-1234"},
    ]);
    for (number, name) in ["phoneNumbers", "phones", "Phones"].into_iter().enumerate() {
        let sent = with(barbara(), "userName", json!(format!("user{number}@example.com")));
        let user = created(&process, &with(sent.clone(), name, phones.clone()))?;
        assert_eq!((&user["phoneNumbers"], user.get("phones")), (&phones, None), "{name}");
        let path = path_of(&user);
        let (status, put) = process.request("PUT", &path, &with(sent, name, phones.clone()))?;
        assert_eq!((status, &put["phoneNumbers"]), (200, &phones));
        let number = json!([
            {"op": "replace", "path": format!("{name}[type eq \"work\"].value"), "value": "1"},
            {"op": "replace", "path": format!("{USER}:{name}[type eq \"mobile\"].value"), "value": "2"},
        ]);
        let (_, patched) = process.request("PATCH", &path, &patch_of(&number))?;
        assert_eq!(patched["phoneNumbers"][0]["value"], "1", "{patched}");
        assert_eq!(patched["phoneNumbers"][1]["value"], "2", "{patched}");
        let all = patch_of(&json!([{"op": "replace", "value": {name: [phones[0]]}}]));
        let (_, patched) = process.request("PATCH", &path, &all)?;
        assert_eq!(patched["phoneNumbers"], json!([phones[0]]));
    }
    let both = with(with(barbara(), "phones", phones.clone()), "phoneNumbers", phones);
    assert_eq!(process.request("POST", "/Users", &both)?.0, 400);
    Ok(())
}

#[test]
fn position_language_address_and_enterprise_fields_are_kept() -> Tested {
    let process = spreadly()?;
    let address = json!({
        "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood",
        "region": "CA", "postalCode": "91608", "country": "US",
    });
    let fields = json!({
        "title": "Tour Guide",
        "locale": "en-US",
        "addresses": [address],
        ENTERPRISE: {
            "department": "Tour Operations", "division": "Theme Park",
            "organization": "Universal Studios",
        },
    });
    let mut user = barbara();
    for (name, value) in fields.as_object().into_iter().flatten() {
        user = with(user, name, value.clone());
    }
    let path = path_of(&created(&process, &user)?);
    let (_, shown) = process.request("GET", &path, &Value::Null)?;
    for (name, value) in fields.as_object().into_iter().flatten() {
        assert_eq!(&shown[name], value);
    }
    Ok(())
}

#[test]
fn custom_fields_are_an_extension() -> Tested {
    let process = spreadly()?;
    let fields: Value =
        (1..=10).map(|it| (format!("customField{it}"), json!(format!("f{it}")))).collect();
    let user = created(&process, &with(barbara(), SPREADLY, fields.clone()))?;
    assert_eq!((&user[SPREADLY], &user["schemas"]), (&fields, &json!([USER, SPREADLY])));
    for number in 1..=10 {
        let path = format!("{SPREADLY}:customField{number}");
        let patch = patch_of(&json!([{"op": "replace", "path": path, "value": "new"}]));
        let (_, patched) = process.request("PATCH", &path_of(&user), &patch)?;
        assert_eq!(patched[SPREADLY][format!("customField{number}")], "new");
    }
    let (_, schema) = process.request("GET", &format!("/Schemas/{SPREADLY}"), &Value::Null)?;
    let declared = include_str!("../../extension.json").parse::<Value>()?;
    assert_eq!(schema["attributes"], declared["attributes"]);
    let (_, types) = process.request("GET", "/ResourceTypes", &Value::Null)?;
    let extensions = &types["Resources"][0]["schemaExtensions"];
    assert!(
        extensions.as_array().into_iter().flatten().any(|it| it["schema"] == SPREADLY),
        "{types}"
    );
    Ok(())
}

#[test]
fn the_extension_is_whatever_the_file_declares_at_start_up() -> Tested {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("extension.json");
    let urn = "urn:ietf:params:scim:schemas:extension:team:2.0:User";
    fs::write(&file, json!({"id": urn, "attributes": [{"name": "badge"}]}).to_string())?;
    let mut command = Command::new(PROGRAM);
    command.args(["--store", "memory"]).env("SPREADLY_EXTENSION", &file);
    let process = Process::run(command)?;
    let (_, schema) = process.request("GET", &format!("/Schemas/{urn}"), &Value::Null)?;
    assert_eq!(schema["attributes"][0]["name"], "badge");
    assert_eq!(process.request("GET", &format!("/Schemas/{SPREADLY}"), &Value::Null)?.0, 404);
    Ok(())
}

#[test]
fn there_are_no_groups() -> Tested {
    let process = spreadly()?;
    for (method, body) in [("GET", Value::Null), ("POST", json!({"displayName": "Guides"}))] {
        assert_eq!(process.request(method, "/Groups", &body)?.0, 404, "{method}");
    }
    assert_eq!(process.request("GET", "/Groups/1", &Value::Null)?.0, 404);
    let names = |list: &Value, name: &str| -> Vec<String> {
        let resources = list["Resources"].as_array().into_iter().flatten();
        resources.map(|it| it[name].as_str().unwrap_or_default().to_owned()).collect()
    };
    let (_, types) = process.request("GET", "/ResourceTypes", &Value::Null)?;
    assert_eq!(names(&types, "name"), ["User"]);
    let (_, schemas) = process.request("GET", "/Schemas", &Value::Null)?;
    let urns = names(&schemas, "id");
    assert!(urns.iter().all(|urn| !urn.ends_with(":Group")), "{urns:?}");
    let user = schemas["Resources"].as_array().into_iter().flatten().find(|it| it["id"] == USER);
    assert!(user.is_some_and(|it| !it.to_string().contains("\"groups\"")));
    Ok(())
}
