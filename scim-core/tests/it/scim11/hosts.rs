//! What hosts decide: types, URNs, representations.

use http::Method;
use scim_core::{
    BuildError, Caller, DangerouslyUnauthenticated, Mapping, Methods, Object, ScimError,
    ScimServer,
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceType, ResourceTypeDefinition,
        SchemaDefinition,
    },
    scim11::Scim11,
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use super::{BASE, CORE, One, expect_error};

const DEVICE: &str = "urn:example:2.0:Device";
const TAGS: &str = "urn:example:2.0:Tags";

fn devices() -> std::sync::Arc<Registry> {
    let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
    let page = AttributeDefinition::new("page", AttributeType::Reference).reference_types(["uri"]);
    Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(DEVICE, [text("serial").required(), page]))
        .schema(SchemaDefinition::new(TAGS, [text("tags").multi_valued(), text("kind")]))
        .resource_type(ResourceTypeDefinition::new("Device", DEVICE).extension(TAGS))
        .build()
        .unwrap()
}

#[test]
fn types_of_the_host_keep_their_urns() {
    // 3.12, 6.2
    let scim = One::with(|it| it, |builder| builder.registry(devices()));
    let body = json!({
        "schemas": [DEVICE], "serial": "1", "page": "https://example.com/1",
        TAGS: {"tags": ["a", {"value": "b"}], "kind": "k"}
    });
    let answer = scim.post("/Devices", body).expect(201);
    let shown = answer.json();
    assert_eq!(shown["schemas"], json!([DEVICE, TAGS]));
    assert_eq!(shown[TAGS], json!({"tags": ["a", "b"], "kind": "k"}));
    assert_eq!(shown["meta"]["location"], format!("{BASE}/Devices/{}", answer.id()));
    let path = format!("/Devices/{}", answer.id());
    let patch = json!({TAGS: {"tags": ["c", {"value": "a", "operation": "delete"}], "kind": null}});
    assert_eq!(scim.patch(&path, patch).expect(200).json()[TAGS], json!({"tags": ["b", "c"]}));
    let clear = json!({"meta": {"attributes": [format!("{TAGS}:tags")]}, TAGS: {"tags": "d"}});
    assert_eq!(scim.patch(&path, clear).expect(200).json()[TAGS], json!({"tags": ["d"]}));
    let found = scim.filter("/Devices", &format!("{TAGS}:tags eq \"d\" and {DEVICE}:serial pr"));
    assert_eq!(found.expect(200).json()["totalResults"], 1);
    let schema = scim.get("/Schemas/Device").expect(200).json();
    assert_eq!(
        (&schema["id"], &schema["endpoint"]),
        (&json!(format!("{DEVICE}:Device")), &json!("/Devices"))
    );
}

#[test]
fn urns_can_be_others() {
    // 3.12, 6.2
    let scim = One::with(
        |it| it.urn(DEVICE, CORE).urn(TAGS, "urn:example:1.0:Tags"),
        |builder| builder.registry(devices()),
    );
    let tags = "urn:example:1.0:Tags";
    let body = json!({"schemas": [CORE, tags], "serial": "1", tags: {"kind": "k"}});
    let answer = scim.post("/Devices", body).expect(201);
    assert_eq!(answer.json()["schemas"], json!([CORE, tags]));
    assert_eq!(answer.json()[tags], json!({"kind": "k"}));
    let selected = scim.get(&format!("/Devices?attributes={tags}:kind&filter={tags}:kind%20pr"));
    assert_eq!(selected.expect(200).json()["Resources"][0][tags], json!({"kind": "k"}));
    let two = scim.two.get(&format!("/Devices/{}", answer.id())).expect(200).json();
    assert_eq!(two["schemas"], json!([DEVICE, TAGS]));
    assert_eq!(scim.get("/Schemas/Device").json()["id"], format!("{CORE}:Device"));
    let kept =
        scim.put(&format!("/Devices/{}", answer.id()), json!({"serial": "1", TAGS: {"kind": "z"}}));
    assert_eq!(kept.expect(200).json()[tags], json!({"kind": "z"}));
}

/// Takes names as texts in both versions.
#[derive(Debug)]
struct NamesAsTexts;

impl Mapping for NamesAsTexts {
    fn incoming(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if let Some(name) = body.get_mut("name").filter(|it| it.is_string()) {
            *name = json!({"formatted": name.take()});
        }
        Ok(())
    }
}

