//! `docs/coverage.md` says for every requirement what became of it, and the sources agree.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

const CRATES: [&str; 4] = ["scim-core", "scim-filter", "scim-store-memory", "scim-store-sqlite"];

/// One requirement: what it asks in a sentence, and the section of the RFC that counts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    id: String,
    section: String,
    strength: String,
    asks: String,
}

impl Requirement {
    /// What the table shows of it.
    fn shown(&self) -> (String, String) {
        (self.asks.clone(), format!("{} {}", self.section, self.strength))
    }

    fn binds(&self) -> bool {
        ["MUST", "SHALL", "REQUIRED", "MUST NOT", "SHALL NOT"].contains(&&*self.strength)
    }
}

/// A row of the table.
struct Row {
    id: String,
    asks: String,
    basis: String,
    status: String,
    place: String,
    tests: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn requirements() -> Vec<Requirement> {
    serde_json::from_str(include_str!("../vectors/requirements.json")).unwrap()
}

fn rows() -> Vec<Row> {
    let text = read(&root().join("docs/coverage.md"));
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id "));
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<_> =
        line.trim_matches('|').split(" | ").map(|it| it.trim().to_owned()).collect();
    let [id, asks, basis, status, place, tests] =
        <[String; 6]>::try_from(cells).unwrap_or_else(|_| panic!("not six cells: {line}"));
    let tests = tests.split(", ").map(|it| it.trim_matches('`').to_owned());
    let tests = tests.filter(|it| !it.is_empty()).collect();
    Row { id, asks, basis, status, place, tests }
}

/// Where a test stands: `module::function`, behind the name of its crate unless it is this one.
fn source_of(test: &str) -> Option<(PathBuf, String)> {
    let (module, function) = test.rsplit_once("::")?;
    let mut segments: Vec<_> = module.split("::").collect();
    let named = |name: &str| CRATES.into_iter().find(|it| it.replace('-', "_") == name);
    let package = segments.first().and_then(|first| named(first));
    if package.is_some() {
        segments.remove(0);
    }
    let package = root().join(package.unwrap_or("scim-core"));
    let path = segments.join("/");
    let places = ["tests/it", "tests", "src"].map(|folder| package.join(folder).join(&path));
    let files = places.iter().flat_map(|it| [it.with_extension("rs"), it.join("mod.rs")]);
    files.into_iter().find(|it| it.is_file()).map(|file| (file, function.to_owned()))
}

/// A function as it is written, with what is said above it; the line of one that a macro makes.
fn function_in(text: &str, function: &str) -> Option<String> {
    let lines: Vec<_> = text.lines().collect();
    let made = format!("{function}: ");
    if let Some(line) = lines.iter().find(|line| line.trim_start().starts_with(&made)) {
        return Some((*line).to_owned());
    }
    let at = lines.iter().position(|line| line.contains(&format!("fn {function}(")))?;
    let indent = " ".repeat(lines[at].len() - lines[at].trim_start().len());
    let is_said = |line: &&&str| ["//", "#["].iter().any(|it| line.trim_start().starts_with(it));
    let above = lines[..at].iter().rev().take_while(is_said).count();
    let length = lines[at..].iter().position(|line| line.strip_prefix(&*indent) == Some("}"))?;
    Some(lines[at - above..at + length].join("\n"))
}

/// The ids in a text: a capital letter, a hyphen and three digits, on their own.
fn ids(text: &str) -> BTreeSet<String> {
    let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    let is_id = |at: &usize| match &bytes[*at..] {
        [letter, b'-', rest @ ..] if letter.is_ascii_uppercase() && rest.len() >= 3 => {
            rest[..3].iter().all(u8::is_ascii_digit)
                && is_end(rest.get(3))
                && is_end(at.checked_sub(1).and_then(|before| bytes.get(before)))
        }
        _ => false,
    };
    (0..bytes.len())
        .filter(is_id)
        .map(|at| String::from_utf8_lossy(&bytes[at..at + 5]).into_owned())
        .collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.fold(Vec::new(), |mut found, path| {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
        found
    })
}

/// The ids that the vectors of a module cite, or one of them.
fn vector_ids(module: &str, only: Option<&str>) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(module);
    let mut cited = BTreeSet::new();
    for file in files(&folder, "json") {
        let vectors: Value = serde_json::from_str(&read(&file)).unwrap();
        let is_asked_for = |it: &&Value| only.is_none_or(|only| it["id"] == only);
        for vector in vectors.as_array().into_iter().flatten().filter(is_asked_for) {
            let lists = [&vector["cites"], &vector["requirements"]];
            let ids = lists.into_iter().filter_map(Value::as_array).flatten();
            cited.extend(ids.map(|id| id.as_str().unwrap().to_owned()));
        }
    }
    cited
}

