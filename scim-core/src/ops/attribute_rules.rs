//! What of a resource a caller may not read.

use std::sync::Arc;

use super::{Context, Engine};
use crate::{
    hooks::AttributeUse,
    schema::{Attribute, ResourceType, Returned},
};

impl Engine {
    /// Takes what the caller may not read out of the answer.
    pub(super) fn hide_unreadable(&self, context: &mut Context, resource_type: &ResourceType) {
        let hidden = self.unreadable(context, resource_type);
        context.selection.hide(hidden);
    }

    /// The attributes and sub-attributes that the caller may not read. Those that are always
    /// returned are beyond the rules.
    pub(super) fn unreadable(
        &self,
        context: &Context,
        resource_type: &ResourceType,
    ) -> Vec<Arc<Attribute>> {
        let mut unreadable = self.forbidden(context, resource_type, &[AttributeUse::Read]);
        unreadable.retain(|it| it.returned() != Returned::Always);
        unreadable
    }

    /// F-029: what a caller may not read, it may not probe either.
    pub(super) fn unsearchable(
        &self,
        context: &Context,
        resource_type: &ResourceType,
    ) -> Vec<Arc<Attribute>> {
        self.forbidden(context, resource_type, &[AttributeUse::Read, AttributeUse::Filter])
    }

    /// The attributes and sub-attributes of which one of these uses is not allowed.
    fn forbidden(
        &self,
        context: &Context,
        resource_type: &ResourceType,
        uses: &[AttributeUse],
    ) -> Vec<Arc<Attribute>> {
        let Some(rules) = self.hooks.policy.attribute_rules() else { return Vec::new() };
        let caller = context.caller();
        resource_type
            .all_attributes()
            .flat_map(|attribute| std::iter::once(attribute).chain(attribute.sub_attributes()))
            .filter(|it| uses.iter().any(|purpose| !rules.allows(&caller, it, *purpose)))
            .cloned()
            .collect()
    }
}
