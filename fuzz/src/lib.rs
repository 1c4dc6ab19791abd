//! What must hold for any input. Each property is a function that panics when it does not.
//!
//! A target under `fuzz_targets/` feeds one of them from libFuzzer; `tests/replay.rs` feeds each
//! from its corpus, on a stable toolchain and without a fuzzer.

#![forbid(unsafe_code)]

mod answer;
mod body;
mod endpoint;
mod meaning;
mod model;
mod patch;
mod reference;
mod request;
mod sequence;
mod syntax;
mod target;
mod values;
mod xml;

#[cfg(fuzzing)]
pub use libfuzzer_sys;

pub use self::{
    body::body,
    meaning::meaning,
    patch::patch,
    request::request,
    sequence::{sequence, stores},
    syntax::{differential, filter, path},
    target::replay,
    xml::xml,
};

/// A statement about any input.
pub type Property = fn(&[u8]);

/// All properties under the names of their targets and corpora.
pub const PROPERTIES: [(&str, Property); 10] = [
    ("filter", filter),
    ("path", path),
    ("differential", differential),
    ("meaning", meaning),
    ("patch", patch),
    ("request", request),
    ("sequence", sequence),
    ("stores", stores),
    ("body", body),
    ("xml", xml),
];
