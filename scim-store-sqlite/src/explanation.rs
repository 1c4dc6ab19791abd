//! How a filter would be answered.

use std::sync::Arc;

use scim_core::{
    query::Predicate,
    store::{Explanation, Query},
};

use crate::{attached::Attached, sql_filter::Compiler, statement::Bindings};

/// Which terms of a query's filter SQLite answers from its indexes and the edges. The others are
/// evaluated on each row.
pub(crate) fn explanation(attached: &Arc<Attached>, tenant: &str, query: &Query) -> Explanation {
    let everything = Predicate::Constant(true);
    let filter = query.filter.as_ref().unwrap_or(&everything);
    let mut bindings = Bindings::default();
    let resource_type = &*query.resource_type;
    let mut compiler = Compiler { attached, resource_type, tenant, bindings: &mut bindings };
    Explanation::sorted(filter, |term| compiler.is_pushed(term))
}
