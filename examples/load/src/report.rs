//! The table and the plot.

use std::fmt::Write as _;

use crate::measure::Measure;

/// What an operation should cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// It is only told.
    Untold,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) store: &'static str,
    pub(crate) operation: String,
    pub(crate) goal: Goal,
    pub(crate) measured: f64,
    /// What `goal` and `measured` are in.
    pub(crate) unit: &'static str,
    /// The requests, where there were many.
    pub(crate) requests: Option<Measure>,
}

impl Line {
    pub(crate) fn is_met(&self) -> Option<bool> {
        match self.goal {
            Goal::AtMost(most) => Some(self.measured <= most),
            Goal::AtLeast(least) => Some(self.measured >= least),
            Goal::Untold => None,
        }
    }

    /// How much of what is allowed was used: 1 is just the goal.
    fn used(&self) -> Option<f64> {
        match self.goal {
            Goal::AtMost(most) => Some(self.measured / most),
            Goal::AtLeast(least) => Some(least / self.measured.max(f64::MIN_POSITIVE)),
            Goal::Untold => None,
        }
    }

    fn cells(&self) -> String {
        let unit = self.unit;
        let goal = match self.goal {
            Goal::AtMost(most) => format!("≤ {most} {unit}"),
            Goal::AtLeast(least) => format!("≥ {least} {unit}"),
            Goal::Untold => String::new(),
        };
        let met = match self.is_met() {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let requests = match &self.requests {
            None => " | | | ".to_owned(),
            Some(Measure { rate, cpu, p50, p99 }) => {
                format!("{rate:.0} | {p50:.0} | {p99:.0} | {cpu:.1}")
            }
        };
        let Self { store, operation, measured, .. } = self;
        format!("| {store} | {operation} | {goal} | {measured:.2} {unit} | {met} | {requests} |")
    }
}

pub(crate) const HEAD: &str = "| store | operation | goal | measured | met | op/s | p50 µs | p99 µs | server CPU µs/op |\n\
    |---|---|--:|--:|:-:|--:|--:|--:|--:|";

pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = format!("{HEAD}\n");
    for line in lines {
        text.push_str(&line.cells());
        text.push('\n');
    }
    text
}

const ROW: usize = 18;
const NAMES: usize = 430;
const SCALE: f64 = 130.0;

/// A bar for each goal, on a logarithmic scale: left of the line, the goal is met.
pub(crate) fn plot(lines: &[Line], title: &str) -> String {
    let bars: Vec<_> = lines.iter().filter_map(|line| Some((line, line.used()?))).collect();
    let (width, height) = (NAMES + 460, (bars.len() + 3) * ROW);
    let goal = x_of(1.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"8\" y=\"14\" font-weight=\"bold\">{}</text>\n",
        escaped(title)
    );
    for (row, (line, used)) in bars.iter().enumerate() {
        let (top, end) = ((row + 2) * ROW, x_of(*used));
        let colour = if *used <= 1.0 { "#3a7d44" } else { "#c0392b" };
        let name = escaped(&format!("{} · {}", line.store, line.operation));
        let start = x_of(0.01);
        let length = (end - start).max(1.0);
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{name}</text>\
             <rect x=\"{start:.0}\" y=\"{bar}\" width=\"{length:.0}\" height=\"12\" fill=\"{colour}\"/>\
             <text x=\"{after:.0}\" y=\"{y}\">{measured:.2} {unit}</text>",
            x = NAMES - 8,
            y = top + 10,
            bar = top,
            after = end + 4.0,
            measured = line.measured,
            unit = line.unit,
        );
    }
    let _ = writeln!(
        svg,
        "<line x1=\"{goal:.0}\" x2=\"{goal:.0}\" y1=\"22\" y2=\"{end}\" stroke=\"black\"/>\
         <text x=\"{goal:.0}\" y=\"{text}\" text-anchor=\"middle\">goal</text></svg>",
        end = height - ROW,
        text = height - 6,
    );
    svg
}

fn x_of(used: f64) -> f64 {
    NAMES as f64 + (used.clamp(0.01, 10.0).log10() + 2.0) * SCALE
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
