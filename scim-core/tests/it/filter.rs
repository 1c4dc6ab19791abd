//! Filters and what they match: `tests/vectors/filter/*.json` (RFC 7644 §3.4.2.2).
//!
//! A vector has a filter, a resource (a name in `resources.json` or an object of that shape) and
//! either whether it `matches` or the `error`: the attribute it is `at` and words its text `says`.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use scim_core::{
    Meta, Object, Revision, ScimError, ScimType, Version,
    query::{BindContext, Predicate, Reach, Side, Subject, bind, eval},
    schema::{Attribute, Registry, Relation, ResourceType, ResourceTypeDefinition},
    store::{Edge, EdgePath},
};
use scim_filter::Parser;
use serde::Deserialize;
use serde_json::Value;

const BASE: &str = "https://example.com/v2";
const EPOCH: &str = "2010-01-01T00:00:00Z";

macro_rules! vectors {
    ($($test:ident: $file:literal, at least $count:literal;)*) => {$(
        #[test]
        fn $test() {
            let vectors: Vec<Vector> =
                serde_json::from_str(include_str!(concat!("../vectors/filter/", $file))).unwrap();
            assert!(vectors.len() >= $count);
            let world = World::new();
            let mut failures = String::new();
            for vector in &vectors {
                if let Err(failure) = world.check(vector) {
                    writeln!(failures, "{} `{}`: {failure}", vector.id, vector.filter).unwrap();
                }
            }
            assert!(failures.is_empty(), "\n{failures}");
        }
    )*};
}

vectors! {
    names_find_their_attributes: "names.json", at least 60;
    operators_and_operands_follow_the_type: "types.json", at least 110;
    presence_needs_a_value_that_counts: "presence.json", at least 25;
    missing_values_and_lists_have_one_meaning: "missing.json", at least 50;
    texts_are_prepared_and_metadata_is_seen: "strings.json", at least 35;
    related_resources_are_looked_at_through_their_edges: "related.json", at least 40;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    #[serde(rename = "section")]
    _section: String,
    #[serde(rename = "cites")]
    _cites: Vec<String>,
    filter: String,
    resource: Value,
    matches: Option<bool>,
    error: Option<ExpectedError>,
    #[serde(default)]
    other_types: Vec<String>,
    #[serde(default)]
    unreadable: Vec<String>,
    #[serde(default)]
    bare: bool,
}

#[derive(Deserialize)]
struct ExpectedError {
    at: String,
    says: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Fixture {
    #[serde(rename = "type")]
    resource_type: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    version: u64,
    created: Option<String>,
    last_modified: Option<String>,
    values: Object,
    #[serde(default)]
    members: Vec<FixtureEdge>,
    #[serde(default)]
    groups: Vec<FixtureEdge>,
}

#[derive(Clone, Deserialize)]
struct FixtureEdge {
    value: String,
    #[serde(rename = "type")]
    kind: String,
    display: String,
}

/// The types and the named resources that vectors are about.
struct World {
    registry: Arc<Registry>,
    resources: BTreeMap<String, Fixture>,
}

impl World {
    fn new() -> Self {
        let resources = include_str!("../vectors/filter/resources.json");
        Self { registry: registry(), resources: serde_json::from_str(resources).unwrap() }
    }

    fn resource_type(&self, name: &str) -> &Arc<ResourceType> {
        self.registry.resource_type(name).unwrap()
    }

    fn check(&self, vector: &Vector) -> Result<(), String> {
        let fixture = match &vector.resource {
            Value::String(name) => self.resources[name].clone(),
            inline => serde_json::from_value(inline.clone()).unwrap(),
        };
        match (self.bind(vector, &fixture.resource_type), &vector.error, vector.matches) {
            (Ok(predicate), None, Some(expected)) => {
                let found = eval(&predicate, &Seen::new(&fixture, &self.registry));
                if found == expected { Ok(()) } else { Err(format!("{found}: {predicate:?}")) }
            }
            (Err(error), Some(expected), None) if expected.describes(&error) => Ok(()),
            (Ok(predicate), ..) => Err(format!("not refused: {predicate:?}")),
            (Err(error), ..) => Err(error.to_string()),
        }
    }

