//! What a store leaves to the engine (S7 of [`Store`](scim_core::store::Store)).

use std::sync::Arc;

use scim_core::{
    Limits,
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, Returned,
        SchemaDefinition,
    },
    store::{Scope, Store},
};
use scim_store_memory::MemoryStore;
use serde_json::json;

use crate::{
    endpoint::Endpoint,
    faulty::Faulty,
    watched::{Leaves, Watched, trusting, trusting_server},
};

const NOTE: &str = "urn:example:2.0:Note";

/// Notes, of which plain answers do not show the code.
fn notes() -> Arc<Registry> {
    let text = |name| AttributeDefinition::new(name, AttributeType::String);
    let attributes = [text("title"), text("code").returned(Returned::Request)];
    let registry = Registry::builder().schema(SchemaDefinition::new(NOTE, attributes));
    registry.resource_type(ResourceTypeDefinition::new("Note", NOTE)).build().unwrap()
}

#[test]
fn one_answer_serves_unless_the_check_needs_more() {
    let store = Watched::new(Leaves::FilterAndSort);
    let scim = Endpoint::over(store.clone(), |it| it.registry(notes()));
    for number in 0..5 {
        let (title, code) = (format!("note {number}"), format!("code {}", number % 2));
        scim.post("/Notes", json!({"schemas": [NOTE], "title": title, "code": code})).expect(201);
    }
    store.0.answered();
    let cases: [(&str, &[usize], u64, &[&str]); 6] = [
        ("filter=title ew \"3\"", &[5], 1, &["note 3"]),
        ("filter=code eq \"code 1\"", &[5, 5], 2, &["note 1", "note 3"]),
        // The page that was asked for comes first, and then all candidates.
        ("filter=title sw \"note\"&count=2", &[2, 3], 5, &["note 0", "note 1"]),
        ("filter=title sw \"note\"&count=2&startIndex=4", &[2, 3], 5, &["note 3", "note 4"]),
        ("filter=title sw \"note\"&count=0", &[0, 5], 5, &[]),
        ("sortBy=code&sortOrder=descending&count=3", &[3, 5], 5, &["note 1", "note 3", "note 0"]),
    ];
    for (query, answers, total, titles) in cases {
        let list = scim.get(&format!("/Notes?{}", query.replace(' ', "+").replace('"', "%22")));
        let list = list.expect(200).json();
        let shown = list["Resources"].as_array().unwrap().iter().map(|it| &it["title"]);
        assert_eq!(shown.collect::<Vec<_>>(), titles, "{query}");
        assert_eq!(list["totalResults"], total, "{query}");
        let answered: Vec<_> = store.0.answered().into_iter().map(|(_, rows)| rows).collect();
        assert_eq!(answered, answers, "{query}");
    }
}

/// Edges are read once, and compared as often as there are terms.
#[test]
fn many_terms_about_the_same_edges_count_them_once_each() {
    let limits = Limits::default().comparisons(1_000);
    let scim = trusting(Watched::new(Leaves::Filter), |builder| builder.limits(limits));
    let users = [scim.user("a"), scim.user("b")];
    for number in 0..3 {
        scim.group(&format!("group {number}"), &[&users[0]]);
    }
    let terms = vec!["groups.display co \"2\""; 20].join(" and ");
    let found = scim.filter("/Users", &terms).expect(200).json();
    assert_eq!(found["totalResults"], 1);
}

#[test]
fn a_store_before_another_explains_what_that_does() {
    let filter = "userName eq \"a\"".parse().unwrap();
    let explained = |store: Arc<dyn Store>| {
        let scim = trusting_server(store, |builder| builder);
        pollster::block_on(scim.explain(&Scope::default(), "User", &filter)).unwrap()
    };
    let plain = explained(Arc::new(MemoryStore::new()));
    assert!(!plain.indexed.is_empty());
    assert_eq!(explained(Faulty::new()), plain);
    let left = explained(Watched::new(Leaves::Filter));
    assert!(left.indexed.is_empty() && left.residual.filter.is_some());
}
