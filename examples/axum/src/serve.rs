//! Listening, and stopping when asked to.

use std::error::Error;

use axum::Router;
use scim_example_options::Options;
use tokio::{net::TcpListener, signal};

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
