//! From operations to what they do: deltas of relations, and steps on the document.

use std::sync::Arc;

use scim_filter::{Filter, Parser};
use serde_json::Value;

use super::{
    assign::Assignment,
    error::invalid_value,
    options::{DottedUrns, PatchOptions, PathGrammar, UnknownPaths},
    relation::{RelationAction, RelationOperation},
    request::{Op, Operation, PatchRequest},
    step::{Change, DocumentOperation, Step},
    target::{Target, locate},
};
use crate::{
    error::{ScimError, ScimType},
    query::{BindContext, Predicate, bind_value_filter},
    schema::{Attribute, Registry, ResourceType},
    tolerance,
    validate::{NoteRule, Notes, Rules},
};

/// What operations are read against.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PatchContext<'a> {
    /// Where the targets of relations are looked up.
    pub registry: &'a Registry,
    /// The type of the resource.
    pub resource_type: &'a Arc<ResourceType>,
    /// How strictly values are read.
    pub rules: &'a Rules,
    /// How operations are read.
    pub options: &'a PatchOptions,
    /// The absolute base URL without a slash at its end, by which the `$ref` in the filter of a path
    /// names a resource. Where it is empty, only a relative one does.
    pub base: &'a str,
    /// Attributes that the filter of a path may not name (F-029).
    pub unsearchable: &'a [Arc<Attribute>],
    /// Attributes that the caller does not see: what their values are stays where it puts values
    /// into the place of those that are the same but for them (U-016).
    pub unreadable: &'a [Arc<Attribute>],
}

impl<'a> PatchContext<'a> {
    /// The context of a request that may see and name all attributes, without a base URL.
    pub fn new(
        registry: &'a Registry,
        resource_type: &'a Arc<ResourceType>,
        rules: &'a Rules,
        options: &'a PatchOptions,
    ) -> Self {
        Self {
            registry,
            resource_type,
            rules,
            options,
            base: "",
            unsearchable: &[],
            unreadable: &[],
        }
    }

    /// What the filter of a path is resolved with.
    pub(super) fn binding(&self) -> BindContext<'a> {
        let mut binding = BindContext::new(self.resource_type, self.base);
        binding.unsearchable = self.unsearchable;
        binding.accept_bare_words = self.options.paths == PathGrammar::Tolerant;
        binding
    }
}

/// What a PATCH does, in terms of the schema.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// Changes of relations in the order in which they take effect.
    pub relations: Vec<RelationOperation>,
    /// Changes of the document in the order in which they take effect.
    pub document: Vec<DocumentOperation>,
}

impl Plan {
    /// Whether it can be carried out without reading the resource: it leaves the document alone
    /// and names every target of a relation by its id.
    pub fn is_blind(&self) -> bool {
        let is_delta = |it: &RelationOperation| matches!(it.action, RelationAction::Delta(_));
        self.document.is_empty() && self.relations.iter().all(is_delta)
    }
}

/// Reads the operations of a request against the schema.
///
/// ```
/// use scim_core::{
///     Notes, Rules,
///     patch::{PatchContext, PatchOptions, PatchRequest, apply, changed, plan},
///     schema::Registry,
/// };
/// use serde_json::json;
///
/// let registry = Registry::standard();
/// let resource_type = registry.resource_type("User").unwrap();
/// let (rules, options) = (Rules::default(), PatchOptions::default());
/// let context = PatchContext::new(&registry, resource_type, &rules, &options);
/// let request = PatchRequest::read(json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
///     "Operations": [{ "op": "replace", "path": "name.givenName", "value": "Babs" }],
/// }))?;
/// let mut notes = Notes::default();
/// let plan = plan(&context, request, &mut notes)?;
///
/// let before = json!({ "userName": "bjensen", "name": { "familyName": "Jensen" } });
/// let before = before.as_object().unwrap();
/// let after = apply(resource_type, before, &plan.document, &options, &mut notes)?;
/// assert_eq!(after["name"], json!({ "familyName": "Jensen", "givenName": "Babs" }));
/// # let before = &apply(resource_type, before, &[], &options, &mut notes)?;
/// assert_eq!(changed(before, &after, resource_type)[0].path(), "name.givenName");
/// # Ok::<_, scim_core::ScimError>(())
/// ```
///
/// Operations on the document and on relations are independent of each other, so either list
/// keeps its own order.
///
/// # Errors
/// The first fault, with the operation it is in: 400 `invalidPath`, `invalidFilter`,
/// `invalidValue`, `mutability` or `noTarget` (RFC 7644 §3.12, Table 9).
pub fn plan(
    context: &PatchContext<'_>,
    request: PatchRequest,
    notes: &mut Notes,
) -> Result<Plan, ScimError> {
    let mut planner = Planner { context, notes, plan: Plan::default(), operation: 0 };
    for (index, operation) in request.operations.into_iter().enumerate() {
        planner.operation = index;
        planner.operation(operation).map_err(|error| error.in_operation(index))?;
    }
    Ok(planner.plan)
}

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) context: &'a PatchContext<'a>,
    pub(super) notes: &'a mut Notes,
    pub(super) plan: Plan,
    /// Position of the operation that is being read.
    pub(super) operation: usize,
}

