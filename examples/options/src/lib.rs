//! The command line that the examples share, so that each shows only how to mount the server.

#[cfg(feature = "process")]
pub mod documented;
#[cfg(feature = "process")]
pub mod process;
#[cfg(feature = "stop")]
pub mod stop;

use std::{
    env,
    error::Error,
    fmt,
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    path::PathBuf,
    str::FromStr,
    sync::Arc,
};

use lexopt::{
    Arg::{Long, Short},
    ValueExt,
};
use scim_core::{Actor, BearerTokens, ClientProfile, ScimServer, scim11::Scim11, store::Store};
use scim_store_memory::MemoryStore;
use scim_store_sqlite::SqliteStore;

/// The base path of an example that has none of its own.
const BASE: &str = "/scim/v2";

/// Where resources are kept unless the arguments say otherwise.
const FILE: &str = "scim.db";

/// What `--help` prints.
const HELP: &str = "\
A SCIM 2.0 server.

  --listen ADDRESS  where to listen; port 0 takes a free one   [127.0.0.1:8080]
  --store STORE     memory, or sqlite:FILE                     [sqlite:scim.db]
  --base PATH       path before /Users and /Groups             [/scim/v2]
  --scim11 PATH     path of the same in SCIM 1.1               [none]
  --token TOKEN     bearer token of the one client; SCIM_TOKEN in the
                    environment does the same                  [a random one]
  --profile NAMES   what is known of the client: sets and switches joined by
                    commas, as docs/clients/ lists them        [none]
";

/// Where the example keeps its resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreChoice {
    /// `memory`: gone when the example stops.
    Memory,
    /// `sqlite:FILE`.
    Sqlite(PathBuf),
}

/// What the command line asks for.
#[derive(Clone)]
pub struct Options {
    /// `--listen`
    pub listen: SocketAddr,
    /// `--store`
    pub store: StoreChoice,
    /// `--base`
    pub base: String,
    /// `--scim11`
    pub scim11: Option<String>,
    /// `--token`
    pub token: String,
    /// `--profile`
    pub profile: ClientProfile,
    /// The command that is suggested to whoever starts the example, where it is another one than
    /// a GET of the users.
    pub trial: String,
}

impl Options {
    /// What holds without arguments, below this base path.
    pub fn preset(base: &str) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            store: StoreChoice::Sqlite(FILE.into()),
            base: base.to_owned(),
            scim11: None,
            token: env::var("SCIM_TOKEN").unwrap_or_default(),
            profile: ClientProfile::default(),
            trial: String::new(),
        }
    }

    /// Reads the arguments of this process; after `--help`, which it prints, there are no options.
    ///
    /// # Errors
    /// When an argument is unknown, lacks its value or has one that cannot be read.
    pub fn from_command_line() -> Result<Option<Self>, Box<dyn Error>> {
        Self::from_command_line_at(BASE, FILE)
    }

    /// Reads the arguments of an example whose base path and file are others unless they name them.
    ///
    /// # Errors
    /// As [`from_command_line`](Self::from_command_line).
    pub fn from_command_line_at(base: &str, file: &str) -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self::preset(base);
        options.store = StoreChoice::Sqlite(file.into());
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("listen") => options.listen = arguments.value()?.parse()?,
                Long("store") => options.store = arguments.value()?.parse()?,
                Long("base") => options.base = arguments.value()?.string()?,
                Long("scim11") => options.scim11 = Some(arguments.value()?.string()?),
                Long("token") => options.token = arguments.value()?.string()?,
                Long("profile") => options.profile = arguments.value()?.parse()?,
                Long("help") | Short('h') => {
                    io::stdout().write_all(HELP.replace(BASE, base).as_bytes())?;
                    return Ok(None);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if options.token.is_empty() {
            options.token = random_token()?;
        }
        Ok(Some(options))
    }

    /// Opens the store and builds the server.
    ///
    /// # Errors
    /// When the file is not a SCIM store or cannot be opened, or the token or base path is unusable.
    pub fn server(&self) -> Result<ScimServer, Box<dyn Error>> {
        let tokens = BearerTokens::builder().token(&self.token, self.client()).build()?;
        let mut server = ScimServer::builder(self.open_store()?, tokens).base_path(&self.base);
        if let Some(base) = &self.scim11 {
            server = server.scim11(Scim11::at(base.as_str()));
        }
        Ok(server.build()?)
    }

    /// Opens the store.
    ///
    /// # Errors
    /// When the file is not a SCIM store or cannot be opened.
    pub fn open_store(&self) -> Result<Arc<dyn Store>, Box<dyn Error>> {
        Ok(match &self.store {
            StoreChoice::Memory => Arc::new(MemoryStore::new()),
            StoreChoice::Sqlite(file) => Arc::new(SqliteStore::open(file)?),
        })
    }

    /// The one client, as far as the command line describes it.
    pub fn client(&self) -> Actor {
        Actor::new("client").with_profile(self.profile.clone())
    }

    /// Says on standard output how to reach the server that listens on an address.
    ///
    /// # Errors
    /// When standard output is closed.
    pub fn announce(&self, listening: SocketAddr) -> io::Result<()> {
        let Self { base, token, trial, .. } = self;
        let url = format!("http://{listening}{base}");
        let usual = format!("curl -H 'Authorization: Bearer {token}' {url}/Users");
        let trial = if trial.is_empty() { &usual } else { trial };
        let message = format!("url:   {url}\ntoken: {token}\ntry:   {trial}\n");
        // At once, so that whoever reads only the first line closes nothing too early.
        let mut stdout = io::stdout().lock();
        stdout.write_all(message.as_bytes())?;
        stdout.flush()
    }
}

impl fmt::Debug for Options {
    /// Leaves the token out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("store", &self.store)
            .field("base", &self.base)
            .field("scim11", &self.scim11)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

impl FromStr for StoreChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("sqlite", file)) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            _ => Err("expected `memory` or `sqlite:FILE`"),
        }
    }
}

/// Sends what is logged to standard error, in colour if someone watches.
pub fn log_to_stderr() {
    tracing_subscriber::fmt().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr).init();
}

/// 256 bits that nobody guesses, as hexadecimal digits.
///
/// # Errors
/// When the system has no randomness.
pub fn random_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
