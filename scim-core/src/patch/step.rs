//! What is left of an operation on the document once names are resolved and values are checked.

use std::{fmt, slice, sync::Arc};

use serde_json::Value;

use crate::{query::Predicate, resource::attributes_in, schema::Attribute};

/// One change of a document, resolved against the schema. Its `Debug` shows no values, which may
/// be secrets.
#[derive(Clone, PartialEq)]
pub struct DocumentOperation {
    /// Position of the operation in the request.
    pub(super) operation: usize,
    pub(super) step: Step,
    /// The parts of the attribute that the caller does not see.
    pub(super) unseen: Vec<Arc<Attribute>>,
}

#[derive(Clone, PartialEq)]
pub(super) enum Step {
    /// Changes the value of one attribute.
    Change(Arc<Attribute>, Change),
    /// Drops all data of the extension with this URN.
    DropExtension(Box<str>),
}

#[derive(Clone, PartialEq)]
pub(super) enum Change {
    /// Makes this the value; `None` unassigns.
    Assign(Option<Value>),
    /// Changes parts of a single-valued complex attribute.
    Merge(Vec<Part>),
    /// Adds values to a multi-valued attribute.
    Append(Vec<Value>),
    /// Removes the values that are listed.
    Discard(Vec<Value>, Unmatched),
    /// Changes some values of a multi-valued attribute.
    Select(Selection, ElementChange),
}

/// Which values of a multi-valued attribute.
#[derive(Clone, PartialEq)]
pub(super) struct Selection {
    /// Those that match; all of them if `None`.
    pub(super) predicate: Option<Predicate>,
    pub(super) unmatched: Unmatched,
}

/// What to do when nothing is selected.
#[derive(Clone, PartialEq)]
pub(super) enum Unmatched {
    Ignore,
    Refuse,
    /// Adds this value.
    Create(Value),
}

#[derive(Clone, PartialEq)]
pub(super) enum ElementChange {
    Remove,
    /// Puts another value in its place.
    Put(Value),
    Merge(Vec<Part>),
}

/// A change of one sub-attribute.
#[derive(Clone, PartialEq)]
pub(super) struct Part {
    pub(super) attribute: Arc<Attribute>,
    pub(super) change: PartChange,
}

#[derive(Clone, PartialEq)]
pub(super) enum PartChange {
    Unassign,
    Assign(Value),
    /// Adds to a multi-valued sub-attribute.
    Extend(Vec<Value>),
}

impl DocumentOperation {
    /// Whether it says what becomes of the attribute, or of this part of one.
    pub(crate) fn names(&self, attribute: &Attribute) -> bool {
        match &self.step {
            Step::DropExtension(urn) => attribute.namespace() == Some(urn),
            Step::Change(changed, _) if **changed == *attribute => true,
            Step::Change(changed, change) => {
                attribute.is_within(changed) && change.names_part(attribute)
            }
        }
    }
}

impl Change {
    fn names_part(&self, part: &Attribute) -> bool {
        let (values, parts) = match self {
            Self::Discard(listed, _) => (&**listed, &[][..]),
            change => change.given(),
        };
        let values = values.iter().flat_map(|value| match value {
            Value::Array(values) => values,
            value => slice::from_ref(value),
        });
        let mut values = values.map(|value| value.get(part.name()));
        values.any(|it| it.is_some()) || parts.iter().any(|it| *it.attribute == *part)
    }
}

/// The attributes that operations give a value, whole or in part, with the parts that they name.
pub(crate) fn assigned(operations: &[DocumentOperation]) -> Vec<Arc<Attribute>> {
    let mut assigned = Vec::new();
    for operation in operations {
        let Step::Change(attribute, change) = &operation.step else { continue };
        let (values, parts) = change.given();
        let whole = values.iter().flat_map(|value| attributes_in(attribute, value));
        assigned.extend(whole.cloned());
        for part in parts.iter().filter(|part| part.change != PartChange::Unassign) {
            assigned.extend([attribute.clone(), part.attribute.clone()]);
        }
    }
    assigned
}

impl fmt::Debug for DocumentOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, place) = match &self.step {
            Step::Change(attribute, change) => (change.verb(), attribute.path()),
            Step::DropExtension(urn) => ("drop", &**urn),
        };
        write!(f, "{verb} {place}")
    }
}

