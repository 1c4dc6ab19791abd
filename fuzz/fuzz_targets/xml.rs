//! Sends arbitrary XML.
#![cfg_attr(fuzzing, no_main)]
scim_fuzz::target!(xml);
