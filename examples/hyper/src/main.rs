//! A SCIM 2.0 server on hyper: `cargo run -p scim-example-hyper -- --help`.

use std::error::Error;

use scim_example_hyper::serve;
use scim_example_options::{Options, log_to_stderr, stop::asked_to_stop};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::from_command_line()? else { return Ok(()) };
    log_to_stderr();

    let server = options.server()?;
    let listener = TcpListener::bind(options.listen).await?;
    options.announce(listener.local_addr()?)?;
    serve(listener, server, asked_to_stop()).await;
    tracing::info!("stopped");
    Ok(())
}
