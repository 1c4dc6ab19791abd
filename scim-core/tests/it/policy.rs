//! What a host's policy can count on.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use http::Method;
#[cfg(all(feature = "scim11", feature = "xml"))]
use http::Request;
#[cfg(all(feature = "scim11", feature = "xml"))]
use scim_core::ScimServerBuilder;
use scim_core::{
    AttributeRules, AttributeUse, BeforeImage, Behaviour, Caller, Limits, Policy, Proposal,
    Reading, Resolution, ScimError,
    patch::{PatchOptions, UnmatchedRemove},
    schema::{
        Attribute, AttributeDefinition, AttributeType, Mutability, Registry, ResourceType,
        Returned, SchemaDefinition, builtin,
    },
    store::Resource,
};
use scim_filter::Filter;
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::{
    endpoint::{Answer, ENTERPRISE, Endpoint, GROUP, USER},
    faulty::Faulty,
    watched::{Leaves, Watched},
};

/// Shows active users only; one that comes back under a title is activated again.
#[derive(Debug)]
struct ActiveOnly;

#[async_trait]
impl Policy for ActiveOnly {
    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: Reading<'_>,
    ) -> Option<Filter<'static>> {
        (resource_type.name() == "User").then(|| "active eq true".parse().unwrap())
    }

    async fn conflict(
        &self,
        _: &Caller<'_>,
        proposal: &Proposal,
        holder: &Resource,
    ) -> Result<Resolution, ScimError> {
        let mut proposal = proposal.clone();
        if proposal.after_mut().is_none_or(|new| !new.contains_key("title")) {
            return Ok(Resolution::Refuse);
        }
        let mut after = holder.document.values().unwrap().clone();
        after.insert("active".to_owned(), true.into());
        Ok(Resolution::ChangeHolder(after))
    }
}

#[test]
fn a_value_held_by_a_resource_out_of_sight_is_a_conflict() {
    // C-007, A-042
    let scim = Endpoint::with(|builder| builder.policy(ActiveOnly));
    let gone = json!({"schemas": [USER], "userName": "bjensen", "active": false});
    let id = scim.post("/Users", gone).expect(201).id();
    scim.get(&format!("/Users/{id}")).expect_error(404, "");

    let again = json!({"schemas": [USER], "userName": "BJensen"});
    scim.post("/Users", again).expect_error(409, "uniqueness");

    let back = json!({"schemas": [USER], "userName": "bjensen", "title": "Tour Guide"});
    let back = scim.post("/Users", back).expect(200);
    assert_eq!((back.id(), back.json()["active"].clone()), (id, json!(true)));
}

/// Shows active users only, and names of all.
#[derive(Debug)]
struct ShowsLabels;

impl Policy for ShowsLabels {
    fn visible(
        &self,
        caller: &Caller<'_>,
        resource_type: &ResourceType,
        reading: Reading<'_>,
    ) -> Option<Filter<'static>> {
        ActiveOnly.visible(caller, resource_type, reading)
    }

    fn shows_labels(&self, _: &Caller<'_>, _: &ResourceType) -> bool {
        true
    }
}

#[test]
fn what_resources_out_of_sight_are_called_is_not_shown() {
    // Y-003, F-029
    let store = Arc::new(MemoryStore::new());
    let all = Endpoint::over(store.clone(), |builder| builder);
    let some = Endpoint::over(store.clone(), |builder| builder.policy(ActiveOnly));
    let names = Endpoint::over(store, |builder| builder.policy(ShowsLabels));
    let gone = json!({"schemas": [USER], "userName": "gone", "active": false});
    let here = json!({"schemas": [USER], "userName": "here", "active": true});
    let [gone, here] = [gone, here].map(|user| all.post("/Users", user).expect(201).id());
    let group = all.group("Guides", &[&gone, &here]);
    some.get(&format!("/Users/{gone}")).expect_error(404, "");

    let displayed = |scim: &Endpoint, path: &str| {
        let group = scim.get(path).expect(200).json();
        let group = group.get("Resources").map_or(&group, |listed| &listed[0]).clone();
        let members = group["members"].as_array().unwrap().clone();
        let mut ids: Vec<_> = members.iter().map(|it| it["value"].clone()).collect();
        ids.sort_by_key(Value::to_string);
        let mut both = [json!(gone), json!(here)];
        both.sort_by_key(Value::to_string);
        assert_eq!(ids, both, "who is a member is told by id");
        members.iter().filter(|it| it.get("display").is_some()).count()
    };
    let one = format!("/Groups/{group}");
    let paths = [&*one, "/Groups", &format!("{one}?attributes=members.value,members.display")];
    for path in paths {
        let shown = [&all, &some, &names].map(|scim| displayed(scim, path));
        assert_eq!(shown, [2, 0, 2], "{path}");
    }
    let search = "/Groups?filter=members.display%20eq%20%22gone%22";
    let found =
        [&all, &names].map(|scim| scim.get(search).expect(200).json()["totalResults"].clone());
    assert_eq!(found, [1, 1]);
    some.get(search).expect_error(400, "invalidFilter");
    let titled = json!([{"op": "remove", "path": "members[display eq \"gone\"]"}]);
    assert_eq!(some.patch(&one, titled).status, 400);
    assert_eq!(displayed(&all, &one), 2, "and nobody is removed by a guess");

    // Groups are seen by all, and so are their names.
    let user = some.get(&format!("/Users/{here}")).expect(200).json();
    assert_eq!(user["groups"][0]["display"], "Guides");
}

