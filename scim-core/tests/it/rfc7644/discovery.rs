//! Discovery (RFC 7644 §4, RFC 7643 §5).

use scim_core::{Behaviour, Bulk};
use serde_json::{Value, json};

use crate::endpoint::{BASE, Endpoint, USER};

#[test]
fn the_configuration_is_one_object_with_every_feature() {
    // D-001, D-002, D-003, D-011
    for bulk in [Bulk::Off, Bulk::default()] {
        let mut behaviour = Behaviour::default();
        behaviour.bulk = bulk;
        has_every_feature(&Endpoint::with(|builder| builder.behaviour(behaviour)));
    }
}

fn has_every_feature(scim: &Endpoint) {
    let config = scim.get("/ServiceProviderConfig").expect(200).json();
    let urn = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    assert_eq!(config["schemas"], json!([urn]));
    assert!(config.get("Resources").is_none());
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[feature]["supported"].is_boolean(), "{feature}");
    }
    for (feature, limit) in
        [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")]
    {
        assert!(config[feature][limit].is_u64(), "{feature}.{limit}");
    }
    for scheme in config["authenticationSchemes"].as_array().unwrap() {
        let kinds = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
        assert!(kinds.contains(&scheme["type"].as_str().unwrap()), "{scheme}");
        assert!(scheme["name"].is_string() && scheme["description"].is_string(), "{scheme}");
    }
    assert_eq!(config["meta"]["resourceType"], "ServiceProviderConfig");
    assert_eq!(config["meta"]["location"], format!("{BASE}/ServiceProviderConfig"));
}

#[test]
fn what_the_configuration_says_is_true() {
    // D-005, F-001, O-001, H-001, E-008
    let scim = Endpoint::new();
    let config = scim.get("/ServiceProviderConfig").json();
    let id = scim.user("a");
    let path = format!("/Users/{id}");
    let works = |feature: &str| config[feature]["supported"] == true;
    assert!(works("patch") && works("filter") && works("sort") && works("etag"));
    scim.patch(&path, json!([{"op": "add", "path": "title", "value": "x"}])).expect(200);
    assert_eq!(scim.filter("/Users", "userName eq \"b\"").json()["totalResults"], 0);
    scim.get("/Users?sortBy=userName").expect(200);
    assert!(!scim.get(&path).header("etag").is_empty());
    let nothing = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [],
    });
    scim.post("/Bulk", nothing).expect(if works("bulk") { 200 } else { 501 });
    // What is not offered unless it is switched on, and not in the configuration.
    scim.get("/Me").expect_error(501, "");
    let many = scim.get(&format!("/Users?count={}", u32::MAX)).expect(200).json();
    assert!(many["itemsPerPage"].as_u64() <= config["filter"]["maxResults"].as_u64());
}

#[test]
fn lists_of_discovery_resources_are_whole() {
    // D-006, D-008, D-011
    let scim = Endpoint::new();
    for (path, kind) in [("/Schemas", "Schema"), ("/ResourceTypes", "ResourceType")] {
        let list = scim.get(path).expect(200).json();
        assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        let resources = list["Resources"].as_array().unwrap();
        assert_eq!(list["totalResults"], resources.len());
        for resource in resources {
            assert_eq!(resource["meta"]["resourceType"], kind);
            let location = resource["meta"]["location"].as_str().unwrap();
            let one = scim.get(location.strip_prefix(BASE).unwrap()).expect(200);
            assert_eq!(one.json(), *resource);
        }
    }
}

#[test]
fn discovery_has_neither_order_nor_pages() {
    // D-009
    let scim = Endpoint::new();
    let schema = format!("/Schemas/{USER}");
    let paths =
        ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes", &schema, "/ResourceTypes/User"];
    for path in paths {
        let whole = scim.get(path).expect(200).json();
        for parameters in
            ["startIndex=2&count=1", "count=0", "sortBy=id&sortOrder=descending", "cursor=x", "a=b"]
        {
            let found = scim.get(&format!("{path}?{parameters}")).expect(200).json();
            assert_eq!(found, whole, "{path}?{parameters}");
        }
    }
}

#[test]
fn one_schema_is_found_by_its_urn() {
    // D-007, D-008
    let scim = Endpoint::new();
    let one: Value = scim.get(&format!("/Schemas/{USER}")).expect(200).json();
    assert_eq!(scim.get(&format!("/Schemas/{}", USER.replace(':', "%3A"))).json(), one);
    scim.get("/Schemas/User").expect_error(404, "");
    scim.get("/ResourceTypes/Users").expect_error(404, "");
}

#[test]
fn filters_are_refused() {
    // D-010
    let scim = Endpoint::new();
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        scim.filter(path, "name eq \"User\"").expect_error(403, "");
    }
}
