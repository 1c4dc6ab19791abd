//! The server under test: a process of its own, on a SQLite file.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use scim_core::{Actor, BearerTokens, ClientProfile, ScimServer};
use scim_example_axum::app;
use scim_example_options::{Options, StoreChoice, process::Process};
use scim_store_sqlite::{SqliteStore, Synchronous};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::Violation;

/// How to start the server: the program that calls [`serve`], and what with.
#[derive(Clone, Debug)]
pub struct Server {
    /// The program; its argument is `serve`.
    pub program: PathBuf,
    /// How sure writes are.
    pub synchronous: Synchronous,
}

impl Server {
    /// The program with writes as sure as they are by default.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), synchronous: Synchronous::default() }
    }

    /// The command that starts it on this file.
    pub fn command(&self, file: &Path) -> Command {
        let synchronous = match self.synchronous {
            Synchronous::Off => "off",
            Synchronous::Normal => "normal",
            _ => "full",
        };
        let mut command = Command::new(&self.program);
        command.arg("serve").arg(file).arg(synchronous).stderr(Stdio::null());
        command
    }
}

/// Starts a command of [`Server::command`] and waits until it listens.
pub(crate) fn start(command: &mut Command) -> Result<Process, Violation> {
    Process::spawn(command).map_err(|error| format!("the server does not start: {error}").into())
}

/// Serves the file on a free port until the process ends; the token is in `SCIM_TOKEN`.
///
/// # Errors
/// When the file or the port cannot be opened.
pub fn serve(file: &Path, synchronous: Synchronous) -> Result<(), Violation> {
    let store = SqliteStore::options().synchronous(synchronous).open(file)?;
    let options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        store: StoreChoice::Sqlite(file.to_owned()),
        base: "/scim/v2".to_owned(),
        token: std::env::var("SCIM_TOKEN")?,
        profile: ClientProfile::default(),
    };
    let tokens = BearerTokens::builder().token(&options.token, Actor::new("client")).build()?;
    let server = ScimServer::builder(store, tokens).base_path(&options.base).build()?;
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(options.listen).await?;
        options.announce(listener.local_addr()?)?;
        Ok(axum::serve(listener, app(server)).await?)
    })
}