    fn bind(&self, vector: &Vector, resource_type: &str) -> Result<Predicate, ScimError> {
        let resource_type = self.resource_type(resource_type);
        let other_types: Vec<_> =
            vector.other_types.iter().map(|name| self.resource_type(name).clone()).collect();
        let unreadable: Vec<Arc<Attribute>> = vector
            .unreadable
            .iter()
            .map(|path| resource_type.attribute_at(path).unwrap().clone())
            .collect();
        let mut context = BindContext::new(resource_type, BASE);
        context.other_types = &other_types;
        context.unsearchable = &unreadable;
        context.accept_bare_words = vector.bare;
        let tolerant = Parser::tolerant();
        let parser = if vector.bare { tolerant.accept_bare_words() } else { tolerant };
        bind(&parser.filter(&vector.filter).unwrap(), &context)
    }
}

impl ExpectedError {
    fn describes(&self, error: &ScimError) -> bool {
        let text = error.to_string();
        error.scim_type() == Some(ScimType::InvalidFilter)
            && error.status() == 400
            && error.attribute() == Some(&self.at)
            && self.says.iter().all(|words| text.contains(words))
    }
}

/// User and Group of the RFC, and a type with an attribute of every data type.
pub(crate) fn registry() -> Arc<Registry> {
    Registry::builder()
        .standard()
        .schema_json(include_str!("../vectors/filter/thing.json"))
        .unwrap()
        .resource_type(ResourceTypeDefinition::new("Thing", "urn:example:2.0:Thing"))
        .build()
        .unwrap()
}

/// A fixture as the subject of a predicate.
struct Seen<'a> {
    fixture: &'a Fixture,
    meta: Meta,
    members: Vec<Edge>,
    groups: Vec<Edge>,
}

impl<'a> Seen<'a> {
    fn new(fixture: &'a Fixture, registry: &Registry) -> Self {
        let edge = |edge: &FixtureEdge, path, resource_type| Edge {
            id: edge.value.as_str().into(),
            resource_type: registry.resource_type(resource_type).cloned().unwrap(),
            label: Some(edge.display.as_str().into()),
            path,
        };
        let path = |kind: &str| match kind {
            "direct" => EdgePath::Direct,
            _ => EdgePath::Indirect,
        };
        let members = fixture.members.iter().map(|it| edge(it, EdgePath::Direct, &it.kind));
        let groups = fixture.groups.iter().map(|it| edge(it, path(&it.kind), "Group"));
        let time = |text: &Option<String>| text.as_deref().unwrap_or(EPOCH).parse().unwrap();
        let meta = Meta {
            version: Version::from(fixture.version),
            revision: Revision::from(1),
            created: time(&fixture.created),
            last_modified: time(&fixture.last_modified),
        };
        Self { fixture, meta, members: members.collect(), groups: groups.collect() }
    }
}

impl Subject for Seen<'_> {
    fn id(&self) -> &str {
        &self.fixture.id
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn values(&self) -> &Object {
        &self.fixture.values
    }

    fn edges(&self, relation: &Relation, side: Side, reach: Reach) -> Vec<Edge> {
        assert_eq!(relation.name(), "Group.members");
        let edges = if side == Side::Targets { &self.members } else { &self.groups };
        let reached = |edge: &&Edge| reach == Reach::Transitive || edge.path == EdgePath::Direct;
        edges.iter().filter(reached).cloned().collect()
    }

    fn has_edge(&self, relation: &Relation, side: Side, reach: Reach, id: &str) -> bool {
        self.edges(relation, side, reach).iter().any(|edge| *edge.id == *id)
    }
}
