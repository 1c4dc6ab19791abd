//! The set of schemas and resource types that one service provider offers.

use std::sync::Arc;

use super::{
    attribute::Attribute,
    builtin,
    characteristics::{AttributeType, Mutability},
    check,
    definition::{
        AttributeDefinition, RelationDefinition, ResourceTypeDefinition, SchemaDefinition,
    },
    error::{SchemaError, SchemaErrorKind as Kind},
    form::Form,
    namespace::Namespace,
    resource_type::{Extension, Inverse, Relation, ResourceType},
};

/// Endpoints that the protocol itself uses (RFC 7644 §3.2).
const PROTOCOL_ENDPOINTS: [&str; 6] =
    ["/Me", "/Bulk", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/.search"];

/// Prefixes that the RFCs keep for themselves (RFC 7643 §10.3).
const RESERVED_PREFIXES: [&str; 2] =
    ["urn:ietf:params:scim:schemas:core:", "urn:ietf:params:scim:api:"];

/// The schemas and resource types of one service provider, checked and compiled.
///
/// ```
/// use scim_core::schema::{
///     AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, SchemaDefinition,
/// };
///
/// let registry = Registry::builder()
///     .standard()
///     .schema(SchemaDefinition::new(
///         "urn:example:2.0:Device",
///         [AttributeDefinition::new("serial", AttributeType::String).required()],
///     ))
///     .resource_type(ResourceTypeDefinition::new("Device", "urn:example:2.0:Device"))
///     .build()?;
/// assert_eq!(registry.at_endpoint("/devices").unwrap().name(), "Device");
/// # Ok::<_, scim_core::schema::SchemaError>(())
/// ```
#[derive(Debug)]
pub struct Registry {
    schemas: Vec<Arc<SchemaDefinition>>,
    resource_types: Vec<Arc<ResourceType>>,
}

impl Registry {
    /// Starts with nothing registered but the schemas of the discovery resources.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder { schemas: Vec::new(), resource_types: Vec::new() }
    }

    /// User with the enterprise extension, and Group.
    #[expect(
        clippy::expect_used,
        reason = "the input is part of the crate and checked by its tests"
    )]
    pub fn standard() -> Arc<Self> {
        Self::builder().standard().build().expect("the built-in schemas keep their own rules")
    }

    /// All schemas in the order in which they were registered.
    pub fn schemas(&self) -> &[Arc<SchemaDefinition>] {
        &self.schemas
    }

    /// The schema of this URN, ignoring case.
    pub fn schema(&self, urn: &str) -> Option<&Arc<SchemaDefinition>> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// All resource types in the order in which they were registered.
    pub fn resource_types(&self) -> &[Arc<ResourceType>] {
        &self.resource_types
    }

    /// The resource type of exactly this name.
    pub fn resource_type(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.resource_types.iter().find(|resource_type| resource_type.name() == name)
    }

    /// The resource type at this endpoint, ignoring case.
    pub fn at_endpoint(&self, endpoint: &str) -> Option<&Arc<ResourceType>> {
        self.at_segment(endpoint.strip_prefix('/')?)
    }

    /// The resource type whose endpoint this is without its slash, ignoring case.
    pub(crate) fn at_segment(&self, segment: &str) -> Option<&Arc<ResourceType>> {
        let is_there = |it: &&Arc<ResourceType>| {
            let own = it.endpoint().strip_prefix('/');
            own.is_some_and(|own| own.eq_ignore_ascii_case(segment))
        };
        self.resource_types.iter().find(is_there)
    }

    /// The relation of this name, as [`Relation::name`] gives it.
    pub fn relation(&self, name: &str) -> Option<&Arc<Relation>> {
        self.resource_types
            .iter()
            .flat_map(|resource_type| resource_type.relations())
            .find(|relation| relation.name() == name)
    }
}

/// Collects schemas and resource types; [`build`](Self::build) checks them together.
#[derive(Clone, Debug)]
#[must_use]
pub struct RegistryBuilder {
    schemas: Vec<SchemaDefinition>,
    resource_types: Vec<ResourceTypeDefinition>,
}

impl RegistryBuilder {
    /// Adds User, Group and the enterprise extension of RFC 7643 §4.
    pub fn standard(self) -> Self {
        self.schema(builtin::user())
            .schema(builtin::group())
            .schema(builtin::enterprise_user())
            .resource_type(builtin::user_type())
            .resource_type(builtin::group_type())
    }

    /// Adds a schema.
    pub fn schema(mut self, schema: SchemaDefinition) -> Self {
        self.schemas.push(schema);
        self
    }

