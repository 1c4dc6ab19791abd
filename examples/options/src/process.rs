//! A built example, started as a process of its own and driven over HTTP.

use std::{
    error::Error,
    ffi::OsStr,
    io::{self, BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use ureq::{Agent, http};

/// The token of the one client.
pub const TOKEN: &str = "a-token-for-tests";

/// What a request came to: the status and the JSON of the response, null without one.
pub type Answer = (u16, Value);

/// A running example; it is killed when dropped.
pub struct Process {
    child: Mutex<Child>,
    url: String,
    agent: Agent,
}

impl Process {
    /// Starts an example on a free port and waits until it says where it listens.
    ///
    /// # Errors
    /// When it cannot be started or ends before it listens.
    pub fn start(program: &str, store: impl AsRef<OsStr>) -> Result<Self, Box<dyn Error>> {
        Self::start_for(program, store, "")
    }

    /// Starts an example as [`start`](Self::start) does, for a client with this profile.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_for(
        program: &str,
        store: impl AsRef<OsStr>,
        profile: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(program);
        command.args(["--base", "/tests/scim/v2", "--profile", profile, "--store"]).arg(store);
        Self::run(command)
    }

    /// Starts an example with arguments of its own on a free port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn run(mut command: Command) -> Result<Self, Box<dyn Error>> {
        // It logs every request.
        command.args(["--listen", "127.0.0.1:0"]).stderr(Stdio::null());
        Self::spawn(&mut command)
    }

    /// Runs a command that takes its token from the environment and says first where it listens,
    /// as the examples do, and waits until it has.
    ///
    /// # Errors
    /// When it cannot be started or ends before it listens.
    pub fn spawn(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut child = command.env("SCIM_TOKEN", TOKEN).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let first = BufReader::new(stdout).lines().next().ok_or("it said nothing")??;
        let url = first.strip_prefix("url:").ok_or("it did not say its URL")?.trim().to_owned();
        // A server that answers before it has read a body may close the connection: none is used
        // again.
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_connections(0)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        Ok(Self { child: Mutex::new(child), url, agent })
    }

    /// The number by which the operating system knows it.
    pub fn id(&self) -> u32 {
        self.child().id()
    }

    /// Kills it in the middle of whatever it does; requests under way get no answer.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&self) -> io::Result<ExitStatus> {
        let mut child = self.child();
        child.kill()?;
        child.wait()
    }

    /// Whether it has not ended.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn is_alive(&self) -> io::Result<bool> {
        Ok(self.child().try_wait()?.is_none())
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request with the right token; a null body is none.
    ///
    /// # Errors
    /// When there is no whole response or its body is not JSON.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Answer, Box<dyn Error>> {
        let content = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
        let (head, answer) = self.exchange(method, path, &headers, content)?;
        Ok((head.status.as_u16(), answer))
    }

    /// Sends a request with the right token, these headers and this body.
    ///
    /// # Errors
    /// When there is no whole response or its body is not JSON.
    pub fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: String,
    ) -> Result<(http::response::Parts, Value), Box<dyn Error>> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {TOKEN}"));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (head, mut body) = self.agent.run(request.body(body)?)?.into_parts();
        let text = body.read_to_vec()?;
        let answer = if text.is_empty() { Value::Null } else { serde_json::from_slice(&text)? };
        Ok((head, answer))
    }

    /// Where it listens, without its base path: `http://127.0.0.1:4711`.
    pub fn origin(&self) -> &str {
        let authority = self.url.find("//").map_or(0, |it| it.saturating_add(2));
        let end = self.url.get(authority..).and_then(|rest| rest.find('/'));
        end.and_then(|end| self.url.get(..authority.saturating_add(end))).unwrap_or(&self.url)
    }

    /// Sends a request as it is: its URI is a path from the root, and it says itself who calls.
    ///
    /// # Errors
    /// When there is no whole response or its body is no text.
    pub fn send(
        &self,
        mut request: http::Request<String>,
    ) -> Result<http::Response<String>, Box<dyn Error>> {
        *request.uri_mut() = format!("{}{}", self.origin(), request.uri()).parse()?;
        let (head, mut body) = self.agent.run(request)?.into_parts();
        Ok(http::Response::from_parts(head, body.read_to_string()?))
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    ///
    /// # Errors
    /// When it cannot be asked.
    #[cfg(unix)]
    pub fn stop(self) -> Result<ExitStatus, Box<dyn Error>> {
        Command::new("kill").args(["-TERM", &self.id().to_string()]).status()?;
        Ok(self.child().wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails when it has ended already.
        _ = self.kill();
    }
}

/// Runs an example on a SQLite file, restarts it, and checks that it kept what it acknowledged.
///
/// # Errors
/// When the example cannot be started or reached.
///
/// # Panics
/// When it answers otherwise than it should.
#[cfg(unix)]
pub fn survives_a_restart(program: &str) -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let store = format!("sqlite:{}", directory.path().join("scim.db").display());
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "bjensen",
    });

    let process = Process::start(program, &store)?;
    let (status, created) = process.request("POST", "/Users", &user)?;
    assert_eq!(status, 201, "{created}");
    let (status, error) = process.request("POST", "/Users", &user)?;
    assert_eq!(status, 409, "{error}");
    assert_eq!(error.get("scimType"), Some(&json!("uniqueness")));
    assert!(process.stop()?.success());

    let process = Process::start(program, &store)?;
    let id = created.get("id").and_then(Value::as_str).ok_or("a user without id")?;
    let path = format!("/Users/{id}");
    let (status, kept) = process.request("GET", &path, &Value::Null)?;
    assert_eq!(status, 200, "{kept}");
    for part in ["/userName", "/meta/created", "/meta/version"] {
        assert_eq!(kept.pointer(part), created.pointer(part), "{part}");
    }
    assert_eq!(process.request("DELETE", &path, &Value::Null)?, (204, Value::Null));
    assert_eq!(process.request("GET", &path, &Value::Null)?.0, 404);
    assert!(process.stop()?.success());
    Ok(())
}
