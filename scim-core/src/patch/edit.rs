//! Carrying out the document part of a plan on the stored text, of which only those members are
//! read that it takes.

use super::{
    apply::carried_out,
    options::PatchOptions,
    step::{DocumentOperation, Step},
};
use crate::{
    error::ScimError,
    resource::{Document, Excerpt, Values},
    schema::ResourceType,
    validate::{self, Known, Notes},
};

/// What a stored document becomes, as [`apply`](super::apply()) would have it; `None` where it takes
/// all values to say.
///
/// # Errors
/// As [`apply`](super::apply()).
pub(crate) fn edit(
    resource_type: &ResourceType,
    stored: &Document,
    operations: &[DocumentOperation],
    options: &PatchOptions,
    notes: &mut Notes,
) -> Result<Option<Values>, ScimError> {
    let Some(mut excerpt) = excerpt(resource_type, stored, operations) else { return Ok(None) };
    let values = excerpt.values().clone();
    let mut after = carried_out(resource_type, values, operations, options, notes)?;
    excerpt.derive_schemas(&mut after);
    validate::required(resource_type, &after, Known::Stored)?;
    Ok(Some(excerpt.edited(after)))
}

/// The members that operations change, and those that have to be there.
fn excerpt<'d>(
    resource_type: &'d ResourceType,
    stored: &'d Document,
    operations: &[DocumentOperation],
) -> Option<Excerpt<'d>> {
    let mut excerpt = Excerpt::of(resource_type, stored)?;
    for operation in operations {
        match &operation.step {
            Step::Change(attribute, _) => excerpt.read_to_change(attribute)?,
            Step::DropExtension(urn) => excerpt.read(resource_type.extension(urn)?.urn())?,
        }
    }
    validate::members_with_required(resource_type).try_for_each(|name| excerpt.read(name))?;
    Some(excerpt)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};
    use serde_json::{Value, json};

    use super::{super::apply, *};
    use crate::{
        patch::{PatchContext, PatchRequest, plan},
        resource::{Difference, Object, changed, label},
        schema::Registry,
        validate::Rules,
    };

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    const UNKNOWN: &str = "zzz of another server";

    fn members() -> Vec<(&'static str, Value)> {
        vec![
            ("active", json!(true)),
            ("active", json!(false)),
            ("displayName", json!("Babs \"B\" Jensen")),
            (
                "emails",
                json!([{"value": "a@x", "type": "work"}, {"value": "b@x", "primary": true}]),
            ),
            ("emails", json!([{"value": "c@x", "type": "home"}])),
            ("name", json!({"givenName": "Barbara", "familyName": "Jensen"})),
            ("nickName", json!("Bäbs")),
            ("password", json!("kept")),
            ("userName", json!("babs")),
            (UNKNOWN, json!([1, {"a": null}])),
            (ENTERPRISE, json!({"department": "Tours", "manager": {"value": "7"}})),
            (ENTERPRISE, json!({"costCenter": "1"})),
        ]
    }

    fn operations() -> Vec<Value> {
        let department = format!("{ENTERPRISE}:department");
        vec![
            json!({"op": "replace", "path": "active", "value": false}),
            json!({"op": "add", "path": "displayName", "value": "B"}),
            json!({"op": "remove", "path": "displayName"}),
            json!({"op": "remove", "path": "userName"}),
            json!({"op": "replace", "path": "userName", "value": "Bab"}),
            json!({"op": "add", "path": "emails", "value": [{"value": "d@x", "primary": true}]}),
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "e@x"}),
            json!({"op": "remove", "path": "emails"}),
            json!({"op": "add", "path": "name.givenName", "value": "B"}),
            json!({"op": "remove", "path": "name"}),
            json!({"op": "add", "path": "password", "value": "new"}),
            json!({"op": "remove", "path": "password"}),
            json!({"op": "add", "path": department, "value": "Rides"}),
            json!({"op": "remove", "path": department}),
            json!({"op": "remove", "path": ENTERPRISE}),
            json!({"op": "add", "path": "title", "value": "Guide"}),
            json!({"op": "add", "value": {"nickName": "B", ENTERPRISE: {"division": "d"}}}),
            json!({"op": "remove", "path": "schemas", "value": [ENTERPRISE]}),
        ]
    }

    fn any_document() -> impl Strategy<Value = Object> {
        let members = vec(select(members()), 0..9).prop_map(|members| {
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Object>()
        });
        // Now and then one that another program wrote.
        (members, 0..10).prop_map(|(mut values, luck)| {
            if luck > 0 {
                values.entry("userName").or_insert_with(|| "babs".into());
                if values.contains_key(UNKNOWN) {
                    values.insert("schemas".to_owned(), json!([UNKNOWN]));
                }
                let registry = Registry::standard();
                registry.resource_type("User").into_iter().for_each(|user| {
                    crate::resource::set_schemas(user, &mut values);
                });
            }
            values
        })
    }

    /// Whoever asks for all values instead pays for what does not change; it takes them where some
    /// are hidden.
    #[test]
    fn what_this_program_stored_is_edited_without_reading_all_of_it() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let mut values = members().into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
        crate::resource::set_schemas(user, &mut values);
        let stored = Document::new(user, values);
        let stored = Document::from_stored(stored.visible().clone(), stored.hidden().clone());
        let (rules, options) = (Rules::default(), PatchOptions::default());
        let context = PatchContext::new(&registry, user, &rules, &options);
        for operation in operations() {
            let request = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [operation],
            });
            let request = PatchRequest::read(request).unwrap();
            let plan = plan(&context, request, &mut Notes::default()).unwrap();
            let mut notes = Notes::default();
            let edited = edit(user, &stored, &plan.document, &options, &mut notes);
            let is_hidden = operation["path"] == "password";
            assert_eq!(matches!(edited, Ok(None)), is_hidden, "{operation}");
        }
    }

    proptest! {
        /// H-011: whichever way it goes, the same comes of it.
        #[test]
        fn an_edit_is_what_applying_to_all_values_is(
            values in any_document(),
            operations in vec(select(operations()), 1..4),
        ) {
            let registry = Registry::standard();
            let user = registry.resource_type("User").unwrap();
            let (rules, options) = (Rules::default(), PatchOptions::default());
            let context = PatchContext::new(&registry, user, &rules, &options);
            let message = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
            let request = json!({"schemas": [message], "Operations": operations});
            let request = PatchRequest::read(request).unwrap();
            let plan = plan(&context, request, &mut Notes::default()).unwrap();

            let stored = Document::new(user, values.clone());
            let stored = Document::from_stored(stored.visible().clone(), stored.hidden().clone());
            let (mut notes, mut edit_notes) = (Notes::default(), Notes::default());
            let applied = apply(user, &values, &plan.document, &options, &mut notes);
            let edited = edit(user, &stored, &plan.document, &options, &mut edit_notes);
            let (applied, edited) = match (applied, edited) {
                (Ok(applied), Ok(Some(edited))) => (applied, edited),
                (_, Ok(None)) => return Ok(()),
                (Err(applied), Err(edited)) => {
                    prop_assert_eq!(applied.to_string(), edited.to_string());
                    return Ok(());
                }
                (applied, edited) => {
                    let edited = edited.map(|it| it.is_some());
                    return Err(TestCaseError::fail(format!("{applied:?} but {edited:?}")));
                }
            };
            prop_assert_eq!(notes, edit_notes);
            prop_assert_eq!(&*edited, &applied);
            let before = Values::from(stored);
            let difference = Difference::between(user, &before, &edited);
            prop_assert_eq!(&*difference.changed, changed(&values, &applied, user));
            if !difference.changed.is_empty() {
                prop_assert_eq!(label(difference.after), label(&applied));
                let (edited, whole) = (edited.composed(user), Document::new(user, applied));
                prop_assert_eq!(edited.visible(), whole.visible());
                prop_assert_eq!(edited.hidden(), whole.hidden());
            }
        }
    }
}
