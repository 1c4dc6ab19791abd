//! What of a resource a caller may not read, by the rules about attributes and by what it sees of
//! other resources.

use std::sync::Arc;

use super::{Context, Engine};
use crate::{
    hooks::{AttributeRules, AttributeUse, Caller},
    schema::{Attribute, ResourceType, Returned},
};

/// What one caller may do with the attributes of one type.
#[derive(Clone, Copy)]
pub(super) struct Rights<'a> {
    rules: &'a dyn AttributeRules,
    caller: Caller<'a>,
    resource_type: &'a ResourceType,
}

impl Rights<'_> {
    /// Whether the caller may use an attribute in this way. A whole that it may not use covers its
    /// parts.
    pub(super) fn allow(&self, attribute: &Attribute, purpose: AttributeUse) -> bool {
        let whole = attribute.parent_name();
        let whole =
            whole.and_then(|it| self.resource_type.resolve(attribute.namespace(), it, None));
        let allows = |it: &Attribute| self.rules.allows(&self.caller, it, purpose);
        allows(attribute) && whole.is_none_or(|whole| allows(whole))
    }

    /// Whether the caller may not even tell the value by what comes of writing it (F-029).
    pub(super) fn conceal(&self, attribute: &Attribute) -> bool {
        let is_unread = match attribute.returned() {
            Returned::Always => false,
            Returned::Never => true,
            Returned::Default | Returned::Request => !self.allow(attribute, AttributeUse::Read),
        };
        is_unread && !self.allow(attribute, AttributeUse::Write)
    }

    /// The attributes and sub-attributes of the type that may not be used in one of these ways.
    pub(super) fn forbidden(&self, uses: &[AttributeUse]) -> impl Iterator<Item = &Arc<Attribute>> {
        let attributes = self.resource_type.all_attributes();
        attributes
            .flat_map(|attribute| std::iter::once(attribute).chain(attribute.sub_attributes()))
            .filter(|it| uses.iter().any(|purpose| !self.allow(it, *purpose)))
    }
}

impl Engine {
    /// `None` where everyone may do everything.
    pub(super) fn rights<'a>(
        &'a self,
        context: &'a Context,
        resource_type: &'a ResourceType,
    ) -> Option<Rights<'a>> {
        let rules = self.hooks.policy.attribute_rules()?;
        Some(Rights { rules, caller: context.caller(), resource_type })
    }

    /// Takes what the caller may not read out of the answer.
    pub(super) fn hide_unreadable(&self, context: &mut Context, resource_type: &ResourceType) {
        let hidden = self.unreadable(context, resource_type);
        context.selection.hide(hidden);
    }

    /// The attributes and sub-attributes that the caller may not read. Those that are always
    /// returned are beyond the rules about attributes; what is told of other resources is not.
    pub(super) fn unreadable(
        &self,
        context: &Context,
        resource_type: &ResourceType,
    ) -> Vec<Arc<Attribute>> {
        let mut unreadable = self.forbidden(context, resource_type, &[AttributeUse::Read]);
        unreadable.retain(|it| it.returned() != Returned::Always);
        unreadable.extend(self.withheld_labels(context, resource_type));
        unreadable
    }

    /// F-029: what a caller may not read, it may not probe either.
    pub(super) fn unsearchable(
        &self,
        context: &Context,
        resource_type: &ResourceType,
    ) -> Vec<Arc<Attribute>> {
        let uses = [AttributeUse::Read, AttributeUse::Filter];
        let mut unsearchable = self.forbidden(context, resource_type, &uses);
        unsearchable.extend(self.withheld_labels(context, resource_type));
        unsearchable
    }

    /// The `display` of each relation that may lead to resources whose labels the caller may not see:
    /// of single edges nobody could tell without a look at what they lead to.
    fn withheld_labels(
        &self,
        context: &Context,
        resource_type: &ResourceType,
    ) -> Vec<Arc<Attribute>> {
        let (caller, policy) = (context.caller(), &self.hooks.policy);
        let is_withheld = |name: &str| {
            let other = self.registry.resource_type(name);
            other.is_some_and(|other| !policy.shows_labels(&caller, other))
        };
        let relations = resource_type.relations().iter();
        let down = relations
            .filter(|it| it.targets().any(is_withheld))
            .map(|relation| relation.attribute());
        let up = resource_type
            .inverses()
            .iter()
            .filter(|it| is_withheld(it.relation().source()))
            .map(|inverse| inverse.attribute());
        down.chain(up).filter_map(|it| it.sub_attribute("display").cloned()).collect()
    }

    /// The attributes and sub-attributes of which one of these uses is not allowed.
    fn forbidden(
        &self,
        context: &Context,
        resource_type: &ResourceType,
        uses: &[AttributeUse],
    ) -> Vec<Arc<Attribute>> {
        let rights = self.rights(context, resource_type);
        rights.iter().flat_map(|rights| rights.forbidden(uses)).cloned().collect()
    }
}
