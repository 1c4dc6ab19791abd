//! URNs that several rooms write and that are no schemas.

/// The body of a PATCH (RFC 7644 §3.5.2).
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
