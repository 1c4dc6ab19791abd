//! An attribute in its place: a definition bound to one resource type.

use std::{fmt, sync::Arc};

use super::{
    characteristics::{AttributeType, Mutability, Returned, Uniqueness},
    definition::AttributeDefinition,
    form::Form,
    namespace::Namespace,
};

/// How values of an attribute are made comparable (RFC 7644 §5, §7.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Preparation {
    /// PRECIS UsernameCaseMapped (RFC 8265 §3.3).
    UserName,
    /// NFC and full Unicode case folding.
    CaseFolded,
    /// The same without white space: the address of an instant messenger (RFC 7643 §4.1.2).
    Handle,
    /// NFC; case is kept.
    CaseExact,
    /// A URI, normalised by RFC 3986 §6.2; case is kept.
    Reference,
    /// `false` before `true`.
    Boolean,
    /// By numeric value.
    Number,
    /// By instant.
    Instant,
    /// By decoded octets.
    Octets,
    /// A complex value has no order and no key.
    None,
}

/// An attribute or sub-attribute of a resource type, with its place in the document.
///
/// Handles are shared as `Arc<Attribute>` and compared by path.
pub struct Attribute {
    definition: AttributeDefinition,
    path: Box<str>,
    namespace: Option<Arc<str>>,
    parent: Option<Parent>,
    preparation: Preparation,
    form: Form,
    sub_attributes: Namespace,
}

struct Parent {
    name: Box<str>,
    multi_valued: bool,
    mutability: Mutability,
    returned: Returned,
}

impl Attribute {
    /// Binds a completed definition, and its sub-attributes, to its place.
    ///
    /// `namespace` is the URN of the extension, or `None` for core and common attributes;
    /// `form_of` says what the values at a path look like.
    pub(super) fn bind(
        definition: &AttributeDefinition,
        namespace: Option<&Arc<str>>,
        form_of: fn(&str) -> Form,
    ) -> Arc<Self> {
        let path = match namespace {
            Some(urn) => format!("{urn}:{}", definition.name),
            None => definition.name.clone(),
        };
        let sub_attributes = definition
            .sub_attributes
            .iter()
            .map(|sub| Self::bind_sub(sub, definition, namespace, &path, form_of))
            .collect();
        let form = form_of(&path);
        Arc::new(Self {
            preparation: preparation(definition, form),
            definition: definition.clone(),
            form,
            path: path.into(),
            namespace: namespace.cloned(),
            parent: None,
            sub_attributes: Namespace::new(sub_attributes),
        })
    }

    /// The same attribute where it shows the edges of a relation: its `value` is an id.
    pub(super) fn of_edges(&self) -> Arc<Self> {
        Self::bind(&self.definition, self.namespace.as_ref(), Form::of_edge)
    }

    fn bind_sub(
        definition: &AttributeDefinition,
        parent: &AttributeDefinition,
        namespace: Option<&Arc<str>>,
        parent_path: &str,
        form_of: fn(&str) -> Form,
    ) -> Arc<Self> {
        let path = format!("{parent_path}.{}", definition.name);
        let form = form_of(&path);
        Arc::new(Self {
            preparation: preparation(definition, form),
            form,
            path: path.into(),
            namespace: namespace.cloned(),
            parent: Some(Parent {
                name: parent.name.as_str().into(),
                multi_valued: parent.multi_valued,
                mutability: parent.mutability,
                returned: parent.returned,
            }),
            sub_attributes: Namespace::default(),
            definition: definition.clone(),
        })
    }

    /// The name in its canonical case, without namespace and parent: `value`.
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// The canonical path: `emails.value`, or
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// URN of the extension that defines the attribute; `None` for core and common ones.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Name of the complex attribute this one is part of.
    pub fn parent_name(&self) -> Option<&str> {
        self.parent.as_ref().map(|parent| &*parent.name)
    }

    /// The member of a document that holds it: the attribute it is or is a part of, of an
    /// extension its URN.
    pub fn member(&self) -> &str {
        self.namespace().or(self.parent_name()).unwrap_or(self.name())
    }

