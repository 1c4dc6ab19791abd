//! Resolves and evaluates filters.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(meaning);