#[test]
fn who_is_out_of_sight_is_added_like_nobody() {
    // Y-003, Y-013
    let store = Arc::new(MemoryStore::new());
    let all = Endpoint::over(store.clone(), |builder| builder);
    let some = Endpoint::over(store.clone(), |builder| builder.policy(ActiveOnly));
    let skips = "skip-unknown-members".parse().unwrap();
    let skipping = Endpoint::over(store, |it| it.policy(ActiveOnly).profile(&skips));
    let gone = json!({"schemas": [USER], "userName": "gone", "active": false});
    let here = json!({"schemas": [USER], "userName": "here", "active": true});
    let [gone, here] = [gone, here].map(|user| all.post("/Users", user).expect(201).id());
    let other = all.group("Sales", &[]);
    let path = format!("/Groups/{}", all.group("Guides", &[]));

    let add = |scim: &Endpoint, id: &str| {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        scim.patch(&path, add)
    };
    let group =
        |id: &str| json!({"schemas": [GROUP], "displayName": "Guides", "members": [{"value": id}]});
    for unknown in [&*gone, "nobody"] {
        let told = [
            add(&some, unknown),
            some.put(&path, group(unknown)),
            some.post("/Groups", group(unknown)),
        ];
        for answer in told {
            let detail = answer.expect_error(400, "invalidValue");
            assert!(
                detail.contains(&format!("no User or Group has the id `{unknown}`")),
                "{detail}"
            );
        }
        add(&skipping, unknown).expect(204);
    }
    assert_eq!(all.get(&path).json()["members"], json!([]));
    add(&some, &here).expect(204);
    add(&some, &other).expect(204);
    add(&all, &gone).expect(204);
    // Who is a member is told by id, and may be said again.
    add(&some, &gone).expect(204);
    some.put(&path, some.get(&path).json()).expect(200);
    assert_eq!(all.get(&path).json()["members"].as_array().unwrap().len(), 3);
}

#[test]
fn who_is_out_of_sight_is_added_and_removed_like_nobody() {
    // Y-003
    let store = Arc::new(MemoryStore::new());
    let all = Endpoint::over(store.clone(), |builder| builder);
    let gone = json!({"schemas": [USER], "userName": "gone", "active": false});
    let gone = all.post("/Users", gone).expect(201).id();
    let path = format!("/Groups/{}", all.group("Guides", &[]));
    for (unmatched, scim_type) in
        [(UnmatchedRemove::NoTarget, "noTarget"), (UnmatchedRemove::Ignore, "invalidValue")]
    {
        let mut behaviour = Behaviour::default();
        behaviour.patch = PatchOptions::default().unmatched_remove(unmatched);
        let some = Endpoint::over(store.clone(), |it| it.policy(ActiveOnly).behaviour(behaviour));
        for unknown in [&*gone, "nobody"] {
            let operations = json!([
                {"op": "add", "path": "members", "value": [{"value": unknown}]},
                {"op": "remove", "path": format!("members[value sw \"{unknown}\"]")},
            ]);
            some.patch(&path, operations).expect_error(400, scim_type);
        }
    }
}

/// Shows the resources of one type that have an external id.
#[derive(Debug)]
struct OnlyExternal(&'static str);

impl Policy for OnlyExternal {
    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: Reading<'_>,
    ) -> Option<Filter<'static>> {
        (resource_type.name() == self.0).then(|| "externalId pr".parse().unwrap())
    }
}

