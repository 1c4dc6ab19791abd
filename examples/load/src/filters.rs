//! What reading a filter costs, without a server.

use std::{fs, hint::black_box};

use scim_core::{
    query::{BindContext, bind},
    schema::Registry,
};
use scim_filter::Parser;

use crate::{
    bench::Effort,
    measure::median,
    options::Options,
    report::{Goal, Line},
};

/// An equality, and a compound of 177 bytes.
const FILTERS: [(&str, &str, f64); 2] = [
    ("read and resolve a filter: eq", "userName eq \"bjensen@example.com\"", 150.0),
    (
        "read and resolve a filter: compound of 177 bytes",
        "(userName sw \"bjensen\" and active eq true) or (emails[type eq \"work\" and value co \
         \"@example.com\"] and meta.lastModified gt \"2011-05-13T04:42:34Z\") and not (title pr)",
        800.0,
    ),
];

pub(crate) fn rows(options: &Options, lines: &mut Vec<Line>) {
    let registry = Registry::standard();
    let Some(user) = registry.resource_type("User") else { return };
    let context = BindContext::new(user, "https://example.com/scim/v2");
    let repeats = if options.effort == Effort::Quick { 10 } else { 20_000 };
    for (name, text, most) in FILTERS {
        if options.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let round = |_| {
            let start = nanos();
            for _ in 0..repeats {
                let filter = Parser::strict().filter(black_box(text));
                black_box(filter.is_ok_and(|filter| bind(&filter, &context).is_ok()));
            }
            nanos().saturating_sub(start) as f64 / f64::from(repeats)
        };
        let measured = median((0..options.rounds).map(round));
        let goal = match options.effort {
            Effort::Quick => Goal::Untold,
            Effort::Full => Goal::AtMost(most),
        };
        let operation = name.to_owned();
        lines.push(Line { store: "–", operation, goal, measured, unit: "ns", requests: None });
    }
}

/// Nanoseconds of processor time that this thread has had.
fn nanos() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0)
}
