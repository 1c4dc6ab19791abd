//! The same requests to the memory store and to SQLite, whose answers must not differ.

mod question;
mod sameness;

use arbitrary::{Arbitrary, Unstructured};
use scim_store_memory::MemoryStore;
use scim_store_sqlite::SqliteStore;
use serde_json::{Value, json};

use self::{question::Question, sameness::Sameness};
use super::{
    MOST_STEPS, populate,
    step::{Pick, Step},
};
use crate::{
    endpoint::{ENTERPRISE, Endpoint},
    model::Model,
};

/// A request that changes something, or one that asks.
#[derive(Debug, Arbitrary)]
enum Turn {
    Step(Step),
    Fill(Pick, Filling),
    Ask(Question),
}

/// Something to filter and sort by, since steps write nothing but names and members.
#[derive(Clone, Copy, Debug, Arbitrary)]
struct Filling(u8);

/// The memory store and SQLite answer the same to the same sequence of requests, but for ids and
/// times; each holds to the model as well. What they hold in the end is compared, too; what comes
/// before any turn is a sequence as well.
pub fn stores(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let sqlite = SqliteStore::in_memory().expect("a store");
    let mut sides =
        [Endpoint::recording(MemoryStore::new()), Endpoint::recording(sqlite)].map(Side::new);
    for side in &mut sides {
        populate(&side.endpoint, &mut side.model);
    }
    compare(&mut sides, &"the first steps");
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        let Ok(turn) = Turn::arbitrary(&mut input) else { break };
        for side in &mut sides {
            side.take(&turn);
        }
        compare(&mut sides, &turn);
    }
    for path in ["/Users?count=1000", "/Groups?count=1000"] {
        for side in &sides {
            side.endpoint.get(path).expect(200);
        }
        compare(&mut sides, &path);
    }
}

/// One of the stores, what it should hold, and what stands for its ids.
struct Side {
    endpoint: Endpoint,
    model: Model,
    sameness: Sameness,
}

impl Side {
    fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, model: Model::default(), sameness: Sameness::default() }
    }

    fn take(&mut self, turn: &Turn) {
        match turn {
            Turn::Step(step) => step.run(&self.endpoint, &mut self.model),
            Turn::Fill(pick, filling) => {
                let user = pick.user(&self.model);
                self.endpoint.patch(&format!("/Users/{user}"), &filling.operations());
            }
            Turn::Ask(question) => question.ask(&self.endpoint, &self.model),
        }
    }
}

/// What both were asked and answered since the last time.
fn compare(sides: &mut [Side; 2], turn: &dyn std::fmt::Debug) {
    let [memory, sqlite] = sides.each_mut().map(|side| {
        let exchanges = side.endpoint.exchanges();
        exchanges.into_iter().map(|it| side.sameness.of(it)).collect::<Vec<_>>()
    });
    assert_eq!(memory.len(), sqlite.len(), "{turn:?}");
    for (memory, sqlite) in memory.iter().zip(&sqlite) {
        assert_eq!(memory, sqlite, "{turn:?}");
    }
}

impl Filling {
    fn operations(self) -> Value {
        let emails = json!([
            {"value": "a@scim.test", "type": "work", "primary": true},
            {"value": "B@scim.test", "type": "home"},
        ]);
        let manager = format!("{ENTERPRISE}:manager");
        let operation = match self.0 % 12 {
            0 => json!({"op": "add", "value": {"title": "Guide", "active": true}}),
            1 => json!({"op": "add", "value": {"title": "guide", "active": false}}),
            2 => json!({"op": "replace", "path": "emails", "value": emails}),
            3 => json!({"op": "remove", "path": "emails[type eq \"home\"]"}),
            4 => json!({"op": "add", "path": "name", "value": {"familyName": "Ångström"}}),
            5 => json!({"op": "add", "path": "name.familyName", "value": "jensen"}),
            6 => json!({"op": "add", "path": "externalId", "value": "é😀\u{feff}"}),
            7 => json!({"op": "replace", "path": "emails[primary eq true].value", "value": "z"}),
            8 => json!({"op": "add", "path": manager, "value": {"value": "26118915"}}),
            9 => json!({"op": "remove", "path": "title"}),
            10 => json!({"op": "add", "path": "password", "value": "t1meMa$heen"}),
            _ => json!({"op": "remove", "path": "name"}),
        };
        json!([operation])
    }
}
