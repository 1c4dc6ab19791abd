//! A comparison of a complex attribute as a whole: Entra ID asks `manager eq "id"` to check a
//! reference.

use std::sync::Arc;

use scim_filter::{AttrName, Comparison, Filter};

use crate::schema::{AttributeType, ResourceType};

/// Compares the `value` of single-valued complex attributes where they are compared as a whole;
/// whether there were any.
///
/// Of multi-valued ones the RFC compares the `value` itself (RFC 7644 §3.4.2.2).
pub(super) fn by_value(filter: &mut Filter<'_>, types: &[Arc<ResourceType>]) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            let mut is_any = false;
            for part in parts {
                is_any |= by_value(part, types);
            }
            is_any
        }
        Filter::Not(part) => by_value(part, types),
        Filter::Compare(comparison) => rewrite(comparison, types),
        Filter::Present(_) | Filter::ValuePath(_) => false,
    }
}

fn rewrite(comparison: &mut Comparison<'_>, types: &[Arc<ResourceType>]) -> bool {
    let path = &mut comparison.path;
    if path.sub.is_some() {
        return false;
    }
    let find = |it: &Arc<ResourceType>| it.resolve(path.uri.as_deref(), &path.name, None).cloned();
    let is_meant = types.iter().filter_map(find).any(|attribute| {
        attribute.kind() == AttributeType::Complex
            && !attribute.is_multi_valued()
            && attribute.sub_attribute("value").is_some()
    });
    if is_meant {
        path.sub = AttrName::new("value").ok();
    }
    is_meant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Registry;

    #[test]
    fn only_single_complex_attributes_with_a_value_are_meant() {
        let registry = Registry::standard();
        let types = registry.resource_types();
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let cases = [
            ("id eq \"1\" and manager eq \"2\"".to_owned(), Some("manager.value eq")),
            (format!("not ({urn}:manager eq \"2\")"), Some("manager.value eq")),
            ("manager pr".to_owned(), None),
            ("name eq \"x\"".to_owned(), None),
            ("emails eq \"x\"".to_owned(), None),
            ("manager.value eq \"x\"".to_owned(), None),
            ("nothing eq \"x\"".to_owned(), None),
        ];
        for (text, expected) in cases {
            let mut filter = text.parse().unwrap();
            assert_eq!(by_value(&mut filter, types), expected.is_some(), "{text}");
            let printed = filter.to_string();
            assert!(printed.contains(expected.unwrap_or(&text)), "{printed}");
        }
    }
}
