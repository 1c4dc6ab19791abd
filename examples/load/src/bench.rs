//! Measuring in rounds, so that what else the machine does meets all candidates alike.

use std::{io::Write as _, sync::Arc};

use crate::{
    measure::{Failure, Load, Measure, Server, median},
    report::{Goal, Line},
};

/// How thoroughly to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// A few requests of each kind, to see that the answers are right; no goals.
    Quick,
    Full,
}

/// The servers of one store, and what was found out.
pub(crate) struct Bench {
    pub(crate) store: &'static str,
    /// The server with all users.
    pub(crate) main: Arc<Server>,
    /// A server with a thousand users.
    pub(crate) small: Arc<Server>,
    pub(crate) effort: Effort,
    pub(crate) rounds: usize,
    /// Part of the names of the rows that are wanted.
    pub(crate) only: Option<String>,
    pub(crate) lines: Vec<Line>,
}

/// What the requests measured are compared by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    Cpu,
    Rate,
}

impl Bench {
    pub(crate) fn wants(&self, operation: &str) -> bool {
        let named = |only: &String| operation.to_lowercase().contains(&only.to_lowercase());
        self.only.as_ref().is_none_or(named)
    }

    pub(crate) fn is_memory(&self) -> bool {
        self.store == "memory"
    }

    /// Adds a row: what `subject` costs in terms of the sum of some references.
    pub(crate) async fn compare(
        &mut self,
        operation: &str,
        goal: Goal,
        by: By,
        subject: &Load,
        references: &[&Load],
    ) -> Result<(), Failure> {
        if !self.wants(operation) {
            return Ok(());
        }
        let loads: Vec<&Load> =
            std::iter::once(subject).chain(references.iter().copied()).collect();
        let rounds = self.measured(&loads).await?;
        let value = |it: &Measure| match by {
            By::Cpu => it.cpu,
            By::Rate => it.rate,
        };
        let ratios = rounds.iter().filter_map(|round| {
            let (subject, references) = round.split_first()?;
            Some(value(subject) / references.iter().map(value).sum::<f64>())
        });
        let ratio = median(ratios);
        let requests = middle(&rounds, 0);
        self.tell(operation, goal, ratio, "×", Some(requests));
        Ok(())
    }

    /// Adds a row: what the dearest of several kinds of requests costs in terms of the cheapest.
    pub(crate) async fn flat(
        &mut self,
        operation: &str,
        most: f64,
        loads: &[&Load],
    ) -> Result<(), Failure> {
        if !self.wants(operation) {
            return Ok(());
        }
        let rounds = self.measured(loads).await?;
        let costs: Vec<f64> = (0..loads.len()).map(|it| middle(&rounds, it).cpu).collect();
        let most_cost = costs.iter().copied().fold(0.0, f64::max);
        let least_cost = costs.iter().copied().fold(f64::INFINITY, f64::min);
        let last = middle(&rounds, loads.len() - 1);
        self.tell(operation, Goal::AtMost(most), most_cost / least_cost, "×", Some(last));
        Ok(())
    }

    /// Adds a row: the processor time of one operation, in milliseconds or microseconds.
    pub(crate) async fn cost(
        &mut self,
        operation: &str,
        goal: Goal,
        unit: &'static str,
        load: &Load,
    ) -> Result<(), Failure> {
        if !self.wants(operation) {
            return Ok(());
        }
        let rounds = self.measured(&[load]).await?;
        let requests = middle(&rounds, 0);
        let measured = if unit == "ms" { requests.cpu / 1e3 } else { requests.cpu };
        self.tell(operation, goal, measured, unit, Some(requests));
        Ok(())
    }

    /// Adds a row that was measured in its own way.
    pub(crate) fn tell(
        &mut self,
        operation: &str,
        goal: Goal,
        measured: f64,
        unit: &'static str,
        requests: Option<Measure>,
    ) {
        let goal = if self.effort == Effort::Quick { Goal::Untold } else { goal };
        let operation = operation.to_owned();
        let line = Line { store: self.store, operation, goal, measured, unit, requests };
        // Progress; whoever does not read it misses nothing.
        let _ = writeln!(
            std::io::stderr(),
            "{} · {}: {measured:.2} {unit}{}",
            line.store,
            line.operation,
            if line.is_met() == Some(false) { "  (goal missed)" } else { "" }
        );
        self.lines.push(line);
    }

    /// All loads in turn, in each round; what came first in one comes last in the next.
    async fn measured(&self, loads: &[&Load]) -> Result<Vec<Vec<Measure>>, Failure> {
        let loads: Vec<Load> = loads.iter().map(|load| self.sized(load)).collect();
        let mut rounds = Vec::new();
        for round in 0..self.rounds {
            let mut measures = vec![Measure::default(); loads.len()];
            let mut order: Vec<_> = loads.iter().zip(&mut measures).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for (load, measure) in order {
                *measure = load.run().await?;
            }
            rounds.push(measures);
        }
        Ok(rounds)
    }

    pub(crate) fn sized(&self, load: &Load) -> Load {
        match self.effort {
            Effort::Full => load.clone(),
            Effort::Quick => load.clone().count(load.count.clamp(1, 20)),
        }
    }
}

/// The medians of one load over the rounds.
fn middle(rounds: &[Vec<Measure>], load: usize) -> Measure {
    let of_load: Vec<_> = rounds.iter().filter_map(|round| round.get(load).cloned()).collect();
    Measure::median(&of_load)
}
