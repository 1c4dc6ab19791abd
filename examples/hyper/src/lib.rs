//! Serves a [`ScimServer`] on hyper alone: no framework, no router. Requests and responses are the
//! types of the crate `http`, so there is nothing to convert.

use std::time::Duration;

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use scim_core::ScimServer;
use tokio::net::{TcpListener, TcpStream};

/// How long a connection may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(30);

/// How long a request may take after its head until the head of its answer; then the connection is
/// closed. A write that had begun may be made all the same.
const REQUEST: Duration = Duration::from_secs(60);

/// How long requests may take to end after the server was asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until it is asked to stop, and then ends what was begun.
pub async fn serve(listener: TcpListener, server: ScimServer, stop: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => spawn(stream, server.clone(), &connections),
            // As when there are too many open files: others may end meanwhile.
            Err(error) => {
                tracing::warn!(%error, "no connection accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
}

/// Serves one connection on a task of its own.
fn spawn(stream: TcpStream, server: ScimServer, connections: &GracefulShutdown) {
    let service = service_fn(move |request: Request<Incoming>| {
        let server = server.clone();
        async move { tokio::time::timeout(REQUEST, server.handle(request)).await }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
}