impl Planner<'_> {
    fn operation(&mut self, operation: Operation) -> Result<(), ScimError> {
        let Operation { op, path, value } = operation;
        let path = path.map(|path| self.undotted(path));
        let target = match path.as_deref().map(|path| locate(self.context, path)) {
            None => Target::Resource,
            Some(Ok(target)) => {
                self.note_grammar(path.as_deref().unwrap_or_default(), &target);
                target
            }
            Some(Err(error)) => return self.unknown_path(error),
        };
        match op {
            Op::Add => self.assign(Assignment::Add, target, given(value)?),
            Op::Replace => self.assign(Assignment::Replace, target, given(value)?),
            Op::Remove => self.remove(target, value.filter(|value| !value.is_null())),
        }
    }

    /// A path or name without a dot after the URN of a schema, where that is a habit of the client.
    pub(super) fn undotted(&mut self, path: String) -> String {
        let PatchContext { resource_type, options, .. } = self.context;
        match options.dotted_urns {
            DottedUrns::Refused => path,
            DottedUrns::AsColon => match tolerance::with_colon(resource_type, &path) {
                None => path,
                Some(path) => {
                    // What is inside of brackets are values.
                    let names = path.split('[').next().unwrap_or_default();
                    self.notes.add(names, NoteRule::DottedUrn);
                    path
                }
            },
        }
    }

    fn note_grammar(&mut self, path: &str, target: &Target<'_>) {
        if let (true, Some(attribute)) = (path.contains('['), target.attribute())
            && Parser::strict().path(path).is_err()
        {
            self.notes.add(attribute.path(), NoteRule::FilterGrammar);
        }
    }

    /// What becomes of an operation whose path names nothing.
    fn unknown_path(&mut self, error: ScimError) -> Result<(), ScimError> {
        let is_ignored = self.context.options.unknown_paths == UnknownPaths::Ignored;
        if !is_ignored || error.scim_type() != Some(ScimType::InvalidPath) {
            return Err(error);
        }
        self.notes.add(error.attribute().unwrap_or("path"), NoteRule::UnknownPathIgnored);
        Ok(())
    }

    pub(super) fn change(&mut self, attribute: &Arc<Attribute>, change: Change) {
        let unreadable = self.context.unreadable;
        let parts = attribute.sub_attributes().iter().filter(|it| unreadable.contains(it));
        let unseen = parts.cloned().collect();
        let step = Step::Change(attribute.clone(), change);
        self.plan.document.push(DocumentOperation { operation: self.operation, step, unseen });
    }

    pub(super) fn step(&mut self, step: Step) {
        let (operation, unseen) = (self.operation, Vec::new());
        self.plan.document.push(DocumentOperation { operation, step, unseen });
    }

    /// Resolves the filter of a value path.
    pub(super) fn predicate(
        &self,
        attribute: &Arc<Attribute>,
        filter: &Filter<'_>,
    ) -> Result<Predicate, ScimError> {
        bind_value_filter(attribute, filter, &self.context.binding())
    }
}

/// H-016: `add` and `replace` say what to assign, if only `null`.
fn given(value: Option<Value>) -> Result<Value, ScimError> {
    value.ok_or_else(|| invalid_value("value", "missing"))
}

/// H-024: what a `remove` without a path would remove is everything.
pub(super) fn no_path() -> ScimError {
    ScimError::new(ScimType::NoTarget, "a remove needs the path of an attribute").at("path")
}
