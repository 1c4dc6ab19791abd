//! XML of SCIM 1.1 over HTTP.

use http::{Method, Request};
use scim_core::{scim11::Scim11, xml::XmlFormat};
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
