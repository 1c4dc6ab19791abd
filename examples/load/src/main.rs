//! Measures a SCIM 2.0 server over HTTP against floors of the same machine:
//! `cargo run --release -p scim-example-load -- --help`.

mod bench;
mod client;
mod filters;
mod floors;
mod measure;
mod options;
mod population;
mod preload;
mod process;
mod report;
mod requests;
mod rows;
mod server;

use std::{
    error::Error,
    io::{self, Write as _},
    sync::Arc,
};

use crate::{
    bench::{Bench, Effort},
    measure::{Failure, Server},
    options::{Command, Options},
    population::Population,
    process::Side,
    report::Line,
    server::StoreChoice,
};

fn main() -> Result<(), Box<dyn Error>> {
    match options::from_command_line()? {
        None => Ok(()),
        Some(Command::Serve(store, population)) => server::serve(&store, population),
        Some(Command::Measure(options)) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(measure(&options)).map_err(|failure| failure as Box<dyn Error>)
        }
    }
}

async fn measure(options: &Options) -> Result<(), Failure> {
    let pinned = process::pin(std::process::id(), Side::Client);
    let mut lines = Vec::new();
    filters::rows(options, &mut lines);
    for store in &options.stores {
        lines.extend(measure_store(options, store).await?);
    }
    let title = title(options, pinned);
    let mut output = io::stdout().lock();
    writeln!(output, "{title}\n\n{}", report::table(&lines))?;
    if let Some(path) = &options.plot {
        std::fs::write(path, report::plot(&lines, &title))?;
    }
    if options.effort == Effort::Quick {
        writeln!(output, "all answers were right")?;
    }
    Ok(())
}

async fn measure_store(options: &Options, store: &StoreChoice) -> Result<Vec<Line>, Failure> {
    let directory = tempfile::tempdir_in(options.directory(store))?;
    let files = |name: &str| -> io::Result<StoreChoice> {
        let directory = directory.path().join(name);
        std::fs::create_dir(&directory)?;
        Ok(match store {
            StoreChoice::Memory => StoreChoice::Memory,
            StoreChoice::Sqlite(_) => StoreChoice::Sqlite(directory),
        })
    };
    let small = Population { users: options.population.users.min(1_000), ..options.population };
    let mut bench = Bench {
        store: match store {
            StoreChoice::Memory => "memory",
            StoreChoice::Sqlite(_) => "sqlite",
        },
        main: Arc::new(Server::start(&files("main")?, options.population)?),
        small: Arc::new(Server::start(&files("small")?, small)?),
        effort: options.effort,
        rounds: options.rounds,
        only: options.only.clone(),
        lines: Vec::new(),
    };
    rows::all(&mut bench).await?;
    Ok(bench.lines)
}

/// What was measured, on which machine, and when.
fn title(options: &Options, pinned: bool) -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor.lines().find_map(|line| line.strip_prefix("model name"));
    let processor =
        processor.map_or("unknown processor", |it| it.trim_start_matches(['\t', ':', ' ']));
    let processors = process::processors();
    let date = scim_core::Timestamp::now().to_string();
    let date: String = date.chars().take(10).collect();
    let users = options.population.users;
    let pinned = if pinned { "server and client on a processor each" } else { "not pinned" };
    let rounds = options.rounds;
    format!(
        "{users} users, {rounds} rounds, {date}, {processor}, {processors} processors, {pinned}"
    )
}
