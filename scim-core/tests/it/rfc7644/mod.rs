//! RFC 7644, requirement by requirement, as a client sees it.

mod create;
mod delete;
mod discovery;
mod errors;
mod hosts;
mod http;
mod list;
mod modify;
mod projection;
mod replace;
mod security;
mod strings;
mod tenants;
mod versions;
