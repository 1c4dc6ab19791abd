//! Filters and PATCH paths of SCIM 2.0.
