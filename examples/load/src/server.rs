//! The process that is measured: the SCIM server and the floors, each on a port of its own, on
//! one thread.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
};

use axum::http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use scim_core::{Actor, BearerTokens, ScimServer, schema::Registry, store::Store};
use scim_store_memory::MemoryStore;
use scim_store_sqlite::SqliteStore;
use tokio::net::TcpListener;

use crate::{floors, population::Population, preload::preload, process};

pub(crate) const TOKEN: &str = "mF_9.B5f-4.1JqM";

/// Where the measured server keeps its resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreChoice {
    Memory,
    /// A directory for the files of the store and of the floors.
    Sqlite(PathBuf),
}

impl StoreChoice {
    fn open(&self) -> Result<Arc<dyn Store>, Box<dyn Error>> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(directory) => Arc::new(SqliteStore::open(directory.join("scim.db"))?),
        })
    }

    /// Bytes of the store's file once the log beside it, which has a bound of its own, is in it.
    fn file_bytes(&self) -> u64 {
        let Self::Sqlite(directory) = self else { return 0 };
        let pages = "select page_count * page_size from pragma_page_count, pragma_page_size";
        let size = rusqlite::Connection::open(directory.join("scim.db"))
            .and_then(|file| file.query_row(pages, [], |row| row.get(0)));
        size.unwrap_or_default()
    }
}

/// What the server says when it is ready, as one line of numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ready {
    pub(crate) scim_port: u16,
    pub(crate) floor_port: u16,
    /// Memory that the users took, in KiB.
    pub(crate) users_kib: u64,
    /// What they took in files, in bytes.
    pub(crate) file_bytes: u64,
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scim_port, floor_port, users_kib, file_bytes } = self;
        write!(f, "ready {scim_port} {floor_port} {users_kib} {file_bytes}")
    }
}

impl Ready {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut numbers = line.trim().strip_prefix("ready ")?.split(' ').map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            scim_port: next()?.try_into().ok()?,
            floor_port: next()?.try_into().ok()?,
            users_kib: next()?,
            file_bytes: next()?,
        })
    }
}

/// Fills the store and serves until the process is ended.
pub(crate) fn serve(choice: &StoreChoice, population: Population) -> Result<(), Box<dyn Error>> {
    let registry = Registry::standard();
    let store = choice.open()?;
    store.attach(&registry)?;
    let filled = preload(&*store, &registry, population, || measure(choice))?;
    let floor_file = tempfile::tempdir_in(match choice {
        StoreChoice::Memory => std::env::temp_dir(),
        StoreChoice::Sqlite(directory) => directory.clone(),
    })?;
    let with_map = *choice == StoreChoice::Memory;
    let floors = floors::router(&floor_file.path().join("floor.db"), population, with_map)?;
    let tokens = BearerTokens::builder().token(TOKEN, Actor::new("load")).build()?;
    let scim = ScimServer::builder(store, tokens).registry(registry).build()?;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let scim_listener = TcpListener::bind("127.0.0.1:0").await?;
        let floor_listener = TcpListener::bind("127.0.0.1:0").await?;
        let ready = Ready {
            scim_port: scim_listener.local_addr()?.port(),
            floor_port: floor_listener.local_addr()?.port(),
            ..filled
        };
        writeln!(io::stdout(), "{ready}")?;
        tokio::try_join!(accept(scim_listener, scim), accept(floor_listener, floors))?;
        Ok(())
    })
}

fn measure(choice: &StoreChoice) -> (u64, u64) {
    let resident = process::resident_kib(std::process::id()).unwrap_or_default();
    (resident, choice.file_bytes())
}

/// Hands connections to a tower service as it is, without a router in between.
async fn accept<S, B>(listener: TcpListener, service: S) -> io::Result<()>
where
    S: tower_service::Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
