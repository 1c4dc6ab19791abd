//! Tests of the crate's public face.

mod filter;
mod filter_laws;
