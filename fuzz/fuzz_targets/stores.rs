//! Sends the same sequences of requests to two stores.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(stores);
