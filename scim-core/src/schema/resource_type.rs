//! A resource type with its attributes looked up by name, and its relations.

use std::{fmt, sync::Arc};

use super::{
    attribute::Attribute, characteristics::Uniqueness, definition::SchemaDefinition,
    namespace::Namespace,
};

/// A resource type, compiled: its schemas, the attributes they add up to, its relations.
///
/// Handles are shared as `Arc<ResourceType>` and compared by name.
pub struct ResourceType {
    pub(super) name: Box<str>,
    pub(super) description: Box<str>,
    pub(super) endpoint: Box<str>,
    pub(super) schema: Arc<SchemaDefinition>,
    pub(super) core: Namespace,
    pub(super) extensions: Vec<Extension>,
    pub(super) relations: Vec<Arc<Relation>>,
    pub(super) inverses: Vec<Inverse>,
}

/// An extension of a resource type.
pub struct Extension {
    pub(super) schema: Arc<SchemaDefinition>,
    pub(super) required: bool,
    pub(super) attributes: Namespace,
}

impl Extension {
    /// The URN of the extension, which is also the key of its object in a resource.
    pub fn urn(&self) -> &str {
        &self.schema.id
    }

    /// Whether every resource of the type must have it.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Its attributes in schema order.
    pub fn attributes(&self) -> &[Arc<Attribute>] {
        self.attributes.in_order()
    }

    /// Its attribute of this name, ignoring case.
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.attributes.find(name)
    }
}

/// A relation: the edges that one attribute of a resource type holds (such as `Group.members`).
pub struct Relation {
    pub(super) name: Box<str>,
    pub(super) source: Box<str>,
    pub(super) attribute: Arc<Attribute>,
    pub(super) targets: Vec<Box<str>>,
    pub(super) inverse: Option<Box<str>>,
}

impl Relation {
    /// The name that is unique among all relations of a registry: `Group.members`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of the resource type that the edges start from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The attribute that shows the targets.
    pub fn attribute(&self) -> &Arc<Attribute> {
        &self.attribute
    }

    /// Whether an edge may point at resources of this type.
    pub fn accepts(&self, resource_type: &str) -> bool {
        self.targets.iter().any(|target| **target == *resource_type)
    }

    /// Names of the resource types that an edge may point at.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.targets.iter().map(|target| &**target)
    }

    /// Whether a source may itself be a target, so that sources nest.
    pub fn nests(&self) -> bool {
        self.accepts(&self.source)
    }

    /// Name of the attribute in which targets show their sources, where their schema has it.
    pub fn inverse(&self) -> Option<&str> {
        self.inverse.as_deref()
    }
}

impl PartialEq for Relation {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Relation {}

impl fmt::Debug for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Relation").field(&self.name).finish()
    }
}

/// A relation seen from its targets: the readOnly attribute that lists the sources.
#[derive(Clone, Debug)]
pub struct Inverse {
    pub(super) relation: Arc<Relation>,
    pub(super) attribute: Arc<Attribute>,
}

impl Inverse {
    /// The relation whose sources are listed.
    pub fn relation(&self) -> &Arc<Relation> {
        &self.relation
    }

    /// The attribute of the target that lists them, such as `groups`.
    pub fn attribute(&self) -> &Arc<Attribute> {
        &self.attribute
    }
}

impl ResourceType {
    /// The name, which is the `meta.resourceType` of its resources: `User`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Text for humans.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The endpoint below the base path, with its leading slash: `/Users`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// URN of the base schema.
    pub fn schema(&self) -> &str {
        &self.schema.id
    }

