//! Proposals as a host's tests make them.

use http::StatusCode;
use serde_json::Value;

use super::{Proposal, ProposedDocument};
use crate::{
    error::{ScimError, ScimType},
    resource::{Object, ResourceId},
    schema::{Registry, ResourceType},
    store::{Key, RelationChange},
    validate::{self, Known, Notes, Rules, UnknownAttributes},
};

/// Proposals for the tests of a host's hooks. Values are checked against the schema and brought
/// into the canonical form in which the engine hands them to hooks, so that a test cannot pass
/// with values that never occur; attributes that no schema has are refused as misspelt.
///
/// ```
/// use scim_core::{Actor, BeforeImage, Caller, Policy, Proposal, ProposedDocument, ScimError};
/// use scim_core::{async_trait, schema::Registry, store::Scope};
/// use serde_json::json;
///
/// #[derive(Debug)]
/// struct KeepUsers;
///
/// #[async_trait]
/// impl Policy for KeepUsers {
///     async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
///         proposal.keep_instead_of_deleting(|user| {
///             user.insert("active".to_owned(), false.into());
///         })
///     }
/// }
///
/// let (actor, scope) = (Actor::new("okta"), Scope::default());
/// let user = json!({"USERNAME": "babs", "active": true});
/// let mut proposal = Proposal::delete(&Registry::standard(), "User", Some(user))?;
/// pollster::block_on(KeepUsers.review(&Caller::new(&actor, &scope), &mut proposal))?;
///
/// let ProposedDocument::Changed { after, .. } = &proposal.document else { panic!("was deleted") };
/// assert_eq!((&after["userName"], &after["active"]), (&json!("babs"), &json!(false)));
///
/// let misspelt = Proposal::create(&Registry::standard(), "User", json!({"username_": "babs"}));
/// assert!(misspelt.is_err());
/// # Ok::<_, ScimError>(())
/// ```
impl Proposal {
    /// A new resource, with a fresh id.
    ///
    /// # Errors
    /// 404 for an unknown resource type, 400 for values that do not fit it. Edges are no values:
    /// they go into [`relations`](Self#structfield.relations).
    pub fn create(
        registry: &Registry,
        resource_type: &str,
        values: Value,
    ) -> Result<Self, ScimError> {
        Self::rehearsed(registry, resource_type, |resource_type| {
            canonical(registry, resource_type, values)
                .map(|after| ProposedDocument::New(after.into()))
        })
    }

    /// A change of a resource.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn change(
        registry: &Registry,
        resource_type: &str,
        before: Value,
        after: Value,
    ) -> Result<Self, ScimError> {
        Self::rehearsed(registry, resource_type, |resource_type| {
            let before = canonical(registry, resource_type, before)?;
            let after = canonical(registry, resource_type, after)?;
            Ok(ProposedDocument::Changed { before: before.into(), after: after.into() })
        })
    }

    /// A change of edges alone.
    ///
    /// # Errors
    /// 404 for an unknown resource type.
    pub fn relate(
        registry: &Registry,
        resource_type: &str,
        changes: Vec<RelationChange>,
    ) -> Result<Self, ScimError> {
        let untouched = |_: &ResourceType| Ok(ProposedDocument::Untouched);
        let proposal = Self::rehearsed(registry, resource_type, untouched)?;
        Ok(Self { relations: changes, ..proposal })
    }

    /// The removal of a resource, with its values where the policy would have
    /// [asked for them](super::Policy::before_image).
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn delete(
        registry: &Registry,
        resource_type: &str,
        before: Option<Value>,
    ) -> Result<Self, ScimError> {
        Self::rehearsed(registry, resource_type, |resource_type| {
            let before = before.map(|values| canonical(registry, resource_type, values));
            Ok(ProposedDocument::Deleted { before: before.transpose()?.map(Into::into) })
        })
    }

    fn rehearsed(
        registry: &Registry,
        resource_type: &str,
        document: impl FnOnce(&ResourceType) -> Result<ProposedDocument, ScimError>,
    ) -> Result<Self, ScimError> {
        let Some(resource_type) = registry.resource_type(resource_type) else {
            return Err(ScimError::with_status(StatusCode::NOT_FOUND, "no such resource type"));
        };
        let key = Key::new(resource_type, ResourceId::fresh());
        Ok(Self::new(key, document(resource_type)?))
    }
}

fn canonical(
    registry: &Registry,
    resource_type: &ResourceType,
    values: Value,
) -> Result<Object, ScimError> {
    let rules = Rules::default().unknown_attributes(UnknownAttributes::Refuse);
    let mut notes = Notes::default();
    let values = validate::resource(registry, resource_type, values, &mut notes, &rules)?;
    validate::required(resource_type, &values, Known::Stored)?;
    let mut edges = resource_type.relations().iter().map(|relation| relation.attribute());
    match edges.find(|attribute| values.contains_key(attribute.name())) {
        None => Ok(values),
        Some(attribute) => {
            let detail = "edges are no values of a proposal: they go into its relations";
            Err(ScimError::new(ScimType::InvalidValue, detail).at(attribute.path()))
        }
    }
}
