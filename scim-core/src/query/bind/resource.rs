//! Tests of a whole resource.

use std::sync::Arc;

use scim_filter::{AttrPath, Literal, ValuePath};

use super::{
    BindContext, Scope, bind_in,
    edges::Edges,
    element::{self, ElementScope},
    location, operand, refused,
    terms::{Terms, comparable_part},
};
use crate::{
    error::ScimError,
    query::{
        Comparison, Operator, Predicate, Prepared, eval::is_kept_apart, prepare::prepare_text,
    },
    schema::{Attribute, ResourceType},
};

/// Names are those of the resource type, or of the parts of its `meta`.
pub(super) struct ResourceScope<'a> {
    context: BindContext<'a>,
    terms: Terms<'a>,
    /// The attribute inside whose brackets the names stand.
    within: Option<&'a Arc<Attribute>>,
}

impl<'a> ResourceScope<'a> {
    pub(super) fn new(context: &BindContext<'a>) -> Self {
        Self { context: *context, terms: context.terms(), within: None }
    }

    /// The attribute of this name; `None` where only other types of the query have it (L-010).
    fn resolve(&self, path: &AttrPath<'_>) -> Result<Option<&'a Arc<Attribute>>, ScimError> {
        if let Some(whole) = self.within {
            let part = element::part_of(whole, path)?;
            return self.terms.admit(part).map(Some);
        }
        if let Some(attribute) = find(self.context.resource_type, path) {
            return self.terms.admit(attribute).map(Some);
        }
        if self.context.other_types.iter().any(|other| find(other, path).is_some()) {
            return Ok(None);
        }
        let subject = match self.context.other_types {
            [] | [_] => self.context.resource_type.name(),
            _ => "any resource type",
        };
        Err(refused(path, format!("no such attribute in {subject}")))
    }

    /// `URN pr`: whether a resource has any attribute of the schema, which may be one of other types
    /// alone (L-010).
    fn schema_present(&self, path: &AttrPath<'_>) -> Option<Predicate> {
        // All URNs have a colon, which no name has.
        path.uri.as_ref()?;
        let urn = path.to_string();
        let resource_type = self.context.resource_type;
        if resource_type.schema().eq_ignore_ascii_case(&urn) {
            return Some(Predicate::Constant(true));
        }
        let Some(extension) = resource_type.extension(&urn) else {
            let is_of_another = self.context.other_types.iter().any(|it| it.uses_schema(&urn));
            return is_of_another.then_some(Predicate::Constant(false));
        };
        let attributes = extension.attributes().iter();
        let shown = attributes.filter(|attribute| self.terms.admit(attribute).is_ok());
        Some(Predicate::any(shown.cloned().map(Predicate::Present)))
    }

    fn edges(&self, attribute: &Attribute) -> Option<Edges<'a>> {
        Edges::of(self.context.resource_type, attribute, self.terms)
    }

