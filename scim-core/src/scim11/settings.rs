//! What a host decides about SCIM 1.1.

use std::sync::Arc;

use super::urns::Urns;
use crate::{
    hooks::Mapping,
    methods::{MethodSwitches, Methods},
};

/// SCIM 1.1 beside SCIM 2.0: where it is offered and how it behaves.
///
/// ```
/// use scim_core::{Actor, BearerTokens, ScimServer, scim11::Scim11};
/// use scim_store_memory::MemoryStore;
///
/// let tokens = BearerTokens::builder().token("secret", Actor::new("ping")).build()?;
/// let server = ScimServer::builder(MemoryStore::new(), tokens)
///     .base_path("/scim/v2")
///     .scim11(Scim11::at("/scim/v1"))
///     .build()?;
///
/// let request = http::Request::get("/scim/v1/Users")
///     .header("authorization", "Bearer secret")
///     .body(String::new())?;
/// let response = pollster::block_on(server.handle(request));
/// assert_eq!(response.headers()["content-type"], "application/json");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Scim11 {
    pub(crate) base_path: Box<str>,
    pub(crate) urns: Urns,
    pub(crate) operators: Operators,
    pub(crate) suffixes: Suffixes,
    pub(crate) missing_versions: MissingVersions,
    pub(crate) unversioned: Unversioned,
    pub(crate) methods: MethodSwitches,
    pub(crate) mapping: Option<Arc<dyn Mapping>>,
    #[cfg(feature = "xml")]
    pub(crate) xml: Option<crate::xml::XmlFormat>,
}

/// Which operators a filter may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operators {
    /// Those of SCIM 1.1: `eq`, `co`, `sw`, `pr`, `gt`, `ge`, `lt`, `le`, `and`, `or`. Others are
    /// 400.
    #[default]
    Own,
    /// Those of SCIM 2.0 as well.
    OfTwo,
}

/// Whether a path may end in `.json` or `.xml`, which then says more than `Accept` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Suffixes {
    /// It may, and no id ends so.
    #[default]
    Read,
    /// It is a part of the id like any other, for hosts whose ids may end so.
    Ignored,
}

/// What becomes of a change or removal that does not say which version it is about (`If-Match`,
/// or `version` in a Bulk request).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingVersions {
    /// It is about any version.
    #[default]
    Accept,
    /// 412: clients of 1.1 must send one where versions are offered.
    Refuse,
}

/// What a path is taken for that names no version but could be of either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unversioned {
    /// SCIM 2.0, the newest.
    #[default]
    Two,
    /// SCIM 1.1, for clients that were there before.
    One,
}

impl Scim11 {
    /// SCIM 1.1 below this path, a template as
    /// [`ScimServerBuilder::base_path`](crate::ScimServerBuilder::base_path) takes it. A last
    /// segment `v1` is the version of the protocol.
    pub fn at(base_path: impl Into<Box<str>>) -> Self {
        Self {
            base_path: base_path.into(),
            urns: Urns::default(),
            operators: Operators::default(),
            suffixes: Suffixes::default(),
            missing_versions: MissingVersions::default(),
            unversioned: Unversioned::default(),
            methods: MethodSwitches::default(),
            mapping: None,
            #[cfg(feature = "xml")]
            xml: None,
        }
    }

    /// Shows a schema under another URN: the extension or the base schema of a resource type of
    /// the host. Both URNs are understood in requests.
    ///
    /// Without it schemas of the host keep their URN. Those of the RFCs have the URNs of SCIM 1.1.
    pub fn urn(mut self, schema: impl Into<Box<str>>, shown: impl Into<Box<str>>) -> Self {
        self.urns.add(schema.into(), shown.into());
        self
    }

    /// Sets which operators a filter may have.
    pub fn operators(mut self, choice: Operators) -> Self {
        self.operators = choice;
        self
    }

    /// Sets whether a path may end in `.json` or `.xml`.
    pub fn suffixes(mut self, choice: Suffixes) -> Self {
        self.suffixes = choice;
        self
    }

    /// Sets what becomes of a write that names no version.
    pub fn missing_versions(mut self, choice: MissingVersions) -> Self {
        self.missing_versions = choice;
        self
    }

    /// Sets what a path without a version is taken for where both bases fit it.
    pub fn unversioned(mut self, choice: Unversioned) -> Self {
        self.unversioned = choice;
        self
    }

    /// Sets which methods the resources of a type answer to in SCIM 1.1, whatever
    /// [the server](crate::ScimServerBuilder::methods) says of the type.
    ///
    /// ```
    /// use scim_core::{Methods, scim11::Scim11};
    ///
    /// // Old clients may still look, but have to move on for anything else.
    /// let old = || Methods::only([http::Method::GET]);
    /// let scim11 = Scim11::at("/scim/v1").methods("User", old()).methods("Group", old());
    /// ```
    pub fn methods(mut self, resource_type: impl Into<Box<str>>, methods: Methods) -> Self {
        self.methods.set(resource_type.into(), methods);
        self
    }

    /// Offers XML beside JSON, as [`ScimServerBuilder::xml`](crate::ScimServerBuilder::xml) does for
    /// SCIM 2.0: usually [`XmlFormat::scim11`](crate::xml::XmlFormat::scim11). PATCH is read as well;
    /// Bulk is JSON only.
    #[cfg(feature = "xml")]
    pub fn xml(mut self, xml: crate::xml::XmlFormat) -> Self {
        self.xml = Some(xml);
        self
    }

    /// Rewrites representations of SCIM 1.1 alone: bodies as they arrive, before anything else is
    /// done with them, and resources as they are about to be sent.
    ///
    /// The mapping of the [server](crate::ScimServerBuilder::mapping) sees the same resources in
    /// the terms of SCIM 2.0, and is the place for what both versions have in common.
    pub fn mapping(mut self, mapping: impl Mapping + 'static) -> Self {
        self.mapping = Some(Arc::new(mapping));
        self
    }
}
