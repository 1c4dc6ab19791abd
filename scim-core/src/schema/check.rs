//! The rules that a schema must keep to be registered (RFC 7643 §2, §7).

use super::{
    characteristics::{AttributeType, Mutability, Uniqueness},
    definition::{AttributeDefinition, SchemaDefinition},
    error::{SchemaError, SchemaErrorKind as Kind},
};

/// Checks a completed definition.
///
/// # Errors
/// The first broken rule in schema order.
pub(super) fn schema(schema: &SchemaDefinition) -> Result<(), SchemaError> {
    if !is_uri(&schema.id) {
        return Err(SchemaError::new(&schema.id, Kind::InvalidUri));
    }
    names_are_distinct(&schema.attributes, &schema.id)?;
    schema.attributes.iter().try_for_each(|attribute| {
        let place = format!("{}:{}", schema.id, attribute.name);
        self::attribute(attribute, &place)?;
        for sub in &attribute.sub_attributes {
            let place = format!("{place}.{}", sub.name);
            if sub.kind == AttributeType::Complex {
                return Err(SchemaError::new(place, Kind::NestedComplex));
            }
            self::attribute(sub, &place)?;
            if attribute.multi_valued {
                if sub.mutability == Mutability::WriteOnly {
                    return Err(SchemaError::new(place, Kind::MisplacedSecret));
                }
                standard_sub_attribute(sub, &place)?;
            }
        }
        Ok(())
    })
}

fn attribute(attribute: &AttributeDefinition, place: &str) -> Result<(), SchemaError> {
    let broken = if !is_attribute_name(&attribute.name) {
        Kind::InvalidName
    } else if (attribute.kind == AttributeType::Complex) == attribute.sub_attributes.is_empty() {
        Kind::MisplacedSubAttributes
    } else if attribute.kind != AttributeType::Reference && !attribute.reference_types.is_empty() {
        Kind::MisplacedReferenceTypes
    } else if cannot_be_unique(attribute) {
        Kind::MisplacedUniqueness
    } else {
        return names_are_distinct(&attribute.sub_attributes, place);
    };
    Err(SchemaError::new(place, broken))
}

fn cannot_be_unique(attribute: &AttributeDefinition) -> bool {
    matches!(attribute.kind, AttributeType::Binary | AttributeType::Boolean)
        && attribute.uniqueness.unwrap_or_default() != Uniqueness::None
}

/// RFC 7643 §2.4: the standard sub-attributes keep their meaning.
fn standard_sub_attribute(sub: &AttributeDefinition, place: &str) -> Result<(), SchemaError> {
    let expected = match sub.name.as_str() {
        "primary" => AttributeType::Boolean,
        "type" | "display" => AttributeType::String,
        "$ref" => AttributeType::Reference,
        _ => return Ok(()),
    };
    if sub.kind == expected {
        return Ok(());
    }
    let expected = expected.as_str();
    Err(SchemaError::new(place, Kind::RedefinedSubAttribute { expected }))
}

fn names_are_distinct(attributes: &[AttributeDefinition], place: &str) -> Result<(), SchemaError> {
    let mut names: Vec<_> =
        attributes.iter().map(|attribute| attribute.name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    let twice = names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next);
    match twice {
        Some((name, _)) => Err(SchemaError::new(format!("{place}: {name}"), Kind::Duplicate)),
        None => Ok(()),
    }
}

/// `ATTRNAME` of RFC 7643 §2.1 with the `$` of erratum 8924.
fn is_attribute_name(name: &str) -> bool {
    let name = name.strip_prefix('$').unwrap_or(name);
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '-' | '_'))
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.is_empty()
        && text.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken_by(attribute: AttributeDefinition) -> Option<Kind> {
        let definition = SchemaDefinition::new("urn:example:2.0:Thing", [attribute.completed()]);
        schema(&definition).err().map(|error| error.kind().clone())
    }

    #[test]
    fn attribute_names_follow_the_grammar() {
        //
        for good in ["x", "$ref", "a$b", "a-b_1"] {
            assert_eq!(broken_by(AttributeDefinition::new(good, AttributeType::String)), None);
        }
        for bad in ["", "1bad", "na me", "$", "_x", "é"] {
            let broken = broken_by(AttributeDefinition::new(bad, AttributeType::String));
            assert_eq!(broken, Some(Kind::InvalidName), "{bad:?}");
        }
    }

    #[test]
    fn complex_attributes_do_not_nest() {
        //
        let inner = AttributeDefinition::new("inner", AttributeType::Complex)
            .sub_attributes([AttributeDefinition::new("x", AttributeType::String)]);
        let outer =
            AttributeDefinition::new("outer", AttributeType::Complex).sub_attributes([inner]);
        assert_eq!(broken_by(outer), Some(Kind::NestedComplex));
    }

    #[test]
    fn standard_sub_attributes_keep_their_type() {
        //
        let parts = AttributeDefinition::new("parts", AttributeType::Complex)
            .multi_valued()
            .sub_attributes([AttributeDefinition::new("primary", AttributeType::String)]);
        let expected = Some(Kind::RedefinedSubAttribute { expected: "boolean" });
        assert_eq!(broken_by(parts), expected);
    }

    #[test]
    fn parts_of_lists_are_no_secrets() {
        //
        let pin = AttributeDefinition::new("pin", AttributeType::String)
            .mutability(Mutability::WriteOnly);
        let keys = AttributeDefinition::new("keys", AttributeType::Complex).sub_attributes([pin]);
        assert_eq!(broken_by(keys.clone()), None);
        assert_eq!(broken_by(keys.multi_valued()), Some(Kind::MisplacedSecret));
    }

    #[test]
    fn reference_types_belong_to_references() {
        //
        let text =
            AttributeDefinition::new("text", AttributeType::String).reference_types(["User"]);
        assert_eq!(broken_by(text), Some(Kind::MisplacedReferenceTypes));
    }
}