    /// Adds a schema from its JSON (RFC 7643 §7).
    ///
    /// # Errors
    /// [`Malformed`](Kind::Malformed) when the text is no schema definition.
    pub fn schema_json(self, json: &str) -> Result<Self, SchemaError> {
        let schema = serde_json::from_str(json).map_err(|error| malformed("schema", &error))?;
        Ok(self.schema(schema))
    }

    /// Adds a resource type.
    pub fn resource_type(mut self, resource_type: ResourceTypeDefinition) -> Self {
        self.resource_types.push(resource_type);
        self
    }

    /// Adds a resource type from its JSON (RFC 7643 §6, and `relations` beside it).
    ///
    /// # Errors
    /// [`Malformed`](Kind::Malformed) when the text is no resource type definition.
    pub fn resource_type_json(self, json: &str) -> Result<Self, SchemaError> {
        let resource_type =
            serde_json::from_str(json).map_err(|error| malformed("resource type", &error))?;
        Ok(self.resource_type(resource_type))
    }

    /// Replaces a resource type that was added under the same name, to adapt a built-in one.
    pub fn replace_resource_type(mut self, resource_type: ResourceTypeDefinition) -> Self {
        self.resource_types.retain(|known| known.name != resource_type.name);
        self.resource_type(resource_type)
    }

    /// Replaces a schema that was added under the same URN, to adapt a built-in one.
    pub fn replace_schema(mut self, schema: SchemaDefinition) -> Self {
        self.schemas.retain(|known| known.id != schema.id);
        self.schema(schema)
    }

    /// Checks everything and compiles it.
    ///
    /// # Errors
    /// The first rule of RFC 7643 that a definition breaks, with its place.
    pub fn build(self) -> Result<Arc<Registry>, SchemaError> {
        let schemas = completed_schemas(self.schemas)?;
        let mut registry = Registry { schemas, resource_types: Vec::new() };
        let mut compiled: Vec<ResourceType> = Vec::new();
        for definition in &self.resource_types {
            let resource_type = compile(definition, &registry)?;
            if compiled.iter().any(|known| clashes(known, &resource_type)) {
                return Err(SchemaError::new(&definition.name, Kind::Duplicate));
            }
            compiled.push(resource_type);
        }
        link_inverses(&mut compiled)?;
        registry.resource_types = compiled.into_iter().map(Arc::new).collect();
        let served = &registry.resource_types;
        // Discovery lists the schemas that are in use (S-008); an unused one would promise nothing.
        registry.schemas.retain(|schema| {
            is_discovery(&schema.id) || served.iter().any(|it| it.uses_schema(&schema.id))
        });
        Ok(Arc::new(registry))
    }
}

fn malformed(place: &str, error: &serde_json::Error) -> SchemaError {
    SchemaError::new(place, Kind::Malformed(error.to_string()))
}

fn is_discovery(urn: &str) -> bool {
    [builtin::SERVICE_PROVIDER_CONFIG, builtin::RESOURCE_TYPE, builtin::SCHEMA].contains(&urn)
}

fn completed_schemas(
    added: Vec<SchemaDefinition>,
) -> Result<Vec<Arc<SchemaDefinition>>, SchemaError> {
    let mut schemas: Vec<Arc<SchemaDefinition>> = Vec::new();
    for mut schema in added {
        schema.attributes.retain(|attribute| !is_common(&attribute.name));
        let schema = completed(schema);
        if is_reserved(&schema.id) {
            return Err(SchemaError::new(schema.id, Kind::ReservedUri));
        }
        if schemas.iter().any(|known| known.id.eq_ignore_ascii_case(&schema.id)) {
            return Err(SchemaError::new(schema.id, Kind::Duplicate));
        }
        check::schema(&schema)?;
        schemas.push(Arc::new(schema));
    }
    // The meta-schema nests complex attributes, as only it may (A-021), so it is not checked.
    schemas.extend(builtin::discovery().map(completed).map(Arc::new));
    Ok(schemas)
}

/// S-012: every characteristic that applies is published.
fn completed(mut schema: SchemaDefinition) -> SchemaDefinition {
    schema.attributes = schema.attributes.into_iter().map(AttributeDefinition::completed).collect();
    schema
}

/// R-009: where a schema lists a common attribute, the characteristics of the RFC win.
fn is_common(name: &str) -> bool {
    ["schemas", "id", "externalId", "meta"].iter().any(|common| common.eq_ignore_ascii_case(name))
}

/// S-019: below the reserved prefixes only the schemas of the RFCs themselves are taken.
fn is_reserved(urn: &str) -> bool {
    let own = [builtin::USER, builtin::GROUP];
    RESERVED_PREFIXES.iter().any(|prefix| urn.starts_with(prefix)) && !own.contains(&urn)
}

