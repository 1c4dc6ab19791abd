//! Runs the vectors in `tests/vectors/patch`.
//!
//! Each names its origin and the requirements it shows. `schemas` is left out of the documents:
//! it follows from the data.

use std::{fs, path::Path};

use scim_core::{
    Behaviour, ClientProfile, Notes, Object, Rules, ScimError,
    patch::{
        EmptyAdd, ListedValues, Matching, PatchContext, PatchOptions, PatchRequest, Plan,
        RelationAction, RequiredCheck, UnmatchedAdd, UnmatchedRemove, UnmatchedReplace, apply,
        changed, plan,
    },
    schema::{Registry, ResourceType},
    store::{Delta, Target},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::registry::registry;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    id: String,
    section: String,
    origin: String,
    requirements: Vec<String>,
    resource_type: String,
    options: Option<Value>,
    rules: Option<String>,
    /// A client profile in place of both.
    profile: Option<String>,
    before: Object,
    operations: Value,
    /// The document afterwards, or `"unchanged"`.
    after: Option<Value>,
    /// Paths of the attributes that differ afterwards.
    changed: Option<Vec<String>>,
    error: Option<Failure>,
    relations: Option<Value>,
    /// Whether the plan needs to read nothing.
    blind: Option<bool>,
    /// What is recorded as ignored or rewritten: `Rule path`.
    notes: Option<Vec<String>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Failure {
    status: u16,
    scim_type: String,
    operation: Option<usize>,
}

#[test]
fn vectors_hold() {
    let registry = registry();
    let mut count = 0;
    let mut wrong = Vec::new();
    for (file, vector) in vectors() {
        count += 1;
        assert!(!vector.origin.is_empty() && !vector.section.is_empty(), "{}", vector.id);
        assert!(!vector.requirements.is_empty(), "{} shows no requirement", vector.id);
        if let Err(problem) = check(&registry, &vector) {
            wrong.push(format!("{file}/{}: {problem}", vector.id));
        }
    }
    assert!(count >= 150, "only {count} vectors were found");
    assert!(wrong.is_empty(), "{} of {count} fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_the_rfc_says_holds_with_every_tolerance_off() {
    let registry = registry();
    let mut count = 0;
    let mut wrong = Vec::new();
    let is_general =
        |it: &Vector| it.options.is_none() && it.rules.is_none() && it.profile.is_none();
    // The RFC abbreviates its certificate to what is none.
    let is_whole = |it: &Vector| it.id != "add-certificate";
    for (file, mut vector) in vectors() {
        if !vector.origin.starts_with("RFC") || !is_general(&vector) || !is_whole(&vector) {
            continue;
        }
        count += 1;
        vector.profile = Some("strict".to_owned());
        if let Err(problem) = check(&registry, &vector) {
            wrong.push(format!("{file}/{}: {problem}", vector.id));
        }
    }
    assert!(count >= 40, "only {count} vectors were found");
    assert!(wrong.is_empty(), "{} of {count} fail:\n{}", wrong.len(), wrong.join("\n"));
}

fn vectors() -> Vec<(String, Vector)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/patch");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let mut vectors = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let read: Vec<Vector> =
            serde_json::from_str(&text).unwrap_or_else(|error| unreachable!("{name}: {error}"));
        vectors.extend(read.into_iter().map(|vector| (name.clone(), vector)));
    }
    vectors
}

fn check(registry: &Registry, vector: &Vector) -> Result<(), String> {
    let resource_type = registry.resource_type(&vector.resource_type).unwrap();
    let before = with_schemas(resource_type, vector.before.clone());
    let untouched = before.clone();
    let mut notes = Notes::default();
    let outcome = run(registry, vector, &before, &mut notes);
    assert_eq!(before, untouched);
    match (&vector.error, outcome) {
        (Some(expected), Err(error)) => same(expected, &failure(&error), "error"),
        (Some(expected), Ok(_)) => Err(format!("succeeds instead of {expected:?}")),
        (None, Err(error)) => Err(format!("fails: {error} ({:?})", error.scim_type())),
        (None, Ok((plan, after))) => {
            let expected = match &vector.after {
                Some(Value::Object(after)) => with_schemas(resource_type, after.clone()),
                _ => before.clone(),
            };
            same(&expected, &after, "document")?;
            let changed = changed(&before, &after, resource_type);
            let changed: Vec<_> = changed.iter().map(|it| it.path().to_owned()).collect();
            same(&(before == after), &changed.is_empty(), "absence of changes")?;
            if let Some(expected) = &vector.changed {
                same(expected, &changed, "changed attributes")?;
            }
            same(vector.relations.as_ref().unwrap_or(&json!([])), &relations(&plan), "relations")?;
            if let Some(expected) = &vector.notes {
                let notes = notes.iter().map(|note| format!("{:?} {}", note.rule, note.path));
                same(expected, &notes.collect(), "notes")?;
            }
            same(&vector.blind.unwrap_or(plan.is_blind()), &plan.is_blind(), "blindness")
        }
    }
}

