//! Tenants are isolated: random requests of several tenants to one server come to what a model of
//! each tenant alone says (N-001, N-005 to N-008, Y-015).

mod ask;
mod filter;
mod model;
mod play;
mod read;
mod step;

use std::sync::Arc;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use scim_core::store::Store;

/// Where a request names its tenant.
#[derive(Clone, Copy, Debug, PartialEq)]
enum NamedBy {
    Path,
    Credential,
}

/// Plays random requests over a new store for each case. What fails is shown as small as it gets,
/// with its seed.
pub(crate) fn tenants_are_isolated(cases: u32, store: impl Fn() -> Arc<dyn Store>) {
    let config = Config { cases, source_file: Some(file!()), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let named_by = prop_oneof![Just(NamedBy::Path), Just(NamedBy::Credential)];
    let steps = prop::collection::vec(step::step(), 1..40);
    let outcome = runner.run(&(named_by, steps), |(named_by, steps)| {
        play::World::new(named_by, store()).play(&steps);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}\n{runner}");
    }
}
