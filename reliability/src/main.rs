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
use scim_reliability::{Campaign, Interruption, Server, Violation, serve};
use scim_store_sqlite::Synchronous;

const HELP: &str = "\
  kill        kills the server at random moments under load
  power-loss  the same, and what was not flushed to the disk is lost
  fault       a full, read-only or failing disk for a while, then a kill

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
        _ => return Err(HELP.into()),
    };
    say(&format!("{interruption:?}: seed {seed}, {rounds} rounds"))?;
    let start = Instant::now();
    let figures = Campaign { server, interruption, rounds, seed }.run()?;
    say(&format!("{figures:#?}\nin {:.0?}", start.elapsed()))
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