#[test]
fn every_requirement_has_one_row_with_its_sentence() {
    let requirements = requirements();
    let known: BTreeMap<_, _> = requirements.iter().map(|it| (&*it.id, it.shown())).collect();
    assert_eq!((requirements.len(), known.len()), (450, 450));
    let rows = rows();
    let listed: BTreeMap<_, _> =
        rows.iter().map(|it| (&*it.id, (it.asks.clone(), it.basis.clone()))).collect();
    assert_eq!(rows.len(), listed.len(), "an id has two rows");
    let lost: Vec<_> = known.keys().filter(|id| !listed.contains_key(*id)).collect();
    assert!(lost.is_empty(), "no row: {lost:?}");
    for (id, shown) in &listed {
        assert_eq!(Some(shown), known.get(id), "{id}");
    }
}

#[test]
fn every_requirement_asks_one_thing_in_a_short_sentence() {
    let requirements = requirements();
    let sentences: BTreeSet<_> = requirements.iter().map(|it| &*it.asks).collect();
    assert_eq!(sentences.len(), requirements.len(), "two ask the same");
    for Requirement { id, asks, .. } in &requirements {
        let length = asks.chars().count();
        assert!((20..=110).contains(&length), "{id}: {length} characters");
        assert!(asks.ends_with('.') && !asks.contains('|'), "{id}: {asks}");
        assert!(asks.matches('`').count() % 2 == 0, "{id}: {asks}");
    }
}

#[test]
fn every_row_says_what_became_of_the_requirement() {
    let rows: BTreeMap<_, _> = rows().into_iter().map(|row| (row.id.clone(), row)).collect();
    for requirement in requirements() {
        let row = &rows[&requirement.id];
        assert!(!row.place.is_empty(), "{}: where, or why not?", row.id);
        match row.status.as_str() {
            "met" | "by configuration" => assert!(!row.tests.is_empty(), "{}: which test?", row.id),
            "not applicable" => {}
            "open" => assert!(!requirement.binds(), "{} binds", row.id),
            other => panic!("{}: {other}?", row.id),
        }
    }
}

#[test]
fn the_head_of_the_table_counts_its_rows() {
    let rows = rows();
    let count = |status: &str| rows.iter().filter(|row| row.status == status).count();
    let statuses = ["met", "by configuration", "not applicable", "open"];
    let counted = statuses.map(|status| format!("{} {status}", count(status))).join(", ");
    let text = read(&root().join("docs/coverage.md"));
    assert!(text.contains(&counted), "{counted}");
}

#[test]
fn every_test_of_the_table_exists_and_cites_the_requirement() {
    let mut wrong = Vec::new();
    for row in rows() {
        for cell in &row.tests {
            let (test, vector) = match cell.split_once('/') {
                Some((test, vector)) => (test, Some(vector)),
                None => (cell.as_str(), None),
            };
            let Some((file, function)) = source_of(test) else {
                wrong.push(format!("{}: no file of {test}", row.id));
                continue;
            };
            let Some(text) = function_in(&read(&file), &function) else {
                wrong.push(format!("{}: no {test}", row.id));
                continue;
            };
            let cited = match vector {
                Some(vector) => vector_ids(test.split("::").next().unwrap(), Some(vector)),
                None => ids(&text),
            };
            if !cited.contains(&row.id) {
                wrong.push(format!("{}: not cited by {cell}", row.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_id_that_is_cited_exists() {
    let known: BTreeSet<_> = requirements().into_iter().map(|it| it.id).collect();
    for package in CRATES {
        for file in files(&root().join(package), "rs") {
            let unknown: Vec<_> = ids(&read(&file)).difference(&known).cloned().collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", file.display());
        }
    }
    for module in ["filter", "patch"] {
        let unknown: Vec<_> = vector_ids(module, None).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "vectors of {module}: {unknown:?}");
    }
}
