//! How answers look.

use http::{HeaderMap, HeaderValue, StatusCode, header::ALLOW, request::Parts};
use scim_core::{Actor, Caller, Mapping, Object, Presentation, schema::ResourceType};
use serde_json::Value;

/// Shows the location of a user and nothing else of `meta`; says which methods there are.
#[derive(Debug)]
pub(crate) struct Shape;

/// What a request is about.
pub(crate) enum Target {
    /// The users of a company.
    Users,
    /// One of them, or whatever else would lead to them.
    User,
    /// What SCIM says of the service.
    Description,
}

impl Target {
    pub(crate) fn of(request: &Parts) -> Self {
        let below = request.uri.path().split('/').filter(|it| !it.is_empty()).skip(3);
        let below: Vec<_> = below.map(str::to_ascii_lowercase).collect();
        match below.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["users"] => Self::Users,
            ["serviceproviderconfig"] | ["schemas" | "resourcetypes", ..] => Self::Description,
            _ => Self::User,
        }
    }
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
        let allowed = match Target::of(request) {
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