impl Change {
    /// The values that it brings, or the parts of one.
    fn given(&self) -> (&[Value], &[Part]) {
        match self {
            Self::Assign(value) => (value.as_slice(), &[]),
            Self::Append(values) => (values, &[]),
            Self::Select(_, ElementChange::Put(value)) => (slice::from_ref(value), &[]),
            Self::Merge(parts) | Self::Select(_, ElementChange::Merge(parts)) => (&[], parts),
            Self::Discard(..) | Self::Select(_, ElementChange::Remove) => (&[], &[]),
        }
    }

    fn verb(&self) -> &'static str {
        match self {
            Self::Assign(Some(_)) => "assign",
            Self::Assign(None) => "unassign",
            Self::Merge(_) => "merge",
            Self::Append(_) => "append to",
            Self::Discard(..) => "discard of",
            Self::Select(..) => "select of",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        patch::{PatchContext, PatchOptions, PatchRequest, plan},
        schema::Registry,
        validate::{Notes, Rules},
    };

    /// Values may be secrets.
    #[test]
    fn a_plan_shows_what_is_done_where_and_no_value() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let (rules, options) = (Rules::default(), PatchOptions::default());
        let context = PatchContext::new(&registry, user, &rules, &options);
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let request = PatchRequest::new()
            .replace("password", "t1meMa$heen")
            .remove("nickName")
            .add("name.givenName", "t1meMa$heen")
            .add("emails", json!([{"value": "t1meMa$heen"}]))
            .replace("emails[type eq \"t1meMa$heen\"].value", "t1meMa$heen")
            .remove(enterprise);
        let plan = plan(&context, request, &mut Notes::default()).unwrap();
        let shown: Vec<_> = plan.document.iter().map(|it| format!("{it:?}")).collect();
        assert_eq!(
            shown,
            [
                "assign password".to_owned(),
                "unassign nickName".to_owned(),
                "merge name".to_owned(),
                "append to emails".to_owned(),
                "select of emails".to_owned(),
                format!("drop {enterprise}"),
            ]
        );
        let request = PatchRequest::read(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "remove", "path": "emails", "value": [{"value": "b@x"}]}],
        }));
        let plan = super::super::plan(&context, request.unwrap(), &mut Notes::default()).unwrap();
        assert_eq!(format!("{:?}", plan.document), "[discard of emails]");
    }

    #[test]
    fn an_operation_names_what_it_says_something_of() {
        const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let (rules, options) = (Rules::default(), PatchOptions::default());
        let context = PatchContext::new(&registry, user, &rules, &options);
        let department = format!("{ENTERPRISE}:department");
        let new = PatchRequest::new;
        let email = || json!([{"value": "b@x"}]);
        let discard = PatchRequest::read(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "remove", "path": "emails", "value": email()}],
        }));
        for (request, named) in [
            (new().replace("title", "a"), vec!["title"]),
            (new().remove("name"), vec!["name"]),
            (new().add("name.givenName", "a"), vec!["name", "name.givenName"]),
            (new().add("name", json!({"givenName": "a"})), vec!["name", "name.givenName"]),
            (new().add("emails", email()), vec!["emails", "emails.value"]),
            (new().replace("emails", email()), vec!["emails", "emails.value"]),
            (discard.unwrap(), vec!["emails", "emails.value"]),
            (new().remove("emails[type eq \"work\"]"), vec!["emails"]),
            (new().remove("emails.type"), vec!["emails", "emails.type"]),
            (
                new().replace("emails[type eq \"work\"]", json!({"value": "b@x"})),
                vec!["emails", "emails.value"],
            ),
            (new().remove(ENTERPRISE), vec![&department]),
        ] {
            let plan = plan(&context, request, &mut Notes::default()).unwrap();
            let [operation] = &plan.document[..] else { panic!("{plan:?}") };
            let all =
                ["title", "name", "name.givenName", "name.familyName", "emails", "emails.value"];
            for path in all.into_iter().chain(["emails.type", "phoneNumbers.type", &department]) {
                let is_named = operation.names(user.attribute_at(path).unwrap());
                assert_eq!(is_named, named.contains(&path), "{operation:?}: {path}");
            }
        }
    }
}
