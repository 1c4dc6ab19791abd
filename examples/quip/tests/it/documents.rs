//! docs/systems.md names the test of each documented behaviour.

use std::{fs, path::Path};

const MODULES: [&str; 9] =
    ["accounts", "emails", "groups", "jumpcloud", "limits", "lists", "merges", "names", "patches"];

#[test]
fn every_test_is_named_in_the_table_and_the_other_way_round() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(folder.join("../../docs/systems.md")).unwrap();
    for module in MODULES {
        let source = fs::read_to_string(folder.join(format!("tests/it/{module}.rs"))).unwrap();
        let tests =
            source.lines().zip(source.lines().skip(1)).filter_map(|(attribute, function)| {
                let is_test =
                    attribute.starts_with("#[test") || attribute.starts_with("#[tokio::test");
                function.split("fn ").nth(1).filter(|_| is_test)?.split('(').next()
            });
        let tests: Vec<_> = tests.collect();
        for test in &tests {
            assert!(table.contains(&format!("`{module}::{test}`")), "{module}::{test} has no row");
        }
        for named in table.split(&format!("`{module}::")).skip(1) {
            let named = named.split('`').next().unwrap();
            assert!(tests.contains(&named), "there is no {module}::{named}");
        }
    }
}
