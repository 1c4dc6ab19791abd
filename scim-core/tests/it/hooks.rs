//! What a host decides by its hooks, as clients and the host itself get to see it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use http::{HeaderMap, Method, Request, StatusCode, request::Parts};
use scim_core::{
    Actor, AttributeRules, AttributeUse, BeforeImage, Caller, Committed, Mapping, NoteRule, Notes,
    Object, Observer, Policy, Presentation, Proposal, ProposedDocument, Reading, Resolution,
    ScimError, ScimType, SecretKeeper,
    schema::{Attribute, ResourceType},
    store::{Effect, Key, Resource, Scope},
};
use scim_filter::{Filter, Parser};
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, USER};

fn with_policy(policy: impl Policy + 'static) -> Endpoint {
    Endpoint::with(|builder| builder.policy(policy))
}

fn filter(text: &'static str) -> Filter<'static> {
    Parser::strict().filter(text).unwrap()
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "replace", "path": path, "value": value.into()}])
}

fn text<'a>(values: &'a Object, name: &str) -> &'a str {
    values.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Shows users with the title `guide`, and groups that anyone is in.
#[derive(Debug)]
struct OnlyGuides;

impl Policy for OnlyGuides {
    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: Reading<'_>,
    ) -> Option<Filter<'static>> {
        Some(filter(match resource_type.name() {
            "User" => r#"title eq "guide""#,
            _ => "members pr",
        }))
    }
}

#[test]
fn what_is_out_of_sight_is_not_found() {
    // Y-013
    let scim = with_policy(OnlyGuides);
    let guide = json!({"schemas": [USER], "userName": "guide", "title": "Guide"});
    let guide = scim.post("/Users", guide).expect(201).id();
    let other = json!({"schemas": [USER], "userName": "other", "title": "Driver"});
    let other = format!("/Users/{}", scim.post("/Users", other).expect(201).id());
    scim.get(&format!("/Users/{guide}")).expect(200);
    scim.get(&other).expect_error(404, "");
    scim.patch(&other, replace("title", "Guide")).expect_error(404, "");
    scim.put(&other, json!({"userName": "other"})).expect_error(404, "");
    scim.delete(&other).expect_error(404, "");
    for (query, total) in [
        ("userName pr", 1),
        (r#"userName eq "other""#, 0),
        (r#"userName eq "other" or title pr"#, 1),
    ] {
        assert_eq!(scim.filter("/Users", query).expect(200).json()["totalResults"], total);
    }
    assert_eq!(scim.get("/Users").expect(200).json()["totalResults"], 1);

    // A filter over edges is answered too, and the edges it reads are not shown beyond what is
    // asked for.
    let inhabited = scim.group("Guides", &[&guide]);
    let empty = scim.group("Nobody", &[]);
    let shown = scim.get(&format!("/Groups/{inhabited}?excludedAttributes=members")).expect(200);
    assert!(shown.json().get("members").is_none());
    scim.get(&format!("/Groups/{empty}")).expect_error(404, "");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": guide}]}]);
    scim.patch(&format!("/Groups/{empty}"), add).expect_error(404, "");
}

#[test]
fn a_change_may_move_a_resource_out_of_sight() {
    let scim = with_policy(OnlyGuides);
    let guide = json!({"schemas": [USER], "userName": "guide", "title": "Guide"});
    let path = format!("/Users/{}", scim.post("/Users", guide).expect(201).id());
    scim.patch(&path, replace("title", "Driver")).expect(204);
    scim.get(&path).expect_error(404, "");
}

/// A filter that names an attribute of no schema.
#[derive(Debug)]
struct Misspelt;

impl Policy for Misspelt {
    fn visible(&self, _: &Caller<'_>, _: &ResourceType, _: Reading<'_>) -> Option<Filter<'static>> {
        Some(filter("titel pr"))
    }
}

#[test]
fn an_invalid_visibility_hides_everything() {
    let scim = with_policy(Misspelt);
    let user = format!("/Users/{}", scim.user("bjensen"));
    for answer in [scim.get("/Users"), scim.get(&user), scim.delete(&user)] {
        assert!(!answer.text.contains("titel"), "the client cannot mend it");
        answer.expect_error(500, "");
    }
}

/// Nobody reads `title`, writes `nickName` or `members`, or filters by `locale`.
#[derive(Debug)]
struct Guarded;

impl Policy for Guarded {
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        Some(self)
    }
}

