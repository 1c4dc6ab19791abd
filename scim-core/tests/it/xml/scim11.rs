//! XML of SCIM 1.1 over HTTP.

use http::{Method, Request};
use scim_core::{
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, SchemaDefinition,
    },
    scim11::Scim11,
    xml::XmlFormat,
};
use serde_json::json;

use crate::endpoint::{Answer, Endpoint};

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

fn endpoint() -> Endpoint {
    let scim11 = Scim11::at("/scim/v1").xml(XmlFormat::scim11());
    Endpoint::with(|builder| builder.scim11(scim11))
}

fn ask(scim: &Endpoint, method: Method, path: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("/scim/v1{path}"))
        .header("host", "scim.test")
        .header("authorization", "Bearer secret")
        .header("content-type", "application/xml")
        .header("accept", "application/xml");
    scim.send(request.body(body.to_owned()).unwrap())
}

#[test]
fn one_resource_in_two_versions_and_two_formats() {
    let scim = endpoint();
    let body = format!(
        "<User xmlns=\"{CORE}\" xmlns:e=\"{ENTERPRISE}\"><userName>babs</userName>\
         <locale>en_US</locale><emails><email><value>b@x</value><type>work</type></email></emails>\
         <e:manager><e:managerId>7</e:managerId></e:manager></User>"
    );
    let created = ask(&scim, Method::POST, "/Users", &body).expect(201);
    assert_eq!(created.header("content-type"), "application/xml");
    let location = created.header("location").to_owned();
    assert!(location.contains("/scim/v1/Users/"), "{location}");
    let path = format!("/Users/{}", location.rsplit('/').next().unwrap());
    for part in [
        "<locale>en_US</locale>",
        "<enterprise:manager><enterprise:managerId>7</enterprise:managerId>",
        "<emails><email><value>b@x</value><type>work</type></email></emails>",
        &format!("<User xmlns=\"{CORE}\" xmlns:enterprise=\"{ENTERPRISE}\">"),
        &format!("<location>{location}</location>"),
    ] {
        assert!(created.text.contains(part), "{part}: {}", created.text);
    }
    let two = scim.get(&path).expect(200).json();
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(two[enterprise]["manager"]["value"], "7");
    assert_eq!(two["locale"], "en-US");

    let patch = format!(
        "<User xmlns=\"{CORE}\"><meta><attributes><attribute>locale</attribute></attributes></meta>\
         <title>Guide</title><emails><email><value>b@x</value><operation>delete</operation></email>\
         <email><value>c@x</value><primary>true</primary></email></emails></User>"
    );
    ask(&scim, Method::PATCH, &path, &patch).expect(200);
    let two = scim.get(&path).expect(200).json();
    assert_eq!((two.get("locale"), &two["title"]), (None, &json!("Guide")));
    assert_eq!(two["emails"], json!([{"value": "c@x", "primary": true}]));
}

#[test]
fn what_is_deleted_is_answered_alike_in_both_formats() {
    // SCIM 1.1 protocol §3.4
    let scim = endpoint();
    for accept in ["application/json", "application/xml"] {
        let path = format!("/scim/v1/Users/{}", scim.user("babs"));
        let request = Request::delete(path)
            .header("host", "scim.test")
            .header("authorization", "Bearer secret")
            .header("accept", accept);
        assert_eq!(scim.send(request.body(String::new()).unwrap()).expect(200).text, "");
    }
}

#[test]
fn lists_errors_and_discovery_have_their_documents() {
    let scim = endpoint();
    scim.user("babs");
    for (path, status, parts) in [
        ("/Users", 200, ["<Resource xsi:type=\"User\"><id>", "<totalResults>1</totalResults>"]),
        ("/Users.xml", 200, ["<Response ", "</Resources></Response>"]),
        ("/Users/none", 404, ["<errors><error>", "<code>404</code>"]),
        ("/ServiceProviderConfigs", 200, ["<xmlDataFormat><supported>true", "<patch>"]),
        ("/Schemas", 200, ["<Resource xsi:type=\"Schema\">", "<endpoint>/Users</endpoint>"]),
        ("/Schemas/User", 200, ["<Schema xmlns=", "<attributes><attribute><name>"]),
    ] {
        let answer = ask(&scim, Method::GET, path, "").expect(status);
        assert_eq!(answer.header("content-type"), "application/xml");
        assert!(parts.iter().all(|part| answer.text.contains(part)), "{path}: {}", answer.text);
    }
    // SCIM 2.0 beside it knows no XML.
    scim.request(Method::GET, "/Users", &[("accept", "application/xml")], "").expect_error(406, "");
}

