//! Queries: filters resolved against a schema, their meaning, sorting and paging
//! (RFC 7644 §3.4.2).

mod candidate;
mod predicate;
mod prepared;
mod subject;

pub use candidate::Candidate;
pub use predicate::{
    Comparison, Lookup, Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side, SortKey,
    SortOrder,
};
pub use prepared::{Decimal, Prepared};
pub use subject::Subject;
