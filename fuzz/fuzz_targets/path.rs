//! Reads and prints PATCH paths.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(path);