impl AttributeRules for Guarded {
    fn allows(&self, _: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool {
        !matches!(
            (attribute.path(), purpose),
            ("title" | "emails.display", AttributeUse::Read)
                | ("nickName" | "members", AttributeUse::Write)
                | ("locale", AttributeUse::Filter)
        )
    }
}

#[test]
fn attributes_have_rules_of_their_own() {
    // Y-013, F-029, U-016
    let scim = with_policy(Guarded);
    let body = json!({"schemas": [USER], "userName": "a", "title": "Guide", "locale": "en"});
    let created = scim.post("/Users", body).expect(201);
    assert!(created.json().get("title").is_none());
    let path = format!("/Users/{}", created.id());
    assert!(!scim.get(&format!("{path}?attributes=title")).expect(200).text.contains("Guide"));
    for query in [r#"title eq "guide""#, r#"not (title pr)"#, r#"locale eq "en""#] {
        scim.filter("/Users", query).expect_error(400, "invalidFilter");
    }
    scim.get("/Users?sortBy=title").expect_error(400, "invalidFilter");
    let probe = r#"emails[display sw "B"].value"#;
    scim.patch(&path, replace(probe, "b@x")).expect_error(400, "invalidFilter");
    scim.patch(&path, replace("nickName", "b")).expect_error(403, "");
    scim.put(&path, json!({"userName": "a", "nickName": "b"})).expect_error(403, "");
    scim.post("/Users", json!({"userName": "b", "nickName": "b"})).expect_error(403, "");
    let group = scim.group("Guides", &[]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": created.id()}]}]);
    scim.patch(&format!("/Groups/{group}"), add).expect_error(403, "");
}

#[test]
fn a_put_does_not_clear_what_its_sender_cannot_see() {
    // U-016
    let hidden = Arc::new(Mutex::new(Vec::new()));
    let scim = Endpoint::with(|builder| builder.policy(Guarded).observer(Log(hidden.clone())));
    let body = json!({"schemas": [USER], "userName": "a", "title": "Guide"});
    let path = format!("/Users/{}", scim.post("/Users", body).expect(201).id());
    scim.put(&path, json!({"userName": "b"})).expect(200);
    let log = hidden.lock().unwrap();
    let after = log.last().unwrap().after.as_ref().unwrap();
    assert_eq!((text(after, "userName"), text(after, "title")), ("b", "Guide"));
}

/// Sets `locale`, refuses the name `root`, and keeps users that are deleted.
#[derive(Debug)]
struct HouseRules;

#[async_trait]
impl Policy for HouseRules {
    fn before_image(&self, resource_type: &ResourceType) -> BeforeImage {
        match resource_type.name() {
            "User" => BeforeImage::Needed,
            _ => BeforeImage::Unneeded,
        }
    }

    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        reading: Reading<'_>,
    ) -> Option<Filter<'static>> {
        let is_plain_list = matches!(reading, Reading::List(None));
        (is_plain_list && resource_type.name() == "User").then(|| filter("active ne false"))
    }

    async fn review(&self, caller: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        assert_eq!(caller.actor.subject(), "idp");
        if proposal.resource_type().name() != "User" {
            return Ok(());
        }
        proposal.keep_instead_of_deleting(|user| {
            user.insert("active".to_owned(), false.into());
        })?;
        let Some(after) = proposal.after_mut() else { return Ok(()) };
        if text(after, "userName") == "root" {
            let detail = "this name is the application's own";
            return Err(ScimError::with_status(StatusCode::FORBIDDEN, detail).at("userName"));
        }
        after.insert("locale".to_owned(), "de".into());
        Ok(())
    }

    async fn conflict(
        &self,
        _: &Caller<'_>,
        proposal: &Proposal,
        holder: &Resource,
    ) -> Result<Resolution, ScimError> {
        let mut values = holder.document.values().unwrap().clone();
        if values.get("active") != Some(&json!(false)) {
            return Ok(Resolution::Refuse);
        }
        let ProposedDocument::New(asked) = &proposal.document else { unreachable!() };
        values.insert("title".to_owned(), text(asked, "title").into());
        values.insert("active".to_owned(), true.into());
        Ok(Resolution::ChangeHolder(values))
    }
}

