//! From method and path to what is asked for (RFC 7644 §3.2, Table 2).

use std::borrow::Cow;

use http::{Method, StatusCode};

use super::{
    base_path::{Mounted, NotMounted, segments},
    endpoint::{Endpoint, Served},
    error_response::ErrorResponse,
    mount::Mount,
};
use crate::{
    error::{ScimError, ScimType},
    store::Tenant,
};

/// Where a request leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route<'m> {
    /// The tenant that the path names, where the base path has a place for one.
    pub(crate) tenant: Option<Tenant>,
    /// The base path with its parameters filled in, escaped, without a slash at the end.
    pub(crate) base: Cow<'m, str>,
    /// What the path names below it.
    pub(crate) endpoint: Endpoint,
}

/// Why a request leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RouteError {
    /// The path names nothing. 404.
    NotFound,
    /// What the path names does not know the method. 405.
    MethodNotAllowed {
        /// The methods it knows, as the `Allow` header lists them.
        allow: String,
    },
    /// An optional part of the protocol that is switched off everywhere. 501.
    NotSupported(&'static str),
    /// The path names a version of the protocol that is not served. 400 `invalidVers`.
    UnsupportedVersion(String),
}

/// Finds out where a request leads.
///
/// Endpoints compare without case; ids do not. Each segment is decoded once, so that an id may
/// hold a slash (T-008). One slash at the end is ignored, an empty segment names nothing (T-015).
pub(crate) fn route<'m>(
    mount: &'m Mount,
    served: Served<'_>,
    method: &Method,
    path: &str,
) -> Result<Route<'m>, RouteError> {
    let registry = served.registry;
    let path = segments(mount.dialect.path(path)).ok_or(RouteError::NotFound)?;
    let is_endpoint = |segment: &str| registry.at_segment(segment).is_some();
    let Mounted { tenant, base, rest } = mount.base.strip(&path, is_endpoint)?;
    let endpoint = mount.dialect.endpoint(registry, rest).ok_or(RouteError::NotFound)?;
    endpoint.check(method, served)?;
    Ok(Route { tenant, base, endpoint })
}

impl From<NotMounted> for RouteError {
    fn from(error: NotMounted) -> Self {
        match error {
            NotMounted::Elsewhere => Self::NotFound,
            NotMounted::Version(version) => Self::UnsupportedVersion(version),
        }
    }
}

impl From<RouteError> for ErrorResponse {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::NotFound => {
                ScimError::with_status(StatusCode::NOT_FOUND, "no such endpoint").into()
            }
            RouteError::MethodNotAllowed { allow } => {
                let detail = match allow.is_empty() {
                    true => "the endpoint is switched off".to_owned(),
                    false => format!("the endpoint answers {allow} only"),
                };
                Self::from(ScimError::with_status(StatusCode::METHOD_NOT_ALLOWED, detail))
                    .allowing(&allow)
            }
            RouteError::NotSupported(feature) => {
                let detail = format!("{feature} is not supported");
                ScimError::with_status(StatusCode::NOT_IMPLEMENTED, detail).into()
            }
            RouteError::UnsupportedVersion(version) => {
                let detail = format!("version `{version}` of the protocol is not served, `v2` is");
                ScimError::new(ScimType::InvalidVers, detail).into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock};

    use proptest::prelude::*;

    use super::{
        super::{base_path::segment, dialect::Two, endpoint::is_search},
        *,
    };
    use crate::{
        methods::MethodSwitches,
        schema::{Registry, ResourceType},
    };

    const SCIM: &str = "/scim/v2";
    const TENANTS: &str = "/tenants/{tenant}/scim/v2";
    const COMPANIES: &str = "/people/companies/{tenant}";

    static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(Registry::standard);

    fn mount(base: &str) -> Mount {
        Mount {
            base: base.parse().unwrap(),
            dialect: Arc::new(Two),
            methods: MethodSwitches::default(),
        }
    }

