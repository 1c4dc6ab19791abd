//! Compares the parser with a naive one.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(differential);
