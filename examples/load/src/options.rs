//! The command line.

use std::{
    error::Error,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use lexopt::{
    Arg::{Long, Value},
    ValueExt as _,
};

use crate::{bench::Effort, population::Population, server::StoreChoice};

const HELP: &str = "\
Measures a SCIM 2.0 server over HTTP against floors of the same machine.

  --store STORE   memory, or sqlite:DIRECTORY for its files      [both, in the system's place]
  --users N       how many users there are                       [10000]
  --million       the same as --users 1000000 --rounds 5
  --rounds N      how often each row is measured                 [7]
  --only TEXT     only the rows with this in their name
  --plot FILE     writes a plot as SVG
  --quick         a few requests of each kind, only to see that all answers are right
";

/// What to do.
pub(crate) enum Command {
    Measure(Options),
    /// To be the process that is measured.
    Serve(StoreChoice, Population),
}

pub(crate) struct Options {
    pub(crate) stores: Vec<StoreChoice>,
    pub(crate) population: Population,
    pub(crate) rounds: usize,
    pub(crate) only: Option<String>,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) effort: Effort,
}

impl Options {
    /// Where a store's files go.
    pub(crate) fn directory(&self, store: &StoreChoice) -> PathBuf {
        match store {
            StoreChoice::Sqlite(directory) => directory.clone(),
            StoreChoice::Memory => std::env::temp_dir(),
        }
    }
}

/// `None` after the help was shown.
pub(crate) fn from_command_line() -> Result<Option<Command>, Box<dyn Error>> {
    let mut parser = lexopt::Parser::from_env();
    let mut serves = false;
    let mut population = Population { users: 10_000, teams: 1_000 };
    let mut options = Options {
        stores: Vec::new(),
        population,
        rounds: 7,
        only: None,
        plot: None,
        effort: Effort::Full,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Value(command) if command == "serve" => serves = true,
            Long("store") => options.stores.push(store(&parser.value()?.string()?)?),
            Long("users") => population.users = parser.value()?.parse::<usize>()?.max(100),
            Long("teams") => population.teams = parser.value()?.parse()?,
            Long("million") => (population.users, options.rounds) = (1_000_000, 5),
            Long("rounds") => options.rounds = parser.value()?.parse::<usize>()?.max(1),
            Long("only") => options.only = Some(parser.value()?.string()?),
            Long("plot") => options.plot = Some(parser.value()?.into()),
            Long("quick") => {
                options.effort = Effort::Quick;
                options.rounds = 1;
                population = Population { users: 1_000, teams: 20 };
            }
            Long("help") => {
                io::stdout().write_all(HELP.as_bytes())?;
                return Ok(None);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    if options.stores.is_empty() {
        options.stores = vec![StoreChoice::Memory, StoreChoice::Sqlite(std::env::temp_dir())];
    }
    options.population = population;
    match options.stores.first() {
        Some(store) if serves => Ok(Some(Command::Serve(store.clone(), population))),
        _ => Ok(Some(Command::Measure(options))),
    }
}

fn store(text: &str) -> Result<StoreChoice, Box<dyn Error>> {
    match text.split_once(':') {
        None if text == "memory" => Ok(StoreChoice::Memory),
        Some(("sqlite", directory)) => Ok(StoreChoice::Sqlite(Path::new(directory).to_owned())),
        _ => Err(format!("`{text}` is neither `memory` nor `sqlite:DIRECTORY`").into()),
    }
}
