//! Files of older versions.

use std::{fs, path::Path};

use rusqlite::Connection;
use scim_store_sqlite::SqliteStore;
use serde_json::json;

use crate::endpoint::{ENTERPRISE, Endpoint, user};

const BARBARA: &str = "01a203c3-f4c7-7692-9488-9740d7594d1a";
const JOHN: &str = "01a203c3-f4d0-72c5-a03f-f14e0a57722f";
const GROUP: &str = "01a203c3-f4e1-7614-b4d7-d34fa89ea506";

/// A file of version 1.
fn write(file: &Path) {
    let sql = Connection::open(file).unwrap();
    sql.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    sql.execute_batch(include_str!("../../migrations/001_resources.sql")).unwrap();
    sql.execute_batch(include_str!("../data/version-1.sql")).unwrap();
}

fn open(file: &Path) -> Endpoint {
    Endpoint::over(SqliteStore::open(file).unwrap(), |builder| builder)
}

fn names(scim: &Endpoint, query: &str) -> Vec<String> {
    let list = scim.get(&format!("/Users{query}")).expect(200).json();
    let users = list["Resources"].as_array().unwrap().iter();
    users.map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_file_of_version_1_keeps_all_that_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scim.db");
    write(&file);
    let scim = open(&file);

    let barbara = scim.get(&format!("/Users/{BARBARA}")).expect(200);
    assert_eq!(barbara.header("etag"), "W/\"1\"");
    let barbara = barbara.json();
    assert_eq!(barbara["userName"], "BJensen@example.com");
    assert_eq!(barbara["name"], json!({"familyName": "Jensen", "givenName": "Barbara"}));
    assert_eq!(barbara[ENTERPRISE], json!({"department": "Tours"}));
    assert_eq!(barbara["meta"]["created"], "2026-11-22T14:58:23.560303Z");
    assert_eq!(barbara["groups"][0]["value"], GROUP);
    assert_eq!(barbara.get("password"), None);
    let group = scim.get(&format!("/Groups/{GROUP}")).expect(200).json();
    assert_eq!(group["members"][0]["value"], BARBARA);
    assert_eq!(group["members"].as_array().map(Vec::len), Some(1));

    assert_eq!(names(&scim, "?sortBy=userName"), ["BJensen@example.com", "jsmith"]);
    assert_eq!(names(&scim, "?sortBy=userName&startIndex=2"), ["jsmith"]);
    assert_eq!(names(&scim, "?filter=externalId%20eq%20%2242%22"), ["jsmith"]);
    assert_eq!(names(&scim, "?filter=emails%20sw%20%22bjensen%22"), ["BJensen@example.com"]);
    assert_eq!(names(&scim, "?filter=userName%20eq%20%22gone%22"), Vec::<String>::new());
    scim.post("/Users", user("bjensen@EXAMPLE.com", json!({}))).expect_error(409, "uniqueness");
}

#[test]
fn a_file_of_version_1_is_written_to_and_stays_sound() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scim.db");
    write(&file);
    let scim = open(&file);
    scim.user("gone");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": JOHN}]}]);
    scim.patch(&format!("/Groups/{GROUP}"), add).expect(204);
    scim.delete(&format!("/Users/{BARBARA}")).expect(204);
    drop(scim);

    let scim = open(&file);
    assert_eq!(names(&scim, "?sortBy=userName"), ["gone", "jsmith"]);
    let group = scim.get(&format!("/Groups/{GROUP}")).expect(200).json();
    assert_eq!(group["members"][0]["value"], JOHN);
    drop(scim);
    let sql = Connection::open(&file).unwrap();
    let found: String = sql.pragma_query_value(None, "integrity_check", |it| it.get(0)).unwrap();
    let version: u32 = sql.pragma_query_value(None, "user_version", |it| it.get(0)).unwrap();
    let migrations = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"));
    let scripts = migrations.unwrap().filter(|it| {
        it.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "sql")
    });
    assert_eq!((found.as_str(), version as usize), ("ok", scripts.count()));
    let counted: i64 = sql.query_row("SELECT sum(count) FROM stretch", [], |it| it.get(0)).unwrap();
    assert_eq!(counted, 3, "two users and a group");
}