fn run(
    registry: &Registry,
    vector: &Vector,
    before: &Object,
    notes: &mut Notes,
) -> Result<(Plan, Object), ScimError> {
    let resource_type = registry.resource_type(&vector.resource_type).unwrap();
    let (rules, options) = match &vector.profile {
        Some(profile) => {
            let profile: ClientProfile = profile.parse().unwrap();
            let behaviour = profile.applied_to(&Behaviour::default());
            (behaviour.rules, behaviour.patch)
        }
        None => (rules(vector.rules.as_deref()), options(vector.options.as_ref())),
    };
    let context = PatchContext::new(registry, resource_type, &rules, &options);
    let request = PatchRequest::read(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": vector.operations,
    }))?;
    let plan = plan(&context, request, notes)?;
    let after = apply(resource_type, before, &plan.document, &options, notes)?;
    Ok((plan, after))
}

fn rules(named: Option<&str>) -> Rules {
    match named {
        Some("strict") => Rules::strict(),
        _ => Rules::default(),
    }
}

fn options(named: Option<&Value>) -> PatchOptions {
    let mut options = PatchOptions::default();
    match named {
        Some(Value::String(strict)) if strict == "strict" => return PatchOptions::strict(),
        Some(Value::Object(switches)) => {
            for (name, choice) in switches {
                options = match (name.as_str(), choice.as_str().unwrap()) {
                    ("unmatchedAdd", "noTarget") => options.unmatched_add(UnmatchedAdd::NoTarget),
                    ("unmatchedReplace", "createElement") => {
                        options.unmatched_replace(UnmatchedReplace::CreateElement)
                    }
                    ("unmatchedRemove", "noTarget") => {
                        options.unmatched_remove(UnmatchedRemove::NoTarget)
                    }
                    ("listedValues", "ignored") => options.listed_values(ListedValues::Ignored),
                    ("requiredCheck", "atEnd") => options.required_check(RequiredCheck::AtEnd),
                    ("matching", "byValue") => options.matching(Matching::ByValue),
                    ("emptyAdd", "ignore") => options.empty_add(EmptyAdd::Ignore),
                    ("emptyAdd", "unassign") => options.empty_add(EmptyAdd::Unassign),
                    other => unreachable!("no such switch: {other:?}"),
                };
            }
        }
        None => {}
        Some(other) => unreachable!("no such options: {other}"),
    }
    options
}

fn with_schemas(resource_type: &ResourceType, mut values: Object) -> Object {
    let extensions = resource_type.extensions().iter().map(|extension| extension.urn());
    let present = extensions.filter(|urn| values.contains_key(*urn));
    let schemas: Vec<_> = std::iter::once(resource_type.schema()).chain(present).collect();
    let schemas = json!(schemas);
    values.insert("schemas".to_owned(), schemas);
    values
}

fn failure(error: &ScimError) -> Failure {
    Failure {
        status: error.status().as_u16(),
        scim_type: error.scim_type().map(|it| it.as_str().to_owned()).unwrap_or_default(),
        operation: error.operation(),
    }
}

fn relations(plan: &Plan) -> Value {
    let ids = |targets: &[Target]| targets.iter().map(|it| it.id.to_string()).collect::<Vec<_>>();
    plan.relations
        .iter()
        .map(|operation| match &operation.action {
            RelationAction::Delta(Delta::Add(targets)) => json!({ "add": ids(targets) }),
            RelationAction::Delta(Delta::Replace(targets)) => json!({ "replace": ids(targets) }),
            RelationAction::Delta(Delta::Remove(ids)) => {
                json!({ "remove": ids.iter().map(|id| id.as_str()).collect::<Vec<_>>() })
            }
            RelationAction::Delta(Delta::Clear) => json!("clear"),
            _ => json!("matching"),
        })
        .collect()
}

fn same<T: PartialEq + std::fmt::Debug>(expected: &T, found: &T, what: &str) -> Result<(), String> {
    match expected == found {
        true => Ok(()),
        false => Err(format!("{what}:\n    expected {expected:?}\n    found    {found:?}")),
    }
}
