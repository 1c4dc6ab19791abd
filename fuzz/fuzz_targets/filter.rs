//! Reads and prints filters.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(filter);
