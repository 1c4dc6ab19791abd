//! A SCIM 2.0 server on axum: `cargo run -p scim-example-axum -- --help`.

use std::error::Error;

use scim_example_axum::app;
use scim_example_options::{Options, log_to_stderr, stop::asked_to_stop};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::from_command_line()? else { return Ok(()) };
    log_to_stderr();

    let app = app(options.server()?);
    let listener = TcpListener::bind(options.listen).await?;
    options.announce(listener.local_addr()?)?;
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;
    tracing::info!("stopped");
    Ok(())
}