fn clashes(one: &ResourceType, other: &ResourceType) -> bool {
    one.name.eq_ignore_ascii_case(&other.name) || one.endpoint.eq_ignore_ascii_case(&other.endpoint)
}

fn compile(
    definition: &ResourceTypeDefinition,
    registry: &Registry,
) -> Result<ResourceType, SchemaError> {
    let schema_of = |urn: &str| {
        registry
            .schema(urn)
            .cloned()
            .ok_or_else(|| SchemaError::new(&definition.name, Kind::UnknownSchema(urn.to_owned())))
    };
    if !is_endpoint(&definition.endpoint) {
        return Err(SchemaError::new(&definition.name, Kind::InvalidEndpoint));
    }
    let schema = schema_of(&definition.schema)?;
    let mut extensions = Vec::with_capacity(definition.schema_extensions.len());
    for extension in &definition.schema_extensions {
        let schema = schema_of(&extension.schema)?;
        let attributes = bind_extension(&schema);
        extensions.push(Extension { schema, required: extension.required, attributes });
    }
    let mut resource_type = ResourceType {
        name: definition.name.as_str().into(),
        description: definition.description.as_str().into(),
        endpoint: definition.endpoint.as_str().into(),
        core: bind_core(&schema),
        schema,
        extensions,
        relations: Vec::new(),
        inverses: Vec::new(),
    };
    for relation in &definition.relations {
        let relation = compile_relation(relation, &mut resource_type)?;
        resource_type.relations.push(Arc::new(relation));
    }
    Ok(resource_type)
}

fn is_endpoint(endpoint: &str) -> bool {
    let segment = endpoint.strip_prefix('/').unwrap_or_default();
    !segment.is_empty()
        && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '~'))
        && !PROTOCOL_ENDPOINTS.iter().any(|taken| taken.eq_ignore_ascii_case(endpoint))
}

fn bind_core(schema: &SchemaDefinition) -> Namespace {
    let common = builtin::common();
    let common = common.attributes.into_iter().map(AttributeDefinition::completed);
    let mut attributes: Vec<_> =
        common.map(|it| Attribute::bind(&it, None, |_| Form::Any)).collect();
    let form_of = match schema.id == builtin::USER {
        true => Form::of_user,
        false => |_: &str| Form::Any,
    };
    attributes.extend(schema.attributes.iter().map(|it| Attribute::bind(it, None, form_of)));
    Namespace::new(attributes)
}

fn bind_extension(schema: &SchemaDefinition) -> Namespace {
    let urn: Arc<str> = schema.id.as_str().into();
    let bind = |definition| Attribute::bind(definition, Some(&urn), |_| Form::Any);
    Namespace::new(schema.attributes.iter().map(bind).collect())
}

fn compile_relation(
    definition: &RelationDefinition,
    source: &mut ResourceType,
) -> Result<Relation, SchemaError> {
    let name = format!("{}.{}", source.name, definition.attribute);
    let attribute = source
        .attribute(&definition.attribute)
        .filter(|it| it.kind() == AttributeType::Complex && it.is_multi_valued())
        .filter(|it| it.sub_attribute("value").is_some());
    let Some(attribute) = attribute.map(|it| it.of_edges()) else {
        return Err(SchemaError::new(name, Kind::NotARelation));
    };
    source.core.replace(&attribute);
    Ok(Relation {
        name: name.into(),
        source: source.name.clone(),
        attribute,
        targets: definition.targets.iter().map(|target| target.as_str().into()).collect(),
        inverse: definition.inverse.as_deref().map(Into::into),
    })
}

/// Gives every target type the inverse of each relation that points at it.
fn link_inverses(resource_types: &mut [ResourceType]) -> Result<(), SchemaError> {
    let relations: Vec<_> = resource_types.iter().flat_map(|it| it.relations.clone()).collect();
    for relation in relations {
        for target in &relation.targets {
            let Some(resource_type) = resource_types.iter_mut().find(|it| it.name == *target)
            else {
                let unknown = Kind::UnknownResourceType(target.to_string());
                return Err(SchemaError::new(&*relation.name, unknown));
            };
            let attribute = relation.inverse.as_deref().and_then(|it| resource_type.attribute(it));
            if let Some(attribute) = attribute.map(|it| it.of_edges()) {
                let shared = resource_type.inverses.iter().any(|it| it.attribute == attribute);
                if shared || attribute.mutability() != Mutability::ReadOnly {
                    return Err(SchemaError::new(&*relation.name, Kind::InvalidInverse));
                }
                resource_type.core.replace(&attribute);
                resource_type.inverses.push(Inverse { relation: relation.clone(), attribute });
            }
        }
    }
    Ok(())
}
