//! The typed API does what requests do: the same documents, versions, reports and errors.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::Method;
use pollster::block_on;
use scim_core::{
    Access, Actor, Caller, ClientProfile, Committed, If, Matches, Notes, Object, Observer, Origin,
    Policy, Proposal, Reading, ResourceId, ScimError, ScimServer, ScimServerBuilder, ScimType,
    Search, Session, Stored, Version,
    patch::PatchRequest,
    schema::ResourceType,
    store::{Scope, Tenant},
    typed::{Group, Member, Typed, User},
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::{
    endpoint::{Answer, BASE, Endpoint, USER, user},
    watched::{Leaves, Watched, trusting_server},
};

/// What an observer was told, without ids.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<String>>);

impl Told {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[derive(Debug)]
struct Listening(Arc<Told>);

impl Observer for Listening {
    fn committed(&self, change: &Committed<'_>) {
        let what = format!("{:?}", change.proposal).replace(&**change.proposal.id(), "ID");
        let Committed { actor, scope, written, sequence, .. } = change;
        let (who, tenant) = (actor.subject(), scope.tenant.as_str());
        let (effect, version) = (written.effect, &written.meta.version);
        let text = format!("{sequence} {who}@{tenant}: {what} {effect:?} {version}");
        self.0.0.lock().unwrap().push(text);
    }

    fn noted(&self, actor: &Actor, _: &Scope, notes: &Notes) {
        let notes: Vec<_> = notes.iter().map(|note| (&*note.path, note.rule.as_str())).collect();
        self.0.0.lock().unwrap().push(format!("{} {notes:?}", actor.subject()));
    }
}

/// Refuses users called `root`, gives every new user a title, and hides those called `hidden`.
#[derive(Debug)]
struct House;

#[async_trait]
impl Policy for House {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let is_user = proposal.resource_type().name() == "User";
        let Some(after) = proposal.after_mut().filter(|_| is_user) else { return Ok(()) };
        if after.get("userName") == Some(&json!("root")) {
            return Err(ScimError::new(ScimType::InvalidValue, "not that one").at("userName"));
        }
        after.entry("title").or_insert_with(|| "Guide".into());
        Ok(())
    }

    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: Reading<'_>,
    ) -> Option<scim_filter::Filter<'static>> {
        let filter = scim_filter::Parser::strict().filter(r#"not (nickName eq "hidden")"#);
        (resource_type.name() == "User").then(|| filter.unwrap())
    }
}

/// Two servers that are set up alike: one is asked by requests, the other in the process.
struct Twins {
    http: Endpoint,
    heard: Arc<Told>,
    direct: Session,
    told: Arc<Told>,
}

fn server(observer: Arc<Told>, change: fn(ScimServerBuilder) -> ScimServerBuilder) -> ScimServer {
    trusting_server(MemoryStore::new(), |builder| {
        let origin = Origin::Fixed("http://scim.test".into());
        change(builder.origin(origin).observer(Listening(observer)).policy(House))
    })
}

impl Twins {
    fn new(change: fn(ScimServerBuilder) -> ScimServerBuilder) -> Self {
        let (heard, told) = (Arc::<Told>::default(), Arc::<Told>::default());
        Self {
            http: Endpoint::of(server(heard.clone(), change)),
            direct: server(told.clone(), change).as_actor(Actor::new("idp")),
            heard,
            told,
        }
    }

    fn objects(&self, resource_type: &str) -> scim_core::Resources<Object> {
        self.direct.resources_named(resource_type)
    }

