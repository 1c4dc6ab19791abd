//! Listening, and stopping when asked to.

use std::error::Error;

use axum::Router;
use scim_example_options::{Options, stop::asked_to_stop};
use tokio::net::TcpListener;

/// Serves an application where the options say, until the process is asked to stop.
///
/// # Errors
/// When the address is taken or standard output is closed.
pub async fn serve(options: &Options, app: Router) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(options.listen).await?;
    options.announce(listener.local_addr()?)?;
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;
    tracing::info!("stopped");
    Ok(())
}
