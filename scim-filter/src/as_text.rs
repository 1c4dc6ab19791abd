//! Trees as their text in any format of serde, owned when read as `Cow` is.
//!
//! Bare words are accepted on the way in, since `Display` writes them on the way out.

use std::fmt::{self, Formatter};

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ast::{Filter, PatchPath};
use crate::error::ParseError;
use crate::name::AttrPath;
use crate::parse::Parser;

const PARSER: Parser = Parser::tolerant().accept_bare_words();

/// How one kind of tree is read.
struct Text<T> {
    expected: &'static str,
    read: fn(&str) -> Result<T, ParseError>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).map_err(E::custom)
    }
}

macro_rules! as_text {
    ($type:ident, $rule:ident, $expected:literal) => {
        impl Serialize for $type<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type<'_> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text {
                    expected: $expected,
                    read: |text| PARSER.$rule(text).map($type::into_owned),
                })
            }
        }
    };
}

as_text!(Filter, filter, "a SCIM filter");
as_text!(PatchPath, path, "the path of a SCIM PATCH operation");
as_text!(AttrPath, attr_path, "a SCIM attribute path");
