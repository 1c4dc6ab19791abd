//! Sequences of requests, compared with a naive model after each.

mod check;
mod step;

use arbitrary::{Arbitrary, Unstructured};

use self::{check::Observer, step::Step};
use crate::{endpoint::Endpoint, model::Model};

/// Requests in one sequence at the most.
const MOST_STEPS: usize = 24;

/// After any sequence of requests the service provider holds what a naive model holds: names are
/// unique (C-007), edges agree with `groups` (W-018, W-023), versions move when and only when
/// something changed (H-022, V-005), and pages and filters give what is there (P-001, F-008).
pub fn sequence(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let (endpoint, mut model) = (Endpoint::new(), Model::default());
    let mut observer = Observer::default();
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        let Ok(step) = Step::arbitrary(&mut input) else { break };
        step.run(&endpoint, &mut model);
        observer.check(&endpoint, &model, &step);
    }
}