    /// Does the same on both and compares all that can be seen of it.
    fn same(&self, step: &Step, ids: &mut Vec<[String; 2]>) {
        let answer = self.request(step, ids);
        let outcome = block_on(self.call(step, ids));
        assert_eq!(self.heard.take(), self.told.take(), "{step:?}");
        match outcome {
            Err(error) => {
                let scim_type = error.scim_type().map_or("", ScimType::as_str);
                let detail = answer.expect_error(error.status().as_u16(), scim_type);
                let unnamed = |text: &str, side: usize| {
                    ids.iter().fold(text.to_owned(), |text, id| text.replace(&id[side], "ID"))
                };
                assert_eq!(unnamed(&detail, 0), unnamed(&error.to_string(), 1), "{step:?}");
            }
            Ok(stored) => {
                assert!(answer.status.is_success(), "{step:?}: {}", answer.text);
                if let (Step::Create(..), Some(stored)) = (step, &stored) {
                    ids.push([answer.id(), stored.id.to_string()]);
                }
                if let (false, Some(stored)) = (answer.text.is_empty(), &stored) {
                    self.compare(step, &answer, stored, ids);
                }
                if let Some(stored) = stored {
                    let id = &ids.iter().find(|id| id[1] == *stored.id).unwrap()[0];
                    let read = self.http.get(&format!("/{}/{id}", step.endpoint())).expect(200);
                    let objects = self.objects(step.resource_type());
                    let again = block_on(objects.get(&stored.id)).unwrap();
                    self.compare(step, &read, &again, ids);
                }
            }
        }
    }

    fn compare(&self, step: &Step, answer: &Answer, stored: &Stored<Object>, ids: &[[String; 2]]) {
        assert_eq!(answer.header("etag"), stored.etag(), "{step:?}");
        let shown = Value::Object(stored.resource.clone());
        assert_eq!(normal(answer.json(), ids, 0), normal(shown.clone(), ids, 1), "{step:?}");
        if let Some(meta) = shown.get("meta") {
            assert_eq!(meta["location"], stored.location.as_str());
            assert_eq!(meta["version"], stored.etag().as_str());
            assert_eq!(meta["created"], stored.created.to_string());
            assert_eq!(meta["lastModified"], stored.last_modified.to_string());
        }
    }

    fn request(&self, step: &Step, ids: &[[String; 2]]) -> Answer {
        let path = |id: &usize| format!("/{}/{}", step.endpoint(), step.id(*id, ids, 0));
        let conditional = |method, path: String, condition: &Option<&str>, body: Value| {
            let tag = condition.map(|version| format!("W/\"{version}\""));
            let header = tag.as_deref().map(|tag| ("if-match", tag));
            self.http.request(method, &path, header.as_slice(), body)
        };
        match step {
            Step::Create(_, body) => {
                self.http.post(&format!("/{}", step.endpoint()), filled(body, ids, 0))
            }
            Step::Get(_, id) => self.http.get(&path(id)),
            Step::Replace(_, id, body, version) => {
                conditional(Method::PUT, path(id), version, filled(body, ids, 0))
            }
            Step::Patch(_, id, operations, version) => {
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": filled(operations, ids, 0),
                });
                conditional(Method::PATCH, path(id), version, body)
            }
            Step::Delete(_, id, version) => {
                conditional(Method::DELETE, path(id), version, json!(""))
            }
        }
    }

    async fn call(
        &self,
        step: &Step,
        ids: &[[String; 2]],
    ) -> Result<Option<Stored<Object>>, ScimError> {
        let resources = self.objects(step.resource_type());
        let body = |body| match filled(body, ids, 1) {
            Value::Object(object) => object,
            other => panic!("{other}"),
        };
        let condition = |version: &Option<&str>| match version {
            Some(version) => If::Version(Version::new(*version)),
            None => If::Exists,
        };
        match step {
            Step::Create(_, resource) => resources.create(&body(resource)).await.map(Some),
            Step::Get(_, id) => resources.get(step.id(*id, ids, 1)).await.map(Some),
            Step::Replace(_, id, resource, version) => {
                let id = step.id(*id, ids, 1);
                resources.replace(id, &body(resource), condition(version)).await
            }
            Step::Patch(_, id, operations, version) => {
                let message = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": filled(operations, ids, 1),
                });
                let request = PatchRequest::read(message)?;
                resources.patch(step.id(*id, ids, 1), request, condition(version)).await
            }
            Step::Delete(_, id, version) => {
                resources.delete(step.id(*id, ids, 1), condition(version)).await.map(|()| None)
            }
        }
    }
}