    fn routed(base: &str, method: &Method, path: &str) -> Result<Route<'static>, RouteError> {
        let mount = mount(base);
        let Route { tenant, base, endpoint } = route(&mount, all_of(&REGISTRY), method, path)?;
        Ok(Route { tenant, base: base.into_owned().into(), endpoint })
    }

    fn all_of(registry: &Registry) -> Served<'_> {
        static ALL: LazyLock<MethodSwitches> = LazyLock::new(MethodSwitches::default);
        Served { registry, methods: &ALL }
    }

    fn users() -> Arc<ResourceType> {
        REGISTRY.resource_type("User").unwrap().clone()
    }

    fn user(id: &str) -> Endpoint {
        Endpoint::Resource(users(), id.into())
    }

    #[test]
    fn paths_name_endpoints() {
        let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
        let schema_path = format!("/scim/v2/Schemas/{schema}");
        let get = [
            (SCIM, "/scim/v2", Endpoint::Root),
            (SCIM, "/scim/v2/", Endpoint::Root),
            (SCIM, "/scim/v2/Users", Endpoint::Resources(users())),
            (SCIM, "/scim/v2/Users/", Endpoint::Resources(users())),
            (SCIM, "/scim/v2/uSERS", Endpoint::Resources(users())),
            (SCIM, "/scim/v2/Users/x", user("x")),
            (SCIM, "/scim/v2/Users/x/", user("x")),
            (SCIM, "/scim/v2/users/X", user("X")),
            // T-008
            (SCIM, "/scim/v2/Users/a%20b%2Fc", user("a b/c")),
            (SCIM, "/scim/v2/Users/%252F", user("%2F")),
            (SCIM, "/scim/v2/Users/a+b", user("a+b")),
            (SCIM, "/scim/v2/Users/50%", user("50%")),
            (SCIM, "/scim/v2/Users/%C3%BC", user("ü")),
            (SCIM, "/scim/v2/Users/x.scim", user("x.scim")),
            (SCIM, "/scim/v2/Me", Endpoint::Me),
            (SCIM, "/scim/v2/ServiceProviderConfig", Endpoint::ServiceProviderConfig),
            (SCIM, "/scim/v2/serviceproviderconfig", Endpoint::ServiceProviderConfig),
            (SCIM, "/scim/v2/Schemas", Endpoint::Schemas),
            (SCIM, &schema_path, Endpoint::Schema(schema.into())),
            (SCIM, "/scim/v2/ResourceTypes", Endpoint::ResourceTypes),
            (SCIM, "/scim/v2/ResourceTypes/User", Endpoint::ResourceType("User".into())),
            // V-001, V-003
            (SCIM, "/scim/Users", Endpoint::Resources(users())),
            (SCIM, "/scim/Users/v1", user("v1")),
            (SCIM, "/scim", Endpoint::Root),
            ("/scim", "/scim/v2/Users", Endpoint::Resources(users())),
            ("/scim", "/scim/Users", Endpoint::Resources(users())),
            ("/", "/Users", Endpoint::Resources(users())),
            ("", "/v2/Users/x", user("x")),
            ("", "/", Endpoint::Root),
        ];
        for (base, path, expected) in get {
            let endpoint = routed(base, &Method::GET, path).map(|route| route.endpoint);
            assert_eq!(endpoint, Ok(expected), "GET {path} below {base}");
        }
        let post = [
            ("/scim/v2/.search", Endpoint::Search(None)),
            ("/scim/v2/Users/.search", Endpoint::Search(Some(users()))),
            ("/scim/v2/Users/.Search", Endpoint::Search(Some(users()))),
            ("/scim/v2/Bulk", Endpoint::Bulk),
        ];
        for (path, expected) in post {
            let endpoint = routed(SCIM, &Method::POST, path).map(|route| route.endpoint);
            assert_eq!(endpoint, Ok(expected), "POST {path}");
        }
    }

    #[test]
    fn paths_name_tenants() {
        // N-002, T-010
        let cases = [
            (SCIM, "/scim/v2/Users", None, "/scim/v2"),
            (SCIM, "/scim/Users", None, "/scim/v2"),
            (TENANTS, "/tenants/acme/scim/v2/Users", Some("acme"), "/tenants/acme/scim/v2"),
            (TENANTS, "/tenants/a%2fb/scim/Users", Some("a/b"), "/tenants/a%2Fb/scim/v2"),
            (COMPANIES, "/people/companies/123/users", Some("123"), "/people/companies/123"),
            ("/", "/Users", None, ""),
        ];
        for (base, path, tenant, expected) in cases {
            let route = routed(base, &Method::GET, path).unwrap();
            assert_eq!(route.tenant, tenant.map(Tenant::new), "{path}");
            assert_eq!(route.base, expected, "{path}");
        }
    }

    #[test]
    fn other_paths_are_refused() {
        let version = |version: &str| RouteError::UnsupportedVersion(version.into());
        let cases = [
            (SCIM, "", RouteError::NotFound),
            (SCIM, "/", RouteError::NotFound),
            (SCIM, "*", RouteError::NotFound),
            (SCIM, "/Users", RouteError::NotFound),
            (SCIM, "/SCIM/v2/Users", RouteError::NotFound),
            (SCIM, "/scim/v2/Nothing", RouteError::NotFound),
            (SCIM, "/scim/v2/Users/x/y", RouteError::NotFound),
            (SCIM, "/scim/v2/Users/.search/x", RouteError::NotFound),
            (SCIM, "/scim/v2/Me/x", RouteError::NotFound),
            (SCIM, "/scim/v2/Bulk/x", RouteError::NotFound),
            (SCIM, "/scim/v2/Users/%FF", RouteError::NotFound),
            (SCIM, "/scim/v2/v2/Users", RouteError::NotFound),
            // T-015
            (SCIM, "//scim/v2/Users", RouteError::NotFound),
            (SCIM, "/scim/v2//Users", RouteError::NotFound),
            (SCIM, "/scim/v2/Users//", RouteError::NotFound),
            (SCIM, "/scim/v2/Users//x", RouteError::NotFound),
            (TENANTS, "/tenants//scim/v2/Users", RouteError::NotFound),
            // V-002
            (SCIM, "/scim/v1/Users", version("v1")),
            (SCIM, "/scim/v3/Users/x", version("v3")),
            (SCIM, "/scim/v2.1/Users", version("v2.1")),
            (SCIM, "/scim/v1", version("v1")),
            ("/scim", "/scim/v1/Users", version("v1")),
        ];
        for (base, path, expected) in cases {
            assert_eq!(routed(base, &Method::GET, path), Err(expected), "{path} below {base}");
        }
    }

    #[test]
    fn each_endpoint_knows_its_methods() {
        // T-007
        let methods =
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"];
        let cases = [
            ("/", "GET, HEAD"),
            ("/Users", "GET, HEAD, POST"),
            ("/Users/x", "GET, HEAD, PUT, PATCH, DELETE"),
            ("/Me", "GET, HEAD, POST, PUT, PATCH, DELETE"),
            ("/.search", "POST"),
            ("/Users/.search", "POST"),
            ("/Bulk", "POST"),
            ("/ServiceProviderConfig", "GET, HEAD"),
            ("/Schemas", "GET, HEAD"),
            ("/Schemas/x", "GET, HEAD"),
            ("/ResourceTypes", "GET, HEAD"),
            ("/ResourceTypes/User", "GET, HEAD"),
        ];
        for (path, allow) in cases {
            for name in methods {
                let method = Method::from_bytes(name.as_bytes()).unwrap();
                match routed("/", &method, path) {
                    Ok(_) => assert!(allow.split(", ").any(|it| it == name), "{name} {path}"),
                    Err(error) => {
                        let expected = RouteError::MethodNotAllowed { allow: allow.to_owned() };
                        assert_eq!(error, expected, "{name} {path}");
                        assert!(!allow.split(", ").any(|it| it == name), "{name} {path}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_endpoint_that_looks_like_a_version_is_one() {
        use crate::schema::{
            AttributeDefinition, AttributeType, ResourceTypeDefinition, SchemaDefinition,
        };
        let serial = AttributeDefinition::new("serial", AttributeType::String);
        let mut definition = ResourceTypeDefinition::new("Engine", "urn:example:2.0:Engine");
        definition.endpoint = "/v8".into();
        let registry = Registry::builder()
            .schema(SchemaDefinition::new("urn:example:2.0:Engine", [serial]))
            .resource_type(definition)
            .build()
            .unwrap();
        let base = mount(SCIM);
        for path in ["/scim/v2/v8", "/scim/v8"] {
            let endpoint =
                route(&base, all_of(&registry), &Method::GET, path).map(|it| it.endpoint);
            let engines = registry.resource_type("Engine").unwrap().clone();
            assert_eq!(endpoint, Ok(Endpoint::Resources(engines)), "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_location_leads_to_its_resource(id in ".{1,20}", tenant in "[^{}]{1,20}") {
            // T-008
            prop_assume!(!is_search(&id));
            let prefix = format!("/tenants/{}/scim/v2", segment(&tenant));
            let path = format!("{prefix}/Users/{}", segment(&id));
            let route = routed(TENANTS, &Method::GET, &path).unwrap();
            prop_assert_eq!(route.endpoint, user(&id));
            prop_assert_eq!(route.tenant, Some(Tenant::new(tenant)));
            prop_assert_eq!(route.base, prefix);
        }

        #[test]
        fn no_path_does_harm(path in "[/a-z%.0-9v]{0,12}|(/(scim|v2|Users|%2[eF]|.))*") {
            let _ = routed(SCIM, &Method::GET, &path);
        }
    }
}
