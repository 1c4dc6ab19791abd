//! XML over HTTP.

use http::Method;
use scim_core::{Limits, xml::XmlFormat};
use serde_json::{Value, json};

use crate::endpoint::{Answer, Endpoint, USER};

fn endpoint() -> Endpoint {
    Endpoint::with(|builder| builder.xml(XmlFormat::plain().root("User", "scimUser")))
}

const XML: &[(&str, &str)] = &[("content-type", "application/xml"), ("accept", "application/xml")];

fn is_xml(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/xml");
    assert_eq!(answer.header("content-length"), answer.text.len().to_string());
    assert!(answer.text.starts_with("<?xml"), "{}", answer.text);
}

#[test]
fn resources_are_the_same_in_both_formats() {
    let scim = endpoint();
    let body = "<scimUser><userName>babs</userName><active>1</active><emails><email>\
                <value>b@x</value><primary>true</primary></email></emails></scimUser>";
    let created = scim.request(Method::POST, "/Users", XML, body).expect(201);
    is_xml(&created);
    let id = created.header("location").rsplit('/').next().unwrap_or_default().to_owned();
    let path = format!("/Users/{id}");
    let json = scim.get(&path).expect(200).json();
    assert_eq!(json["active"], true);
    assert_eq!(json["emails"], json!([{"value": "b@x", "primary": true}]));
    let xml = scim.request(Method::GET, &path, XML, "").expect(200);
    is_xml(&xml);
    assert_eq!(xml.text, created.text);
    assert_eq!(xml.header("etag"), scim.get(&path).header("etag"));
    let head = scim.request(Method::HEAD, &path, XML, "").expect(200);
    assert_eq!(head.header("content-length"), xml.text.len().to_string());
    assert_eq!(head.text, "");
    // What is shown can be sent back and changes nothing.
    let put = scim.request(Method::PUT, &path, XML, &xml.text).expect(200);
    assert_eq!(put.text, xml.text);
    let projected = scim.request(Method::GET, &format!("{path}?attributes=active"), XML, "");
    let shown = "</schemas><id>ID</id><active>true</active></scimUser>".replace("ID", &id);
    assert!(projected.text.ends_with(&shown), "{}", projected.text);
}

#[test]
fn lists_errors_and_discovery_are_xml_too() {
    let scim = endpoint();
    scim.user("babs");
    scim.group("Guides", &[]);
    for (path, status, root, part) in [
        ("/Users", 200, "ListResponse", "<Resources><scimUser>"),
        ("/", 200, "ListResponse", "<displayName>Guides</displayName>"),
        ("/Users/none", 404, "Error", "<status>404</status>"),
        ("/Nothing", 404, "Error", "<status>404</status>"),
        ("/Users?filter=x", 400, "Error", "<scimType>invalidFilter</scimType>"),
        ("/Schemas", 200, "ListResponse", "<subAttributes><subAttribute>"),
        ("/ServiceProviderConfig", 200, "ServiceProviderConfig", "<etag><supported>true"),
        ("/ResourceTypes/User", 200, "ResourceType", "<endpoint>/Users</endpoint>"),
    ] {
        let answer = scim.request(Method::GET, path, XML, "").expect(status);
        is_xml(&answer);
        assert!(answer.text.ends_with(&format!("</{root}>")), "{}", answer.text);
        assert!(answer.text.contains(part), "{}", answer.text);
    }
    let nobody = [("authorization", "Bearer wrong"), ("accept", "text/xml")];
    is_xml(&scim.request(Method::GET, "/Users", &nobody, "").expect(401));
    let deleted = format!("/Users/{}", scim.user("gone"));
    let deleted = scim.request(Method::DELETE, &deleted, XML, "").expect(204);
    assert_eq!((deleted.header("content-type"), &*deleted.text), ("", ""));
}

#[test]
fn groups_larger_than_a_page_are_whole() {
    let scim = Endpoint::with(|builder| {
        let mut limits = Limits::default();
        limits.edges = 2;
        builder.limits(limits).xml(XmlFormat::plain())
    });
    let users: Vec<_> = (0..9).map(|number| scim.user(&format!("user{number}"))).collect();
    let members: Vec<_> = users.iter().map(String::as_str).collect();
    let group = scim.group("Guides", &members);
    let shown = scim.request(Method::GET, &format!("/Groups/{group}"), XML, "").expect(200);
    is_xml(&shown);
    assert_eq!(shown.text.matches("<member>").count(), 9);
    assert!(users.iter().all(|user| shown.text.contains(&format!("<value>{user}</value>"))));
}

#[test]
fn what_is_no_resource_is_read_as_json_alone() {
    let scim = endpoint();
    let user = format!("/Users/{}", scim.user("babs"));
    for (method, path) in
        [(Method::PATCH, user.as_str()), (Method::POST, "/Users/.search"), (Method::POST, "/Bulk")]
    {
        let answer = scim.request(method, path, XML, "<a/>").expect(415);
        is_xml(&answer);
    }
}

#[test]
fn malformed_and_deep_bodies_are_400() {
    let scim = endpoint();
    for body in ["", "<scimUser>", "<!DOCTYPE scimUser><scimUser/>", "{}", &"<scimUser>".repeat(65)]
    {
        let answer = scim.request(Method::POST, "/Users", XML, body).expect(400);
        assert!(answer.text.contains("<scimType>invalidSyntax</scimType>"), "{}", answer.text);
    }
    let large = format!("<scimUser><title>{}</title></scimUser>", "x".repeat(1 << 20));
    is_xml(&scim.request(Method::POST, "/Users", XML, large).expect(413));
}

#[test]
fn xml_is_off_unless_it_is_asked_for() {
    let scim = Endpoint::new();
    let body = "<User><userName>babs</userName></User>";
    for media_type in ["application/xml", "text/xml"] {
        let sent = [("content-type", media_type)];
        let detail = scim.request(Method::POST, "/Users", &sent, body).expect_error(415, "");
        assert_eq!(detail, "requests are application/scim+json or application/json only");
        let accepted = [("accept", media_type)];
        scim.request(Method::GET, "/Users", &accepted, "").expect_error(406, "");
    }
    let xml = endpoint();
    let choice = [("accept", "application/xml;q=0.9, application/scim+json")];
    let answer = xml.request(Method::GET, "/Users", &choice, "").expect(200);
    assert_eq!(answer.header("content-type"), "application/scim+json");
    let value: Value = answer.json();
    assert_eq!(value["totalResults"], 0);
    let body = json!({"schemas": [USER], "userName": "babs"});
    xml.post("/Users", body).expect(201);
}
