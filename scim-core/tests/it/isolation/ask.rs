//! Requests on behalf of a tenant, and the check that no answer shows another one.

use http::Method;
use serde_json::{Value, json};

use super::{
    NamedBy,
    model::User,
    play::{NAMES, World},
    step::{Kind, NamedAs, Pick, Place, TENANTS},
};
use crate::endpoint::{Answer, BASE, USER};

impl World {
    pub(super) fn ask(&self, by: usize, method: Method, path: &str, body: Value) -> Answer {
        let path = format!("{}{path}", self.prefix(by));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = format!("Bearer {}", NAMES[by]);
        let answer = self.scim.request(method, &path, &[("authorization", &token)], &body);
        let headers = format!("{:?}", answer.headers);
        for name in NAMES.iter().filter(|name| **name != NAMES[by]) {
            // What a request names itself may come back in an error.
            let is_named = body.contains(name) || path.contains(name);
            let is_shown = answer.text.contains(name) || headers.contains(name);
            assert!(is_named || !is_shown, "{path} shows {name}: {}", answer.text);
        }
        answer
    }

    pub(super) fn query(&self, by: usize, path: &str, query: &Value, place: Place) -> Answer {
        if place == Place::Search {
            let mut body = query.clone();
            body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
            return self.ask(by, Method::POST, &format!("{path}/.search"), body);
        }
        let parameters = query.as_object().unwrap().iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("{name}={escaped}")
        });
        let parameters: Vec<_> = parameters.collect();
        self.ask(by, Method::GET, &format!("{path}?{}", parameters.join("&")), Value::Null)
    }

    pub(super) fn patch(&self, by: usize, path: &str, operation: Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let body = json!({"schemas": schemas, "Operations": [operation]});
        self.ask(by, Method::PATCH, path, body)
    }

    pub(super) fn prefix(&self, tenant: usize) -> String {
        match self.named_by {
            NamedBy::Path => format!("/{}", NAMES[tenant]),
            NamedBy::Credential => String::new(),
        }
    }

    pub(super) fn url(&self, tenant: usize, kind: Kind, id: &str) -> String {
        format!("{BASE}{}{}/{id}", self.prefix(tenant), endpoint(kind))
    }

    pub(super) fn user_body(&self, by: usize, user: &User) -> Value {
        let secret = format!("known to {} alone", NAMES[by]);
        let mut body = json!({"schemas": [USER], "userName": user.name, "nickName": secret});
        if let Some(title) = &user.title {
            body["title"] = title.as_str().into();
        }
        body
    }

    pub(super) fn owner(&self, by: usize, pick: &Pick) -> usize {
        (by + pick.tenant) % TENANTS
    }

    pub(super) fn id(&self, by: usize, kind: Kind, pick: &Pick) -> String {
        let made = self.tenants[self.owner(by, pick)].made(kind);
        let number = pick.number.checked_rem(made.len());
        number.map_or_else(|| "nobody".to_owned(), |number| made[number].clone())
    }

    pub(super) fn member(&self, by: usize, kind: Kind, pick: &Pick, named: NamedAs) -> Value {
        let id = self.id(by, kind, pick);
        match named {
            NamedAs::Value => json!({ "value": id }),
            NamedAs::Reference => json!({"$ref": self.url(self.owner(by, pick), kind, &id)}),
            NamedAs::ValueWithForeignReference => {
                json!({"$ref": self.url((by + 1) % TENANTS, kind, &id), "value": id})
            }
        }
    }
}

pub(super) fn endpoint(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "/Users",
        Kind::Group => "/Groups",
    }
}

pub(super) fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    }
}
