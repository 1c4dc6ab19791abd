//! Attribute names, schema URIs and the paths made of them (RFC 7644 §3.10).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::ast::into_static;
use crate::error::ParseError;
use crate::path;

/// An attribute name: compared ignoring ASCII case, kept as it was written (RFC 7643 §2.1).
///
/// ```
/// use scim_filter::AttrName;
///
/// let name = AttrName::new("userName")?;
/// assert_eq!(name, AttrName::new("USERNAME")?);
/// assert_eq!(name.as_str(), "userName");
/// # Ok::<(), scim_filter::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AttrName<'a>(Cow<'a, str>);

/// The URI of a schema: compared ignoring ASCII case, kept as it was written (RFC 7644 §3.10).
#[derive(Clone, Debug)]
pub struct SchemaUri<'a>(Cow<'a, str>);

/// `[URI ":"] ATTRNAME ["." ATTRNAME]`: the way to one attribute (RFC 7644 §3.10).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttrPath<'a> {
    /// The schema that defines the attribute, when the path names it.
    pub uri: Option<SchemaUri<'a>>,
    /// The attribute.
    pub name: AttrName<'a>,
    /// The sub-attribute of a complex attribute.
    pub sub: Option<AttrName<'a>>,
}

impl<'a> AttrName<'a> {
    /// Takes a text that is an attribute name by the grammar.
    ///
    /// # Errors
    ///
    /// [`ParseErrorKind::Name`](crate::ParseErrorKind::Name) when it is not.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, ParseError> {
        let text = text.into();
        path::attr_name(&text).map_err(|fault| ParseError::new(fault, &text, false))?;
        Ok(Self(text))
    }

    /// The caller has checked the grammar.
    pub(crate) const fn checked(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The same name, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> AttrName<'static> {
        AttrName(into_static(self.0))
    }
}

impl<'a> SchemaUri<'a> {
    /// Takes a text that is an absolute URI as attribute paths admit it.
    ///
    /// # Errors
    ///
    /// [`ParseErrorKind::Uri`](crate::ParseErrorKind::Uri) when it is not.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, ParseError> {
        let text = text.into();
        path::uri(&text).map_err(|fault| ParseError::new(fault, &text, false))?;
        Ok(Self(text))
    }

    /// The caller has checked the grammar.
    pub(crate) const fn checked(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The same URI, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> SchemaUri<'static> {
        SchemaUri(into_static(self.0))
    }
}

impl AttrPath<'_> {
    /// The same path, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> AttrPath<'static> {
        AttrPath {
            uri: self.uri.map(SchemaUri::into_owned),
            name: self.name.into_owned(),
            sub: self.sub.map(AttrName::into_owned),
        }
    }
}

impl<'a> From<AttrName<'a>> for AttrPath<'a> {
    /// The path of a whole attribute, whatever schema defines it.
    fn from(name: AttrName<'a>) -> Self {
        Self { uri: None, name, sub: None }
    }
}

/// Text compared ignoring ASCII case. No `Borrow<str>`: `str` hashes its case.
macro_rules! ascii_case_insensitive {
    ($type:ident) => {
        impl $type<'_> {
            /// The text as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $type<'_> {
            type Target = str;

            fn deref(&self) -> &str {
                self.as_str()
            }
        }

        impl AsRef<str> for $type<'_> {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq for $type<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.eq_ignore_ascii_case(other)
            }
        }

        impl Eq for $type<'_> {}

        impl PartialEq<str> for $type<'_> {
            fn eq(&self, other: &str) -> bool {
                self.eq_ignore_ascii_case(other)
            }
        }

        impl PartialEq<&str> for $type<'_> {
            fn eq(&self, other: &&str) -> bool {
                self.eq_ignore_ascii_case(other)
            }
        }

        impl Ord for $type<'_> {
            fn cmp(&self, other: &Self) -> Ordering {
                lowered(self).cmp(lowered(other))
            }
        }

        impl PartialOrd for $type<'_> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Hash for $type<'_> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                lowered(self).for_each(|byte| state.write_u8(byte));
                // As `str` does: no text is the start of another.
                state.write_u8(0xff);
            }
        }
    };
}

ascii_case_insensitive!(AttrName);
ascii_case_insensitive!(SchemaUri);

fn lowered(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}
