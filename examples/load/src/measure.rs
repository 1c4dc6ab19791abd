//! Sending many requests at once and counting what they cost the server.

use std::{
    error::Error,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{
    client::{Connection, Response},
    population::Population,
    process::{self, Side},
    server::{Ready, StoreChoice},
};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// A server process that ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) ready: Ready,
    pub(crate) population: Population,
    idle: Mutex<Vec<(u16, Connection)>>,
}

/// Which of a server's ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    Scim,
    Floor,
}

type Requests = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;
type Check = Arc<dyn Fn(u64, &Response) -> Result<(), String> + Send + Sync>;

/// Requests of one kind. Each has a number, which is never used again.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) server: Arc<Server>,
    pub(crate) port: Port,
    /// How many requests are on their way at once.
    pub(crate) concurrency: usize,
    /// How many requests make one measurement.
    pub(crate) count: u64,
    /// How many things each request does, such as creates of one Bulk request.
    pub(crate) parts: u64,
    requests: Requests,
    check: Check,
    next: Arc<AtomicU64>,
}

/// What some requests came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measure {
    /// Operations per second.
    pub(crate) rate: f64,
    /// Microseconds of the server's processors for each operation.
    pub(crate) cpu: f64,
    /// Microseconds within which half of the requests were answered.
    pub p50: f64,
    /// Microseconds within which 99 of 100 were.
    pub p99: f64,
}

impl Server {
    /// Starts a server over a new store and waits until it is filled.
    pub(crate) fn start(choice: &StoreChoice, population: Population) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve");
        command.args(["--users", &population.users.to_string()]);
        command.args(["--teams", &population.teams.to_string()]);
        command.arg("--store").arg(match choice {
            StoreChoice::Memory => "memory".to_owned(),
            StoreChoice::Sqlite(directory) => format!("sqlite:{}", directory.display()),
        });
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        process::pin(child.id(), Side::Server);
        let mut line = String::new();
        let output = child.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let ready = Ready::parse(&line).ok_or("the server did not start")?;
        process::pin(child.id(), Side::Server);
        Ok(Self { child, ready, population, idle: Mutex::default() })
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    fn port(&self, port: Port) -> u16 {
        match port {
            Port::Scim => self.ready.scim_port,
            Port::Floor => self.ready.floor_port,
        }
    }

    async fn connection(&self, port: u16) -> Result<Connection, Failure> {
        let found = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let position = idle.iter().position(|(known, _)| *known == port);
            position.map(|position| idle.swap_remove(position).1)
        };
        match found {
            Some(connection) => Ok(connection),
            None => Ok(Connection::open(port).await?),
        }
    }

    fn keep(&self, port: u16, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((port, connection));
    }

    /// Sends one request to the SCIM server.
    pub(crate) async fn send(&self, request: &[u8]) -> Result<Response, Failure> {
        let port = self.ready.scim_port;
        let mut connection = self.connection(port).await?;
        let response = connection.send(request).await?;
        self.keep(port, connection);
        Ok(response)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Load {
    pub(crate) fn new(
        server: &Arc<Server>,
        port: Port,
        requests: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
        check: impl Fn(u64, &Response) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            server: server.clone(),
            port,
            concurrency: 8,
            count: 1_000,
            parts: 1,
            requests: Arc::new(requests),
            check: Arc::new(check),
            next: Arc::default(),
        }
    }

    pub(crate) fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    pub(crate) fn count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    pub(crate) fn parts(mut self, parts: u64) -> Self {
        self.parts = parts;
        self
    }

    /// Sends all requests and checks all answers.
    pub(crate) async fn run(&self) -> Result<Measure, Failure> {
        let port = self.server.port(self.port);
        let mut connections = Vec::new();
        for _ in 0..self.concurrency {
            connections.push(self.server.connection(port).await?);
        }
        let last = self.next.load(Ordering::Relaxed) + self.count;
        let (start, cpu) = (Instant::now(), process::processor_nanos(self.server.process())?);
        let mut clients = JoinSet::new();
        for connection in connections {
            clients.spawn(self.clone().client(connection, last));
        }
        let mut times = Vec::new();
        while let Some(client) = clients.join_next().await {
            let (connection, taken) = client??;
            self.server.keep(port, connection);
            times.extend(taken);
        }
        let elapsed = start.elapsed();
        let cpu = process::processor_nanos(self.server.process())?.saturating_sub(cpu);
        self.next.store(last, Ordering::Relaxed);
        Ok(Measure::new(times, elapsed, cpu, self.parts))
    }

    async fn client(
        self,
        mut connection: Connection,
        last: u64,
    ) -> Result<(Connection, Vec<Duration>), Failure> {
        let mut times = Vec::new();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= last {
                return Ok((connection, times));
            }
            let request = (self.requests)(number);
            let start = Instant::now();
            let response = connection.send(&request).await?;
            times.push(start.elapsed());
            (self.check)(number, &response).map_err(|wrong| {
                let line = String::from_utf8_lossy(&request);
                let body: String =
                    String::from_utf8_lossy(&response.body).chars().take(300).collect();
                let line = line.lines().next().unwrap_or_default();
                format!("{line}: {wrong}: {} {body}", response.status)
            })?;
        }
    }
}

impl Measure {
    fn new(mut times: Vec<Duration>, elapsed: Duration, cpu_nanos: u64, parts: u64) -> Self {
        times.sort_unstable();
        let operations = times.len() as f64 * parts as f64;
        let quantile = |share: f64| {
            let index = (times.len() as f64 * share) as usize;
            times.get(index).or(times.last()).map_or(0.0, |it| it.as_secs_f64() * 1e6)
        };
        Self {
            rate: operations / elapsed.as_secs_f64(),
            cpu: cpu_nanos as f64 / 1e3 / operations,
            p50: quantile(0.5),
            p99: quantile(0.99),
        }
    }

    /// The middle of each number on its own.
    pub(crate) fn median(of: &[Self]) -> Self {
        Self {
            rate: median(of.iter().map(|it| it.rate)),
            cpu: median(of.iter().map(|it| it.cpu)),
            p50: median(of.iter().map(|it| it.p50)),
            p99: median(of.iter().map(|it| it.p99)),
        }
    }
}

pub(crate) fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match (numbers.get(middle), numbers.get(middle.wrapping_sub(1))) {
        (Some(high), Some(low)) if numbers.len() % 2 == 0 => (low + high) / 2.0,
        (Some(middle), _) => *middle,
        _ => 0.0,
    }
}
