//! Quip's SCIM API: `cargo run -p scim-example-quip -- --help`.

use std::error::Error;

use scim_example_options::{Options, log_to_stderr, stop::asked_to_stop};
use scim_example_quip::{PER_MINUTE, Quip, app};
use tokio::net::TcpListener;

/// The one company whose token the command line names.
const COMPANY: &str = "company";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(mut options) = Options::from_command_line()? else { return Ok(()) };
    log_to_stderr();
    // The paths are those of the service, whatever is asked for.
    options.base = "/2".to_owned();

    let quip = Quip::new(&options.open_store()?, &[(&options.token, COMPANY)], PER_MINUTE)?;
    let listener = TcpListener::bind(options.listen).await?;
    options.announce(listener.local_addr()?)?;
    axum::serve(listener, app(quip)).with_graceful_shutdown(asked_to_stop()).await?;
    Ok(())
}
