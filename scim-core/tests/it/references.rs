//! References to other resources that have to exist, where the host wants that (RFC 7643 §2.3.7,
//! §4.3).

use std::sync::Arc;

use scim_core::{
    Behaviour, Caller, Policy, Reading, References,
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceType, ResourceTypeDefinition,
        SchemaDefinition,
    },
};
use scim_filter::Filter;
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::{
    endpoint::{BASE, ENTERPRISE, Endpoint, user},
    watched::{Leaves, Watched},
};

const MANAGER: &str = "`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`";
const PROJECT: &str = "urn:example:params:scim:schemas:2.0:Project";

fn checking() -> Behaviour {
    let mut behaviour = Behaviour::default();
    behaviour.references = References::Existing;
    behaviour
}

fn managed(name: &str, manager: Value) -> Value {
    user(name, json!({ENTERPRISE: {"manager": manager}}))
}

#[test]
fn by_default_a_manager_may_be_anyone() {
    let scim = Endpoint::new();
    scim.post("/Users", managed("bjensen", json!({"value": "nobody"}))).expect(201);
}

#[test]
fn a_manager_must_exist_where_that_is_asked_for() {
    let scim = Endpoint::with(|it| it.behaviour(checking()));
    let boss = scim.user("boss");
    let team = scim.group("team", &[]);
    for unknown in ["nobody", &team] {
        let body = managed("bjensen", json!({ "value": unknown }));
        let detail = scim.post("/Users", body).expect_error(400, "invalidValue");
        assert_eq!(detail, format!("{MANAGER}: there is no resource `{unknown}` to refer to"));
    }
    let id = scim.post("/Users", managed("bjensen", json!({"value": boss}))).expect(201).id();
    let path = format!("/Users/{id}");
    let manager = format!("{ENTERPRISE}:manager");
    let replace = |value: Value| json!([{"op": "replace", "path": manager, "value": value}]);
    scim.patch(&path, replace(json!({"value": "nobody"}))).expect_error(400, "invalidValue");
    scim.put(&path, managed("bjensen", json!({"value": "nobody"})))
        .expect_error(400, "invalidValue");
    // The resource itself is one, too.
    scim.patch(&path, replace(json!({ "value": id }))).expect(200);
    scim.patch(&path, replace(json!({ "value": boss }))).expect(200);
    // What dangles later does not keep the resource from being changed.
    scim.delete(&format!("/Users/{boss}")).expect(204);
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Barbara"}]);
    scim.patch(&path, rename).expect(200);
    scim.put(&path, managed("barbara", json!({ "value": boss }))).expect(200);
    scim.patch(&path, json!([{"op": "remove", "path": manager}])).expect(200);
    scim.patch(&path, replace(json!({ "value": boss }))).expect_error(400, "invalidValue");
}

#[test]
fn a_manager_may_come_with_the_same_bulk_request() {
    // B-016, B-019
    let scim = Endpoint::with(|it| it.behaviour(checking()));
    let create = |name: &str, manager: &str| {
        let data = managed(name, json!({ "value": manager }));
        json!({"method": "POST", "path": "/Users", "bulkId": name, "data": data})
    };
    let operations = json!([
        create("a", "bulkId:b"),
        create("b", "bulkId:a"),
        create("c", "bulkId:a"),
        create("d", "nobody"),
        create("e", "bulkId:d"),
    ]);
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    let body = json!({"schemas": schemas, "Operations": operations});
    let answer = scim.post("/Bulk", body).expect(200).json();
    let operations = answer["Operations"].as_array().unwrap().iter();
    let statuses: Vec<_> = operations.map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "201", "201", "400", "409"], "{answer}");
}

/// Projects with a lead, reviewers, and URLs of an owner and of what they are about.
fn projects() -> Arc<Registry> {
    let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
    let url = |name: &str| AttributeDefinition::new(name, AttributeType::Reference);
    let person = |name: &str| {
        let parts = [text("value"), url("$ref").reference_types(["User"])];
        AttributeDefinition::new(name, AttributeType::Complex).sub_attributes(parts)
    };
    let attributes = [
        text("name"),
        person("lead"),
        person("reviewers").multi_valued(),
        url("owner").reference_types(["User", "Group"]),
        url("about").reference_types(["User", "external"]).multi_valued(),
        url("page").reference_types(["external"]),
    ];
    let builder = Registry::builder().standard().schema(SchemaDefinition::new(PROJECT, attributes));
    builder.resource_type(ResourceTypeDefinition::new("Project", PROJECT)).build().unwrap()
}

