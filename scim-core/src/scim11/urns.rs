//! What schemas are called in SCIM 1.1 (core schema §5, §7).

use crate::schema::{Extension, ResourceType, builtin};

/// URN of everything that SCIM 1.1 itself defines but the enterprise extension.
pub const CORE: &str = "urn:scim:schemas:core:1.0";
/// URN of the enterprise extension.
pub const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// The schemas of SCIM 2.0 that have another URN here.
const KNOWN: [(&str, &str); 3] =
    [(builtin::USER, CORE), (builtin::GROUP, CORE), (builtin::ENTERPRISE_USER, ENTERPRISE)];

/// The URNs of SCIM 2.0 with those that stand for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Urns(Vec<(Box<str>, Box<str>)>);

impl Urns {
    pub(super) fn add(&mut self, schema: Box<str>, shown: Box<str>) {
        self.0.push((schema, shown));
    }

    /// What a schema is called here.
    pub(super) fn shown<'a>(&'a self, schema: &'a str) -> &'a str {
        let own = self.0.iter().map(|(schema, shown)| (&**schema, &**shown));
        let mut all = own.chain(KNOWN);
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(schema));
        found.map_or(schema, |(_, shown)| shown)
    }

    /// The extension that is called so here, or in SCIM 2.0.
    pub(super) fn extension<'r>(
        &self,
        resource_type: &'r ResourceType,
        urn: &str,
    ) -> Option<&'r Extension> {
        let mut extensions = resource_type.extensions().iter();
        extensions
            .find(|it| self.shown(it.urn()).eq_ignore_ascii_case(urn))
            .or_else(|| resource_type.extension(urn))
    }

    /// The schema of a resource type that is called so here, or in SCIM 2.0.
    pub(super) fn schema<'r>(&self, resource_type: &'r ResourceType, urn: &str) -> Option<&'r str> {
        let base = resource_type.schema();
        let is_base = [base, self.shown(base), CORE].iter().any(|it| it.eq_ignore_ascii_case(urn));
        match self.extension(resource_type, urn) {
            Some(extension) => Some(extension.urn()),
            None => is_base.then_some(base),
        }
    }
}
