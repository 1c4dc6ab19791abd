//! Quip's SCIM API: `cargo run -p scim-example-quip -- --help`.

use std::error::Error;

use scim_example_axum::serve;
use scim_example_options::{Options, log_to_stderr};
use scim_example_quip::{PER_MINUTE, Quip, app};

/// The one company, whose token the command line names.
const COMPANY: &str = "company";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(mut options) = Options::from_command_line_at("/2")? else { return Ok(()) };
    log_to_stderr();
    // The paths are those of the service.
    options.base = "/2".to_owned();
    let quip = Quip::new(&options.open_store()?, &[(&options.token, COMPANY)], PER_MINUTE)?;
    serve(&options, app(quip)).await
}
