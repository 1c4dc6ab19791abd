//! The rules about accounts, groups and what may be asked of them.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::Method;
use scim_core::{
    AskedList, BeforeImage, Caller, Object, Policy, Proposal, ProposedDocument, Reading,
    Resolution, ScimError, ScimType, schema::ResourceType, store::Resource,
};
use scim_filter::{CompareOp, Comparison, Filter};
use serde_json::Value;

use crate::{backstage::Backstage, emails, name};

/// Accounts are disabled instead of deleted, and addresses bring disabled ones back.
#[derive(Debug)]
pub(crate) struct Accounts(pub(crate) Backstage);

#[async_trait]
impl Policy for Accounts {
    fn before_image(&self, resource_type: &ResourceType) -> BeforeImage {
        if is_user(resource_type) { BeforeImage::Needed } else { BeforeImage::Unneeded }
    }

    /// Disabled accounts are found by id, by address and by being disabled.
    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        reading: Reading<'_>,
    ) -> Option<Filter<'static>> {
        let finds_all = match reading {
            Reading::List(Some(Filter::Compare(term))) => {
                names(term, "emails") || names(term, "active")
            }
            Reading::List(_) => false,
            _ => true,
        };
        let hides = is_user(resource_type) && !finds_all;
        hides.then(|| "active ne false".parse().ok()).flatten()
    }

    /// One comparison at the most; groups by name alone, and in no order.
    async fn review_list(
        &self,
        _: &Caller<'_>,
        resource_types: &[Arc<ResourceType>],
        list: &mut AskedList,
    ) -> Result<(), ScimError> {
        let is_about_users = resource_types.iter().all(|it| is_user(it));
        if !is_about_users {
            list.sort_by = None;
        }
        match &list.filter {
            None => Ok(()),
            Some(Filter::Compare(term)) if !is_operator(term.op) => {
                Err(unfit("the operators are `eq`, `co`, `sw`, `gt`, `ge`, `lt` and `le`"))
            }
            Some(Filter::Compare(term)) if is_about_users || names(term, "displayName") => Ok(()),
            Some(Filter::Compare(_)) => Err(unfit("groups are found by `displayName` alone")),
            Some(_) => Err(unfit("expected one expression: attribute, operator, value")),
        }
    }

    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        if !is_user(proposal.resource_type()) {
            return Ok(());
        }
        proposal.keep_instead_of_deleting(|user| {
            user.insert("active".to_owned(), false.into());
        })?;
        let (id, method) = (proposal.id().to_string(), proposal.method.clone());
        let before = proposal.before().cloned().unwrap_or_default();
        let Some(user) = proposal.after_mut() else { return Ok(()) };
        user.insert("userName".to_owned(), id.into());
        if method == Method::PUT {
            // A PUT names what is to be different; `{"active": true}` alone enables an account.
            before.iter().for_each(|(name, stored)| _ = user.entry(name).or_insert(stored.clone()));
        }
        let active = before.get("active").cloned().unwrap_or(Value::Bool(true));
        user.entry("active").or_insert(active);
        settle_name(&before, user)?;
        settle_emails(&before, user, &method)
    }

    /// An address of a disabled account enables that account, unless another one of the new
    /// addresses belongs to an account in use.
    async fn conflict(
        &self,
        caller: &Caller<'_>,
        proposal: &Proposal,
        holder: &Resource,
    ) -> Result<Resolution, ScimError> {
        let (ProposedDocument::New(new), Ok(holder)) =
            (&proposal.document, holder.document.values())
        else {
            return Ok(Resolution::Refuse);
        };
        let emails = new.get("emails").and_then(Value::as_array).into_iter().flatten();
        for address in emails.filter_map(emails::address) {
            let holders = self.0.holders(caller.scope.tenant.as_str(), address).await;
            if holders.iter().any(|holder| holder.get("active") != Some(&Value::Bool(false))) {
                return Ok(Resolution::Refuse);
            }
        }
        let mut holder = holder.clone();
        holder.insert("active".to_owned(), new.get("active").cloned().unwrap_or_default());
        Ok(Resolution::ChangeHolder(holder))
    }
}

pub(crate) fn is_user(resource_type: &ResourceType) -> bool {
    resource_type.name() == "User"
}

fn settle_name(before: &Object, user: &mut Object) -> Result<(), ScimError> {
    let Some(Value::Object(given)) = user.get_mut("name") else { return Err(required("name")) };
    name::settle(before.get("name"), given);
    match given.get("formatted").and_then(Value::as_str) {
        None | Some("") => Err(required("name")),
        Some(_) => Ok(()),
    }
}

fn settle_emails(before: &Object, user: &mut Object, method: &Method) -> Result<(), ScimError> {
    let kept = emails::primary(before).filter(|_| *method == Method::PUT);
    let emails = emails::settled(user, kept);
    if emails.is_empty() {
        return Err(required("emails"));
    }
    user.insert("emails".to_owned(), emails.into());
    Ok(())
}

/// The operators of SCIM 1.1 but `pr`.
fn is_operator(operator: CompareOp) -> bool {
    !matches!(operator, CompareOp::Ne | CompareOp::Ew)
}

fn names(term: &Comparison<'_>, attribute: &str) -> bool {
    term.path.name.as_str().eq_ignore_ascii_case(attribute)
}

fn required(attribute: &'static str) -> ScimError {
    ScimError::new(ScimType::InvalidValue, "a value is required").at(attribute)
}

fn unfit(detail: &'static str) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, detail).at("filter")
}