    /// Whether some of its value may stand in the hidden part of a document.
    pub(crate) fn may_be_hidden(&self) -> bool {
        let is_hidden = |it: Returned| matches!(it, Returned::Never | Returned::Request);
        is_hidden(self.returned())
            || self.parent.as_ref().is_some_and(|parent| is_hidden(parent.returned))
            || self.sub_attributes().iter().any(|sub| is_hidden(sub.returned()))
    }

    /// Whether this is a sub-attribute of a multi-valued attribute.
    pub fn is_in_multi_valued(&self) -> bool {
        self.parent.as_ref().is_some_and(|parent| parent.multi_valued)
    }

    /// The data type.
    pub fn kind(&self) -> AttributeType {
        self.definition.kind
    }

    /// Text for humans.
    pub fn description(&self) -> &str {
        &self.definition.description
    }

    /// Whether the attribute itself (not its parent) holds an array.
    pub fn is_multi_valued(&self) -> bool {
        self.definition.multi_valued
    }

    /// Whether every resource (or every value of the parent) has it.
    pub fn is_required(&self) -> bool {
        self.definition.required
    }

    /// Whether case matters in comparisons.
    pub fn is_case_exact(&self) -> bool {
        self.definition.case_exact.unwrap_or(false)
    }

    /// Whether this is that attribute or a part of it.
    pub(crate) fn is_within(&self, whole: &Self) -> bool {
        let rest = self.path().strip_prefix(whole.path());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Who may write it. A readOnly parent makes all of its parts readOnly.
    pub fn mutability(&self) -> Mutability {
        match &self.parent {
            Some(parent) if parent.mutability == Mutability::ReadOnly => Mutability::ReadOnly,
            _ => self.definition.mutability,
        }
    }

    /// When it is returned. A parent that is never returned hides all of its parts.
    pub fn returned(&self) -> Returned {
        match &self.parent {
            Some(parent) if parent.returned == Returned::Never => Returned::Never,
            _ if self.definition.mutability == Mutability::WriteOnly => Returned::Never,
            _ => self.definition.returned,
        }
    }

    /// Over which resources its value is unique.
    pub fn uniqueness(&self) -> Uniqueness {
        self.definition.uniqueness.unwrap_or_default()
    }

    /// Suggested values; empty means any.
    pub fn canonical_values(&self) -> &[String] {
        &self.definition.canonical_values
    }

    /// What a reference may point at.
    pub fn reference_types(&self) -> &[String] {
        &self.definition.reference_types
    }

    /// Whether both are one attribute whose values have the same comparable form, and as many of
    /// them, so that an index over one serves the other.
    pub fn compares_as(&self, other: &Self) -> bool {
        let form = |it: &Self| (it.preparation(), it.is_multi_valued(), it.is_in_multi_valued());
        self == other
            && form(self) == form(other)
            && self.reference_types() == other.reference_types()
    }

    /// How values are made comparable.
    pub fn preparation(&self) -> Preparation {
        self.preparation
    }

    /// What a value looks like beyond its type.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// The parts of a complex attribute.
    pub fn sub_attributes(&self) -> &[Arc<Attribute>] {
        self.sub_attributes.in_order()
    }

    /// The part of this name, ignoring case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.sub_attributes.find(name)
    }
}

fn preparation(definition: &AttributeDefinition, form: Form) -> Preparation {
    match definition.kind {
        AttributeType::String if form == Form::UserName => Preparation::UserName,
        AttributeType::String if form == Form::Handle => Preparation::Handle,
        AttributeType::String if form == Form::Id => Preparation::CaseExact,
        AttributeType::String if definition.case_exact == Some(true) => Preparation::CaseExact,
        AttributeType::String => Preparation::CaseFolded,
        AttributeType::Reference if definition.case_exact == Some(false) => Preparation::CaseFolded,
        AttributeType::Reference => Preparation::Reference,
        AttributeType::Boolean => Preparation::Boolean,
        AttributeType::Decimal | AttributeType::Integer => Preparation::Number,
        AttributeType::DateTime => Preparation::Instant,
        AttributeType::Binary => Preparation::Octets,
        AttributeType::Complex => Preparation::None,
    }
}

impl PartialEq for Attribute {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for Attribute {}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Attribute").field(&self.path).finish()
    }
}
