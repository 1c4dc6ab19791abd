//! Every input of every corpus, without a fuzzer: what was found once stays found.

use std::{fs, panic, path::Path};

use scim_fuzz::{PROPERTIES, Property, differential, filter, meaning, path as patch_path};

const MOST_FILES: usize = 400;
const MOST_BYTES: usize = 1 << 20;

#[test]
fn corpora_hold() {
    let mut failures = Vec::new();
    let (mut files, mut bytes) = (0, 0);
    for (name, property) in PROPERTIES {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "no corpus for {name}");
        files += inputs.len();
        for (file, input) in inputs {
            bytes += input.len();
            if !holds(property, &input) {
                failures.push(format!("{name}/{file}"));
            }
        }
    }
    assert_eq!(failures, [""; 0]);
    assert!(files < MOST_FILES && bytes < MOST_BYTES, "{files} files, {bytes} bytes");
}

/// The filters and paths that scim-filter is tested with.
#[test]
fn grammar_cases_hold() {
    let cases =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../scim-filter/tests/data/grammar-cases.json");
    let cases = fs::read(cases).expect("the cases");
    let cases: Vec<serde_json::Value> = serde_json::from_slice(&cases).expect("JSON");
    assert!(cases.len() > 200);
    for case in &cases {
        let input = case["input"].as_str().expect("a text").as_bytes();
        for property in [filter, patch_path, differential, meaning] {
            assert!(holds(property, input), "{}", case["id"]);
        }
    }
}

/// A short walk through each property, the same every time.
#[test]
fn arbitrary_inputs_hold() {
    let mut state = 7644_u64;
    for (name, property) in PROPERTIES {
        for _ in 0..32 {
            let seed = state;
            let input: Vec<u8> = (0..320).map(|_| next(&mut state)).collect();
            assert!(holds(property, &input), "{name} from state {seed}");
        }
    }
}

/// A byte of a xorshift generator.
fn next(state: &mut u64) -> u8 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 32) as u8
}

/// The inputs no corpus needs to hold.
#[test]
fn degenerate_inputs_hold() {
    let inputs: [&[u8]; 6] =
        [b"", b"\0", b"\xFF\xFE", b"\n\n\n", "é😀\u{feff}".as_bytes(), &[0xFF; 4096]];
    for (name, property) in PROPERTIES {
        for input in inputs {
            assert!(holds(property, input), "{name}: {input:?}");
        }
    }
}

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, fs::read(path).expect("a file"))
    };
    files.iter().map(read).collect()
}

fn holds(property: Property, input: &[u8]) -> bool {
    panic::catch_unwind(|| property(input)).is_ok()
}
