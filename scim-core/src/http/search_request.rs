//! The body of a query by POST (RFC 7644 §3.4.3).

use serde_json::Value;

use super::{
    list_parameters::ListParameters,
    message::check_schema,
    parameters::{Draft, Parameter},
};
use crate::{
    error::{ScimError, ScimType},
    resource::Object,
};

/// URN of the message.
const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Reads the parameters of a query by POST; they mean what they mean in a URL.
///
/// # Errors
/// 400 `invalidSyntax` for another message or a value of the wrong type; otherwise
/// as [`read_list`](super::query::read_list).
pub(crate) fn read_search_request(body: &Object) -> Result<ListParameters, ScimError> {
    check_schema(body, SEARCH_REQUEST)?;
    let mut draft = Draft::default();
    for (name, value) in body {
        if let Some(parameter) = Parameter::named(name) {
            read(&mut draft, parameter, value)?;
        }
    }
    draft.finish()
}

fn read(draft: &mut Draft, parameter: Parameter, value: &Value) -> Result<(), ScimError> {
    let is_integer = matches!(parameter, Parameter::StartIndex | Parameter::Count);
    match value {
        Value::Null => Ok(()),
        Value::Number(number) if is_integer && !number.is_f64() => {
            draft.integer(parameter, number.as_i64().unwrap_or(i64::MAX));
            Ok(())
        }
        Value::Array(names) if parameter.is_projection() => {
            let names: Option<Vec<_>> = names.iter().map(Value::as_str).collect();
            let names = names.ok_or_else(|| wrong_type(parameter, "an array of strings"))?;
            draft.names(parameter, names.into_iter())
        }
        // Names in one text, as in a URL, are tolerated.
        Value::String(text) if !is_integer => draft.text(parameter, text),
        _ if is_integer => Err(wrong_type(parameter, "an integer")),
        _ if parameter.is_projection() => Err(wrong_type(parameter, "an array of strings")),
        _ => Err(wrong_type(parameter, "a string")),
    }
}

fn wrong_type(parameter: Parameter, expected: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, format!("expected {expected}")).at(parameter.name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{http::list_parameters::ProjectionParameters, query::SortOrder};

    fn read(mut body: Value) -> Result<ListParameters, ScimError> {
        let body = body.as_object_mut().unwrap();
        body.entry("schemas").or_insert_with(|| json!([SEARCH_REQUEST]));
        read_search_request(body)
    }

    #[test]
    fn a_body_says_what_a_query_string_says() {
        //
        let cases = [
            (json!({}), ""),
            (json!({"attributes": ["displayName", "userName"]}), "attributes=displayName,userName"),
            (json!({"attributes": "displayName, userName"}), "attributes=displayName,userName"),
            (json!({"excludedAttributes": ["members"]}), "excludedAttributes=members"),
            (json!({"filter": "displayName sw \"smith\""}), "filter=displayName sw \"smith\""),
            (json!({"FILTER": "x", "Count": 3}), "filter=x&count=3"),
            (json!({"sortBy": "a", "sortOrder": "descending"}), "sortBy=a&sortOrder=descending"),
            (json!({"startIndex": -2, "count": -1}), "startIndex=-2&count=-1"),
            (json!({"count": u64::MAX}), "count=18446744073709551615"),
            (json!({"cursor": ""}), "cursor"),
            (json!({"filter": null, "count": null, "attributes": null, "other": {}}), ""),
            (json!({"schemas": ["urn:x", SEARCH_REQUEST.to_lowercase()]}), ""),
        ];
        for (body, query) in cases {
            let expected = super::super::query::read_list(Some(query), &super::super::dialect::Two);
            assert!(expected.is_ok(), "{query}");
            assert_eq!(read(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn the_example_of_the_rfc_is_read() {
        // RFC 7644 §3.4.3, Figure 4
        let parameters = read(json!({
            "attributes": ["displayName", "userName"],
            "filter": "displayName sw \"smith\"",
            "startIndex": 1,
            "count": 10
        }));
        let expected = ListParameters {
            filter: Some("displayName sw \"smith\"".into()),
            sort_by: None,
            sort_order: SortOrder::Ascending,
            start_index: Some(1),
            count: Some(10),
            cursor: None,
            projection: ProjectionParameters::Only(vec!["displayName".into(), "userName".into()]),
        };
        assert_eq!(parameters, Ok(expected));
    }

    #[test]
    fn other_messages_and_types_are_refused() {
        // C-010
        let cases = [
            (json!({"schemas": null}), "schemas"),
            (json!({"schemas": SEARCH_REQUEST}), "schemas"),
            (json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}), "schemas"),
            (json!({"filter": ["x"]}), "filter"),
            (json!({"sortBy": 1}), "sortBy"),
            (json!({"count": "10"}), "count"),
            (json!({"count": 1.5}), "count"),
            (json!({"startIndex": true}), "startIndex"),
            (json!({"attributes": {"a": 1}}), "attributes"),
            (json!({"attributes": ["a", 1]}), "attributes"),
        ];
        for (body, parameter) in cases {
            let error = read(body.clone()).unwrap_err();
            assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax), "{body}");
            assert_eq!(error.attribute(), Some(parameter), "{body}");
        }
        let missing = read_search_request(&Object::new()).unwrap_err();
        assert_eq!(missing.scim_type(), Some(ScimType::InvalidSyntax));
        let both = read(json!({"attributes": ["a"], "excludedAttributes": ["b"]})).unwrap_err();
        assert_eq!(both.scim_type(), Some(ScimType::InvalidValue));
    }
}
