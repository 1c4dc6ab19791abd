//! Which attributes a response shows (RFC 7644 §3.4.2.5, §3.9; RFC 7643 §7, `returned`).

use std::sync::Arc;

use scim_filter::Parser;
use serde_json::Value;

use super::Object;
use crate::schema::{Attribute, ResourceType, Returned};

/// Which attributes of a resource are shown: the `attributes` and `excludedAttributes` of a
/// request, resolved against a resource type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    mode: Mode,
    /// Attributes that are returned on request and were set by the request itself.
    also: Vec<Arc<Attribute>>,
    /// Attributes that the caller may not read.
    hidden: Vec<Arc<Attribute>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Mode {
    #[default]
    Default,
    Only(Vec<Named>),
    Except(Vec<Named>),
}

/// What a name in `attributes` or `excludedAttributes` stands for.
#[derive(Clone, Debug, PartialEq)]
enum Named {
    Attribute(Arc<Attribute>),
    /// A whole namespace: an extension (G-010), or the base schema (`None`).
    Namespace(Option<Box<str>>),
}

impl Selection {
    /// The attributes named, and those that are always returned. Unknown names are no error
    /// (G-012).
    pub fn only<'a>(
        resource_type: &ResourceType,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self { mode: Mode::Only(resolve(resource_type, names)), ..Self::default() }
    }

    /// The default attributes without those named.
    pub fn except<'a>(
        resource_type: &ResourceType,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self { mode: Mode::Except(resolve(resource_type, names)), ..Self::default() }
    }

    /// Shows attributes as well that are returned only on request.
    pub(crate) fn also_show(&mut self, also: impl IntoIterator<Item = Arc<Attribute>>) {
        self.also.extend(also.into_iter().filter(|it| it.returned() == Returned::Request));
    }

    /// Hides attributes from a caller that may not read them.
    pub(crate) fn hide(&mut self, hidden: impl IntoIterator<Item = Arc<Attribute>>) {
        self.hidden.extend(hidden);
    }

    /// Whether a plain GET without parameters shows the same.
    pub fn is_default(&self) -> bool {
        self.mode == Mode::Default && self.also.is_empty() && self.hidden.is_empty()
    }

    /// Whether the client named any attribute.
    pub fn is_explicit(&self) -> bool {
        self.mode != Mode::Default
    }

    /// Whether the attribute, or at least some part of it, is shown.
    pub fn shows(&self, attribute: &Attribute) -> bool {
        match attribute.returned() {
            Returned::Never => false,
            _ if self.hidden.iter().any(|it| **it == *attribute) => false,
            Returned::Always => true,
            returned => match &self.mode {
                Mode::Default => self.shows_by_default(attribute, returned),
                Mode::Only(named) => named.iter().any(|it| it.selects(attribute)),
                Mode::Except(named) => {
                    self.shows_by_default(attribute, returned)
                        && !named.iter().any(|it| it.covers(attribute))
                }
            },
        }
    }

    fn shows_by_default(&self, attribute: &Attribute, returned: Returned) -> bool {
        returned == Returned::Default || self.also.iter().any(|it| **it == *attribute)
    }

    /// Whether something shown is kept in the hidden part of documents.
    pub fn needs_hidden(&self, resource_type: &ResourceType) -> bool {
        let is_hidden = |it: &Arc<Attribute>| it.returned() == Returned::Request && self.shows(it);
        self.is_explicit()
            && resource_type.all_attributes().any(|attribute| {
                is_hidden(attribute) || attribute.sub_attributes().iter().any(is_hidden)
            })
            || !self.also.is_empty()
    }

    /// The values of a document that are shown.
    pub fn project(&self, resource_type: &ResourceType, values: &Object) -> Object {
        let mut shown = Object::new();
        for (name, value) in values {
            let part = match (resource_type.attribute(name), resource_type.extension(name)) {
                (Some(attribute), _) => self.project_value(attribute, value),
                (None, Some(extension)) => value.as_object().and_then(|object| {
                    let find = |name: &str| extension.attribute(name);
                    non_empty(self.project_object(object, find))
                }),
                (None, None) => None,
            };
            shown.extend(part.map(|part| (name.clone(), part)));
        }
        shown
    }

    /// The part of one attribute's value that is shown; `None` if there is none.
    pub(crate) fn project_value(&self, attribute: &Attribute, value: &Value) -> Option<Value> {
        if !self.shows(attribute) {
            return None;
        }
        match value {
            Value::Object(object) => {
                non_empty(self.project_object(object, |name| attribute.sub_attribute(name)))
            }
            Value::Array(elements) if !attribute.sub_attributes().is_empty() => {
                let shown: Vec<_> = elements
                    .iter()
                    .filter_map(|element| self.project_value(attribute, element))
                    .collect();
                (!shown.is_empty()).then_some(Value::Array(shown))
            }
            simple => Some(simple.clone()),
        }
    }

    fn project_object<'a>(
        &self,
        object: &Object,
        find: impl Fn(&str) -> Option<&'a Arc<Attribute>>,
    ) -> Object {
        let shown = object.iter().filter_map(|(name, value)| {
            let part = self.project_value(find(name)?, value)?;
            Some((name.clone(), part))
        });
        shown.collect()
    }
}

