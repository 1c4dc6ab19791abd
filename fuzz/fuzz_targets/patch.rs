//! Patches users.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(patch);