/// One step; resources are named by the number of their creation, in bodies as `#0`.
#[derive(Debug)]
enum Step {
    Create(&'static str, Value),
    Get(&'static str, usize),
    Replace(&'static str, usize, Value, Option<&'static str>),
    Patch(&'static str, usize, Value, Option<&'static str>),
    Delete(&'static str, usize, Option<&'static str>),
}

impl Step {
    fn resource_type(&self) -> &'static str {
        match self {
            Self::Create(name, _)
            | Self::Get(name, _)
            | Self::Replace(name, ..)
            | Self::Patch(name, ..)
            | Self::Delete(name, ..) => name,
        }
    }

    fn endpoint(&self) -> String {
        format!("{}s", self.resource_type())
    }

    fn id(&self, number: usize, ids: &[[String; 2]], side: usize) -> String {
        ids.get(number).map_or_else(|| "nosuch".to_owned(), |id| id[side].clone())
    }
}

fn filled(body: &Value, ids: &[[String; 2]], side: usize) -> Value {
    let text = ids.iter().enumerate().fold(body.to_string(), |text, (number, id)| {
        text.replace(&format!("#{number}"), &id[side])
    });
    serde_json::from_str(&text).unwrap()
}

/// Without what differs from server to server: ids and times.
fn normal(document: Value, ids: &[[String; 2]], side: usize) -> Value {
    let text = ids.iter().fold(document.to_string(), |text, id| text.replace(&id[side], "ID"));
    let mut document: Value = serde_json::from_str(&text).unwrap();
    if let Some(meta) = document.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("created").unwrap();
        meta.remove("lastModified").unwrap();
    }
    document
}

fn steps() -> Vec<Step> {
    use Step::{Create, Delete, Get, Patch, Replace};
    let (user_type, group_type) = ("User", "Group");
    let replace =
        |path: &str, value: Value| json!([{"op": "replace", "path": path, "value": value}]);
    vec![
        Create(user_type, user("babs", json!({"active": "True", "emails": [{"value": "b@x"}]}))),
        Create(user_type, user("jim", json!({"nosuch": 1, "id": "mine", "password": "secret"}))),
        Create(group_type, json!({"displayName": "Guides", "members": [{"value": "#0"}]})),
        Get(user_type, 0),
        Get(group_type, 2),
        Replace(user_type, 0, user("babs", json!({"displayName": "Babs"})), None),
        Replace(user_type, 0, user("babs", json!({"displayName": "Babs J"})), Some("2")),
        Replace(user_type, 0, user("babs", json!({"displayName": "Babs J"})), None),
        Patch(user_type, 0, replace("active", json!(false)), None),
        Patch(
            group_type,
            2,
            json!([{"op": "add", "path": "members", "value": [{"value": "#1"}]}]),
            None,
        ),
        Patch(group_type, 2, json!([{"op": "remove", "path": "members[value eq \"#0\"]"}]), None),
        Patch(group_type, 2, replace("displayName", json!("Leaders")), None),
        // 400, whatever is wrong
        Create(user_type, json!({"schemas": [USER]})),
        Create(user_type, user("tim", json!({"active": "perhaps"}))),
        Create(user_type, user("tim", json!({"schemas": ["urn:none"]}))),
        Create(group_type, json!({"displayName": "x", "members": [{"value": "nosuch"}]})),
        Replace(user_type, 0, json!({"userName": 7}), None),
        Patch(user_type, 0, replace("nosuch", json!(1)), None),
        Patch(user_type, 0, replace("emails[type eq \"work\"].value", json!("x")), None),
        Patch(user_type, 0, replace("userName", Value::Null), None),
        Patch(user_type, 0, replace("groups", json!([])), None),
        Patch(user_type, 0, json!([]), None),
        // What the host refuses
        Create(user_type, user("root", json!({}))),
        Patch(user_type, 0, replace("userName", json!("root")), None),
        // 409, 412, 404
        Create(user_type, user("BABS", json!({}))),
        Replace(user_type, 1, user("babs", json!({})), None),
        Replace(user_type, 0, user("babs", json!({})), Some("1")),
        Patch(user_type, 0, replace("title", json!("x")), Some("1")),
        Delete(user_type, 0, Some("1")),
        Get(user_type, 99),
        Get(group_type, 0),
        Get("Printer", 0),
        Delete(user_type, 99, None),
        Patch(user_type, 99, replace("title", json!("x")), None),
        // Out of the caller's sight
        Patch(user_type, 1, replace("nickName", json!("hidden")), None),
        Get(user_type, 1),
        Delete(user_type, 1, None),
        Delete(group_type, 2, Some("5")),
        Delete(group_type, 2, None),
        Get(user_type, 0),
        Delete(user_type, 0, None),
        Delete(user_type, 0, None),
    ]
}

