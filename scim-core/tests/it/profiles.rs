//! What profiles change, and the record of what was rewritten.

use std::sync::{Arc, Mutex};

use http::{Method, Request};
use scim_core::{
    Actor, BearerTokens, Behaviour, Bulk, ClientProfile, NoteRule, Notes, Observer, References,
    ResponseType, ScimServer, store::Scope,
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::endpoint::{Answer, ENTERPRISE, Endpoint, GROUP, USER};

fn endpoint(profile: &str) -> Endpoint {
    let profile: ClientProfile = profile.parse().unwrap();
    Endpoint::with(|builder| builder.profile(&profile))
}

/// Asks the same of a server without the switch and of one with it.
fn with_and_without(switch: &str, ask: impl Fn(&Endpoint) -> Answer) -> (u16, u16) {
    let without = ask(&endpoint(&format!("no-{switch}"))).status.as_u16();
    (without, ask(&endpoint(switch)).status.as_u16())
}

#[test]
fn each_switch_decides_what_it_says() {
    let patched = |operation: Value| {
        move |scim: &Endpoint| {
            let user = scim.user("bjensen");
            scim.patch(&format!("/Users/{user}"), json!([operation]))
        }
    };
    let manager = format!("{ENTERPRISE}.manager");
    let cases = [
        (
            "replace-upserts",
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x@y.z"}),
        ),
        ("array-for-single", json!({"op": "add", "path": "name", "value": [{"givenName": "B"}]})),
        ("dotted-urn-path", json!({"op": "add", "path": manager, "value": "7"})),
        ("string-booleans", json!({"op": "replace", "path": "active", "value": "False"})),
        (
            "single-for-list",
            json!({"op": "replace", "path": "emails", "value": {"value": "x@y.z"}}),
        ),
        ("scalar-for-object", json!({"op": "replace", "value": {"manager": "7"}})),
        (
            "filter-grammar",
            json!({"op": "add", "path": "emails[type eq work].value", "value": "x@y.z"}),
        ),
        ("unknown-attributes", json!({"op": "replace", "value": {"nope": 1}})),
        (
            "add-creates",
            json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": "x@y.z"}),
        ),
    ];
    for (switch, operation) in cases {
        assert_eq!(with_and_without(switch, patched(operation)), (400, 200), "{switch}");
    }
    let ignored = patched(json!({"op": "replace", "path": "nope", "value": 1}));
    assert_eq!(with_and_without("ignore-unknown-patch-paths", ignored), (400, 200));
    let without_schemas = |scim: &Endpoint| scim.post("/Users", json!({"userName": "a"}));
    assert_eq!(with_and_without("missing-schemas", without_schemas), (400, 201));
    let complex = |scim: &Endpoint| scim.filter("/Users", "manager eq \"7\"");
    assert_eq!(with_and_without("filter-on-complex", complex), (400, 200));
    let rest = |scim: &Endpoint| scim.filter("/Groups", "displayName eq Tour Guides");
    assert_eq!(with_and_without("unquoted-rest-of-filter", rest), (400, 200));
    let unknown_member = |scim: &Endpoint| {
        let group = scim.group("Guides", &[]);
        let add = json!([{"op": "add", "path": "members", "value": [{"value": "nobody"}]}]);
        scim.patch(&format!("/Groups/{group}"), add)
    };
    assert_eq!(with_and_without("skip-unknown-members", unknown_member), (400, 204));
    let twice = |scim: &Endpoint| {
        scim.group("Guides", &[]);
        scim.post("/Groups", json!({"schemas": [GROUP], "displayName": "guides"}))
    };
    assert_eq!(with_and_without("unique-group-names", twice), (201, 409));
}

#[test]
fn listed_values_are_removed_alone_or_not() {
    let left = |profile: &str, value: fn(&str) -> Value| {
        let scim = endpoint(profile);
        let (a, b) = (scim.user("a"), scim.user("b"));
        let path = format!("/Groups/{}", scim.group("Guides", &[&a, &b]));
        let remove = json!([{"op": "remove", "path": "members", "value": value(&a)}]);
        let status = scim.patch(&path, remove).status.as_u16();
        (status, scim.get(&path).json()["members"].as_array().unwrap().len())
    };
    let plain: fn(&str) -> Value = |id| json!([{"value": id}]);
    let wrapped: fn(&str) -> Value = |id| json!({"members": [{"value": id}]});
    assert_eq!(left("", plain), (204, 1));
    assert_eq!(left("no-values-in-remove", plain), (204, 0));
    assert_eq!(left("strict", plain), (204, 0));
    assert_eq!(left("members-object-in-remove", wrapped), (204, 1));
    // Doing nothing would look like success.
    assert_eq!(left("", wrapped), (400, 2));
}

#[test]
fn attributes_of_an_extension_may_stand_outside() {
    let body = json!({"schemas": [USER], "userName": "a", "department": "Tours"});
    let with = endpoint("unqualified-extension-attributes").post("/Users", body.clone());
    assert_eq!(with.json()[ENTERPRISE]["department"], "Tours");
    assert_eq!(with.json()["schemas"], json!([USER, ENTERPRISE]));
    let without = endpoint("").post("/Users", body.clone()).expect(201).json();
    assert!(without.get(ENTERPRISE).is_none());
    endpoint("strict").post("/Users", body).expect_error(400, "invalidSyntax");
}

#[test]
fn a_filter_value_is_decoded_as_often_as_the_profile_says() {
    for (profile, found) in [("double-encoded-filter", 1), ("", 0)] {
        let scim = endpoint(profile);
        scim.user("a@b.c");
        let answer = scim.filter("/Users", "userName eq \"a%40b.c\"").expect(200);
        assert_eq!(answer.json()["totalResults"], found, "{profile}");
    }
}

#[test]
fn patch_answers_as_briefly_as_the_profile_says() {
    let rename = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
    let cases = [
        ("", 200, 200),
        ("patch-answers-204", 204, 204),
        ("patch-answers-204=Group", 200, 204),
        ("patch-answers-204=user,patch-answers-204=Device", 204, 200),
    ];
    for (profile, user_status, group_status) in cases {
        let scim = endpoint(profile);
        let (user, group) = (scim.user("a"), scim.group("g", &[]));
        scim.patch(&format!("/Users/{user}"), rename.clone()).expect(user_status);
        scim.patch(&format!("/Groups/{group}"), rename.clone()).expect(group_status);
        // RFC 7644 §3.5.2: whoever asks for attributes gets them.
        let asked = format!("/Groups/{group}?attributes=displayName");
        scim.patch(&asked, rename.clone()).expect(200);
    }
}

#[test]
fn a_strict_caller_gets_nothing_that_the_host_switched_off() {
    // B-001
    let strict = Actor::new("a").with_profile(ClientProfile::strict());
    let tokens = BearerTokens::builder().token("strict", strict).build().unwrap();
    let behaviour = Behaviour::default().bulk(Bulk::Off).references(References::Existing);
    let server =
        ScimServer::builder(MemoryStore::new(), tokens).behaviour(behaviour).build().unwrap();
    let post = |path, body: Value| send(&server, "strict", Method::POST, path, &body, "").0;
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": "/Users/1"}],
    });
    assert_eq!(post("/Bulk", bulk), 501);
    let user = |extension: Value| json!({"schemas": [USER, ENTERPRISE], "userName": "b", ENTERPRISE: extension});
    assert_eq!(post("/Users", user(json!({"manager": {"value": "nobody"}}))), 400);
    assert_eq!(post("/Users", user(json!({"department": "Tours"}))), 201);
}

