//! `docs/scim11.md` names a test for each rule, and the test cites it.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_rule_has_a_test_that_cites_it() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(here.join("../docs/scim11.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let (id, tests) = (cells[0], cells.last().unwrap());
        if !id.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        assert!(seen.insert(id.to_owned()), "{id} twice");
        for test in tests.split(", ").map(|test| test.trim_matches(['`', ' ', '|'])) {
            let (module, function) = test.split_once("::").unwrap();
            let source = here.join(format!("tests/it/scim11/{module}.rs"));
            let text = fs::read_to_string(source).unwrap_or_default();
            let cited = match function {
                "vectors" => include_str!("../../vectors/scim11/patch.json"),
                function => body_of(&text, function),
            };
            if !cites(cited, id) {
                wrong.push(format!("{test} is not there or does not cite {id}"));
            }
        }
    }
    assert!(seen.len() > 50, "only {} rules were found", seen.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What follows the name of a function, up to the next one.
fn body_of<'t>(text: &'t str, function: &str) -> &'t str {
    let after = text.split_once(&format!("fn {function}(")).map_or("", |(_, after)| after);
    after.split("\nfn ").next().unwrap()
}

fn cites(text: &str, id: &str) -> bool {
    let citing = text.lines().filter(|line| line.contains("//") || line.contains("\"rule\""));
    let words = citing.flat_map(|line| line.split([' ', ',', '"', ':']));
    words.into_iter().any(|word| word == id)
}