#[test]
fn a_write_is_amended_or_refused() {
    let scim = with_policy(HouseRules);
    let created = scim.post("/Users", json!({"userName": "a", "locale": "en"})).expect(201);
    assert_eq!(created.json()["locale"], "de");
    let path = format!("/Users/{}", created.id());
    let answers = [
        scim.patch(&path, replace("userName", "root")),
        scim.put(&path, json!({"userName": "root"})),
        scim.post("/Users", json!({"userName": "root"})),
    ];
    for answer in answers {
        assert_eq!(answer.expect_error(403, ""), "`userName`: this name is the application's own");
    }
    let version = created.json()["meta"]["version"].clone();
    assert_eq!(scim.get(&path).json()["meta"]["version"], version);
    // What the host takes back has no effect (H-045).
    let patched = scim.patch(&path, replace("locale", "en")).expect(200);
    assert_eq!(patched.json()["meta"]["version"], version);
}

#[test]
fn a_deleted_user_is_kept_and_answered_as_gone() {
    let scim = with_policy(HouseRules);
    let id = scim.user("babs");
    let path = format!("/Users/{id}");
    let group = scim.group("Guides", &[&id]);
    scim.request(Method::DELETE, &path, &[("if-match", "W/\"9\"")], "").expect_error(412, "");
    assert_eq!(scim.delete(&path).expect(204).text, "");
    assert_eq!(scim.get(&path).expect(200).json()["active"], false);
    assert_eq!(scim.get("/Users").json()["totalResults"], 0);
    assert_eq!(scim.filter("/Users", r#"userName eq "babs""#).json()["totalResults"], 1);
    scim.delete(&path).expect(204);
    scim.delete("/Users/nobody").expect_error(404, "");
    assert_eq!(scim.get(&format!("/Groups/{group}")).json()["members"][0]["value"], id.as_str());
    // Other types are deleted as ever.
    scim.delete(&format!("/Groups/{group}")).expect(204);
    scim.get(&format!("/Groups/{group}")).expect_error(404, "");
}

#[test]
fn a_create_may_become_a_change_of_the_holder() {
    let scim = with_policy(HouseRules);
    let id = scim.user("babs");
    let again = json!({"userName": "BABS", "title": "Guide"});
    scim.post("/Users", again.clone()).expect_error(409, "uniqueness");
    scim.delete(&format!("/Users/{id}")).expect(204);
    let revived = scim.post("/Users", again).expect(200).json();
    assert_eq!(
        (&revived["id"], &revived["userName"], &revived["title"], &revived["active"]),
        (&json!(id), &json!("babs"), &json!("Guide"), &json!(true))
    );
    assert_eq!(scim.get("/Users").json()["totalResults"], 1);
}

/// Keeps what is deleted, and forgot to ask for the values.
#[derive(Debug)]
struct Forgetful;

#[async_trait]
impl Policy for Forgetful {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        proposal.keep_instead_of_deleting(|_| {})
    }
}

#[test]
fn nothing_is_lost_to_a_policy_that_forgot_to_ask() {
    let scim = with_policy(Forgetful);
    let path = format!("/Users/{}", scim.user("babs"));
    scim.delete(&path).expect_error(500, "");
    scim.get(&path).expect(200);
}

/// Hides everyone, also from those who would create them again.
#[derive(Debug)]
struct Hidden;

impl Policy for Hidden {
    fn visible(&self, _: &Caller<'_>, _: &ResourceType, _: Reading<'_>) -> Option<Filter<'static>> {
        Some(filter("not (id pr)"))
    }
}

#[test]
fn a_conflict_with_what_is_out_of_sight_is_a_conflict() {
    // C-007
    let scim = with_policy(Hidden);
    scim.user("babs");
    scim.post("/Users", json!({"userName": "babs"})).expect_error(409, "uniqueness");
}

/// Serves three requests, and no PUT.
#[derive(Debug, Default)]
struct Limited(AtomicUsize);