/// Someone in a group, seen from one end of the membership.
struct Membership {
    /// What is at the other end, and what it is called.
    other: &'static str,
    label: &'static str,
    /// The attribute that shows it.
    attribute: &'static str,
    other_id: String,
    endpoint: &'static str,
    id: String,
    body: Value,
}

/// The same membership from both its ends.
fn membership(scim: &Endpoint) -> [Membership; 2] {
    let user = scim.user("bjensen");
    let group = scim.group("Guides", &[&user]);
    let body = json!({
        "schemas": [GROUP], "displayName": "Guides", "members": [{"value": user}]
    });
    let members = Membership {
        other: "User",
        label: "bjensen",
        attribute: "members",
        other_id: user.clone(),
        endpoint: "/Groups",
        id: group.clone(),
        body,
    };
    let groups = Membership {
        other: "Group",
        label: "Guides",
        attribute: "groups",
        other_id: group,
        endpoint: "/Users",
        id: user,
        body: json!({"schemas": [USER], "userName": "bjensen"}),
    };
    [members, groups]
}

impl Membership {
    /// Whether an answer says what the other end is called.
    #[track_caller]
    fn is_named(&self, answer: Answer) -> bool {
        let text = answer.expect(200).text;
        assert!(text.contains(&self.other_id), "ids tell nothing: {text}");
        text.contains(self.label)
    }

    /// Whether it is called by its name in each of the answers that show the attribute.
    fn names(&self, scim: &Endpoint) -> Vec<bool> {
        let Self { attribute, endpoint, id, .. } = self;
        let query = format!("?attributes={attribute}");
        let (path, searching) = (format!("{endpoint}/{id}"), format!("{endpoint}/.search"));
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "attributes": [attribute], "filter": format!("id eq \"{id}\""),
        });
        let operation = json!({"op": "replace", "path": "externalId", "value": "x"});
        let answers = [
            scim.get(&format!("{path}{query}")),
            scim.get(&format!("{path}{query}.value,{attribute}.display")),
            scim.get(&format!("{endpoint}{query}")),
            scim.post(&searching, search.clone()),
            scim.post("/.search", search),
            scim.put(&format!("{path}{query}"), self.body.clone()),
            scim.patch(&format!("{path}{query}"), json!([operation])),
        ];
        answers.into_iter().map(|answer| self.is_named(answer)).collect()
    }
}

/// The standard types, with this for the names of members and groups.
fn showing_names(returned: Returned) -> Arc<Registry> {
    let schemas = [(builtin::user(), "groups"), (builtin::group(), "members")];
    let registry =
        schemas.into_iter().fold(Registry::builder().standard(), |it, (schema, name)| {
            let mut schema = schema;
            let parts = &mut schema.attribute_mut(name).unwrap().sub_attributes;
            parts.iter_mut().find(|part| part.name == "display").unwrap().returned = returned;
            it.replace_schema(schema)
        });
    registry.build().unwrap()
}

#[test]
fn names_out_of_sight_are_in_no_answer() {
    // Y-003, F-029
    for returned in [Returned::Default, Returned::Always] {
        let store = Arc::new(MemoryStore::new());
        let registry = showing_names(returned);
        let all = Endpoint::over(store.clone(), |builder| builder.registry(registry.clone()));
        for it in membership(&all) {
            let some = Endpoint::over(store.clone(), |builder| {
                builder.registry(registry.clone()).policy(OnlyExternal(it.other))
            });
            assert_eq!(it.names(&all), [true; 7], "{} {returned:?}", it.attribute);
            assert_eq!(it.names(&some), [false; 7], "{} {returned:?}", it.attribute);
            let filter = format!("{}.display eq \"{}\"", it.attribute, it.label);
            some.filter(it.endpoint, &filter).expect_error(400, "invalidFilter");
        }
    }
}

