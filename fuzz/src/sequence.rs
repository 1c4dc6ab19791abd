//! Sequences of requests, compared with a naive model after each.

mod check;
mod step;
mod stores;

use arbitrary::{Arbitrary, Unstructured};

pub use self::stores::stores;
use self::{
    check::{Observer, check_lists},
    step::{Name, Pick, Step},
};
use crate::{endpoint::Endpoint, model::Model};

/// Requests in one sequence at the most.
const MOST_STEPS: usize = 24;

/// After any sequence of requests the service provider holds what a naive model holds: names are
/// unique (C-007), edges agree with `groups` (W-018, W-023), versions move when and only when
/// something changed (H-022, V-005), and pages and filters give what is there (P-001, F-008).
///
/// Pages and filters are looked at once: what comes before any step is a sequence as well.
pub fn sequence(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let (endpoint, mut model) = (Endpoint::new(), Model::default());
    let mut observer = Observer::default();
    populate(&endpoint, &mut model);
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        let Ok(step) = Step::arbitrary(&mut input) else { break };
        step.run(&endpoint, &mut model);
        observer.check(&endpoint, &model, &step);
    }
    check_lists(&endpoint, &model);
}

/// Something to change, so that short sequences say something.
fn populate(endpoint: &Endpoint, model: &mut Model) {
    let first = [
        Step::CreateUser(Name::nth(0)),
        Step::CreateUser(Name::nth(2)),
        Step::CreateUser(Name::nth(3)),
        Step::CreateGroup(Name::nth(0), vec![Pick::nth(0), Pick::nth(1)]),
        Step::CreateGroup(Name::nth(1), vec![Pick::nth(3)]),
    ];
    for step in first {
        step.run(endpoint, model);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checks see a difference between the service provider and the model.
    #[test]
    #[should_panic(expected = "CreateUser")]
    fn a_difference_is_seen() {
        let (endpoint, mut model) = (Endpoint::new(), Model::default());
        let step = Step::arbitrary(&mut Unstructured::new(&[0; 8])).expect("a step");
        step.run(&endpoint, &mut model);
        model.users.clear();
        Observer::default().check(&endpoint, &model, &step);
    }
}
