//! Sends arbitrary bodies.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(body);
