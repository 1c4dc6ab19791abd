//! Schema definitions as they travel: the JSON of RFC 7643 §7, with the defaults of §2.2.

use serde::{Deserialize, Deserializer, Serialize};

use super::characteristics::{AttributeType, Mutability, Returned, Uniqueness};

/// One attribute of a schema with its characteristics (RFC 7643 §7).
///
/// What a definition leaves out takes the default of RFC 7643 §2.2.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AttributeDefinition {
    /// The attribute's name, in the case in which it is returned.
    pub name: String,
    /// The data type.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Whether the value is an array.
    pub multi_valued: bool,
    /// Text for humans.
    #[serde(deserialize_with = "null_is_default")]
    pub description: String,
    /// Whether every resource has a value.
    pub required: bool,
    /// Whether case matters in comparisons; `None` where the type knows no case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_exact: Option<bool>,
    /// Suggested values; empty means none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Who may write the attribute.
    pub mutability: Mutability,
    /// When the attribute is returned.
    pub returned: Returned,
    /// Over which resources the value is unique; `None` for complex attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uniqueness: Option<Uniqueness>,
    /// What a reference may point at: resource type names, `external` or `uri`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// The parts of a complex attribute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<AttributeDefinition>,
}

impl AttributeDefinition {
    /// An optional, single-valued, readWrite attribute of the given type.
    ///
    /// ```
    /// use scim_core::schema::{AttributeDefinition, AttributeType, Uniqueness};
    ///
    /// let badge = AttributeDefinition::new("badge", AttributeType::String)
    ///     .case_exact()
    ///     .unique(Uniqueness::Server);
    /// assert_eq!(badge.case_exact, Some(true));
    /// ```
    pub fn new(name: impl Into<String>, kind: AttributeType) -> Self {
        Self { name: name.into(), kind, ..Self::default() }
    }

