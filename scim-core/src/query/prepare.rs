//! From the JSON values of an attribute to their comparable form.

use std::borrow::Cow;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;

use super::{Decimal, Prepared, instant, text, uri, values};
use crate::{
    resource::Object,
    schema::{Attribute, Preparation},
};

/// Padding is optional and bits beyond the last octet are let pass: the octets are what counts.
const BASE64: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, BASE64);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, BASE64);

/// The comparable form of one value of an attribute (RFC 7644 §5, §7.8).
///
/// `None` for null, for an array or object, and for what is not of the attribute's type.
///
/// ```
/// use scim_core::{query::prepare, schema::Registry};
///
/// let registry = Registry::standard();
/// let user_name = registry.resource_type("User").unwrap().attribute("userName").unwrap();
/// let prepared = prepare(user_name, &"BJensen".into()).unwrap();
/// assert_eq!(prepared.as_text(), Some("bjensen"));
/// ```
pub fn prepare(attribute: &Attribute, value: &Value) -> Option<Prepared> {
    match (attribute.preparation(), value) {
        (Preparation::Boolean, Value::Bool(value)) => Some(Prepared::Boolean(*value)),
        (Preparation::Number, Value::Number(number)) => {
            Decimal::parse(&number.to_string()).map(Prepared::Number)
        }
        (_, Value::String(text)) => prepare_text(attribute, text),
        _ => None,
    }
}

/// All comparable values of an attribute in the values of a document.
///
/// Of a multi-valued complex attribute its `value` is meant; of a sub-attribute there is one value
/// for each value of its parent that has it. An absent `primary` counts as `false`
/// (RFC 7643 §2.4). `id` and `meta` are no part of a document.
pub fn prepared_values(attribute: &Attribute, values: &Object) -> Vec<Prepared> {
    let attribute = value_part(attribute);
    values::scalars(attribute, values).filter_map(|value| prepare(attribute, value)).collect()
}

/// What is compared where an attribute is named: of a multi-valued complex one, its `value`
/// (RFC 7644 §3.4.2.2).
pub(super) fn value_part(attribute: &Attribute) -> &Attribute {
    match attribute.sub_attribute("value") {
        Some(value) if attribute.is_multi_valued() => value,
        _ => attribute,
    }
}

/// The comparable form of a value that travels as a JSON string.
pub(super) fn prepare_text(attribute: &Attribute, text: &str) -> Option<Prepared> {
    let prepared = match attribute.preparation() {
        Preparation::UserName => text::user_name(text),
        Preparation::CaseFolded => text::case_folded(text),
        Preparation::Handle => text::handle(text),
        Preparation::CaseExact => text::case_exact(text),
        Preparation::Reference => uri::normalised(text, version(attribute)),
        Preparation::Instant => return instant::parse(text).map(Prepared::Instant),
        Preparation::Octets => return octets(text).map(Prepared::Octets),
        Preparation::Boolean | Preparation::Number | Preparation::None => return None,
    };
    Some(Prepared::Text(prepared))
}

/// The comparable form of a part of a text, as `co`, `sw` and `ew` look for it.
pub(super) fn prepare_fragment(attribute: &Attribute, part: &str) -> Option<Prepared> {
    match attribute.preparation() {
        Preparation::Reference => Some(Prepared::Text(uri::fragment(part, version(attribute)))),
        _ => prepare_text(attribute, part),
    }
}

/// Whether a reference points at SCIM resources, so that a version in its path does not count.
pub(super) fn version(attribute: &Attribute) -> uri::Version {
    let is_resource = |target: &String| target != "external" && target != "uri";
    match attribute.reference_types().iter().any(is_resource) {
        true => uri::Version::Ignored,
        false => uri::Version::Kept,
    }
}

