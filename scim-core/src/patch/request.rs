//! The body of a PATCH request (RFC 7644 §3.5.2, Figure 6).

use std::fmt;

use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    resource::Object,
    schema::PATCH_OP,
};

/// The operations of one PATCH request, read but not yet looked up in a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PatchRequest {
    /// The operations, in the order in which they take effect. A request without any is refused.
    pub operations: Vec<Operation>,
}

/// One operation of a PATCH request. Its `Debug` leaves out the value, which may be a secret.
#[derive(Clone, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// Where to do it; the resource itself if absent.
    pub path: Option<String>,
    /// With what; `Some(Value::Null)` is a `null` that was sent.
    pub value: Option<Value>,
}

/// What an operation does. Closed by RFC 7644 §3.5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `add`
    Add,
    /// `remove`
    Remove,
    /// `replace`
    Replace,
}

impl PatchRequest {
    /// A request that does nothing yet.
    ///
    /// ```
    /// use scim_core::patch::PatchRequest;
    /// use serde_json::json;
    ///
    /// let request = PatchRequest::new()
    ///     .replace("name.familyName", "Jensen")
    ///     .add("emails", json!([{"value": "b@example.com", "type": "work"}]))
    ///     .remove("nickName");
    /// assert_eq!(request.operations.len(), 3);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds values to what a path names.
    #[must_use]
    pub fn add(self, path: impl Into<String>, value: impl Into<Value>) -> Self {
        self.and(Op::Add, path.into(), Some(value.into()))
    }

    /// Replaces what a path names.
    #[must_use]
    pub fn replace(self, path: impl Into<String>, value: impl Into<Value>) -> Self {
        self.and(Op::Replace, path.into(), Some(value.into()))
    }

    /// Removes what a path names.
    #[must_use]
    pub fn remove(self, path: impl Into<String>) -> Self {
        self.and(Op::Remove, path.into(), None)
    }

    fn and(mut self, op: Op, path: String, value: Option<Value>) -> Self {
        self.operations.push(Operation { op, path: Some(path), value });
        self
    }

    /// Reads a PATCH body. Names of members and operations may be in any case; members that the
    /// RFC does not know are ignored.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when the PatchOp URN, the operations or the `op` of one are missing or
    /// of the wrong shape.
    ///
    /// ```
    /// use scim_core::patch::{Op, PatchRequest};
    /// use serde_json::json;
    ///
    /// let request = PatchRequest::read(json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    ///     "Operations": [{ "op": "Replace", "path": "active", "value": false }],
    /// }))?;
    /// assert_eq!(request.operations[0].op, Op::Replace);
    /// # Ok::<_, scim_core::ScimError>(())
    /// ```
    pub fn read(body: Value) -> Result<Self, ScimError> {
        let Value::Object(mut body) = body else {
            return Err(invalid("expected a JSON object"));
        };
        if !names_patch_op(take(&mut body, "schemas")?.as_ref()) {
            return Err(invalid(format!("expected `{PATCH_OP}`")).at("schemas"));
        }
        let operations = match take(&mut body, "Operations")? {
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            _ => return Err(no_operations()),
        };
        let read = |(index, operation)| {
            Operation::read(operation).map_err(|error| error.in_operation(index))
        };
        let operations = operations.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { operations })
    }
}

impl Operation {
    fn read(operation: Value) -> Result<Self, ScimError> {
        let Value::Object(mut operation) = operation else {
            return Err(invalid("expected a JSON object"));
        };
        let op = match take(&mut operation, "op")? {
            Some(Value::String(op)) => Op::read(&op),
            _ => None,
        };
        let path = match take(&mut operation, "path")? {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path),
            Some(_) => return Err(invalid("expected a string").at("path")),
        };
        let Some(op) = op else {
            return Err(invalid("expected `add`, `remove` or `replace`").at("op"));
        };
        Ok(Self { op, path, value: take(&mut operation, "value")? })
    }
}

impl Op {
    fn read(text: &str) -> Option<Self> {
        let ops = [("add", Self::Add), ("remove", Self::Remove), ("replace", Self::Replace)];
        ops.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, op)| op)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("op", &self.op)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// 400: a PATCH has to ask for something.
pub(crate) fn no_operations() -> ScimError {
    invalid("expected an array with at least one operation").at("Operations")
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}

/// The member of this name in any case; the same name twice has no defined meaning (A-003).
fn take(object: &mut Object, name: &str) -> Result<Option<Value>, ScimError> {
    let mut names = object.keys().filter(|key| key.eq_ignore_ascii_case(name));
    let Some(key) = names.next().cloned() else { return Ok(None) };
    match names.next() {
        Some(_) => Err(invalid("given twice").at(name)),
        None => Ok(object.remove(&key)),
    }
}

fn names_patch_op(schemas: Option<&Value>) -> bool {
    let Some(Value::Array(urns)) = schemas else { return false };
    urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_OP)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent() -> Value {
        json!({"schemas": [PATCH_OP], "Operations": [
            {"op": "replace", "path": "password", "value": "t1meMa$heen"},
            {"op": "add", "path": "emails", "value": [{"value": "b@example.com"}]},
            {"op": "remove", "path": "nickName"},
        ]})
    }

    #[test]
    fn what_a_program_asks_is_what_a_client_may_send() {
        let asked = PatchRequest::new()
            .replace("password", "t1meMa$heen")
            .add("emails", json!([{"value": "b@example.com"}]))
            .remove("nickName");
        assert_eq!(asked, PatchRequest::read(sent()).unwrap());
    }

    #[test]
    fn values_may_be_secrets_and_are_not_shown() {
        let shown = format!("{:?}", PatchRequest::read(sent()).unwrap());
        for named in ["Replace", "password", "Add", "emails", "Remove", "nickName"] {
            assert!(shown.contains(named), "{shown}");
        }
        assert!(!shown.contains("t1meMa$heen") && !shown.contains("b@example.com"), "{shown}");
    }
}
