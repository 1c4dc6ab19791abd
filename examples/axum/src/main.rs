//! A SCIM 2.0 server on axum: `cargo run -p scim-example-axum -- --help`.

use std::error::Error;

use scim_example_axum::{app, serve};
use scim_example_options::{Options, log_to_stderr};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::from_command_line()? else { return Ok(()) };
    log_to_stderr();
    let server = options.server()?;
    serve(&options, app(server)).await
}
