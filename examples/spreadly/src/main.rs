//! Spreadly's SCIM service: `cargo run -p scim-example-spreadly -- --help`.

use std::{env, error::Error, path::PathBuf};

use scim_example_axum::{app, serve};
use scim_example_options::{Options, log_to_stderr};
use scim_example_spreadly::{BASE, server};

/// The extension that is served unless `SPREADLY_EXTENSION` names another file.
const EXTENSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/extension.json");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::from_command_line_at(BASE, "spreadly.db")? else { return Ok(()) };
    log_to_stderr();
    let extension = env::var_os("SPREADLY_EXTENSION").map_or(EXTENSION.into(), PathBuf::from);
    let server = server(&options, &extension)?;
    serve(&options, app(server)).await
}
