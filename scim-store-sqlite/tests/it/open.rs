//! What may be opened and what not.

use std::{error::Error, fs, process::Command};

use rusqlite::Connection;
use scim_core::store::Key;
use scim_store_sqlite::{OpenErrorKind, SqliteStore};
use serde_json::json;

use crate::fixture::Fixture;

fn refusal(path: &std::path::Path) -> OpenErrorKind {
    SqliteStore::open(path).unwrap_err().kind().clone()
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    drop(SqliteStore::open(&path).unwrap());
    let sql = Connection::open(&path).unwrap();
    sql.pragma_update(None, "user_version", 77).unwrap();
    drop(sql);
    let before = fs::read(&path).unwrap();
    assert_eq!(refusal(&path), OpenErrorKind::Newer { found: 77, supported: 2 });
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letter.txt");
    let text = "Dear reader, ".repeat(1_000);
    fs::write(&path, &text).unwrap();
    assert_eq!(refusal(&path), OpenErrorKind::NotADatabase);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_database_of_another_application_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    for (name, set_up) in [
        ("named.db", "PRAGMA application_id = 42"),
        ("unnamed.db", "CREATE TABLE theirs (x)"),
        ("versioned.db", "PRAGMA user_version = 1"),
    ] {
        let path = directory.path().join(name);
        Connection::open(&path).unwrap().execute_batch(set_up).unwrap();
        let before = fs::read(&path).unwrap();
        assert_eq!(refusal(&path), OpenErrorKind::Foreign, "{name}");
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn an_empty_file_becomes_a_database() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("empty.db");
    fs::write(&path, "").unwrap();
    SqliteStore::open(&path).unwrap();
}

#[test]
fn a_directory_that_does_not_exist_is_named_as_the_cause() {
    let directory = tempfile::tempdir().unwrap();
    let error = SqliteStore::open(directory.path().join("nowhere/scim.db")).unwrap_err();
    assert_eq!(*error.kind(), OpenErrorKind::Inaccessible);
    assert!(error.source().is_some());
}

#[test]
fn a_file_belongs_to_one_store_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let first = SqliteStore::open(&path).unwrap();
    assert_eq!(refusal(&path), OpenErrorKind::Held);
    drop(first);
    SqliteStore::open(&path).unwrap();
}

/// The backup that the guide names: made beside a running store, put in the place of its file.
#[test]
fn a_copy_that_was_made_beside_a_running_store_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("scim.db"), directory.path().join("backup.db"));
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let written = fixture.insert(fixture.user(&json!({"userName": "a"}))).unwrap();
    let key = Key::new(fixture.users(), written.id.clone());
    let sql = Connection::open(&path).unwrap();
    sql.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    drop(sql);
    fixture.delete(&key.resource_type, &key.id);
    drop(fixture);

    fs::copy(&copy, &path).unwrap();
    let restored = Fixture::new(SqliteStore::open(&path).unwrap());
    assert_eq!(restored.get(&key).unwrap().meta, written.meta);
    let again = restored.insert(restored.user(&json!({"userName": "a"})));
    assert!(again.is_err(), "claims are there");
}

/// Set for the process that another test starts to hold the file.
const HOLD: &str = "SCIM_TEST_HOLD";

#[test]
fn a_killed_process_leaves_nothing_stale() {
    if let Some(path) = std::env::var_os(HOLD) {
        let fixture = Fixture::new(SqliteStore::open(path).unwrap());
        fixture.insert(fixture.user(&json!({"userName": "survivor"}))).unwrap();
        println!("holding");
        std::thread::sleep(std::time::Duration::from_secs(60));
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "open::a_killed_process_leaves_nothing_stale", "--nocapture"])
        .env(HOLD, &path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = std::io::BufReader::new(holder.stdout.take().unwrap());
    let mut lines = std::io::BufRead::lines(output);
    assert!(lines.any(|line| line.unwrap().contains("holding")));
    assert_eq!(refusal(&path), OpenErrorKind::Held);
    holder.kill().unwrap();
    holder.wait().unwrap();
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let again = fixture.insert(fixture.user(&json!({"userName": "survivor"})));
    assert!(again.is_err(), "what was acknowledged is there");
}
