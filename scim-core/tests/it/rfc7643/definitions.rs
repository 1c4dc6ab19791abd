//! What a schema may define (RFC 7643 §2, §3.3, §6, §7, §10.3).

use scim_core::schema::{Registry, SchemaErrorKind as Kind};
use serde_json::{Value, json};

use super::widget;

fn broken_by(attribute: Value) -> Option<Kind> {
    let schema = json!({"id": "urn:example:2.0:X", "attributes": [attribute]});
    let resource_type = json!({"name": "X", "endpoint": "/Xs", "schema": "urn:example:2.0:X"});
    let builder = match Registry::builder().schema_json(&schema.to_string()) {
        Ok(builder) => builder,
        Err(error) => return Some(error.kind().clone()),
    };
    let built = builder.resource_type_json(&resource_type.to_string()).unwrap().build();
    built.err().map(|error| error.kind().clone())
}

#[test]
fn definitions_that_contradict_the_rfc_are_refused() {
    //
    let text = json!([{"name": "x"}]);
    let nested = json!([{"name": "x", "type": "complex", "subAttributes": text}]);
    let primary = json!([{"name": "primary"}]);
    let cases = [
        (json!({"name": "1bad"}), Kind::InvalidName),
        (json!({"name": "na me"}), Kind::InvalidName),
        (json!({"name": "x", "type": "complex", "subAttributes": nested}), Kind::NestedComplex),
        (
            json!({"name": "x", "type": "complex", "multiValued": true, "subAttributes": primary}),
            Kind::RedefinedSubAttribute { expected: "boolean" },
        ),
        (json!({"name": "x", "referenceTypes": ["User"]}), Kind::MisplacedReferenceTypes),
        (json!({"name": "x", "type": "binary", "uniqueness": "server"}), Kind::MisplacedUniqueness),
    ];
    for (attribute, kind) in cases {
        assert_eq!(broken_by(attribute.clone()), Some(kind), "{attribute}");
    }
    for name in ["$ref", "a$b", "a-b_1"] {
        assert_eq!(broken_by(json!({ "name": name })), None, "{name}");
    }
}

#[test]
fn there_are_no_other_types() {
    //
    for kind in ["uuid", "String", ""] {
        let broken = broken_by(json!({"name": "x", "type": kind}));
        assert!(matches!(broken, Some(Kind::Malformed(_))), "{kind}: {broken:?}");
    }
}

#[test]
fn private_schemas_stay_outside_the_reserved_uris() {
    // S-019
    for urn in
        ["urn:ietf:params:scim:schemas:core:2.0:Device", "urn:ietf:params:scim:api:messages:2.0:X"]
    {
        let schema = json!({"id": urn, "attributes": [{"name": "x"}]});
        let built = Registry::builder().schema_json(&schema.to_string()).unwrap().build();
        assert_eq!(built.unwrap_err().kind(), &Kind::ReservedUri, "{urn}");
    }
}

#[test]
fn an_endpoint_is_one_relative_segment() {
    // S-007, S-018
    let at = |endpoint: &str| {
        let definition = json!({"name": "Device", "endpoint": endpoint, "schema": widget::WIDGET});
        let builder = widget::definitions().resource_type_json(&definition.to_string());
        builder.unwrap().build().map(|_| ()).map_err(|error| error.kind().clone())
    };
    assert_eq!(at("/Devices"), Ok(()));
    for endpoint in ["https://x.test/Devices", "Devices", "/a/b", "/", "/Bulk", "/Me"] {
        assert_eq!(at(endpoint), Err(Kind::InvalidEndpoint), "{endpoint}");
    }
    let plural = scim_core::schema::ResourceTypeDefinition::new("Device", widget::WIDGET);
    assert_eq!(plural.endpoint, "/Devices");
}

#[test]
fn a_resource_type_names_schemas_that_exist() {
    // S-004
    let definition = json!({"name": "X", "endpoint": "/Xs", "schema": "urn:example:none"});
    let builder = Registry::builder().resource_type_json(&definition.to_string()).unwrap();
    assert_eq!(
        builder.build().unwrap_err().kind(),
        &Kind::UnknownSchema("urn:example:none".to_owned())
    );
}