impl Named {
    /// Whether naming this in `attributes` shows the attribute or a part of it.
    fn selects(&self, attribute: &Attribute) -> bool {
        match self {
            Self::Attribute(named) if **named == *attribute => true,
            // A whole brings its default parts; a part brings along its whole, reduced to it.
            Self::Attribute(named) => {
                is_part(attribute, named) && attribute.returned() == Returned::Default
                    || is_part(named, attribute)
            }
            Self::Namespace(_) => {
                self.covers(attribute) && attribute.returned() == Returned::Default
            }
        }
    }

    /// Whether naming this in `excludedAttributes` takes the attribute away as a whole.
    fn covers(&self, attribute: &Attribute) -> bool {
        match self {
            Self::Attribute(named) => **named == *attribute || is_part(attribute, named),
            Self::Namespace(urn) => attribute.namespace() == urn.as_deref(),
        }
    }
}

fn is_part(part: &Attribute, whole: &Attribute) -> bool {
    part.namespace() == whole.namespace() && part.parent_name() == Some(whole.name())
}

fn non_empty(object: Object) -> Option<Value> {
    (!object.is_empty()).then_some(Value::Object(object))
}

fn resolve<'a>(
    resource_type: &ResourceType,
    names: impl IntoIterator<Item = &'a str>,
) -> Vec<Named> {
    names.into_iter().filter_map(|name| resolve_one(resource_type, name.trim())).collect()
}

fn resolve_one(resource_type: &ResourceType, name: &str) -> Option<Named> {
    if resource_type.schema().eq_ignore_ascii_case(name) {
        return Some(Named::Namespace(None));
    }
    if let Some(extension) = resource_type.extension(name) {
        return Some(Named::Namespace(Some(extension.urn().into())));
    }
    let path = Parser::tolerant().attr_path(name).ok()?;
    let uri = path.uri.as_ref().map(|uri| uri.as_str());
    let sub = path.sub.as_ref().map(|sub| sub.as_str());
    resource_type.resolve(uri, path.name.as_str(), sub).cloned().map(Named::Attribute)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Registry;

    fn shown(selection: impl Fn(&ResourceType) -> Selection) -> Value {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let values = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "bjensen",
            "password": "secret",
            "name": {"givenName": "Barbara", "familyName": "Jensen"},
            "emails": [{"value": "b@x", "type": "work"}, {"type": "home"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                {"department": "Tours", "manager": {"value": "1"}}
        });
        selection(user).project(user, values.as_object().unwrap()).into()
    }

    const SCHEMAS: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    #[test]
    fn attributes_name_the_whole_set_but_for_those_always_returned() {
        // G-004, G-005, G-006, A-002, A-038, A-039
        let cases = [
            ("USERNAME", json!({"schemas": [SCHEMAS], "userName": "bjensen"})),
            ("name.givenName", json!({"schemas": [SCHEMAS], "name": {"givenName": "Barbara"}})),
            (
                "name",
                json!({"schemas": [SCHEMAS],
                    "name": {"givenName": "Barbara", "familyName": "Jensen"}}),
            ),
            ("emails.value", json!({"schemas": [SCHEMAS], "emails": [{"value": "b@x"}]})),
            ("password", json!({"schemas": [SCHEMAS]})),
            ("nosuch", json!({"schemas": [SCHEMAS]})),
            // G-010, G-011
            (
                ENTERPRISE,
                json!({"schemas": [SCHEMAS],
                    ENTERPRISE: {"department": "Tours", "manager": {"value": "1"}}}),
            ),
            ("department", json!({"schemas": [SCHEMAS], ENTERPRISE: {"department": "Tours"}})),
        ];
        for (name, expected) in cases {
            assert_eq!(shown(|it| Selection::only(it, [name])), expected, "{name}");
        }
        // G-009
        let qualified = format!("{ENTERPRISE}:manager.value");
        let expected = json!({"schemas": [SCHEMAS], ENTERPRISE: {"manager": {"value": "1"}}});
        assert_eq!(shown(|it| Selection::only(it, [qualified.as_str()])), expected);
    }

    #[test]
    fn excluded_attributes_go_unless_always_returned() {
        // G-007, A-040
        let names = ["schemas", "name.givenName", "emails", ENTERPRISE];
        let expected = json!({
            "schemas": [SCHEMAS], "userName": "bjensen", "name": {"familyName": "Jensen"}
        });
        assert_eq!(shown(|it| Selection::except(it, names)), expected);
    }

    #[test]
    fn a_password_is_in_no_selection() {
        // A-037, W-008
        let all = shown(|_| Selection::default());
        assert!(all.get("userName").is_some() && all.get("password").is_none());
    }
}