#[test]
fn what_is_done_in_the_process_is_what_requests_do() {
    for (name, change) in [
        ("default", (|it| it) as fn(ScimServerBuilder) -> ScimServerBuilder),
        ("strict", |it| it.profile(&"strict".parse().unwrap())),
        ("entra", |it| it.profile(&"entra".parse().unwrap())),
    ] {
        println!("profile {name}");
        let twins = Twins::new(change);
        let mut ids = Vec::new();
        for step in steps() {
            if step.resource_type() == "Printer" {
                let error = block_on(twins.call(&step, &ids)).unwrap_err();
                assert_eq!(error.status(), 404);
                continue;
            }
            twins.same(&step, &mut ids);
        }
    }
}

#[test]
fn lists_are_those_of_requests() {
    let server = trusting_server(Watched::new(Leaves::Nothing), |it| {
        it.origin(Origin::Fixed("http://scim.test".into()))
    });
    let (scim, session) = (Endpoint::of(server.clone()), server.as_actor(Actor::new("idp")));
    let (users, groups) = (session.users(), session.groups());
    for number in 0..7 {
        let mut user = User::new(format!("user{}", number * 3 % 7));
        user.title = (number % 2 == 0).then(|| "Guide".to_owned());
        block_on(users.create(&user)).unwrap();
    }
    block_on(groups.create(&Group::new("Guides"))).unwrap();
    let cases = [
        ("", Search::new()),
        (
            "count=3&startIndex=3&sortBy=userName",
            Search::new().count(3).start_index(3).sort_by("userName"),
        ),
        ("sortBy=userName&sortOrder=descending", Search::new().sort_by("userName").descending()),
        ("filter=title%20pr", Search::new().filter("title pr")),
        ("filter=userName%20eq%20%22user3%22", Search::new().equal("userName", "user3")),
        ("count=0", Search::new().count(0)),
        ("cursor=&count=100", Search::new().cursor("").count(100)),
    ];
    for (query, search) in cases {
        let answer = scim.get(&format!("/Users?{query}")).expect(200).json();
        let objects = session.resources_named::<Object>("User");
        let matches = block_on(objects.list(search.clone())).unwrap();
        compare(&answer, &matches, query);
        let answer = scim.get(&format!("/?{query}")).expect(200).json();
        compare(&answer, &block_on(session.search(search)).unwrap(), query);
    }
    let wrong = [
        ("filter=userName%20xx%201", Search::new().filter("userName xx 1")),
        ("filter=nosuch%20pr", Search::new().filter("nosuch pr")),
        ("sortBy=nosuch", Search::new().sort_by("nosuch")),
        ("cursor=x", Search::new().cursor("x")),
        ("cursor&count=5000", Search::new().cursor("").count(5000)),
        ("cursor&startIndex=1", Search::new().cursor("").start_index(1)),
    ];
    for (query, search) in wrong {
        let error = block_on(users.list(search)).unwrap_err();
        let scim_type = error.scim_type().map_or("", ScimType::as_str);
        let answer = scim.get(&format!("/Users?{query}"));
        assert_eq!(answer.expect_error(error.status().as_u16(), scim_type), error.to_string());
    }
    // A value is a value, whatever is in it.
    let injection = r#"x" or userName pr or userName eq ""#;
    assert_eq!(block_on(users.find("userName", injection)).unwrap(), None);
    let found = block_on(users.find("userName", "USER3")).unwrap().unwrap();
    assert_eq!(found.resource.user_name.as_deref(), Some("user3"));
}

