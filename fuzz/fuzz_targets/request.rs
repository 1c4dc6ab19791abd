//! Asks with arbitrary HTTP requests.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(request);
