//! What the administrator of an identity provider can do about a request that cannot be used.

use crate::error::{ScimError, ScimType};

/// The error with what can be done about it, where that is known.
pub(crate) fn advised(error: ScimError) -> ScimError {
    match advice(&error) {
        Some(advice) => error.advise(advice),
        None => error,
    }
}

/// It names no values.
fn advice(error: &ScimError) -> Option<&'static str> {
    let attribute = error.attribute()?;
    Some(match error.scim_type()? {
        ScimType::InvalidValue if attribute.starts_with("members") => {
            "provision what is named before it becomes a member, \
             or ask for the profile switch `skip-unknown-members`"
        }
        ScimType::InvalidValue if attribute == "value" => {
            "check what the identity provider sends in this operation"
        }
        ScimType::InvalidValue => {
            "check the mapping of the attribute in the identity provider: \
             what it sends has another type or form"
        }
        ScimType::InvalidPath => {
            "correct or remove the mapping of the attribute in the identity provider, \
             or ask for the profile switch `ignore-unknown-patch-paths`"
        }
        ScimType::NoTarget => {
            "map a value that the resource has, \
             or ask for the profile switch `replace-upserts`"
        }
        ScimType::Mutability => {
            "remove the mapping of the attribute in the identity provider: \
             the service provider decides its value"
        }
        ScimType::Uniqueness => {
            "give the value to one resource only, \
             or let the identity provider match the resource that has it"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_about_an_attribute_comes_with_advice() {
        let cases = [
            (ScimType::InvalidValue, "members", Some("skip-unknown-members")),
            (ScimType::InvalidValue, "active", Some("mapping")),
            (ScimType::InvalidPath, "nope", Some("ignore-unknown-patch-paths")),
            (ScimType::NoTarget, "emails", Some("replace-upserts")),
            (ScimType::Mutability, "groups", Some("mapping")),
            (ScimType::Uniqueness, "userName", Some("match")),
            (ScimType::InvalidSyntax, "schemas", None),
        ];
        for (scim_type, attribute, expected) in cases {
            let error = ScimError::new(scim_type, "wrong").at(attribute);
            match (advice(&error), expected) {
                (Some(advice), Some(expected)) => assert!(advice.contains(expected), "{advice}"),
                (found, expected) => assert_eq!(found, expected),
            }
        }
        assert_eq!(advice(&ScimError::new(ScimType::InvalidValue, "wrong")), None);
    }
}
