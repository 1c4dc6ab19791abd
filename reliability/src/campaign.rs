//! Rounds of work, interruption, restart and audit.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use fastrand::Rng;
use scim_example_options::process::Process;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Server, Violation,
    action::Holdings,
    audit::{audit, ensure},
    client::{Client, Requests, TEAMS, team},
    disk::{Disk, Fault},
    file,
    serve::start,
};

/// Clients at once.
const CLIENTS: usize = 6;
/// Of so many rounds one kills the server while it starts.
const STARTS: u32 = 8;

/// What happens to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// It is killed; what it wrote stays, flushed or not.
    Kill,
    /// It is killed, and what it had not flushed is lost, in part or as a whole.
    PowerLoss,
    /// Its disk is full, read-only or failing for a while; then it is killed.
    Fault,
    /// The same, and then what it had not flushed is lost: also what a flush that failed left behind.
    FaultAndPowerLoss,
}

impl Interruption {
    fn has_fault(self) -> bool {
        matches!(self, Self::Fault | Self::FaultAndPowerLoss)
    }

    fn loses_power(self) -> bool {
        matches!(self, Self::PowerLoss | Self::FaultAndPowerLoss)
    }
}

/// Clients that change things over HTTP while the server is interrupted, again and again.
#[derive(Debug)]
pub struct Campaign {
    /// What is tested.
    pub server: Server,
    /// What happens to it.
    pub interruption: Interruption,
    /// How often.
    pub rounds: usize,
    /// Repeats the choices of the clients and the moments, though not the scheduler.
    pub seed: u64,
}

/// What came of a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Interruptions, each with a whole audit afterwards.
    pub rounds: usize,
    /// Of which the server was starting.
    pub while_starting: usize,
    /// Requests by outcome.
    pub requests: Requests,
    /// Requests without an answer that turned out to have happened.
    pub unanswered_and_done: usize,
}

impl Campaign {
    /// Runs it.
    ///
    /// # Errors
    /// What did not hold, with the seed and the round.
    pub fn run(&self) -> Result<Figures, Violation> {
        let mut run = Run::new(self)?;
        for round in 1..=self.rounds {
            run.round()
                .map_err(|violation| format!("seed {}, round {round}: {violation}", self.seed))?;
        }
        run.figures.rounds = self.rounds;
        Ok(run.figures)
    }
}

/// A campaign under way.
struct Run<'a> {
    campaign: &'a Campaign,
    random: Rng,
    place: Place,
    clients: Vec<Client>,
    teams: Vec<String>,
    figures: Figures,
}

/// Where the database is.
enum Place {
    Directory(TempDir),
    Disk(Disk),
}

impl Place {
    fn database(&self) -> PathBuf {
        match self {
            Self::Directory(directory) => directory.path().join("scim.db"),
            Self::Disk(disk) => disk.database(),
        }
    }
}

impl<'a> Run<'a> {
    fn new(campaign: &'a Campaign) -> Result<Self, Violation> {
        let mut random = Rng::with_seed(campaign.seed);
        let place = match campaign.interruption {
            Interruption::Kill => Place::Directory(tempfile::tempdir()?),
            _ => Place::Disk(Disk::new()?),
        };
        let clients = (0..CLIENTS).map(|number| Client::new(number, random.fork())).collect();
        let mut run = Self {
            campaign,
            random,
            place,
            clients,
            teams: Vec::new(),
            figures: Figures::default(),
        };
        run.make_teams()?;
        Ok(run)
    }

    fn make_teams(&mut self) -> Result<(), Violation> {
        let process = self.start()?;
        for number in 0..TEAMS {
            let (status, made) = process
                .request("POST", "/Groups", &team(number))
                .map_err(|error| error.to_string())?;
            ensure(status == 201, || format!("{status}: {made}"))?;
            self.teams.extend(made.get("id").and_then(Value::as_str).map(str::to_owned));
        }
        process.kill()?;
        self.after_the_end()
    }

    fn round(&mut self) -> Result<(), Violation> {
        if self.random.u32(..STARTS) == 0 {
            self.kill_while_starting()?;
        } else {
            let process = self.start()?;
            self.work(&process)?;
            self.after_the_end()?;
        }
        let process = self.start()?;
        self.compare(&process)?;
        file::check(&self.place.database())?;
        process.kill()?;
        self.after_the_end()
    }