#[test]
fn a_profile_changes_the_behaviour_in_whichever_order_they_are_set() {
    for scim in [
        Endpoint::with(|it| it.profile(&ClientProfile::strict()).behaviour(Behaviour::default())),
        Endpoint::with(|it| it.behaviour(Behaviour::default()).profile(&ClientProfile::strict())),
    ] {
        scim.post("/Users", json!({"userName": "a"})).expect(400);
    }
}

#[test]
fn a_name_is_given_up_whoever_renames() {
    let strict_names = Actor::new("a").with_profile("unique-group-names".parse().unwrap());
    let tokens = BearerTokens::builder()
        .token("strict-names", strict_names)
        .token("free-names", Actor::new("b"))
        .build()
        .unwrap();
    let server = ScimServer::builder(MemoryStore::new(), tokens).build().unwrap();
    let group = |name: &str| json!({"schemas": [GROUP], "displayName": name});
    let post = |token, name| send(&server, token, Method::POST, "/Groups", &group(name), "");
    let created = post("strict-names", "Guides").0;
    assert_eq!(created, 201);
    let (status, shown, _) = post("strict-names", "GUIDES");
    assert_eq!((status, &shown["scimType"]), (409, &json!("uniqueness")));
    // Another client of the same server is not held to it.
    let (status, free, _) = post("free-names", "Guides");
    assert_eq!(status, 201);
    let free = format!("/Groups/{}", free["id"].as_str().unwrap());

    let (_, held, _) = post("strict-names", "Sales");
    let held = format!("/Groups/{}", held["id"].as_str().unwrap());
    let renamed = send(&server, "free-names", Method::PUT, &held, &group("Marketing"), "");
    assert_eq!(renamed.0, 200);
    assert_eq!(post("strict-names", "Sales").0, 201);
    // Who is held to it cannot take a name that is held.
    let taken = send(&server, "strict-names", Method::PUT, &free, &group("Sales"), "");
    assert_eq!(taken.0, 409);
}

