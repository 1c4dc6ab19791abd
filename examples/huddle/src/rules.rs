//! Who may add which users.

use async_trait::async_trait;
use http::{Method, StatusCode, request::Parts};
use scim_core::{Caller, Object, Policy, Proposal, ScimError, ScimType};
use serde_json::Value;

use crate::{
    companies::{Companies, Role},
    shape::{Shape, Target},
};

/// Lets provisioners of a company add users whose addresses are in its domains.
#[derive(Debug)]
pub(crate) struct Provisioning {
    pub(crate) companies: Companies,
    pub(crate) shape: Shape,
}

#[async_trait]
impl Policy for Provisioning {
    async fn admit(&self, caller: &Caller<'_>, request: &Parts) -> Result<(), ScimError> {
        let company = self.companies.company(caller.scope.tenant.as_str());
        let role = company.and_then(|company| company.role_of(caller.actor.subject()));
        let role = role.ok_or_else(|| forbidden("the actor is not in the company"))?;
        let is_documented = match self.shape.target(request) {
            Target::Users => request.method == Method::POST,
            Target::User => false,
            Target::Description => true,
        };
        if !is_documented {
            let detail = "users are only added here";
            return Err(ScimError::with_status(StatusCode::METHOD_NOT_ALLOWED, detail));
        }
        match role {
            Role::Provisioner => Ok(()),
            Role::Member => Err(forbidden("the actor does not have provisioning permissions")),
        }
    }

    async fn review(&self, caller: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let company = self.companies.company(caller.scope.tenant.as_str());
        let Some(user) = proposal.after_mut() else { return Ok(()) };
        for (attribute, address) in addresses(user) {
            let Some((_, domain)) = address.rsplit_once('@') else {
                let detail = "expected an email address";
                return Err(ScimError::new(ScimType::InvalidValue, detail).at(attribute));
            };
            if !company.is_some_and(|company| company.authorizes(domain)) {
                let detail = format!("the domain `{domain}` is not authorized for the company");
                return Err(ScimError::with_status(StatusCode::FORBIDDEN, detail).at(attribute));
            }
        }
        Ok(())
    }
}

/// The email addresses of a user, of which its name is one.
fn addresses(user: &Object) -> impl Iterator<Item = (&'static str, &str)> {
    let name = user.get("userName").and_then(Value::as_str).map(|name| ("userName", name));
    let emails = user.get("emails").and_then(Value::as_array).into_iter().flatten();
    let values = emails.filter_map(|email| email.get("value").and_then(Value::as_str));
    name.into_iter().chain(values.map(|value| ("emails", value)))
}

fn forbidden(detail: &'static str) -> ScimError {
    ScimError::with_status(StatusCode::FORBIDDEN, detail)
}
