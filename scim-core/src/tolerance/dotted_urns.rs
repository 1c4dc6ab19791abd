//! A dot after the URN of a schema: `urn:…:2.0:User.manager`, in old samples of Entra ID.

use crate::schema::{Extension, ResourceType};

/// The path with a colon after the longest registered URN that it begins with, if there is a dot.
pub(crate) fn with_colon(resource_type: &ResourceType, path: &str) -> Option<String> {
    let path = path.trim_matches(' ');
    let extensions = resource_type.extensions().iter().map(Extension::urn);
    let urns = std::iter::once(resource_type.schema()).chain(extensions);
    let longest = urns
        .filter_map(|urn| {
            let (front, rest) = path.split_at_checked(urn.len())?;
            let is_urn = front.eq_ignore_ascii_case(urn) && rest.starts_with([':', '.']);
            is_urn.then_some((front, rest))
        })
        .max_by_key(|(front, _)| front.len());
    let (urn, rest) = longest?;
    rest.strip_prefix('.').map(|local| format!("{urn}:{local}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Registry, builtin::ENTERPRISE_USER};

    #[test]
    fn a_dot_after_a_urn_becomes_a_colon() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let core = user.schema();
        let cases = [
            (format!("{ENTERPRISE_USER}.manager"), Some(format!("{ENTERPRISE_USER}:manager"))),
            (
                format!("{ENTERPRISE_USER}.manager.value"),
                Some(format!("{ENTERPRISE_USER}:manager.value")),
            ),
            (format!(" {core}.title"), Some(format!("{core}:title"))),
            (format!("{ENTERPRISE_USER}:manager.value"), None),
            ("name.givenName".to_owned(), None),
            (ENTERPRISE_USER.to_owned(), None),
            (format!("{core}s.title"), None),
        ];
        for (path, expected) in cases {
            assert_eq!(with_colon(user, &path), expected, "{path}");
        }
    }
}
