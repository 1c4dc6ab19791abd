//! The hyper example over real sockets.

use std::{error::Error, net::SocketAddr};

use hyper::http::request::Parts;
use scim_core::{Actor, BearerTokens, Caller, Policy, ScimError, ScimServer, async_trait};
use scim_example_hyper::serve;
use scim_example_options::process::Process;
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

type Tested = Result<(), Box<dyn Error>>;

const PROGRAM: &str = env!("CARGO_BIN_EXE_scim-example-hyper");
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

#[test]
fn users_and_groups_live_over_a_socket() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    let user = json!({"schemas": [USER], "userName": "bjensen"});
    let (status, created) = process.request("POST", "/Users", &user)?;
    assert_eq!(status, 201, "{created}");
    let id = created["id"].as_str().ok_or("no id")?;
    let group = json!({"displayName": "Tour Guides", "members": [{"value": id}]});
    assert_eq!(process.request("POST", "/Groups", &group)?.0, 201);
    let path = "/Users?filter=groups.display%20eq%20%22tour%20guides%22";
    let (status, list) = process.request("GET", path, &Value::Null)?;
    assert_eq!((status, &list["Resources"][0]["id"]), (200, &created["id"]));
    Ok(())
}

/// RFC 7644 §2: no valid token, no answer; §3.12: outside of the base path there is nothing.
#[tokio::test]
async fn the_rest_is_refused() -> Tested {
    let serving = Serving::start().await?;
    for (path, status) in [("/scim/v2/Users", 401), ("/", 404)] {
        let mut connection = TcpStream::connect(serving.address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await?;
        let answer = received(connection).await?;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    Ok(())
}

/// A client that goes away in the middle of a body has sent nothing, and others are served.
#[tokio::test]
async fn what_was_begun_ends_before_the_server_does() -> Tested {
    let mut serving = Serving::start().await?;
    let body = json!({"schemas": [USER], "userName": "bjensen"}).to_string();
    let (first, rest) = body.split_at(10);
    let begun = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer secret\r\n\
         content-length: {}\r\n\r\n{first}",
        body.len()
    );
    let mut broken = TcpStream::connect(serving.address).await?;
    broken.write_all(begun.as_bytes()).await?;
    drop(broken);

    let mut connection = TcpStream::connect(serving.address).await?;
    connection.write_all(begun.as_bytes()).await?;
    // The server has to have seen both requests: it closes connections that are idle.
    for _ in 0..2 {
        serving.seen.recv().await.ok_or("not serving any more")?;
    }
    serving.stop.send(()).map_err(|()| "not serving any more")?;
    connection.write_all(rest.as_bytes()).await?;
    let answer = received(connection).await?;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    serving.task.await?;
    Ok(())
}

#[cfg(unix)]
#[test]
fn what_it_acknowledged_survives_a_restart() -> Tested {
    scim_example_options::process::survives_a_restart(PROGRAM)
}

/// Tells of each request before its body is read.
#[derive(Debug)]
struct Seen(mpsc::UnboundedSender<()>);

#[async_trait]
impl Policy for Seen {
    async fn admit(&self, _: &Caller<'_>, _: &Parts) -> Result<(), ScimError> {
        // Whoever does not wait for it has gone.
        _ = self.0.send(());
        Ok(())
    }
}

/// The server on a task of its own.
struct Serving {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    /// Requests of which the head was read.
    seen: mpsc::UnboundedReceiver<()>,
    task: JoinHandle<()>,
}

impl Serving {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let tokens = BearerTokens::builder().token("secret", Actor::new("client")).build()?;
        let (see, seen) = mpsc::unbounded_channel();
        let server = ScimServer::builder(MemoryStore::new(), tokens).policy(Seen(see)).build()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stop, asked) = oneshot::channel();
        let task = tokio::spawn(serve(listener, server, async { drop(asked.await) }));
        Ok(Self { address, stop, seen, task })
    }
}

/// All that is received until the connection is closed.
async fn received(mut connection: TcpStream) -> Result<String, Box<dyn Error>> {
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    Ok(answer)
}