#[async_trait]
impl Policy for Limited {
    async fn admit(&self, _: &Caller<'_>, request: &Parts) -> Result<(), ScimError> {
        if request.method == Method::PUT {
            let detail = "users are not replaced here";
            return Err(ScimError::with_status(StatusCode::METHOD_NOT_ALLOWED, detail));
        }
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0..3 => Ok(()),
            _ => Err(ScimError::with_status(StatusCode::TOO_MANY_REQUESTS, "slower, please")),
        }
    }
}

#[test]
fn a_request_is_refused_before_its_body_is_read() {
    let scim = with_policy(Limited::default());
    let path = format!("/Users/{}", scim.user("babs"));
    let detail = scim.request(Method::PUT, &path, &[], "no JSON").expect_error(405, "");
    assert_eq!(detail, "users are not replaced here");
    scim.get("/Schemas").expect(200);
    scim.get(&path).expect(200);
    for answer in [scim.get(&path), scim.delete(&path), scim.get("/Schemas")] {
        assert_eq!(answer.expect_error(429, ""), "slower, please");
    }
    // Nobody is counted who is not known.
    scim.get("/ServiceProviderConfig").expect(200);
    let anonymous = Request::get("/scim/v2/Users").body(String::new()).unwrap();
    scim.send(anonymous).expect_error(401, "");
}

/// Takes `phones` and a name as text; shows the number of emails in their place.
#[derive(Debug)]
struct House;

impl Mapping for House {
    fn incoming(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if let Some(phones) = body.as_object_mut().and_then(|body| body.remove("phones")) {
            body["phoneNumbers"] = phones;
        }
        if body.get("legacy").is_some() {
            return Err(ScimError::new(ScimType::InvalidValue, "no longer taken").at("legacy"));
        }
        Ok(())
    }

    fn incoming_patch(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if resource_type.name() != "Group" {
            return Ok(());
        }
        let member = |member: &Value| {
            let op = if member["operation"] == "delete" { "remove" } else { "add" };
            json!({"op": op, "path": "members", "value": [{"value": member["value"]}]})
        };
        let members = body["members"].as_array().into_iter().flatten().map(member);
        let operations: Vec<_> = members.collect();
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        *body = json!({"schemas": schemas, "Operations": operations});
        Ok(())
    }

    fn outgoing(&self, _: &Caller<'_>, _: &ResourceType, shown: &mut Object) {
        let count = shown.get("emails").and_then(Value::as_array).map_or(0, Vec::len);
        shown.insert("emails".to_owned(), count.into());
    }

    fn rewrites_answers(&self, resource_type: &ResourceType) -> bool {
        resource_type.name() == "User"
    }
}

#[test]
fn representations_are_mapped_in_both_directions() {
    let scim = Endpoint::with(|builder| builder.mapping(House));
    let emails = json!([{"value": "a@x.y"}, {"value": "b@x.y"}]);
    let body = json!({"userName": "babs", "phones": [{"value": "1"}], "emails": emails});
    let created = scim.post("/Users", body).expect(201);
    let user = created.json();
    assert_eq!((&user["phoneNumbers"][0]["value"], &user["emails"]), (&json!("1"), &json!(2)));
    assert_eq!(user["id"], created.id());
    let path = format!("/Users/{}", created.id());
    assert_eq!(scim.get(&path).expect(200).json(), user);
    assert_eq!(scim.get("/Users").expect(200).json()["Resources"][0], user);
    let detail = scim.put(&path, json!({"userName": "babs", "legacy": 1}));
    assert_eq!(detail.expect_error(400, "invalidValue"), "`legacy`: no longer taken");

    let group = format!("/Groups/{}", scim.group("Guides", &[&created.id()]));
    let other = scim.user("other");
    let body = json!({"members": [
        {"value": created.id(), "operation": "delete"}, {"value": other},
    ]});
    scim.request(Method::PATCH, &group, &[], body).expect(204);
    let members = scim.get(&group).json()["members"].clone();
    assert_eq!((members.as_array().unwrap().len(), &members[0]["value"]), (1, &json!(other)));
}

/// What an observer was told of one change.
#[derive(Debug)]
struct Entry {
    sequence: u64,
    effect: Effect,
    id: String,
    before: Option<Object>,
    after: Option<Object>,
    notes: Vec<NoteRule>,
}

