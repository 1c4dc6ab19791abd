//! Targets out of the caller's sight: to it they are as if they did not exist.

use std::collections::BTreeSet;

use super::{Context, Engine, Failure};
use crate::{
    hooks::{Proposal, Reading},
    query::{Predicate, Reach, RelatedTerm, RelatedTest, Side},
    resource::ResourceId,
    schema::Relation,
    store::{Delta, Key, RelationChange, StoreError, StoreErrorKind, Target, UnknownTargets},
    validate::NoteRule,
};

impl Engine {
    /// Does with targets that the caller may not see what the store does with those that do not
    /// exist, so that the answer does not tell which there are. Edges that are there already are
    /// seen, and may be named again.
    ///
    /// # Errors
    /// 400 `invalidValue` where unknown targets are refused.
    pub(super) async fn check_targets(
        &self,
        context: &mut Context,
        proposal: &mut Proposal,
    ) -> Result<(), Failure> {
        let key = proposal.key.clone();
        for change in &mut proposal.relations {
            if !self.may_hide(context, &change.relation)? {
                continue;
            }
            let seen = self.seen(context, &key, change).await?;
            let (Delta::Add(targets) | Delta::Replace(targets)) = &mut change.delta else {
                continue;
            };
            let is_seen = |it: &Target| seen.contains(&it.id);
            match (change.unknown, targets.iter().find(|it| !is_seen(it))) {
                (_, None) => {}
                (UnknownTargets::Skip, Some(_)) => {
                    for target in targets.extract_if(.., |it| !is_seen(it)) {
                        context.notes.add(target.id.as_str(), NoteRule::UnknownTargetSkipped);
                    }
                }
                (UnknownTargets::Refuse, Some(unseen)) => {
                    let (relation, target) = (change.relation.clone(), unseen.id.clone());
                    let unknown = StoreErrorKind::UnknownTarget { relation, target };
                    return Err(StoreError::new(unknown).into());
                }
            }
        }
        Ok(())
    }

    /// Whether some of what the relation leads to may be out of the caller's sight.
    fn may_hide(&self, context: &Context, relation: &Relation) -> Result<bool, Failure> {
        for resource_type in relation.targets().filter_map(|it| self.registry.resource_type(it)) {
            if self.visible(context, resource_type, Reading::One)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The targets of a change that the caller may see or sees already at the other end of an
    /// edge, and those that are about to be added.
    async fn seen(
        &self,
        context: &Context,
        key: &Key,
        change: &RelationChange,
    ) -> Result<BTreeSet<ResourceId>, Failure> {
        let (Delta::Add(targets) | Delta::Replace(targets)) = &change.delta else {
            return Ok(BTreeSet::new());
        };
        let added = context.added.as_deref();
        let is_added = |id: &&ResourceId| added.is_some_and(|added| added.contains(*id));
        let ids = targets.iter().map(|it| &it.id);
        let mut seen: BTreeSet<_> = ids.filter(is_added).cloned().collect();
        let is_there = Predicate::Related(RelatedTerm {
            relation: change.relation.clone(),
            side: Side::Sources,
            reach: Reach::Direct,
            test: RelatedTest::Id(key.id.clone()),
        });
        let names = change.relation.targets();
        for resource_type in names.filter_map(|it| self.registry.resource_type(it)) {
            let of_type = |it: &&Target| {
                !seen.contains(&it.id)
                    && it.resource_type.as_ref().is_none_or(|it| it == resource_type)
            };
            let ids = targets.iter().filter(of_type).map(|it| it.id.clone()).collect();
            let known = Some(is_there.clone());
            seen.append(&mut self.existing(context, resource_type, ids, known).await?);
        }
        Ok(seen)
    }
}
