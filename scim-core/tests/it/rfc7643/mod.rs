//! RFC 7643, requirement by requirement, as a client sees it.

mod attributes;
mod characteristics;
mod definitions;
mod groups;
mod resources;
mod schemas;
mod types;
mod users;
mod widget;