#[cfg(all(feature = "scim11", feature = "xml"))]
#[test]
fn names_out_of_sight_are_in_no_other_version_and_format() {
    // Y-003
    use scim_core::{scim11::Scim11, xml::XmlFormat};
    let store = Arc::new(MemoryStore::new());
    let forms = |builder: ScimServerBuilder| {
        let scim11 = Scim11::at("/scim/v1").xml(XmlFormat::scim11());
        builder.xml(XmlFormat::plain()).scim11(scim11)
    };
    let all = Endpoint::over(store.clone(), forms);
    for it in membership(&all) {
        let some =
            Endpoint::over(store.clone(), |builder| forms(builder).policy(OnlyExternal(it.other)));
        for (version, format) in [("v1", "json"), ("v1", "xml"), ("v2", "xml")] {
            let get = |scim: &Endpoint, query: &str| {
                let uri = format!("/scim/{version}{}{query}", it.endpoint);
                let request = Request::get(uri)
                    .header("host", "scim.test")
                    .header("authorization", "Bearer secret")
                    .header("accept", format!("application/{format}"));
                scim.send(request.body(String::new()).unwrap())
            };
            let query = format!("?attributes={}", it.attribute);
            let shown = [&all, &some].map(|scim| it.is_named(get(scim, &query)));
            assert_eq!(shown, [true, false], "{} in {format} of {version}", it.attribute);
            let filter = format!("?filter={}.display%20eq%20%22{}%22", it.attribute, it.label);
            assert_eq!([&all, &some].map(|scim| get(scim, &filter).status.as_u16()), [200, 400]);
        }
    }
}

/// Shows users who are in a group with this name.
#[derive(Debug)]
struct OnlyIn(&'static str);

impl Policy for OnlyIn {
    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: Reading<'_>,
    ) -> Option<Filter<'static>> {
        let visible = format!(r#"groups.display eq "{}""#, self.0);
        (resource_type.name() == "User").then(|| visible.parse().unwrap())
    }
}

#[test]
fn who_is_seen_by_a_group_is_seen_in_however_many_groups_it_is() {
    // Y-013
    for leaves in [Leaves::Nothing, Leaves::Filter] {
        let store = Watched::new(leaves);
        let host = Endpoint::over(store.clone(), |builder| builder);
        let (id, other) = (host.user("bjensen"), host.user("other"));
        for name in ["A", "B", "C", "D", "Guides"] {
            host.group(name, &[&id]);
        }
        let mut limits = Limits::default();
        (limits.candidates, limits.edges) = (2, 2);
        let scim = Endpoint::over(store, |it| it.policy(OnlyIn("Guides")).limits(limits));
        let path = format!("/Users/{id}");
        scim.get(&format!("/Users/{other}")).expect_error(404, "");
        if leaves == Leaves::Filter {
            // Better no answer than one that is guessed from some of the groups.
            scim.get(&path).expect_error(400, "tooMany");
            continue;
        }
        scim.get(&path).expect(200);
        scim.patch(&path, json!([{"op": "add", "path": "title", "value": "Guide"}])).expect(200);
    }
}

/// Lets nobody read some attributes, wherever they are.
#[derive(Debug)]
struct Unreadable(&'static [&'static str]);

impl Policy for Unreadable {
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        Some(self)
    }
}

impl AttributeRules for Unreadable {
    fn allows(&self, _: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool {
        purpose != AttributeUse::Read || !self.0.contains(&attribute.name())
    }
}

#[test]
fn a_put_keeps_what_the_caller_cannot_see() {
    // U-016
    let store = Arc::new(MemoryStore::new());
    let all = Endpoint::over(store.clone(), |builder| builder);
    let unreadable = Unreadable(&["title", "familyName", "department", "members"]);
    let some = Endpoint::over(store, |builder| builder.policy(unreadable));

    let user = json!({
        "schemas": [USER, ENTERPRISE], "userName": "bjensen", "title": "Tour Guide",
        "nickName": "Babs", "name": {"givenName": "Barbara", "familyName": "Jensen"},
        ENTERPRISE: {"department": "Tours", "division": "Theme Park"},
    });
    let id = all.post("/Users", user).expect(201).id();
    let path = format!("/Users/{id}");
    let group = format!("/Groups/{}", all.group("Guides", &[&id]));

    let shown = some.put(&path, json!({"schemas": [USER], "userName": "bjensen"})).expect(200);
    for hidden in ["title", "name", "nickName", ENTERPRISE] {
        assert!(shown.json().get(hidden).is_none(), "{}", shown.text);
    }
    let kept = all.get(&path).json();
    assert_eq!(kept["title"], "Tour Guide");
    assert_eq!(kept["name"], json!({"familyName": "Jensen"}));
    assert_eq!(kept[ENTERPRISE], json!({"department": "Tours"}));
    assert!(kept.get("nickName").is_none());

    some.put(&group, json!({"schemas": [GROUP], "displayName": "Tour Guides"})).expect(200);
    assert_eq!(all.get(&group).json()["members"][0]["value"], *id);
}

/// Keeps what is to be deleted, and forgets to ask for the stored values.
#[derive(Debug)]
struct KeepsBlindly;

#[async_trait]
impl Policy for KeepsBlindly {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        proposal.keep_instead_of_deleting(|user| {
            user.insert("active".to_owned(), false.into());
        })
    }
}

