//! Long runs of what the tests do briefly: `cargo run -p scim-reliability -- --help`.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    time::Instant,
};

use lexopt::{
    Arg::{Long, Short, Value},
    ValueExt,
};
use scim_core::store::Store;
use scim_reliability::{Campaign, Endpoint, Interruption, Server, Violation, history, race, serve};
use scim_store_memory::MemoryStore;
use scim_store_sqlite::{SqliteStore, Synchronous};

const HELP: &str = "\
  kill        kills the server at random moments under load
  power-loss  the same, and what was not flushed to the disk is lost
  fault       a full, read-only or failing disk for a while, then a kill
  fault-power the same, then what was not flushed to the disk is lost
  histories   clients at once on few resources, over each store: four histories a round

  --rounds N            how often                                [200]
  --seed N              repeats a run's choices                  [a random one]
  --synchronous LEVEL   full, normal or off                      [full]
";

fn main() -> Result<(), Violation> {
    let mut arguments = lexopt::Parser::from_env();
    let (mut rounds, mut seed) = (200, fastrand::u64(..));
    let mut server = Server::new(env::current_exe()?);
    let mut words = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("rounds") => rounds = arguments.value()?.parse()?,
            Long("seed") => seed = arguments.value()?.parse()?,
            Long("synchronous") => server.synchronous = level(&arguments.value()?.string()?)?,
            Value(word) => words.push(word.string()?),
            Long("help") | Short('h') => return Ok(io::stdout().write_all(HELP.as_bytes())?),
            other => return Err(other.unexpected().into()),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let interruption = match words.as_slice() {
        ["serve", file, synchronous] => {
            return serve(&PathBuf::from(file), level(synchronous)?);
        }
        ["kill"] => Interruption::Kill,
        ["power-loss"] => Interruption::PowerLoss,
        ["fault"] => Interruption::Fault,
        ["fault-power"] => Interruption::FaultAndPowerLoss,
        ["histories"] => return histories(rounds, seed),
        _ => return Err(HELP.into()),
    };
    say(&format!("{interruption:?}: seed {seed}, {rounds} rounds"))?;
    let start = Instant::now();
    let figures = Campaign { server, interruption, rounds, seed }.run()?;
    say(&format!("{figures:#?}\nin {:.0?}", start.elapsed()))
}

fn histories(rounds: usize, seed: u64) -> Result<(), Violation> {
    let directory = tempfile::tempdir()?;
    let stores: [(&str, Box<dyn Store>); 3] = [
        ("memory", Box::new(MemoryStore::new())),
        ("SQLite", Box::new(SqliteStore::open(directory.path().join("scim.db"))?)),
        ("SQLite in memory", Box::new(SqliteStore::in_memory()?)),
    ];
    for (name, store) in stores {
        say(&format!("histories over {name}: seed {seed}, {rounds} rounds"))?;
        let (start, endpoint) = (Instant::now(), Endpoint::new(store)?);
        let checked = history::check(&endpoint, rounds, seed)?;
        race(&endpoint, rounds)?;
        say(&format!("{checked:?} and {rounds} races of each kind in {:.0?}", start.elapsed()))?;
    }
    Ok(())
}

fn level(name: &str) -> Result<Synchronous, Violation> {
    match name {
        "off" => Ok(Synchronous::Off),
        "normal" => Ok(Synchronous::Normal),
        "full" => Ok(Synchronous::Full),
        other => Err(format!("`{other}` is not off, normal or full").into()),
    }
}

fn say(message: &str) -> Result<(), Violation> {
    Ok(writeln!(io::stdout(), "{message}")?)
}
