//! Imports go one way: each room (a module of the first level) uses only the rooms below it.

use std::{fs, path::Path};

/// Every room with the rooms whose items it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("resource", &["schema"]),
    ("error", &[]),
    ("store", &["query", "resource", "schema"]),
    ("query", &["error", "resource", "schema", "store"]),
    ("tolerance", &["error", "resource", "schema", "validate"]),
    ("validate", &["error", "query", "resource", "schema", "tolerance"]),
    ("patch", &["error", "query", "resource", "schema", "store", "tolerance", "validate"]),
    ("config", &["patch", "schema", "store", "tolerance", "validate"]),
    ("profile", &["config", "error", "patch", "store", "tolerance", "validate"]),
    ("typed", &["resource", "schema"]),
    ("hooks", &["error", "profile", "resource", "schema", "store", "validate"]),
    (
        "ops",
        &[
            "config", "error", "hooks", "patch", "profile", "query", "resource", "schema", "store",
            "validate",
        ],
    ),
    ("scim11", &["error", "hooks", "methods", "resource", "schema", "xml"]),
    (
        "http",
        &[
            "config", "error", "hooks", "methods", "ops", "patch", "query", "resource", "schema",
            "scim11", "store", "validate", "xml",
        ],
    ),
    ("telemetry", &["hooks", "http", "schema", "store"]),
    // The other way in beside `http`, of which it uses the way out: what a document looks like,
    // where things live, and how the parameters of a query are read.
    (
        "in_process",
        &[
            "config", "error", "hooks", "http", "ops", "patch", "query", "resource", "schema",
            "store", "typed", "validate",
        ],
    ),
    // Text.
    ("guide", &[]),
    ("xml", &["error", "resource", "schema"]),
    ("conformance", &["query", "resource", "schema", "store"]),
];

#[test]
fn rooms_import_only_what_lies_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (room, allowed) in ROOMS {
        for file in files(&source.join(room)) {
            let text = fs::read_to_string(&file).unwrap();
            for used in imported_rooms(&text) {
                if used != *room && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_listed() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            assert!(ROOMS.iter().any(|(room, _)| *room == name), "{name} is not listed");
        }
    }
}

fn files(room: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(room) else {
        return vec![room.with_extension("rs")];
    };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

/// The rooms named after `crate::`, in `use` lines (also in braces) and in paths.
fn imported_rooms(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut rooms = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => rooms.push(name(rest)),
            Some(group) => rooms.extend(top_level_names(group)),
        }
    }
    rooms.retain(|room| room.starts_with(|c: char| c.is_ascii_lowercase()));
    rooms
}

fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn top_level_names(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ if depth == 0 => names.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    names.iter().map(|path| name(path.trim())).filter(|it| !it.is_empty()).collect()
}
