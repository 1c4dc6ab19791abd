#![doc = include_str!("../README.md")]

mod ast;
mod context;
mod error;
mod grammar;
mod lexer;
mod literal;
mod name;
mod parse;
mod print;

pub use ast::{CompareOp, Comparison, Filter, Literal, NumberText, PatchPath, ValuePath};
pub use error::{ParseError, ParseErrorKind};
pub use name::{AttrName, AttrPath, SchemaUri};
pub use parse::Parser;