    /// The extensions in the order of their registration.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The extension of this URN, ignoring case.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.urn().eq_ignore_ascii_case(urn))
    }

    /// Whether the URN is that of the base schema or of an extension, ignoring case.
    pub fn uses_schema(&self, urn: &str) -> bool {
        self.schema().eq_ignore_ascii_case(urn) || self.extension(urn).is_some()
    }

    /// Whether it defines a member of this name, which is that of an attribute or the URN of an
    /// extension.
    pub(crate) fn has_member(&self, name: &str) -> bool {
        self.attribute(name).is_some() || self.extension(name).is_some()
    }

    /// The common attributes and those of the base schema, in schema order.
    pub fn attributes(&self) -> &[Arc<Attribute>] {
        self.core.in_order()
    }

    /// All attributes, common, core and of extensions, without their parts.
    pub fn all_attributes(&self) -> impl Iterator<Item = &Arc<Attribute>> {
        self.attributes().iter().chain(self.extensions.iter().flat_map(Extension::attributes))
    }

    /// The attributes and parts of attributes whose values no two resources of the type may have
    /// (RFC 7643 §7), but for `id`, which is unique without being claimed.
    pub fn unique_attributes(&self) -> impl Iterator<Item = &Arc<Attribute>> {
        self.all_attributes()
            .flat_map(|attribute| std::iter::once(attribute).chain(attribute.sub_attributes()))
            .filter(|it| it.uniqueness() != Uniqueness::None && it.path() != "id")
    }

    /// The common or core attribute of this name, ignoring case.
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.core.find(name)
    }

    /// The attribute that a path in attribute notation names (RFC 7644 §3.10).
    ///
    /// Without a URN the common and core attributes are tried first, then the one extension that
    /// has the name. Nothing is found when two extensions have it.
    ///
    /// ```
    /// use scim_core::schema::Registry;
    ///
    /// let registry = Registry::standard();
    /// let user = registry.resource_type("User").unwrap();
    /// assert_eq!(user.resolve(None, "NAME", Some("familyname")).unwrap().path(), "name.familyName");
    /// assert!(user.resolve(None, "name", Some("nosuch")).is_none());
    /// ```
    pub fn resolve(
        &self,
        urn: Option<&str>,
        name: &str,
        sub: Option<&str>,
    ) -> Option<&Arc<Attribute>> {
        let attribute = match urn {
            None => self.attribute(name).or_else(|| self.unqualified_extension_attribute(name)),
            Some(urn) if self.schema().eq_ignore_ascii_case(urn) => self.attribute(name),
            Some(urn) => self.extension(urn)?.attribute(name),
        }?;
        match sub {
            None => Some(attribute),
            Some(sub) => attribute.sub_attribute(sub),
        }
    }

    /// The attribute with exactly this canonical path, as [`Attribute::path`] gives it.
    pub fn attribute_at(&self, path: &str) -> Option<&Arc<Attribute>> {
        let namespaced = self.extensions.iter().find_map(|extension| {
            Some((extension, path.strip_prefix(extension.urn())?.strip_prefix(':')?))
        });
        let local = namespaced.map_or(path, |(_, local)| local);
        let (name, sub) = match local.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (local, None),
        };
        self.resolve(namespaced.map(|(extension, _)| extension.urn()), name, sub)
    }

    fn unqualified_extension_attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        let mut found = self.extensions.iter().filter_map(|extension| extension.attribute(name));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The relations that start from this type.
    pub fn relations(&self) -> &[Arc<Relation>] {
        &self.relations
    }

    /// The relation that this attribute (or the attribute it is a part of) holds.
    pub fn relation_of(&self, attribute: &Attribute) -> Option<&Arc<Relation>> {
        self.relations.iter().find(|relation| is_or_is_part_of(attribute, &relation.attribute))
    }

    /// The relations that end at this type and are shown by it.
    pub fn inverses(&self) -> &[Inverse] {
        &self.inverses
    }

    /// The inverse relation that this attribute (or the attribute it is a part of) shows.
    pub fn inverse_of(&self, attribute: &Attribute) -> Option<&Inverse> {
        self.inverses.iter().find(|inverse| is_or_is_part_of(attribute, &inverse.attribute))
    }
}

fn is_or_is_part_of(attribute: &Attribute, whole: &Attribute) -> bool {
    attribute.namespace() == whole.namespace()
        && attribute.parent_name().unwrap_or(attribute.name()) == whole.name()
}

impl PartialEq for ResourceType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ResourceType {}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceType").field(&self.name).finish()
    }
}