    /// Tests of `meta.resourceType`, `meta.location` and `meta.version`, whose values are made
    /// from others. Both of the latter can be compared for equality alone (F-013).
    fn compare_derived(
        &self,
        attribute: &Arc<Attribute>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<Predicate, ScimError> {
        let prepared =
            operand::prepared(attribute, operator, operand, self.terms.accept_bare_words)?;
        let text = prepared.as_text().unwrap_or_default();
        match attribute.name() {
            "resourceType" => {
                let name = Prepared::Text(self.context.resource_type.name().into());
                Ok(Predicate::Constant(operator.holds(&name, &prepared)))
            }
            _ if operator != Operator::Equal => {
                let detail = format!("`{}` does not apply to it", operator.as_str());
                Err(operand::invalid(attribute, detail))
            }
            "location" => Ok(self.is_at(text)),
            _ => Ok(equal(attribute, version_of(text))),
        }
    }

    /// Tests of `schemas`, which lists the base schema always: only one that an extension may pass
    /// needs a look at the resource. What another server's definition of the type may list besides
    /// is not looked for.
    fn compare_schemas(
        &self,
        attribute: &Arc<Attribute>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<Predicate, ScimError> {
        let bare_words = self.terms.accept_bare_words;
        let prepared = operand::prepared(attribute, operator, operand, bare_words)?;
        let passes = |urn: &str| {
            prepare_text(attribute, urn).is_some_and(|urn| operator.holds(&urn, &prepared))
        };
        let resource_type = self.context.resource_type;
        match resource_type.extensions().iter().any(|extension| passes(extension.urn())) {
            _ if passes(resource_type.schema()) => Ok(Predicate::Constant(true)),
            true => self.terms.compare(attribute, operator, operand),
            false => Ok(Predicate::Constant(false)),
        }
    }

    fn is_at(&self, url: &str) -> Predicate {
        let ResourceScope { context: BindContext { base, resource_type, .. }, .. } = self;
        match location::resolve(base, url) {
            Some(location) if *location.endpoint == *resource_type.endpoint() => {
                has_id(resource_type, &location.id)
            }
            _ => Predicate::Constant(false),
        }
    }
}

impl Scope for ResourceScope<'_> {
    fn present(&self, path: &AttrPath<'_>) -> Result<Predicate, ScimError> {
        if let Some(predicate) = self.schema_present(path) {
            return Ok(predicate);
        }
        let Some(attribute) = self.resolve(path)? else { return Ok(Predicate::Constant(false)) };
        match self.edges(attribute) {
            Some(edges) => Ok(edges.present(attribute)),
            None if is_kept_apart(attribute) => Ok(Predicate::Constant(true)),
            None => Ok(Predicate::Present(attribute.clone())),
        }
    }

    fn compare(
        &self,
        path: &AttrPath<'_>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<Predicate, ScimError> {
        let Some(attribute) = self.resolve(path)? else { return Ok(Predicate::Constant(false)) };
        if let Some(edges) = self.edges(attribute) {
            return edges.compare(comparable_part(attribute)?, operator, operand);
        }
        match attribute.path() {
            "meta.resourceType" | "meta.location" | "meta.version" => {
                self.compare_derived(attribute, operator, operand)
            }
            "schemas" => self.compare_schemas(attribute, operator, operand),
            _ => self.terms.compare(attribute, operator, operand),
        }
    }

    fn value_path(&self, value_path: &ValuePath<'_>) -> Result<Predicate, ScimError> {
        let ValuePath { path, filter } = value_path;
        if self.within.is_some() || path.sub.is_some() {
            return Err(element::nested(value_path));
        }
        let Some(attribute) = self.resolve(path)? else { return Ok(Predicate::Constant(false)) };
        if let Some(edges) = self.edges(attribute) {
            return edges.value_path(filter);
        }
        // Every resource has one `meta`, whose parts stand beside the document.
        if attribute.path() == "meta" {
            return bind_in(&Self { within: Some(attribute), ..*self }, filter);
        }
        match bind_in(&ElementScope::new(attribute, self.terms)?, filter)? {
            Predicate::Constant(false) => Ok(Predicate::Constant(false)),
            inner => Ok(Predicate::Element(attribute.clone(), Box::new(inner))),
        }
    }
}

fn find<'a>(resource_type: &'a ResourceType, path: &AttrPath<'_>) -> Option<&'a Arc<Attribute>> {
    resource_type.resolve(path.uri.as_deref(), &path.name, path.sub.as_deref())
}

/// Matches the resource of this id.
pub(crate) fn has_id(resource_type: &ResourceType, id: &str) -> Predicate {
    resource_type.attribute("id").map_or(Predicate::Constant(false), |it| equal(it, id))
}

fn equal(attribute: &Arc<Attribute>, text: &str) -> Predicate {
    Predicate::Compare(Comparison {
        attribute: attribute.clone(),
        operator: Operator::Equal,
        operand: Prepared::Text(text.into()),
    })
}

/// The version inside an entity tag: `3` of `W/"3"`.
fn version_of(tag: &str) -> &str {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    opaque.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(opaque)
}

#[cfg(test)]
mod tests {
    use scim_filter::Filter;

    use super::{super::bind, *};
    use crate::schema::Registry;

    #[test]
    fn what_every_resource_has_is_present() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let context = BindContext::new(user, "https://example.com");
        let bound = |filter: &str| bind(&filter.parse().unwrap(), &context).unwrap();
        for filter in ["id pr", "meta.created pr", "meta.lastModified pr"] {
            assert_eq!(bound(filter), Predicate::Constant(true), "{filter}");
        }
        assert!(matches!(bound("externalId pr"), Predicate::Present(_)));
    }

    /// F-019: no text reads like this, but a program may put it together.
    #[test]
    fn value_filters_stand_behind_an_attribute_and_not_inside_another() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let value_filter = |path: &str, filter: &str| {
            let filter = Box::new(filter.parse::<Filter<'static>>().unwrap());
            Filter::ValuePath(ValuePath { path: path.parse().unwrap(), filter })
        };
        let context = BindContext::new(user, "https://example.com");
        for path in ["emails.value", "name.familyName"] {
            assert!(bind(&value_filter(path, "value pr"), &context).is_err(), "{path}");
        }
        let within = Box::new(value_filter("emails", "type pr"));
        for path in ["meta", "emails"] {
            let path = path.parse().unwrap();
            let nested = Filter::ValuePath(ValuePath { path, filter: within.clone() });
            assert!(bind(&nested, &context).is_err());
        }
    }
}
