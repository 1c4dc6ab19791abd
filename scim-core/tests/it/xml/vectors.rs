//! Documents whose JSON and XML stand side by side in `tests/vectors/xml`.

use std::{fs, path::Path};

use scim_core::{schema::Registry, xml::XmlFormat};
use serde_json::Value;

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