#[derive(Debug)]
struct Log(Arc<Mutex<Vec<Entry>>>);

impl Observer for Log {
    fn committed(&self, change: &Committed<'_>) {
        assert_eq!((change.actor.subject(), change.scope), ("idp", &Scope::default()));
        let after = change.proposal.clone().after_mut().cloned();
        self.0.lock().unwrap().push(Entry {
            sequence: change.sequence,
            effect: change.written.effect,
            id: change.written.id.to_string(),
            before: change.proposal.before().cloned(),
            after,
            notes: Vec::new(),
        });
    }

    fn noted(&self, _: &Actor, _: &Scope, notes: &Notes) {
        if let Some(last) = self.0.lock().unwrap().last_mut() {
            last.notes.extend(notes.iter().map(|note| note.rule));
        }
    }
}

#[test]
fn an_observer_is_told_of_every_effective_change_in_order() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let scim = Endpoint::with(|builder| builder.observer(Log(log.clone())));
    let body = json!({"schemas": [USER], "userName": "a", "password": "t1meMa$heen"});
    let id = scim.post("/Users", body).expect(201).id();
    let path = format!("/Users/{id}");
    scim.patch(&path, replace("title", "Guide")).expect(200);
    scim.patch(&path, replace("title", "Guide")).expect(200);
    scim.post("/Users", json!({"userName": "A"})).expect_error(409, "uniqueness");
    let group = scim.group("Guides", &[&id]);
    let member = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    scim.patch(&format!("/Groups/{group}"), member).expect(204);
    scim.delete(&path).expect(204);
    let log = log.lock().unwrap();
    let told: Vec<_> = log.iter().map(|it| (it.sequence, it.effect, it.id.as_str())).collect();
    let (id, group) = (id.as_str(), group.as_str());
    let expected = [
        (1, Effect::Inserted, id),
        (2, Effect::Changed, id),
        (3, Effect::Inserted, group),
        (4, Effect::Changed, group),
        (5, Effect::Deleted, id),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{log:?}").contains("t1meMa"), "nobody keeps the password");
    assert_eq!(log[0].notes, [NoteRule::SecretDiscarded]);
    assert!(log[0].before.is_none());
    let title = |values: &Option<Object>| text(values.as_ref().unwrap(), "title").to_owned();
    assert_eq!((title(&log[1].before), title(&log[1].after)), (String::new(), "Guide".to_owned()));
    assert!(log[3].after.is_none(), "edges alone read no document");
}

/// Errors and headers of the host's own.
#[derive(Debug)]
struct Branded;

impl Presentation for Branded {
    fn error(&self, request: &Parts, error: &ScimError) -> Option<Value> {
        let is_ours = request.uri.path().contains("/Users");
        let description = error.to_string();
        is_ours.then(|| json!({"error_code": error.status().as_u16(), "description": description}))
    }

    fn headers(
        &self,
        _: &Parts,
        actor: Option<&Actor>,
        status: StatusCode,
        headers: &mut HeaderMap,
    ) {
        let text = format!("{} {}", actor.map_or("nobody", Actor::subject), status.as_u16());
        headers.insert("x-served", text.parse().unwrap());
    }
}

#[test]
fn answers_look_as_the_host_wants() {
    let scim = Endpoint::with(|builder| builder.presentation(Branded));
    let id = scim.user("babs");
    let cases = [
        (scim.get(&format!("/Users/{id}")), "idp 200"),
        (scim.delete(&format!("/Users/{id}")), "idp 204"),
        (scim.get("/Users/none"), "idp 404"),
        (scim.request(Method::PUT, "/Users", &[], ""), "nobody 405"),
        (scim.send(Request::get("/scim/v2/Users").body(String::new()).unwrap()), "nobody 401"),
        (scim.get("/ServiceProviderConfig"), "nobody 200"),
    ];
    for (answer, expected) in &cases {
        assert_eq!(answer.header("x-served"), *expected);
    }
    let missing = json!({"error_code": 404, "description": "no such resource"});
    assert_eq!(cases[2].0.json(), missing);
    assert_eq!(cases[3].0.header("allow"), "GET, HEAD, POST");
    assert_eq!(cases[4].0.json()["error_code"], 401);
    assert!(cases[4].0.header("www-authenticate").starts_with("Bearer"));
    scim.get("/Groups/none").expect_error(404, "");
}

