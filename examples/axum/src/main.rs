//! A SCIM 2.0 server on axum: `cargo run -p scim-example-axum -- --help`.

use std::error::Error;

use scim_example_axum::app;
use scim_example_options::{Options, log_to_stderr};
use tokio::{net::TcpListener, signal};

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

/// Waits for the first of Ctrl-C and, on Unix, SIGTERM. One that cannot be waited for never comes.
async fn asked_to_stop() {
    let interrupted = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => _ = signal.recv().await,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