fn compare(answer: &Value, matches: &Matches<Object>, query: &str) {
    let shown: Vec<_> =
        matches.resources.iter().map(|it| Value::Object(it.resource.clone())).collect();
    assert_eq!(answer["Resources"], Value::Array(shown), "{query}");
    assert_eq!(answer["totalResults"].as_u64(), matches.total, "{query}");
    assert_eq!(answer["startIndex"].as_u64(), matches.start_index, "{query}");
    assert_eq!(answer.get("nextCursor").is_some(), matches.next_cursor.is_some(), "{query}");
}

#[test]
fn a_group_is_changed_without_reading_its_members() {
    // A relation that is larger than one answer of the store is read whole all the same.
    let server = trusting_server(MemoryStore::new(), |it| {
        let mut limits = scim_core::Limits::default();
        limits.edges = 2;
        it.limits(limits)
    });
    let session = server.as_actor(Actor::new("idp"));
    let (users, groups) = (session.users(), session.groups());
    let ids: Vec<_> = (0..5)
        .map(|it| block_on(users.create(&User::new(format!("user{it}")))).unwrap().id)
        .collect();
    let guides = block_on(groups.create(&Group::new("Guides"))).unwrap();
    let version = block_on(groups.add_to(&guides.id, "members", &ids)).unwrap().unwrap();
    assert_ne!(version, guides.version);
    let read = block_on(groups.get(&guides.id)).unwrap();
    assert_eq!((read.resource.members.len(), &read.version), (5, &version));
    let names = |group: &Stored<Group>| -> Vec<_> {
        group.resource.members.iter().filter_map(|it| it.display.clone()).collect()
    };
    assert_eq!(names(&read).len(), 5);
    block_on(groups.remove_from(&guides.id, "members", ids.iter().take(3))).unwrap();
    block_on(groups.remove_member(&guides.id, &ids[0])).unwrap();
    block_on(groups.add_member(&guides.id, &ids[0])).unwrap();
    let read = block_on(groups.get(&guides.id)).unwrap();
    assert_eq!(read.resource.members.len(), 3);
    let brief = block_on(groups.clone().except(["members"]).get(&guides.id)).unwrap();
    assert_eq!(brief.resource.members, []);
    assert_eq!(brief.resource.display_name.as_deref(), Some("Guides"));
    let named = block_on(groups.clone().only(["members.value"]).get(&guides.id)).unwrap();
    assert_eq!(named.resource.display_name, None);
    assert!(named.resource.members.iter().all(|it: &Member| it.display.is_none()));
    let unknown = block_on(groups.add_member(&guides.id, "nosuch")).unwrap_err();
    assert_eq!(unknown.scim_type(), Some(ScimType::InvalidValue));
    // Paths of URLs, where nobody knows the host.
    assert_eq!(read.location, format!("/scim/v2/Groups/{}", read.id));
    assert!(BASE.ends_with("/scim/v2"));
}

#[test]
fn an_actor_is_confined_as_ever() {
    // N-003, Y-013
    let server = trusting_server(MemoryStore::new(), |it| it.base_path("/t/{tenant}/scim/v2"));
    let tenant = |name: &'static str| Actor::new("idp").in_tenant(Tenant::new(name));
    let acme = server.as_actor(tenant("acme")).users();
    let other = server.as_actor(tenant("other")).users();
    let babs = block_on(acme.create(&User::new("babs"))).unwrap();
    assert_eq!(babs.location, format!("/t/acme/scim/v2/Users/{}", babs.id));
    assert_eq!(block_on(other.get(&babs.id)).unwrap_err().status(), 404);
    assert_eq!(block_on(other.list(Search::new())).unwrap().total, Some(0));
    block_on(other.create(&User::new("babs"))).unwrap();

    let reader = server.as_actor(tenant("acme").with_access(Access::Read)).users();
    assert_eq!(block_on(reader.get(&babs.id)).unwrap().resource, babs.resource);
    for refused in [
        block_on(reader.delete(&babs.id, If::Exists)),
        block_on(reader.create(&User::new("jim"))).map(drop),
        block_on(reader.replace(&babs.id, &babs.resource, &babs)).map(drop),
    ] {
        assert_eq!(refused.unwrap_err().status(), 403);
    }
}