/// Refuses short passwords and keeps the length of others.
#[derive(Debug)]
struct Lengths;

#[async_trait]
impl SecretKeeper for Lengths {
    async fn keep(
        &self,
        _: &Caller<'_>,
        _: &Key,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        match value.as_str().unwrap_or_default().len() {
            length if length < 8 => {
                let detail = "at least 8 characters";
                Err(ScimError::new(ScimType::InvalidValue, detail).at(attribute.path()))
            }
            length => Ok(Some(format!("length {length}").into())),
        }
    }
}

#[test]
fn secrets_go_through_their_keeper() {
    // A-037, A-039
    let log = Arc::new(Mutex::new(Vec::new()));
    let scim = Endpoint::with(|builder| builder.secret_keeper(Lengths).observer(Log(log.clone())));
    let body = |password| json!({"userName": "a", "password": password});
    let detail = scim.post("/Users", body("short")).expect_error(400, "invalidValue");
    assert_eq!(detail, "`password`: at least 8 characters");
    let created = scim.post("/Users", body("t1meMa$heen")).expect(201);
    assert!(!created.text.contains("password"));
    let path = format!("/Users/{}", created.id());
    let kept =
        || text(log.lock().unwrap().last().unwrap().after.as_ref().unwrap(), "password").to_owned();
    assert_eq!(kept(), "length 11");
    scim.put(&path, json!({"userName": "b"})).expect(200);
    assert_eq!(kept(), "length 11", "a PUT that leaves it out keeps it (U-010)");
    scim.patch(&path, replace("password", "GR@ndMa$heen")).expect(200);
    assert_eq!(kept(), "length 12");
    scim.patch(&path, replace("password", "short")).expect_error(400, "invalidValue");
    let config = scim.get("/ServiceProviderConfig").expect(200).json();
    assert_eq!(config["changePassword"]["supported"], true);
}

#[test]
fn a_rehearsed_proposal_is_the_one_that_the_engine_makes() {
    let registry = scim_core::schema::Registry::standard();
    let seen = Arc::new(Seen::default());
    let scim = with_policy(Watching(seen.clone()));
    let body = json!({"schemas": [USER], "USERNAME": "babs", "emails": [{"VALUE": "b@x"}]});
    scim.post("/Users", body.clone()).expect(201);
    let rehearsed = Proposal::create(&registry, "User", body.clone()).unwrap();
    // Values are in no `Debug`, so that they are compared without one.
    assert!(seen.0.lock().unwrap().as_ref() == Some(&rehearsed.document));
    assert_eq!(format!("{rehearsed:?}"), format!("create User {}", rehearsed.id()));

    let changed = Proposal::change(&registry, "User", body.clone(), body.clone()).unwrap();
    assert_eq!(changed.before(), changed.clone().after_mut().map(|it| &*it));
    let deleted = Proposal::delete(&registry, "User", Some(body)).unwrap();
    assert_eq!(deleted.before(), changed.before());
    assert!(Proposal::delete(&registry, "User", None).unwrap().before().is_none());
    assert!(Proposal::relate(&registry, "Group", Vec::new()).unwrap().before().is_none());
    let wrong = [
        ("Printer", json!({}), 404),
        ("User", json!({"userNme": "babs"}), 400),
        ("User", json!({"displayName": "Babs"}), 400),
        ("Group", json!({"displayName": "Guides", "members": [{"value": "1"}]}), 400),
    ];
    for (resource_type, values, status) in wrong {
        let refused = Proposal::create(&registry, resource_type, values).unwrap_err();
        assert_eq!(refused.status(), status, "{resource_type}");
    }
}

/// Keeps the last document that it was asked about.
#[derive(Default)]
struct Seen(Mutex<Option<ProposedDocument>>);

struct Watching(Arc<Seen>);

impl std::fmt::Debug for Watching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watching")
    }
}

#[async_trait]
impl Policy for Watching {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        *self.0.0.lock().unwrap() = Some(proposal.document.clone());
        Ok(())
    }
}
