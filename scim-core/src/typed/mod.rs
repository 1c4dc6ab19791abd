//! Users and groups as Rust types, for hosts that want them (RFC 7643 §4).
//!
//! They are views of the same JSON that stores keep and clients see: what a resource has and its
//! type has no field for stays in `other`, so that nothing is lost when it is written back.

mod group;
mod user;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use group::{Group, Member};
pub use user::{Address, EnterpriseUser, GroupMembership, Manager, MultiValue, Name, User};

use crate::resource::Object;

/// A Rust type that represents a resource type's JSON.
///
/// ```
/// use scim_core::typed::{MultiValue, Name, Typed, User};
///
/// let mut user = User::new("bjensen");
/// user.name = Some(Name { family_name: Some("Jensen".into()), ..Name::default() });
/// user.emails.push(MultiValue { value: Some("b@example.com".into()), ..MultiValue::default() });
///
/// let object = user.to_object()?;
/// assert_eq!(object["emails"][0]["value"], "b@example.com");
/// assert_eq!(User::from_object(object)?, user);
/// # Ok::<_, serde_json::Error>(())
/// ```
pub trait Typed: Serialize + DeserializeOwned {
    /// Name of the resource type that it represents.
    const RESOURCE_TYPE: &'static str;

    /// Reads it from the values of a resource.
    ///
    /// # Errors
    /// When a value has another type than the field.
    fn from_object(values: Object) -> Result<Self, serde_json::Error> {
        serde_json::from_value(Value::Object(values))
    }

    /// Writes it as the values of a resource.
    ///
    /// # Errors
    /// When a field cannot be written as JSON.
    fn to_object(&self) -> Result<Object, serde_json::Error> {
        match serde_json::to_value(self)? {
            Value::Object(values) => Ok(values),
            _ => Ok(Object::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_field_stays_where_it_is() {
        let user = json!({
            "userName": "babs",
            "name": {"familyName": "Jensen", "x": 1},
            "emails": [{"value": "b@example.com", "verified": true}],
            "roles": [{"value": "r1", "$ref": "../Roles/r1"}],
            "addresses": [{"locality": "Berlin", "floor": 3}],
            "groups": [{"value": "g1", "x": 1}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                {"manager": {"value": "m1", "x": 1}},
            "urn:example:2.0:User": {"badge": "7"},
        });
        let group = json!({"displayName": "Guides", "members": [{"value": "u1", "x": 1}]});
        let object = |value: &Value| value.as_object().cloned().unwrap();
        let typed = User::from_object(object(&user)).unwrap();
        assert_eq!(Value::Object(typed.to_object().unwrap()), user);
        let typed = Group::from_object(object(&group)).unwrap();
        assert_eq!(Value::Object(typed.to_object().unwrap()), group);
    }
}
