//! What of a budget a test of edges takes.

use pollster::block_on;
use scim_core::{
    Document, Object, ResourceId,
    query::{Comparison, Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side, prepare},
    schema::Registry,
    store::{
        Batch, Delta, Insert, Key, Query, RelationChange, Scope, Store, Target, UnknownTargets,
        Write,
    },
};
use scim_store_memory::MemoryStore;
use serde_json::json;

const MEMBERS: usize = 1_000;

#[test]
fn each_test_of_edges_takes_what_it_compares() {
    // S21
    let (store, registry, scope) = (MemoryStore::new(), Registry::standard(), Scope::default());
    store.attach(&registry).unwrap();
    let [users, groups] = ["User", "Group"].map(|it| registry.resource_type(it).unwrap());
    let insert = |resource_type, name: &str, value: &str| {
        let values = Object::from_iter([(name.to_owned(), json!(value))]);
        let key = Key::new(resource_type, ResourceId::fresh());
        Insert::new(key, Document::new(resource_type, values))
    };
    let members: Vec<_> =
        (0..MEMBERS).map(|it| insert(users, "userName", &format!("u{it}"))).collect();
    let targets = members.iter().map(|it| Target::from(it.key.id.clone())).collect();
    let relation = registry.relation("Group.members").unwrap().clone();
    let mut group = insert(groups, "displayName", "all");
    group.relations.push(RelationChange {
        relation: relation.clone(),
        delta: Delta::Add(targets),
        unknown: UnknownTargets::Refuse,
    });
    let inserts = members.into_iter().chain([group]).map(Write::Insert).collect();
    block_on(store.write(&scope, Batch::new(inserts))).unwrap();

    let display = groups.attribute_at("members.display").unwrap().clone();
    let operand = prepare(&display, &json!("nobody")).unwrap();
    let compare = Predicate::Compare(Comparison {
        attribute: display,
        operator: Operator::Contains,
        operand,
    });
    let of = |test| {
        let (side, reach) = (Side::Targets, Reach::Direct);
        Predicate::Related(RelatedTerm { relation: relation.clone(), side, reach, test })
    };
    let matches =
        |count| of(RelatedTest::Matches(Box::new(Predicate::Or(vec![compare.clone(); count]))));
    let any = || of(RelatedTest::Any);
    for (filter, each) in [
        (any(), 0),
        (matches(1), 1),
        (matches(100), 100),
        (Predicate::Or(vec![any(), matches(100)]), 0),
        (Predicate::And(vec![any(), Predicate::Not(Box::new(matches(3)))]), 3),
        (Predicate::And(vec![matches(1), matches(100)]), 1),
        (Predicate::Or(vec![matches(1), matches(100)]), 101),
    ] {
        // The group itself is compared as well.
        for (budget, is_enough) in [(each * MEMBERS + 200, true), (each * MEMBERS, each == 0)] {
            let mut query = Query::new(groups, 10);
            (query.filter, query.budget) = (Some(filter.clone()), budget as u64);
            if budget > 0 {
                let page = block_on(store.query(&scope, &query));
                assert_eq!(page.is_ok(), is_enough, "{budget} for {filter:?}");
            }
        }
    }
}