    fn start(&self) -> Result<Process, Violation> {
        start(&mut self.command())
    }

    fn command(&self) -> std::process::Command {
        let mut command = self.campaign.server.command(&self.place.database());
        if let Place::Disk(disk) = &self.place {
            disk.attach(&mut command);
        }
        command
    }

    fn kill_while_starting(&mut self) -> Result<(), Violation> {
        let mut child = self.command().env("SCIM_TOKEN", "unused").stdout(Stdio::null()).spawn()?;
        thread::sleep(self.moment(0..40));
        child.kill()?;
        child.wait()?;
        self.figures.while_starting += 1;
        self.after_the_end()
    }

    /// Lets all clients work at once and interrupts them.
    fn work(&mut self, process: &Process) -> Result<(), Violation> {
        let pauses = [self.moment(20..500), self.moment(50..200), self.moment(100..200)];
        let fault = self.random.choice(Fault::ALL);
        let (stop, place, teams) = (AtomicBool::new(false), &self.place, &self.teams);
        let interruption = self.campaign.interruption;
        let worked = thread::scope(|scope| {
            let stop = &stop;
            let threads: Vec<_> = self
                .clients
                .iter_mut()
                .map(|client| scope.spawn(move || client.work(process, teams, stop)))
                .collect();
            let interrupted = interrupt(process, place, interruption, fault, pauses);
            stop.store(true, Ordering::Relaxed);
            let worked: Vec<_> = threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".into())))
                .collect();
            interrupted.map(|()| worked)
        })?;
        for requests in worked {
            self.figures.requests += requests?;
        }
        Ok(())
    }

    fn moment(&mut self, milliseconds: std::ops::Range<u64>) -> Duration {
        Duration::from_micros(self.random.u64(milliseconds.start * 1000..milliseconds.end * 1000))
    }

    /// The power is gone with the process, where that is what is tested.
    fn after_the_end(&mut self) -> Result<(), Violation> {
        if let (true, Place::Disk(disk)) = (self.campaign.interruption.loses_power(), &self.place) {
            let loss = self.random.choice([1.0, 1.0, 0.5, 0.1]).unwrap_or(1.0);
            disk.lose_power(loss, &mut self.random)?;
        }
        Ok(())
    }

    /// Each client has what it was told, and what it was not answered is there or not.
    fn compare(&mut self, process: &Process) -> Result<(), Violation> {
        let there = audit(process, &self.teams, self.clients.len())?;
        for (client, there) in self.clients.iter_mut().zip(there) {
            let asked = client.unanswered.take();
            let done = asked.map(|action| client.holdings.after(&action, None));
            let is_done = done.is_some_and(|done| are_same(&done, &there));
            if !is_done && client.holdings != there {
                let difference = client.holdings.difference(&there);
                return Err(format!("client {}: {difference}", client.number).into());
            }
            self.figures.unanswered_and_done += usize::from(is_done);
            client.holdings = there;
        }
        Ok(())
    }
}

/// A create without an answer did not tell the id.
fn are_same(expected: &Holdings, there: &Holdings) -> bool {
    let mut expected = expected.clone();
    for (key, user) in expected.users.iter_mut().filter(|(_, user)| user.id.is_empty()) {
        if let Some(there) = there.users.get(key) {
            user.id.clone_from(&there.id);
        }
    }
    expected == *there
}

fn interrupt(
    process: &Process,
    place: &Place,
    interruption: Interruption,
    fault: Option<Fault>,
    [before, while_faulty, after]: [Duration; 3],
) -> Result<(), Violation> {
    thread::sleep(before);
    if let (true, Place::Disk(disk), Some(fault)) = (interruption.has_fault(), place, fault) {
        disk.fail(fault)?;
        thread::sleep(while_faulty);
        disk.heal(fault)?;
        thread::sleep(after);
        ensure(process.is_alive()?, || format!("the server ended: {fault:?}"))?;
    }
    process.kill()?;
    Ok(())
}

impl std::ops::AddAssign for Requests {
    fn add_assign(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.taken += other.taken;
        self.unavailable += other.unavailable;
        self.full += other.full;
        self.unanswered += other.unanswered;
    }
}
