//! Groups (RFC 7643 §4.2).

use serde::{Deserialize, Serialize};

use super::Typed;
use crate::{resource::Object, schema::builtin};

/// A group (RFC 7643 §4.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Group {
    /// URNs of the schemas in use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// Identifier given by the service provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Identifier given by the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Everything else, such as `meta` and extensions.
    #[serde(flatten)]
    pub other: Object,
}

impl Group {
    /// A group of this name without members.
    pub fn new(display_name: impl Into<String>) -> Self {
        Self {
            schemas: vec![builtin::GROUP.to_owned()],
            display_name: Some(display_name.into()),
            ..Self::default()
        }
    }
}

impl Typed for Group {
    const RESOURCE_TYPE: &'static str = "Group";
}

/// A member of a group (RFC 7643 §4.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Member {
    /// Id of the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// URI of the member.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Name of the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// `User` or `Group`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Object,
}
