#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "serde")]
mod as_text;
mod ast;
mod context;
mod error;
mod grammar;
mod lexer;
mod literal;
mod name;
mod parse;
mod path;
mod print;
mod visit;

pub use ast::{CompareOp, Comparison, Filter, Literal, NumberText, PatchPath, ValuePath};
pub use error::{ParseError, ParseErrorKind};
pub use name::{AttrName, AttrPath, SchemaUri};
pub use parse::Parser;
pub use visit::{Visit, walk_comparison, walk_filter, walk_patch_path, walk_value_path};
