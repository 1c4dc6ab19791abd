//! `docs/systems.md` says of each documented behaviour which test shows it.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

type Tested = Result<(), Box<dyn Error>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of all Rust files below a folder.
fn sources(folder: &Path, text: &mut String) -> Tested {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, text)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            text.push_str(&fs::read_to_string(path)?);
        }
    }
    Ok(())
}

#[test]
fn each_test_of_the_tables_exists() -> Tested {
    let mut tests = String::new();
    sources(&root().join("examples"), &mut tests)?;
    let document = fs::read_to_string(root().join("docs/systems.md"))?;
    let mut count = 0;
    for row in document.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, _, named] = cells.as_slice() else { continue };
        // Within backticks and without a path.
        for name in named.split('`').skip(1).step_by(2) {
            let function = name.rsplit("::").next().unwrap_or(name);
            assert!(tests.contains(&format!("fn {function}(")), "`{name}` is no test: {row}");
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
    Ok(())
}

#[test]
fn no_library_names_a_service() -> Tested {
    for library in ["scim-core", "scim-filter", "scim-store-memory", "scim-store-sqlite"] {
        let mut text = String::new();
        sources(&root().join(library).join("src"), &mut text)?;
        let text = text.to_ascii_lowercase();
        for service in ["huddle", "quip", "spreadly"] {
            assert!(!text.contains(service), "{library} names {service}");
        }
    }
    Ok(())
}
