//! The resource types that a store serves.

use std::sync::Arc;

use crate::schema::{Registry, ResourceType};

/// The resource types of all registries that a store was attached to, each as the last of them
/// defines it.
///
/// Servers with different registries may share a store: what one of them serves does not go because
/// another one lacks it.
///
/// ```
/// use scim_core::{schema::Registry, store::ServedTypes};
///
/// let types = ServedTypes::default().and(&Registry::standard());
/// let empty = Registry::builder().build()?;
/// let types = types.and(&empty);
/// assert_eq!(types.named("User").map(|user| user.endpoint()), Some("/Users"));
/// # Ok::<_, scim_core::schema::SchemaError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ServedTypes(Vec<Arc<ResourceType>>);

impl ServedTypes {
    /// These types and those of a registry, which come first and replace others of their names.
    #[must_use]
    pub fn and(&self, registry: &Registry) -> Self {
        let others = self.0.iter().filter(|it| registry.resource_type(it.name()).is_none());
        Self(registry.resource_types().iter().chain(others).cloned().collect())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ResourceType>> {
        self.0.iter()
    }

    /// The type of this name.
    pub fn named(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.0.iter().find(|it| it.name() == name)
    }
}