/// RFC 7643 §2.3.6: base64 or base64url (A-014). Spaces and line breaks are passed over.
fn octets(text: &str) -> Option<Box<[u8]>> {
    let text = match text.contains(|c: char| c.is_ascii_whitespace()) {
        true => Cow::Owned(text.split_ascii_whitespace().collect()),
        false => Cow::Borrowed(text),
    };
    let engine = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    engine.decode(text.as_bytes()).ok().map(Vec::into_boxed_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, SchemaDefinition,
    };

    fn prepared(kind: AttributeType, value: &Value) -> Option<Prepared> {
        let definition = AttributeDefinition::new("it", kind);
        let registry = Registry::builder()
            .schema(SchemaDefinition::new("urn:example:2.0:It", [definition]))
            .resource_type(ResourceTypeDefinition::new("It", "urn:example:2.0:It"))
            .build()
            .unwrap();
        prepare(registry.resource_type("It").unwrap().attribute("it").unwrap(), value)
    }

    #[test]
    fn binary_values_are_compared_by_their_octets() {
        // A-014
        let octets = Some(Prepared::Octets([0xfb, 0xff].into()));
        for text in ["+/8=", "+/8", "-_8", "-_8=", "+/\r\n8="] {
            assert_eq!(prepared(AttributeType::Binary, &json!(text)), octets, "{text}");
        }
        assert_ne!(prepared(AttributeType::Binary, &json!("+/8B")), octets);
        for text in ["+_8=", "*", "A"] {
            assert_eq!(prepared(AttributeType::Binary, &json!(text)), None, "{text}");
        }
    }

    #[test]
    fn what_points_at_resources_is_compared_without_a_version() {
        // A-027
        let reference = |types: &[&str]| {
            let definition = AttributeDefinition::new("it", AttributeType::Reference);
            let registry = Registry::builder()
                .schema(SchemaDefinition::new(
                    "urn:example:2.0:It",
                    [definition.reference_types(types.iter().copied())],
                ))
                .resource_type(ResourceTypeDefinition::new("It", "urn:example:2.0:It"))
                .build()
                .unwrap();
            registry.resource_type("It").unwrap().attribute("it").unwrap().clone()
        };
        let text = |prepared: Option<Prepared>| prepared.unwrap().as_text().unwrap().to_owned();
        for (types, whole, part) in [
            (["It"].as_slice(), "https://x.test/It/1", "/It"),
            (&["external", "It"], "https://x.test/It/1", "/It"),
            (&["external"], "https://x.test/v2/It/1", "/v2/It"),
            (&["uri"], "https://x.test/v2/It/1", "/v2/It"),
        ] {
            let attribute = reference(types);
            let prepared = prepare(&attribute, &json!("HTTPS://X.test/v2/It/1"));
            assert_eq!(text(prepared), whole, "{types:?}");
            assert_eq!(text(prepare_fragment(&attribute, "/v2/It")), part, "{types:?}");
            // A part has no path unless it says so.
            assert_eq!(text(prepare_fragment(&attribute, "HTTPS://X.test")), "https://x.test");
        }
    }

    #[test]
    fn only_of_many_values_the_value_is_meant() {
        // RFC 7644 §3.4.2.2
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let path = |path: &str| value_part(user.attribute(path).unwrap()).path().to_owned();
        assert_eq!(path("emails"), "emails.value");
        assert_eq!(path("name"), "name");
        let extension = user.extensions().first().unwrap();
        let manager = extension.attributes().iter().find(|it| it.name() == "manager").unwrap();
        assert_eq!(value_part(manager).name(), "manager");
    }

    #[test]
    fn a_value_of_another_type_has_no_comparable_form() {
        use AttributeType::{Boolean, DateTime, Decimal, Integer, String};
        let cases = [
            (String, json!(5)),
            (String, json!(null)),
            (Boolean, json!("true")),
            (Integer, json!("5")),
            (Decimal, json!(true)),
            (DateTime, json!("yesterday")),
            (String, json!(["x"])),
        ];
        for (kind, value) in cases {
            assert_eq!(prepared(kind, &value), None, "{kind:?} {value}");
        }
    }

    #[test]
    fn values_are_gathered_from_wherever_the_attribute_stands() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let values = json!({
            "emails": [{"value": "A@x", "primary": true}, {"value": "b@x"}, {"type": "work"}],
            "name": {"familyName": "Jensen"},
            enterprise: {"manager": {"value": "26118915"}},
        });
        let texts = |name: &str, sub: Option<&str>| -> Vec<String> {
            let attribute = user.resolve(None, name, sub).unwrap();
            prepared_values(attribute, values.as_object().unwrap())
                .iter()
                .map(|value| value.as_text().unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(texts("emails", None), ["a@x", "b@x"]);
        assert_eq!(texts("emails", Some("value")), ["a@x", "b@x"]);
        assert_eq!(texts("name", Some("familyName")), ["jensen"]);
        assert_eq!(texts("manager", Some("value")), ["26118915"]);
        assert_eq!(texts("userName", None), Vec::<String>::new());
        // A-026
        let primary = user.resolve(None, "emails", Some("primary")).unwrap();
        let expected = [true, false, false].map(Prepared::Boolean);
        assert_eq!(prepared_values(primary, values.as_object().unwrap()), expected);
    }
}
