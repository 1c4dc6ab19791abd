//! What bodies look like on their way in and out.

use scim_core::{
    Caller, Mapping, Object, ScimError, ScimType, schema::ResourceType, scim11::partial_to_patch,
};
use serde_json::{Value, json};

use crate::{accounts::is_user, name, version::Version};

/// The one URI that 1.1 and all groups have.
const CORE_1_0: &str = "urn:scim:schemas:core:1.0";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Bodies of one version of the API.
#[derive(Debug)]
pub(crate) struct Shapes(pub(crate) Version);

impl Mapping for Shapes {
    fn incoming(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        let Value::Object(body) = body else { return Ok(()) };
        // Whatever they are called, there is one schema for each endpoint.
        let ignored = if is_user(resource_type) { "userName" } else { "externalId" };
        body.retain(|name, _| !is(name, ignored) && !is(name, "schemas"));
        body.insert("schemas".to_owned(), json!([resource_type.schema()]));
        if let Some(name) = member(body, "name") {
            name::read(name);
        }
        match member(body, "emails") {
            Some(Value::Array(emails)) if emails.is_empty() => {
                Err(invalid("an account has at least one").at("emails"))
            }
            _ => Ok(()),
        }
    }

    fn incoming_patch(
        &self,
        caller: &Caller<'_>,
        resource_type: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if !is_user(resource_type) {
            if self.0 == Version::V2 {
                GroupChanges.incoming_patch(caller, resource_type, body)?;
                body.as_object_mut().map(|body| body.remove("schemas"));
                *body = partial_to_patch(resource_type, body.take())?;
            }
            return Ok(());
        }
        let Value::Object(body) = body else { return Ok(()) };
        if let Some(Value::Array(operations)) = member(body, "Operations") {
            operations.iter_mut().filter_map(Value::as_object_mut).try_for_each(change_of_user)?;
        }
        body.retain(|name, _| !is(name, "schemas"));
        body.insert("schemas".to_owned(), json!([PATCH_OP]));
        Ok(())
    }

    fn outgoing(&self, _: &Caller<'_>, resource_type: &ResourceType, shown: &mut Object) {
        shown.remove("meta");
        if !is_user(resource_type) {
            shown.insert("schemas".to_owned(), json!([CORE_1_0]));
            keep_parts(shown, "members", &["value"]);
        } else if self.0 == Version::V2 {
            keep_parts(shown, "groups", &["value", "display"]);
        } else {
            shown.remove("groups");
            if let Some(Value::Array(emails)) = shown.get_mut("emails") {
                let address = |email: &Value| email.get("value").cloned().unwrap_or_default();
                emails.iter_mut().for_each(|email| *email = address(email));
            }
        }
    }

    fn outgoing_list(&self, _: &Caller<'_>, listed: &[&ResourceType], message: &mut Object) {
        if !listed.iter().any(|it| is_user(it)) {
            message.insert("schemas".to_owned(), json!([CORE_1_0]));
        }
    }

    fn rewrites_answers(&self, _: &ResourceType) -> bool {
        true
    }
}

/// A change of a group names its members, each with what to do: the partial resource of 1.1, under
/// 2.0 as well.
#[derive(Debug)]
pub(crate) struct GroupChanges;

impl Mapping for GroupChanges {
    fn incoming_patch(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        let Value::Object(body) = body else { return Ok(()) };
        if is_user(resource_type) {
            return Ok(());
        }
        if !body.keys().any(|name| is(name, "displayName") || is(name, "members")) {
            return Err(invalid("expected `displayName` or `members`"));
        }
        match member(body, "members") {
            None => Ok(()),
            Some(Value::Array(members)) => members.iter().try_for_each(check_member),
            Some(_) => Err(invalid("expected an array").at("members")),
        }
    }
}

fn check_member(member: &Value) -> Result<(), ScimError> {
    if !member.get("value").unwrap_or(member).is_string() {
        return Err(invalid("expected the id of a user").at("members.value"));
    }
    match member.get("operation").map(Value::as_str) {
        None | Some(Some("add" | "delete")) => Ok(()),
        Some(_) => Err(invalid("expected `add` or `delete`").at("members.operation")),
    }
}

fn change_of_user(operation: &mut Object) -> Result<(), ScimError> {
    let path = member(operation, "path").and_then(|path| path.as_str()).unwrap_or_default();
    if path.contains('[') {
        let detail = "paths with expressions are not supported";
        return Err(ScimError::new(ScimType::InvalidPath, detail));
    }
    let path = path.rsplit(':').next().unwrap_or_default();
    if is(path, "userName") {
        // Whatever it says, the policy sets it again.
        let ignored = [("op", "replace"), ("path", "userName"), ("value", "ignored")];
        *operation =
            ignored.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
        return Ok(());
    }
    let names_name = is(path, "name");
    match member(operation, "value") {
        Some(value) if names_name => name::read(value),
        Some(Value::Object(values)) => {
            values.retain(|name, _| !is(name, "userName"));
            if let Some(name) = member(values, "name") {
                name::read(name);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Leaves only some parts of each value of an attribute.
fn keep_parts(shown: &mut Object, attribute: &str, parts: &[&str]) {
    let values = shown.get_mut(attribute).and_then(Value::as_array_mut).into_iter().flatten();
    for value in values.filter_map(Value::as_object_mut) {
        value.retain(|part, _| parts.contains(&part.as_str()));
    }
}

fn member<'a>(object: &'a mut Object, name: &str) -> Option<&'a mut Value> {
    object.iter_mut().find(|(key, _)| is(key, name)).map(|(_, value)| value)
}

/// Names of attributes ignore case.
fn is(name: &str, other: &str) -> bool {
    name.eq_ignore_ascii_case(other)
}

fn invalid(detail: &'static str) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail)
}
