//! What the crate promises, by topic.

mod corpus;
