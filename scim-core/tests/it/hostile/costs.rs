//! What the attacks cost the processor. Allocations, which the other tests count, do not show a
//! loop in a loop, or names that collide; time does, but is not for tests that run beside others.

use std::time::Duration;

use super::{
    amplified,
    attack::{Attack, Change, TIMES},
    bodies, queries,
};

/// What a machine may do beside the work.
const NOISE: Duration = Duration::from_millis(50);

/// What a request may take that ends at its budget, whatever its size: a million looks at values, and
/// what one operation does beyond.
const BUDGET: Duration = Duration::from_secs(2);

/// Costs below this say nothing about growth.
const SHORT: Duration = Duration::from_millis(2);

/// An attack in both sizes.
struct Cost {
    name: &'static str,
    bytes: usize,
    ends_at_budget: bool,
    small: Duration,
    large: Duration,
}

impl Cost {
    fn of(attack: &Attack, change: Change) -> Self {
        let (_, small) = attack.time(attack.size, change);
        let (bytes, large) = attack.time(attack.size * TIMES, change);
        let ends_at_budget = attack.answer == (400, "tooMany");
        Self { name: attack.name, bytes, ends_at_budget, small, large }
    }

    fn per_byte(&self) -> f64 {
        self.large.as_secs_f64() * 1e9 / self.bytes as f64
    }

    fn growth(&self) -> f64 {
        self.large.as_secs_f64() / self.small.as_secs_f64()
    }

    fn is_explained(&self) -> bool {
        let by_size = self.small * TIMES as u32 * 3 / 2 + NOISE;
        self.large <= if self.ends_at_budget { by_size.max(BUDGET) } else { by_size }
    }
}

/// Y-016
#[test]
#[ignore = "measures times, on Linux: `.ci/nightly costs`"]
fn no_attack_takes_longer_than_its_size_explains() {
    let plain: Change = |builder| builder;
    let long: Change = bodies::long;
    let attacks = (bodies::ATTACKS.iter().map(|it| (it, long)))
        .chain(queries::ATTACKS.iter().map(|it| (it, plain)))
        .chain(amplified::ATTACKS.iter().map(|it| (it, plain)));
    let mut costs: Vec<_> = attacks.map(|(attack, change)| Cost::of(attack, change)).collect();
    costs.sort_by(|one, other| other.per_byte().total_cmp(&one.per_byte()));

    println!("{:<44} {:>9} {:>9} {:>8} {:>7}", "attack", "bytes", "ms", "ns/byte", "growth");
    for cost in &costs {
        let (ms, per_byte) = (cost.large.as_secs_f64() * 1e3, cost.per_byte());
        // Of two short times it is chance.
        let growth =
            if cost.large < SHORT { "-".to_owned() } else { format!("{:.1}", cost.growth()) };
        println!("{:<44} {:>9} {ms:>9.2} {per_byte:>8.0} {growth:>7}", cost.name, cost.bytes);
    }
    let wrong: Vec<_> = costs.iter().filter(|cost| !cost.is_explained()).collect();
    let wrong = wrong.iter().map(|it| format!("{}: {:?}, then {:?}", it.name, it.small, it.large));
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}
