//! `/ServiceProviderConfigs` and `/Schemas`.

use http::Request;
use scim_core::{Behaviour, Bulk};
use serde_json::{Value, json};

use super::{CORE, ENTERPRISE, One, expect_error};

#[test]
fn the_configuration_is_one_object_for_everyone() {
    // 4.16, 4.17
    let scim = One::with(|it| it, |builder| builder.documentation_uri("https://example.com/help"));
    let anonymous = Request::get("http://scim.test/scim/v1/ServiceProviderConfigs")
        .body(String::new())
        .unwrap();
    let answer = scim.two.send(anonymous).expect(200);
    let config = answer.json();
    let expected = json!({
        "schemas": [CORE],
        "documentationUrl": "https://example.com/help",
        "patch": {"supported": true},
        "bulk": {"supported": true, "maxOperations": 1000, "maxPayloadSize": 1 << 20},
        "filter": {"supported": true, "maxResults": 1000},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "xmlDataFormat": {"supported": false},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": config["authenticationSchemes"][0]["name"],
            "description": config["authenticationSchemes"][0]["description"],
            "specUrl": config["authenticationSchemes"][0]["specUrl"],
            "primary": true
        }],
        "meta": {"location": "http://scim.test/scim/v1/ServiceProviderConfigs"}
    });
    assert_eq!(config, expected);
    expect_error(&scim.get("/ServiceProviderConfig"), 404);
    expect_error(&scim.request(http::Method::PUT, "/ServiceProviderConfigs", &[], "{}"), 405);
}

#[test]
fn a_schema_describes_a_resource_with_its_endpoint() {
    // 4.18, 4.19
    let scim = One::new();
    let list = scim.get("/Schemas").expect(200).json();
    assert_eq!((&list["totalResults"], &list["schemas"]), (&json!(2), &json!([CORE])));
    let ids: Vec<_> = list["Resources"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [&json!(format!("{CORE}:User")), &json!(format!("{CORE}:Group"))]);

    for id in [format!("{CORE}:User"), "User".to_owned(), "user".to_owned()] {
        let schema = scim.get(&format!("/Schemas/{id}")).expect(200).json();
        assert_eq!(schema, list["Resources"][0], "{id}");
        assert_eq!((&schema["endpoint"], &schema["schema"]), (&json!("/Users"), &json!(CORE)));
    }
    expect_error(&scim.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"), 404);
    expect_error(&scim.get("/Schemas/Nothing"), 404);
}

#[test]
fn attributes_have_the_characteristics_of_1_1() {
    // 4.19, 4.20, 4.21
    let scim = One::new();
    let user = scim.get("/Schemas/User").expect(200).json();
    let attribute = |name: &str| {
        let found = user["attributes"].as_array().unwrap().iter().find(|it| it["name"] == name);
        found.unwrap_or_else(|| panic!("no {name}")).clone()
    };
    let mut user_name = attribute("userName");
    user_name.as_object_mut().unwrap().remove("description").unwrap();
    let expected = json!({
        "name": "userName", "type": "string", "multiValued": false, "schema": CORE,
        "readOnly": false, "required": true, "caseExact": false
    });
    assert_eq!(user_name, expected);
    assert_eq!(attribute("id")["readOnly"], true);
    assert_eq!(attribute("profileUrl")["type"], "string");
    assert_eq!(attribute("employeeNumber")["schema"], ENTERPRISE);
    assert_eq!(sub_names(&attribute("manager")), ["managerId", "displayName"]);
    assert!(!user.to_string().contains("$ref"));
    assert!(!user.to_string().contains("\"resourceType\""));
    for one in user["attributes"].as_array().unwrap() {
        let child = one.get("multiValuedAttributeChildName");
        assert_eq!(child.is_some(), one["multiValued"] == true, "{one}");
        for name in ["mutability", "returned", "uniqueness", "referenceTypes"] {
            assert!(!one.to_string().contains(&format!("\"{name}\"")), "{one}");
        }
    }
    let children = [
        ("emails", "email"),
        ("phoneNumbers", "phoneNumber"),
        ("ims", "im"),
        ("photos", "photo"),
        ("addresses", "address"),
        ("groups", "group"),
        ("entitlements", "entitlement"),
        ("roles", "role"),
        ("x509Certificates", "x509Certificate"),
    ];
    for (name, child) in children {
        assert_eq!(attribute(name)["multiValuedAttributeChildName"], child);
    }
    let emails = attribute("emails");
    let kind = emails["subAttributes"].as_array().unwrap().iter().find(|it| it["name"] == "type");
    assert_eq!(kind.unwrap()["canonicalValues"], json!(["work", "home", "other"]));
    // 3.8: ims have no type `other`
    let ims = attribute("ims");
    assert!(!ims.to_string().contains("other"), "{ims}");
    // immutable is not readOnly
    let group = scim.get("/Schemas/Group").expect(200).json();
    let members = group["attributes"].as_array().unwrap().iter().find(|it| it["name"] == "members");
    assert_eq!(members.unwrap()["subAttributes"][0]["readOnly"], false);
}

fn sub_names(attribute: &Value) -> Vec<String> {
    let parts = attribute["subAttributes"].as_array().unwrap().iter();
    parts.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_off_is_off_in_both_versions() {
    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Off;
    let scim = One::with(|it| it, |builder| builder.behaviour(behaviour));
    let config = scim.get("/ServiceProviderConfigs").expect(200).json();
    assert_eq!(config["bulk"]["supported"], false);
    expect_error(&scim.post("/Bulk", json!({"Operations": []})), 501);
}