#[test]
fn the_media_type_of_answers_can_be_pinned() {
    // T-004
    let tokens = BearerTokens::builder()
        .token("any", Actor::new("a"))
        .token("json", Actor::new("b").with_profile(json_only()))
        .build()
        .unwrap();
    let server = ScimServer::builder(MemoryStore::new(), tokens).build().unwrap();
    let get = |token, accept| send(&server, token, Method::GET, "/Users", &Value::Null, accept);
    assert_eq!(get("any", "").2, "application/scim+json");
    assert_eq!(get("any", "application/json").2, "application/json");
    assert_eq!(get("any", "text/html").0, 406);
    for accept in ["", "application/scim+json", "text/html"] {
        let (status, _, media_type) = get("json", accept);
        assert_eq!((status, &*media_type), (200, "application/json"));
    }
    assert_eq!(get("wrong", "").2, "application/scim+json");
}

fn json_only() -> ClientProfile {
    ClientProfile::default().response_type(ResponseType::Json)
}

fn send(
    server: &ScimServer,
    token: &str,
    method: Method,
    path: &str,
    body: &Value,
    accept: &str,
) -> (u16, Value, String) {
    use http_body_util::BodyExt;
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/scim/v2{path}"))
        .header("authorization", format!("Bearer {token}"));
    if !accept.is_empty() {
        request = request.header("accept", accept);
    }
    let response = pollster::block_on(server.handle(request.body(body.to_string()).unwrap()));
    let (head, body) = response.into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    let media_type = head.headers["content-type"].to_str().unwrap().to_owned();
    (head.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default(), media_type)
}

/// Keeps the notes of the last request.
#[derive(Clone, Debug, Default)]
struct Record(Arc<Mutex<Notes>>);

impl Observer for Record {
    fn noted(&self, actor: &Actor, _: &Scope, notes: &Notes) {
        assert_eq!(actor.subject(), "idp");
        *self.0.lock().unwrap() = notes.clone();
    }
}

