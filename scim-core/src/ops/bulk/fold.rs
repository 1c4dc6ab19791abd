//! Several writes of one resource as one (atomic Bulk).

use crate::{
    hooks::{Proposal, ProposedDocument},
    ops::{
        Failure,
        write::{Modification, Ready},
    },
    resource::{Revision, Version},
    store::{Precondition, StoreError, StoreErrorKind},
};

/// The write that does what two do in turn; `None` if nothing remains to be done.
///
/// The version that either asks for is that of the resource before the batch.
///
/// # Errors
/// 404 if the first removes the resource, 412 if the second asks for a version of one that the
/// first adds.
pub(super) fn fold(first: Ready, second: Ready) -> Result<Option<Ready>, Failure> {
    use ProposedDocument::{Changed, Deleted, New, Untouched};

    let is_new = matches!(first.proposal.document, New(_));
    if is_new && parts(second.precondition.clone()).0.is_some() {
        return Err(StoreError::new(StoreErrorKind::VersionMismatch).into());
    }
    let document = match (first.proposal.document, second.proposal.document) {
        (New(_), Deleted { .. }) => return Ok(None),
        (New(_), Changed { after, .. }) => New(after),
        (Changed { before, .. }, Changed { after, .. }) => Changed { before, after },
        (Changed { before, .. }, Deleted { .. }) => Deleted { before: Some(before) },
        (stays, Untouched) => stays,
        (Untouched, changed) => changed,
        (Deleted { .. }, _) | (_, New(_)) => return Err(Failure::not_found()),
    };
    let method = match document {
        Deleted { .. } => second.proposal.method,
        _ => first.proposal.method,
    };
    let mut relations = first.proposal.relations;
    relations.extend(second.proposal.relations);
    if matches!(document, Deleted { .. }) {
        relations.clear();
    }
    let mut proposal = Proposal::new(first.proposal.key, document).asked_by(method);
    proposal.relations = relations;
    let precondition = both(first.precondition, second.precondition);
    let asks = |it: &Modification| it.names_versions();
    let modification = match second.modification {
        Some(second) if asks(&second) => Some(second),
        _ => first.modification,
    };
    Ok(Some(Ready { proposal, precondition, modification }))
}

/// The precondition that two come to.
fn both(first: Precondition, second: Precondition) -> Precondition {
    let (first_versions, first_read) = parts(first);
    let (second_versions, second_read) = parts(second);
    let versions = match (first_versions, second_versions) {
        (Some(first), Some(second)) => {
            Some(first.into_iter().filter(|version| second.contains(version)).collect())
        }
        (first, second) => first.or(second),
    };
    let precondition = versions.map_or(Precondition::Exists, Precondition::Version);
    match first_read.or(second_read) {
        Some(read) => precondition.and_document(read),
        None => precondition,
    }
}

fn parts(precondition: Precondition) -> (Option<Vec<Version>>, Option<Revision>) {
    match precondition {
        Precondition::Exists => (None, None),
        Precondition::Version(versions) => (Some(versions), None),
        Precondition::Document(read) => (None, Some(read)),
        Precondition::VersionAndDocument(versions, read) => (Some(versions), Some(read)),
    }
}
