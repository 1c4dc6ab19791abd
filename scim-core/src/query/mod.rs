//! Queries: filters resolved against a schema, their meaning, sorting and paging
//! (RFC 7644 §3.4.2).

mod bind;
mod candidate;
mod decimal;
mod eval;
mod evaluation;
mod instant;
mod predicate;
mod prepare;
mod prepared;
mod related;
mod sort;
mod subject;
mod text;
mod uri;
mod values;

pub use bind::{BindContext, bind, bind_sort, bind_value_filter};
pub(crate) use bind::{has_id, ids_of, located};
pub use candidate::Candidate;
pub use decimal::Decimal;
pub(crate) use eval::{edge_value, eval_element_within};
pub use eval::{eval, eval_element, eval_within};
pub use predicate::{Comparison, Lookup, Operator, Predicate, SortKey, SortOrder};
pub use prepare::{prepare, prepared_values};
pub use prepared::Prepared;
pub use related::{Reach, RelatedTerm, RelatedTest, Side};
pub(crate) use sort::order;
pub use sort::{compare, sort_value};
pub use subject::{Standalone, Subject};
pub use text::{is_user_name, prepared_password};
