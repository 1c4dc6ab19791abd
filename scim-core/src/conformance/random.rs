//! Random numbers that can be had again: SplitMix64.

use std::{
    hash::{BuildHasher, RandomState},
    thread,
};

/// A sequence of numbers that its seed determines. The seed is printed when the test fails.
#[derive(Debug)]
pub(super) struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    /// The sequence of the seed in the environment variable `SCIM_CONFORMANCE_SEED`, or another
    /// one each time.
    pub(super) fn new() -> Self {
        let wanted = std::env::var("SCIM_CONFORMANCE_SEED").ok().and_then(|it| it.parse().ok());
        let seed = wanted.unwrap_or_else(|| RandomState::new().hash_one("seed"));
        Self { seed, state: seed }
    }

    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

impl Drop for Random {
    #[expect(clippy::print_stderr, reason = "the test is failing and this is how to repeat it")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("to repeat: SCIM_CONFORMANCE_SEED={}", self.seed);
        }
    }
}