#[test]
fn whatever_the_schema_lets_refer_is_checked() {
    let scim = Endpoint::with(|it| it.registry(projects()).behaviour(checking()));
    let (one, team) = (scim.user("one"), scim.group("team", &[]));
    let url = |path: &str, id: &str| format!("{BASE}{path}/{id}");
    let good = [
        json!({"lead": {"value": one}}),
        json!({"lead": {"$ref": url("/Users", &one)}}),
        json!({"reviewers": [{"value": one}, {"value": one, "$ref": "../Users/whoever"}]}),
        json!({"owner": url("/Groups", &team)}),
        json!({"owner": format!("../Users/{one}")}),
        json!({"about": ["https://elsewhere.test/Users/1", url("/Users", &one)]}),
        json!({"page": url("/Users", "nobody")}),
    ];
    let bad = [
        (json!({"lead": {"value": team}}), "lead.value"),
        (json!({"lead": {"$ref": url("/Users", "nobody")}}), "lead.$ref"),
        (json!({"lead": {"$ref": "https://elsewhere.test/Users/1"}}), "lead.$ref"),
        (json!({"reviewers": [{"value": one}, {"value": "nobody"}]}), "reviewers.value"),
        (json!({"owner": url("/Groups", &one)}), "owner"),
        (json!({"owner": "https://elsewhere.test/Users/1"}), "owner"),
        (json!({"about": [url("/Users", "nobody")]}), "about"),
        (json!({"about": [url("/Groups", &team)]}), "about"),
    ];
    let project = |values: &Value| {
        let mut body = values.clone();
        body["schemas"] = json!([PROJECT]);
        scim.post("/Projects", body)
    };
    for values in good {
        project(&values).expect(201);
    }
    for (values, place) in bad {
        let detail = project(&values).expect_error(400, "invalidValue");
        assert!(detail.starts_with(&format!("`{place}`: ")), "{values}: {detail}");
    }
}

#[test]
fn many_references_cost_one_query() {
    // So it is where the store leaves the filter to the engine: its first answer has the candidates.
    for leaves in [Leaves::Nothing, Leaves::Filter] {
        let store = Watched::new(leaves);
        let scim =
            Endpoint::over(store.clone(), |it| it.registry(projects()).behaviour(checking()));
        let people: Vec<_> = (0..40).map(|it| scim.user(&format!("user{it}"))).collect();
        let reviewers: Vec<_> = people.iter().map(|id| json!({ "value": id })).collect();
        store.0.answered();
        let body = json!({"schemas": [PROJECT], "lead": reviewers[0], "reviewers": reviewers});
        let id = scim.post("/Projects", body).expect(201).id();
        assert_eq!(store.0.answered(), [("User".to_owned(), 40)], "{leaves:?}");
        // What is referred to already is not asked for again.
        let rename = json!([{"op": "replace", "path": "name", "value": "Apollo"}]);
        scim.patch(&format!("/Projects/{id}"), rename).expect(200);
        assert_eq!(store.0.answered(), []);
    }
}

/// Nobody sees the boss.
#[derive(Debug)]
struct Discreet;

impl Policy for Discreet {
    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: Reading<'_>,
    ) -> Option<Filter<'static>> {
        let filter = "not (userName eq \"boss\")";
        (resource_type.name() == "User").then(|| filter.parse().unwrap())
    }
}

#[test]
fn whom_the_caller_does_not_see_is_nobody_to_refer_to() {
    let store = Arc::new(MemoryStore::new());
    let boss = Endpoint::over(store.clone(), |it| it).user("boss");
    let scim = Endpoint::over(store, |it| it.behaviour(checking()).policy(Discreet));
    let other = scim.user("other");
    let refused = scim.post("/Users", managed("a", json!({ "value": boss })));
    refused.expect_error(400, "invalidValue");
    scim.post("/Users", managed("a", json!({ "value": other }))).expect(201);
}