#[test]
fn every_rewrite_is_recorded_without_values() {
    let record = Record::default();
    let observer = record.clone();
    let profile: ClientProfile =
        "entra-legacy,salesforce,ping,ignore-unknown-patch-paths,skip-unknown-members"
            .parse()
            .unwrap();
    let scim = Endpoint::with(|builder| builder.profile(&profile).observer(observer));
    let noted = |ask: &dyn Fn()| {
        ask();
        let notes = std::mem::take(&mut *record.0.lock().unwrap());
        assert!(!format!("{notes:?}").contains("s3cret"), "{notes:?}");
        notes.iter().map(|it| (it.path.to_string(), it.rule)).collect::<Vec<_>>()
    };
    let note = |path: &str, rule| (path.to_owned(), rule);
    let manager = format!("{ENTERPRISE}:manager");

    let created = noted(&|| {
        let body = json!({
            "schemas": [USER, "urn:x"], "userName": "a", "active": "True", "password": "s3cret",
            "nope": "s3cret", "id": "s3cret", "emails": {"value": "s3cret@b.c"}, "manager": "7",
        });
        scim.post("/Users", body).expect(201);
    });
    for expected in [
        note("urn:x", NoteRule::UnknownSchema),
        note("active", NoteRule::BooleanFromText),
        note("password", NoteRule::SecretDiscarded),
        note("nope", NoteRule::UnknownAttribute),
        note("id", NoteRule::ReadOnly),
        note("emails", NoteRule::ListFromSingle),
        note(&manager, NoteRule::ExtensionQualified),
        note(&manager, NoteRule::ObjectFromScalar),
    ] {
        assert!(created.contains(&expected), "{expected:?} is not in {created:?}");
    }

    let user = format!("/Users/{}", scim.user("b"));
    let patched = |operation: Value| noted(&|| drop(scim.patch(&user, json!([operation]))));
    let cases = [
        (
            json!({"op": "add", "path": format!("{ENTERPRISE}.manager"), "value": [{"value": "s3cret"}]}),
            vec![note(&manager, NoteRule::DottedUrn), note(&manager, NoteRule::SingleFromList)],
        ),
        (
            json!({"op": "add", "path": "nope[value eq \"s3cret\"]", "value": "s3cret"}),
            vec![note("nope", NoteRule::UnknownPathIgnored)],
        ),
        (
            json!({"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": ""}),
            vec![note(&manager, NoteRule::EmptyCleared)],
        ),
        (
            json!({"op": "add", "path": "emails[type eq s3cret].value", "value": "s3cret"}),
            vec![note("emails", NoteRule::FilterGrammar), note("emails", NoteRule::ElementCreated)],
        ),
    ];
    for (operation, expected) in cases {
        assert_eq!(patched(operation.clone()), expected, "{operation}");
    }

    let group = format!("/Groups/{}", scim.group("g", &[]));
    let wrapped = json!([{"op": "remove", "path": "members", "value": {"members": ["x"]}}]);
    let removed = noted(&|| drop(scim.patch(&group, wrapped.clone()).expect(204)));
    assert_eq!(
        removed,
        [
            note("members", NoteRule::ListedValuesRemoved),
            note("members", NoteRule::ValuesUnwrapped),
            note("members", NoteRule::ObjectFromScalar),
        ]
    );
    let unknown = json!([{"op": "add", "path": "members", "value": [{"value": "gone"}]}]);
    let skipped = noted(&|| drop(scim.patch(&group, unknown.clone()).expect(204)));
    assert_eq!(skipped, [note("gone", NoteRule::UnknownTargetSkipped)]);

    let filtered = |filter: &str| noted(&|| drop(scim.filter("/Users", filter).expect(200)));
    assert_eq!(filtered("userName eq s3cret"), [note("filter", NoteRule::FilterGrammar)]);
    assert_eq!(filtered("userName eq s3cret word"), [note("filter", NoteRule::RestQuoted)]);
    assert_eq!(filtered("userName eq \"s3cret%40\""), [note("filter", NoteRule::FilterDecoded)]);
    assert_eq!(filtered("manager eq \"s3cret\""), [note("filter", NoteRule::ComplexByValue)]);
    assert_eq!(filtered("userName eq \"s3cret\""), []);
}

#[test]
fn an_unusable_request_is_told_what_to_do() {
    let scim = Endpoint::new();
    let user = format!("/Users/{}", scim.user("a"));
    let group = format!("/Groups/{}", scim.group("g", &[]));
    let first = json!({"op": "replace", "path": "displayName", "value": "x"});
    let cases = [
        (
            &user,
            json!({"op": "replace", "path": "active", "value": "s3cret"}),
            "invalidValue",
            "operation 2: `active`: expected a boolean (true or false), found a string; check the mapping",
        ),
        (
            &user,
            json!({"op": "replace", "path": "nope", "value": "s3cret"}),
            "invalidPath",
            "operation 2: `nope`: no schema of the resource type has this attribute; correct or remove",
        ),
        (
            &user,
            json!({"op": "replace", "path": "emails[type eq \"s3cret\"].value", "value": "x"}),
            "noTarget",
            "operation 2: `emails`: the path selects no value; map a value",
        ),
        (
            &user,
            json!({"op": "replace", "path": "groups", "value": []}),
            "mutability",
            "operation 2: `groups`: the attribute is readOnly; remove the mapping",
        ),
        (
            &group,
            json!({"op": "add", "path": "members", "value": [{"display": "s3cret"}]}),
            "invalidValue",
            "operation 2: `members`: a value needs the id of a resource as its `value`; provision",
        ),
    ];
    for (path, operation, scim_type, expected) in cases {
        let answer = scim.patch(path, json!([first, operation]));
        let detail = answer.expect_error(400, scim_type);
        assert!(detail.starts_with(expected), "{detail}");
        assert!(!detail.contains("s3cret"), "{detail}");
    }
}
