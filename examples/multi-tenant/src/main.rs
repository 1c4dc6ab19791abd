//! A SCIM 2.0 server for many tenants: `cargo run -p scim-example-multi-tenant -- --help`.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};

use lexopt::{
    Arg::{Long, Short},
    ValueExt,
};
use scim_example_multi_tenant::{BASE_PATH, Tenants, app, server};
use scim_example_options::{log_to_stderr, random_token, stop::asked_to_stop};
use scim_store_sqlite::SqliteStore;
use tokio::net::TcpListener;

/// What `--help` prints.
const HELP: &str = "\
A SCIM 2.0 server for many tenants.

  --listen ADDRESS  where to listen; port 0 takes a free one    [127.0.0.1:8080]
  --store FILE      where resources are kept                    [tenants.db]
  --tenants FILE    a tenant and its token on each line         [acme and globex
                                                 with tokens that are printed]
";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 8080));
    let (mut store, mut tenants) = (PathBuf::from("tenants.db"), None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("listen") => listen = arguments.value()?.parse()?,
            Long("store") => store = arguments.value()?.into(),
            Long("tenants") => {
                tenants = Some(Tenants::read(&fs::read_to_string(arguments.value()?)?)?);
            }
            Long("help") | Short('h') => {
                io::stdout().write_all(HELP.as_bytes())?;
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    log_to_stderr();
    let server = |tenants| server(SqliteStore::open(store)?, tenants);
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let server = match &tenants {
        Some(tenants) => server(tenants)?,
        None => {
            let tenants = made_up()?;
            announce(address, &tenants)?;
            server(&tenants)?
        }
    };
    axum::serve(listener, app(server)).with_graceful_shutdown(asked_to_stop()).await?;
    Ok(())
}

fn made_up() -> Result<Tenants, Box<dyn Error>> {
    let mut tenants = Tenants::default();
    for name in ["acme", "globex"] {
        tenants.add(name, random_token()?);
    }
    Ok(tenants)
}

fn announce(address: SocketAddr, tenants: &Tenants) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for (tenant, token) in tenants.iter() {
        let path = BASE_PATH.replace("{tenant}", tenant);
        writeln!(stdout, "curl -H 'Authorization: Bearer {token}' http://{address}{path}/Users")?;
    }
    stdout.flush()
}