/// Shows emails as texts, in 1.1 alone.
#[derive(Debug)]
struct EmailsAsTexts;

impl Mapping for EmailsAsTexts {
    fn incoming(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if body.get("forbidden").is_some() {
            return Err(ScimError::with_status(http::StatusCode::FORBIDDEN, "no"));
        }
        Ok(())
    }

    fn incoming_patch(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if let Some(mail) = body.as_object_mut().and_then(|it| it.remove("mail")) {
            body["emails"] = json!([mail]);
        }
        Ok(())
    }

    fn outgoing(&self, _: &Caller<'_>, _: &ResourceType, shown: &mut Object) {
        if let Some(Value::Array(emails)) = shown.get_mut("emails") {
            emails.iter_mut().for_each(|email| *email = email["value"].take());
        }
    }

    fn rewrites_answers(&self, resource_type: &ResourceType) -> bool {
        resource_type.name() == "User"
    }
}

#[test]
fn representations_can_be_the_host_s_own() {
    let scim = One::with(|it| it.mapping(EmailsAsTexts), |builder| builder.mapping(NamesAsTexts));
    let body = json!({"name": "Barbara Jensen", "emails": ["b@x"]});
    let id = scim.user("babs", body);
    let path = format!("/Users/{id}");
    let shown = scim.get(&path).expect(200).json();
    assert_eq!(shown["emails"], json!(["b@x"]));
    assert_eq!(shown["name"], json!({"formatted": "Barbara Jensen"}));
    assert_eq!(shown["schemas"], json!([CORE]));
    assert_eq!(scim.get("/Users").json()["Resources"][0], shown);
    let two = scim.two.get(&path).expect(200).json();
    assert_eq!(two["emails"], json!([{"value": "b@x"}]));
    let patched = scim.patch(&path, json!({"mail": "c@x"})).expect(200).json();
    assert_eq!(patched["emails"], json!(["b@x", "c@x"]));
    let body = json!({"userName": "x", "forbidden": true});
    expect_error(&scim.post("/Users", body.clone()), 403);
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": body}
    ]});
    let answer = scim.post("/Bulk", bulk).expect(200).json();
    assert_eq!(answer["Operations"][0]["status"], json!({"code": "403", "description": "no"}));
}

#[test]
fn errors_can_be_the_host_s_own() {
    use http::request::Parts;
    use scim_core::Presentation;

    #[derive(Debug)]
    struct House;

    impl Presentation for House {
        fn error(&self, _: &Parts, error: &ScimError) -> Option<Value> {
            Some(json!({"error_code": error.status().as_u16()}))
        }
    }

    let scim = One::with(|it| it, |builder| builder.presentation(House));
    assert_eq!(scim.get("/Users/x").expect(404).json(), json!({"error_code": 404}));
}

#[test]
fn methods_are_those_of_the_version() {
    // T-007, D-006
    let get = || Methods::only([Method::GET]);
    let scim = One::with(
        |it| it.methods("User", get()),
        |builder| {
            builder.methods("User", Methods::all().without(&Method::PUT)).methods("Group", get())
        },
    );
    let body = json!({"userName": "babs"});
    let refused = scim.post("/Users", body.clone());
    expect_error(&refused, 405);
    assert_eq!(refused.header("allow"), "GET, HEAD");
    let id = scim.two.user("babs");
    assert_eq!(scim.two.put(&format!("/Users/{id}"), body).status, 405);
    scim.two.delete(&format!("/Users/{id}")).expect(204);
    // What only the server says holds for both.
    let group = json!({"displayName": "guides"});
    assert_eq!(scim.post("/Groups", group.clone()).status, 405);
    assert_eq!(scim.two.post("/Groups", group).status, 405);
    let is_patched = |config: &Value| config["patch"]["supported"].as_bool().unwrap();
    assert!(!is_patched(&scim.get("/ServiceProviderConfigs").expect(200).json()));
    assert!(is_patched(&scim.two.get("/ServiceProviderConfig").expect(200).json()));

    let unknown = Scim11::at("/scim/v1").methods("Device", Methods::all());
    let server = ScimServer::builder(MemoryStore::new(), DangerouslyUnauthenticated::new());
    let error = server.scim11(unknown).build().unwrap_err();
    assert!(matches!(error, BuildError::Methods(_)), "{error}");
}