/// Asks in SCIM 2.0, where that is offered in XML too.
fn ask_two(scim: &Endpoint, method: Method, path: &str, body: &str) -> Answer {
    let headers = [("content-type", "application/xml"), ("accept", "application/xml")];
    scim.request(method, path, &headers, body)
}

#[test]
fn what_one_version_writes_in_xml_the_other_reads_in_xml() {
    let scim = Endpoint::with(|builder| {
        builder.scim11(Scim11::at("/scim/v1").xml(XmlFormat::scim11())).xml(XmlFormat::plain())
    });
    let body = format!(
        "<s:User xmlns:s=\"{CORE}\" xmlns:e=\"{ENTERPRISE}\"><userName>babs</userName>\
         <locale>en_US</locale><addresses><address><type>work</type><country>DK</country></address>\
         </addresses><e:manager><e:managerId>7</e:managerId></e:manager></s:User>"
    );
    let created = ask(&scim, Method::POST, "/Users", &body).expect(201);
    let path = format!("/Users/{}", created.header("location").rsplit('/').next().unwrap());
    let two = ask_two(&scim, Method::GET, &path, "").expect(200);
    for part in [
        "<schemas><schema>urn:ietf:params:scim:schemas:core:2.0:User</schema>",
        "<locale>en-US</locale>",
        "<addresses><address><country>DK</country><type>work</type></address></addresses>",
        "<enterprise:manager><enterprise:value>7</enterprise:value></enterprise:manager>",
    ] {
        assert!(two.text.contains(part), "{part}: {}", two.text);
    }
    let changed = two.text.replace("en-US", "da-DK").replace(">7<", ">8<");
    ask_two(&scim, Method::PUT, &path, &changed).expect(200);
    let one = ask(&scim, Method::GET, &path, "").expect(200);
    assert!(one.text.contains("<locale>da_DK</locale>"), "{}", one.text);
    assert!(one.text.contains("<enterprise:managerId>8</enterprise:managerId>"), "{}", one.text);
    let again = ask(&scim, Method::PUT, &path, &one.text).expect(200);
    assert_eq!(again.text, one.text);
}

const DEVICE: &str = "urn:example:2.0:Device";

fn devices() -> Endpoint {
    let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
    let attributes =
        [text("serial").required(), text("classes").multi_valued(), text("ports").multi_valued()];
    let registry = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(DEVICE, attributes))
        .resource_type(ResourceTypeDefinition::new("Device", DEVICE))
        .build()
        .unwrap();
    let xml = XmlFormat::scim11().items("ports", "socket");
    Endpoint::with(|builder| builder.registry(registry).scim11(Scim11::at("/scim/v1").xml(xml)))
}

#[test]
fn types_of_the_host_are_in_the_namespace_of_their_schema() {
    let scim = devices();
    let body = format!("<Device xmlns=\"{DEVICE}\"><serial>1</serial></Device>");
    let created = ask(&scim, Method::POST, "/Devices", &body).expect(201);
    let start = format!("<Device xmlns=\"{DEVICE}\"><id>");
    assert!(created.text.contains(&start), "{}", created.text);
    for namespace in [CORE, ""] {
        let body = body.replace(DEVICE, namespace);
        ask(&scim, Method::POST, "/Devices", &body).expect(201);
    }
    // As in JSON, a body of SCIM 2.0 is told so.
    let two =
        "<User xmlns=\"urn:ietf:params:scim:schemas:core:2.0:User\"><userName>a</userName></User>";
    let answer = ask(&scim, Method::POST, "/Users", two).expect(400);
    assert!(answer.text.contains("the body is of SCIM 2.0"), "{}", answer.text);
}

#[test]
fn schemas_name_the_elements_that_values_are_in() {
    let scim = devices();
    let body = format!(
        "<Device xmlns=\"{DEVICE}\"><serial>1</serial><classes><class>a</class></classes>\
         <ports><socket>b</socket></ports></Device>"
    );
    let created = ask(&scim, Method::POST, "/Devices", &body).expect(201);
    let schema = ask(&scim, Method::GET, "/Schemas/Device", "").expect(200);
    for (list, child) in [("classes", "class"), ("ports", "socket")] {
        assert!(created.text.contains(&format!("<{list}><{child}>")), "{}", created.text);
        let named =
            format!("<multiValuedAttributeChildName>{child}</multiValuedAttributeChildName>");
        assert!(schema.text.contains(&named), "{child}: {}", schema.text);
    }
}