#[test]
fn without_targets_nothing_changes() {
    // Not even where adding an empty list unassigns, as a strict PATCH can be read.
    let server = trusting_server(MemoryStore::new(), |it| it.profile(&ClientProfile::strict()));
    let session = server.as_actor(Actor::new("idp"));
    let (users, groups) = (session.users(), session.groups());
    let babs = block_on(users.create(&User::new("babs"))).unwrap().id;
    let guides = block_on(groups.create(&Group::new("Guides"))).unwrap().id;
    let version = block_on(groups.add_member(&guides, &babs)).unwrap();
    let none: [ResourceId; 0] = [];
    assert_eq!(block_on(groups.add_to(&guides, "members", &none)).unwrap(), version);
    assert_eq!(block_on(groups.remove_from(&guides, "members", &none)).unwrap(), version);
    assert_eq!(block_on(groups.get(&guides)).unwrap().resource.members.len(), 1);
    assert_eq!(block_on(groups.add_to("nosuch", "members", &none)).unwrap_err().status(), 404);
    assert_eq!(block_on(groups.remove_from("nosuch", "members", none)).unwrap_err().status(), 404);
}

#[test]
fn an_actor_without_a_tenant_is_nowhere_where_paths_name_it() {
    // N-003
    let server = trusting_server(MemoryStore::new(), |it| it.base_path("/t/{tenant}/scim/v2"));
    for actor in [Actor::new("idp"), Actor::new("idp").in_tenant(Tenant::default())] {
        let session = server.as_actor(actor);
        let users = session.users();
        for refused in [
            block_on(users.create(&User::new("babs"))).map(drop),
            block_on(users.list(Search::new())).map(drop),
            block_on(session.search(Search::new())).map(drop),
        ] {
            let error = refused.unwrap_err();
            assert_eq!(error.status(), 500);
            assert!(error.to_string().contains("in_tenant"), "{error}");
        }
    }
}

/// What one application knows of users.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    user_name: String,
    age: Option<u8>,
}

impl Typed for Account {
    const RESOURCE_TYPE: &'static str = "User";
}

#[test]
fn types_of_the_hosts_own_are_read_and_written() {
    let server = trusting_server(MemoryStore::new(), |it| it);
    let session = server.as_actor(Actor::new("idp"));
    let accounts = session.resources::<Account>();
    let stored =
        block_on(accounts.create(&Account { user_name: "babs".into(), age: None })).unwrap();
    assert_eq!(stored.resource, Account { user_name: "babs".into(), age: None });
    // One that does not fit is an error and no panic.
    let narrow = session.resources_named::<Vec<u8>>("User");
    let error = block_on(narrow.get(&stored.id)).unwrap_err();
    assert_eq!(error.status(), 500);
    let error = block_on(narrow.create(&vec![1])).unwrap_err();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax));
    let nothing = block_on(accounts.patch(&stored.id, PatchRequest::new(), If::Exists));
    assert_eq!(nothing.unwrap_err().scim_type(), Some(ScimType::InvalidSyntax));
}

#[test]
fn calls_go_from_thread_to_thread() {
    fn sent(_: impl Send) {}
    let server = trusting_server(MemoryStore::new(), |it| it);
    let users = server.as_actor(Actor::new("idp")).users();
    let babs = User::new("babs");
    sent(users.create(&babs));
    sent(users.replace("1", &babs, If::Exists));
    sent(users.patch("1", PatchRequest::new(), If::Exists));
    sent(users.list(Search::new()));
    sent(users.delete("1", If::Exists));
    sent(users.add_to("1", "members", ["2"]));
}
