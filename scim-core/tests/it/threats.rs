//! `docs/threats.md` names tests that exist.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where the tests it names may be, from the root of the workspace.
const PLACES: [&str; 8] = [
    "scim-core/tests/it",
    "scim-core/src",
    "scim-core/src/conformance",
    "examples/axum/tests/it",
    "examples/multi-tenant/tests/it",
    "reliability/tests/it",
    "fuzz/fuzz_targets",
    ".",
];

#[test]
fn each_threat_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // A package has no documents of the workspace.
    let Ok(text) = fs::read_to_string(root.join("docs/threats.md")) else { return };
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Attack"));
    let mut checked = 0;
    for row in rows {
        let tests = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let names: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty() || tests.contains(".md"), "no test: {row}");
        for name in names {
            assert!(PLACES.iter().any(|place| is_there(&root.join(place), name)), "{name}");
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

/// Whether a module of this path is there, or a module with such a function.
fn is_there(place: &Path, name: &str) -> bool {
    if module(place, name).is_some() {
        return true;
    }
    let Some((parent, function)) = name.rsplit_once("::") else { return false };
    let Some(file) = module(place, parent) else { return false };
    fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {function}(")))
}

fn module(place: &Path, name: &str) -> Option<PathBuf> {
    let path = place.join(name.replace("::", "/"));
    let candidates = [path.with_extension("rs"), path.join("mod.rs"), path.join("Cargo.toml")];
    candidates.into_iter().find(|it| it.exists())
}
