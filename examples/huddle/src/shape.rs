//! How answers look.

use http::{HeaderMap, HeaderValue, StatusCode, header::ALLOW, request::Parts};
use scim_core::{Actor, Caller, Mapping, Object, Presentation, schema::ResourceType};
use serde_json::Value;

/// Shows the location of a user and nothing else of `meta`; says which methods there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// How many segments the base path has.
    depth: usize,
}

/// What a request is about.
pub(crate) enum Target {
    /// The users of a company.
    Users,
    /// One of them, or whatever else would lead to them.
    User,
    /// What SCIM says of the service.
    Description,
}

impl Shape {
    /// The shape of an API below this base path.
    pub(crate) fn below(base: &str) -> Self {
        Self { depth: segments(base).count() }
    }

    /// What a request is about.
    pub(crate) fn target(self, request: &Parts) -> Target {
        let below: Vec<_> =
            segments(request.uri.path()).skip(self.depth).map(str::to_ascii_lowercase).collect();
        match below.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["users"] => Target::Users,
            ["serviceproviderconfig"] | ["schemas" | "resourcetypes", ..] => Target::Description,
            _ => Target::User,
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

impl Mapping for Shape {
    fn outgoing(&self, _: &Caller<'_>, _: &ResourceType, shown: &mut Object) {
        if let Some(Value::Object(meta)) = shown.get_mut("meta") {
            meta.retain(|name, _| name == "location");
        }
    }

    fn rewrites_answers(&self, _: &ResourceType) -> bool {
        true
    }
}

impl Presentation for Shape {
    fn headers(
        &self,
        request: &Parts,
        _: Option<&Actor>,
        status: StatusCode,
        headers: &mut HeaderMap,
    ) {
        let allowed = match self.target(request) {
            Target::Users => "POST",
            // No method at all (RFC 9110 §10.2.1).
            Target::User => "",
            Target::Description => return,
        };
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static(allowed));
        }
    }
}
