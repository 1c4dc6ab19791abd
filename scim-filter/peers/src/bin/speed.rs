//! How long each parser takes to read a filter and drop the tree, as a Markdown table.
//!
//! Every round measures all parsers one after the other, each at another place from round to
//! round, so that what else the machine does falls on all of them. The numbers are medians over
//! the rounds: nanoseconds for this crate, for the others the ratio within a round.

use std::hint::black_box;
use std::time::Instant;

use scim_filter_peers::{FILTERS, PEERS, table_head};

const ROUNDS: usize = 1_001;
const REPEATS: u32 = 200;

fn main() {
    println!("{}", table_head());
    for (name, text) in FILTERS {
        println!("| {name} | {} |", row(text).join(" | "));
    }
}

fn row(text: &str) -> [String; PEERS.len()] {
    let mut rounds: Vec<[f64; PEERS.len()]> = (0..ROUNDS).map(|n| round(text, n)).collect();
    // The first rounds fill the caches.
    let rounds = rounds.split_off(ROUNDS / 10);
    std::array::from_fn(|peer| match peer {
        _ if !(PEERS[peer].reads)(text) => "refused".to_owned(),
        0 => format!("{:.0} ns", median(rounds.iter().map(|times| times[0]))),
        _ => format!("× {:.1}", median(rounds.iter().map(|times| times[peer] / times[0]))),
    })
}

/// Nanoseconds each parser takes.
fn round(text: &str, number: usize) -> [f64; PEERS.len()] {
    let mut times = [0.0; PEERS.len()];
    for turn in 0..PEERS.len() {
        let peer = (turn + number) % PEERS.len();
        let start = Instant::now();
        for _ in 0..REPEATS {
            (PEERS[peer].reads)(black_box(text));
        }
        times[peer] = start.elapsed().as_secs_f64() * 1e9 / f64::from(REPEATS);
    }
    times
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
