//! Errors (API §3.9).

use serde::Serialize;

use crate::error::ScimError;

/// The body of an error.
#[derive(Serialize)]
pub(crate) struct Errors {
    #[serde(rename = "Errors")]
    errors: [OneError; 1],
}

#[derive(Serialize)]
struct OneError {
    description: String,
    /// A string.
    code: String,
}

impl From<&ScimError> for Errors {
    fn from(error: &ScimError) -> Self {
        let code = error.status().as_str().to_owned();
        Self { errors: [OneError { description: description(error), code }] }
    }
}

/// The text for humans. There is no `scimType` here: its keyword comes first.
pub(super) fn description(error: &ScimError) -> String {
    match error.scim_type() {
        Some(kind) => format!("{}: {error}", kind.as_str()),
        None => error.to_string(),
    }
}