    /// Makes the attribute an array of values.
    pub fn multi_valued(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    /// Makes a value mandatory.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Makes case matter in comparisons.
    pub fn case_exact(mut self) -> Self {
        self.case_exact = Some(true);
        self
    }

    /// Sets who may write the attribute.
    pub fn mutability(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        self
    }

    /// Sets when the attribute is returned.
    pub fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    /// Sets over which resources the value is unique.
    pub fn unique(mut self, uniqueness: Uniqueness) -> Self {
        self.uniqueness = Some(uniqueness);
        self
    }

    /// Sets the text for humans.
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets the suggested values.
    pub fn canonical_values<S: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        self.canonical_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what a reference may point at.
    pub fn reference_types<S: Into<String>>(mut self, types: impl IntoIterator<Item = S>) -> Self {
        self.reference_types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the parts of a complex attribute.
    pub fn sub_attributes(mut self, parts: impl IntoIterator<Item = AttributeDefinition>) -> Self {
        self.sub_attributes = parts.into_iter().collect();
        self
    }

    /// The definition with every characteristic that applies to its type spelled out and every
    /// other one dropped.
    ///
    /// A multi-valued complex attribute without sub-attributes gets the default ones of
    /// RFC 7643 §2.4.
    pub(crate) fn completed(mut self) -> Self {
        if self.kind == AttributeType::Complex {
            self.case_exact = None;
            self.uniqueness = None;
            if self.multi_valued && self.sub_attributes.is_empty() {
                self.sub_attributes = default_sub_attributes();
            }
            self.sub_attributes = self.sub_attributes.into_iter().map(Self::completed).collect();
        } else {
            let exact = matches!(self.kind, AttributeType::Binary)
                || self.case_exact.unwrap_or(self.kind == AttributeType::Reference);
            self.case_exact = self.kind.has_case().then_some(exact);
            self.uniqueness = Some(self.uniqueness.unwrap_or_default());
        }
        self
    }
}

/// The sub-attributes of a multi-valued attribute that names none (RFC 7643 §2.4).
fn default_sub_attributes() -> Vec<AttributeDefinition> {
    let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
    vec![
        text("type"),
        AttributeDefinition::new("primary", AttributeType::Boolean),
        text("display").mutability(Mutability::Immutable),
        text("value"),
        AttributeDefinition::new("$ref", AttributeType::Reference).reference_types(["uri"]),
    ]
}

/// A schema as it is written down and registered (RFC 7643 §7).
///
/// ```
/// use scim_core::schema::SchemaDefinition;
///
/// let schema: SchemaDefinition = serde_json::from_str(
///     r#"{"id": "urn:example:2.0:Badge", "attributes": [{"name": "number"}]}"#,
/// )?;
/// assert_eq!(schema.attributes[0].name, "number");
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SchemaDefinition {
    /// The schema's URI.
    pub id: String,
    /// A short name for humans.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Text for humans.
    #[serde(default, deserialize_with = "null_is_default")]
    pub description: String,
    /// The attributes in the order in which they are shown.
    #[serde(default)]
    pub attributes: Vec<AttributeDefinition>,
}

impl SchemaDefinition {
    /// A schema of the given URI and attributes.
    pub fn new(
        id: impl Into<String>,
        attributes: impl IntoIterator<Item = AttributeDefinition>,
    ) -> Self {
        Self { id: id.into(), attributes: attributes.into_iter().collect(), ..Self::default() }
    }

    /// Sets the short name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the text for humans.
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The attribute of this name, ignoring case, to adapt a schema before it is registered.
    ///
    /// ```
    /// use scim_core::schema::builtin;
    ///
    /// let mut user = builtin::user();
    /// if let Some(display_name) = user.attribute_mut("displayname") {
    ///     display_name.required = true;
    /// }
    /// ```
    pub fn attribute_mut(&mut self, name: &str) -> Option<&mut AttributeDefinition> {
        self.attributes.iter_mut().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// A resource type as it is written down and registered (RFC 7643 §6), with its relations.
///
/// ```
/// use scim_core::schema::ResourceTypeDefinition;
///
/// let device: ResourceTypeDefinition = serde_json::from_str(
///     r#"{"name": "Device", "endpoint": "/Devices", "schema": "urn:example:2.0:Device"}"#,
/// )?;
/// assert!(device.relations.is_empty());
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceTypeDefinition {
    /// The name, which is also its id and the `meta.resourceType` of its resources.
    pub name: String,
    /// The endpoint below the base path, such as `/Users`.
    pub endpoint: String,
    /// URI of the base schema.
    pub schema: String,
    /// Text for humans.
    #[serde(default)]
    pub description: String,
    /// The extensions that its resources may or must have.
    #[serde(default)]
    pub schema_extensions: Vec<ExtensionDefinition>,
    /// The attributes whose values are other resources.
    #[serde(default, skip_serializing)]
    pub relations: Vec<RelationDefinition>,
}

impl ResourceTypeDefinition {
    /// A resource type without extensions and relations, at the plural of its name
    /// (RFC 7644 §3.2).
    pub fn new(name: impl Into<String>, schema: impl Into<String>) -> Self {
        let name = name.into();
        let endpoint = format!("/{name}s");
        Self { name, endpoint, schema: schema.into(), ..Self::default() }
    }

    /// Sets the endpoint.
    pub fn at(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// Sets the text for humans.
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Adds an extension that resources may have.
    pub fn extension(mut self, schema: impl Into<String>) -> Self {
        self.schema_extensions.push(ExtensionDefinition { schema: schema.into(), required: false });
        self
    }

    /// Adds an extension that every resource must have.
    pub fn required_extension(mut self, schema: impl Into<String>) -> Self {
        self.schema_extensions.push(ExtensionDefinition { schema: schema.into(), required: true });
        self
    }

    /// Adds a relation.
    pub fn relation(mut self, relation: RelationDefinition) -> Self {
        self.relations.push(relation);
        self
    }
}

/// An extension of a resource type (RFC 7643 §6, `schemaExtensions`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtensionDefinition {
    /// URI of the extension's schema.
    pub schema: String,
    /// Whether every resource of the type must have it.
    #[serde(default)]
    pub required: bool,
}

/// An attribute whose values are edges to other resources, such as the `members` of a Group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RelationDefinition {
    /// Name of the multi-valued complex attribute that holds the edges.
    pub attribute: String,
    /// Names of the resource types that an edge may point at.
    pub targets: Vec<String>,
    /// Name of the readOnly attribute in which a target shows its sources, if its schema has it.
    #[serde(default)]
    pub inverse: Option<String>,
}

impl RelationDefinition {
    /// A relation from an attribute to resources of the given types.
    pub fn new<S: Into<String>>(
        attribute: impl Into<String>,
        targets: impl IntoIterator<Item = S>,
    ) -> Self {
        let targets = targets.into_iter().map(Into::into).collect();
        Self { attribute: attribute.into(), targets, inverse: None }
    }

    /// Names the attribute in which a target shows its sources.
    pub fn inverse(mut self, attribute: impl Into<String>) -> Self {
        self.inverse = Some(attribute.into());
        self
    }
}

fn null_is_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
