//! The service provider as its clients see it, and the rules of its pure parts.

mod endpoint;
mod filter;
mod filter_laws;
mod spine;
