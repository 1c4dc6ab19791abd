//! Sends sequences of requests.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(sequence);
