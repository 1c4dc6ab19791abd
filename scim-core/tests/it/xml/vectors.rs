//! Documents whose JSON and XML stand side by side in `tests/vectors/xml`.

use std::{fs, path::Path};

use scim_core::{schema::Registry, xml::XmlFormat};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

#[test]
fn documents_are_written_as_they_stand() {
    for (folder, format) in [
        ("scim11", XmlFormat::scim11()),
        (
            "plain",
            XmlFormat::plain()
                .root("User", "scimUser")
                .declares("xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ),
    ] {
        let mut count = 0;
        for (name, json, xml) in documents(folder) {
            let registry = Registry::standard();
            let is_discovery = name.starts_with("config") || name.starts_with("schema");
            let group = name.starts_with("group");
            let of_type = registry.resource_type(if group { "Group" } else { "User" });
            let of_type = of_type.filter(|_| !is_discovery).map(|it| &**it);
            assert_eq!(format.write(&registry, of_type, &json), xml, "{folder}/{name}");
            let is_resource = name.starts_with("user") || group;
            if let Some(of_type) = of_type.filter(|_| is_resource) {
                let read = format.read(of_type, xml.as_bytes(), 64).unwrap();
                assert_eq!(Value::from(read), json, "{folder}/{name}");
            }
            count += 1;
        }
        assert!(count >= 3, "{folder} has vectors");
    }
}

#[test]
fn no_prefix_is_declared_twice() {
    let registry = Registry::standard();
    let user = registry.resource_type("User").unwrap();
    let enterprise = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": "bjensen",
        ENTERPRISE: { "costCenter": "4130" },
    });
    let list = json!({ "totalResults": 1, "Resources": [enterprise] });
    for (prefix, namespace) in
        [("xsi", INSTANCE), ("enterprise", ENTERPRISE), ("enterprise", "urn:other")]
    {
        for format in [XmlFormat::scim11(), XmlFormat::plain()] {
            let format = format.declares(prefix, namespace);
            for document in [&enterprise, &list] {
                let xml = format.write(&registry, Some(user), document);
                for tag in xml.split('<') {
                    let declarations = tag.matches(&format!("xmlns:{prefix}=")).count();
                    assert!(declarations <= 1, "{xml}");
                }
            }
            let xml = format.write(&registry, Some(user), &enterprise);
            let read = format.read(user, xml.as_bytes(), 64).unwrap();
            assert_eq!(read[ENTERPRISE], enterprise[ENTERPRISE], "{xml}");
        }
    }
}

/// Name, JSON, and XML without what makes it readable.
fn documents(folder: &str) -> Vec<(String, Value, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/xml").join(folder);
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "json") {
            let json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let xml = fs::read_to_string(path.with_extension("xml")).unwrap();
            let xml = xml.lines().map(str::trim).collect();
            documents.push((path.file_stem().unwrap().to_string_lossy().into(), json, xml));
        }
    }
    documents
}