#[test]
fn keeping_a_resource_of_unknown_values_deletes_nothing() {
    let scim = Endpoint::with(|builder| builder.policy(KeepsBlindly));
    let path = format!("/Users/{}", scim.user("bjensen"));
    scim.delete(&path).expect_error(500, "");
    scim.get(&path).expect(200);
}

const BADGES: &str = "urn:example:scim:schemas:extension:2.0:Badges";

/// Numbers badges that have no number.
#[derive(Debug)]
struct Numbered;

#[async_trait]
impl Policy for Numbered {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let badges = proposal.after_mut().and_then(|after| after.get_mut(BADGES));
        let badges = badges.and_then(|it| it.get_mut("badges")).and_then(Value::as_array_mut);
        for (index, badge) in badges.into_iter().flatten().enumerate() {
            let badge = badge.as_object_mut().unwrap();
            badge.entry("number").or_insert_with(|| json!(format!("no. {index}")));
        }
        Ok(())
    }
}

#[test]
fn a_put_keeps_the_read_only_parts_of_values_that_stay() {
    // U-008
    let text = |name| AttributeDefinition::new(name, AttributeType::String);
    let badges = AttributeDefinition::new("badges", AttributeType::Complex)
        .multi_valued()
        .sub_attributes([text("value"), text("number").mutability(Mutability::ReadOnly)]);
    let registry = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(BADGES, [badges]))
        .replace_resource_type(builtin::user_type().extension(BADGES))
        .build()
        .unwrap();
    let scim = Endpoint::with(|builder| builder.registry(registry).policy(Numbered));
    let body = |values: &[&str]| {
        let badges: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
        json!({"schemas": [USER, BADGES], "userName": "a", BADGES: {"badges": badges}})
    };
    let path = format!("/Users/{}", scim.post("/Users", body(&["red", "blue"])).expect(201).id());
    let after = scim.put(&path, body(&["green", "red"])).expect(200).json();
    let expected =
        json!([{"value": "green", "number": "no. 0"}, {"value": "red", "number": "no. 0"}]);
    assert_eq!(after[BADGES]["badges"], expected);
    let after = scim.put(&path, body(&["blue", "red"])).expect(200).json();
    assert_eq!(after[BADGES]["badges"][1], json!({"value": "red", "number": "no. 0"}));
    assert_eq!(after[BADGES]["badges"][0], json!({"value": "blue", "number": "no. 0"}));
}

/// Counts how often it is asked about writes.
#[derive(Debug, Default)]
struct Asked(Arc<AtomicUsize>);

#[async_trait]
impl Policy for Asked {
    fn before_image(&self, _: &ResourceType) -> BeforeImage {
        BeforeImage::Needed
    }

    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let name = proposal.before().and_then(|before| before.get("userName"));
        assert!(name.is_some() || proposal.before().is_none(), "a user has a name");
        Ok(())
    }

    async fn conflict(
        &self,
        _: &Caller<'_>,
        _: &Proposal,
        _: &Resource,
    ) -> Result<Resolution, ScimError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Resolution::Refuse)
    }
}

#[test]
fn nobody_is_asked_about_a_document_that_cannot_be_read() {
    let (store, asked) = (Faulty::new(), Arc::new(AtomicUsize::new(0)));
    let policy = Asked(asked.clone());
    let scim = Endpoint::over(store.clone(), |builder| builder.policy(policy));
    let user = &*format!("/Users/{}", scim.user("bjensen"));
    let operation = json!({"op": "replace", "path": "title", "value": "Guide"});
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation],
    });
    let put = json!({"schemas": [USER], "userName": "bjensen", "title": "Guide"});
    // What is to be created is all that is asked about where its name is taken.
    let cases = [
        (Method::PATCH, user, &patch, 0, (200, 1)),
        (Method::PUT, user, &put, 0, (200, 1)),
        (Method::POST, "/Users", &put, 1, (409, 2)),
        (Method::DELETE, user, &Value::Null, 0, (204, 1)),
    ];
    for (method, path, body, damaged, sound) in cases {
        for (is_damaged, (status, times)) in [(true, (500, damaged)), (false, sound)] {
            asked.store(0, Ordering::Relaxed);
            store.0.is_damaged.store(is_damaged, Ordering::Relaxed);
            scim.request(method.clone(), path, &[], body).expect(status);
            assert_eq!(asked.load(Ordering::Relaxed), times, "{method}, damaged: {is_damaged}");
        }
    }
}
