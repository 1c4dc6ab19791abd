//! Every email is of the type `work`, one of them is primary, and an account has one at least.

use scim_core::Object;
use serde_json::{Value, json};

/// The emails of a user in the one form they are kept in, empty if there are none.
///
/// `kept` is the primary address where a request may not change which it is.
pub(crate) fn settled(user: &Object, kept: Option<&str>) -> Vec<Value> {
    let given = user.get("emails").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut addresses: Vec<&str> = Vec::new();
    for address in given.iter().filter_map(address) {
        if !addresses.iter().any(|known| is_same(known, address)) {
            addresses.push(address);
        }
    }
    let marked = given.iter().filter(|email| is_primary(email)).filter_map(address).next_back();
    let primary = match kept.filter(|kept| addresses.iter().any(|it| is_same(it, kept))) {
        Some(kept) => Some(kept),
        None => marked.or(addresses.first().copied()),
    };
    let email = |address: &&str| {
        let is_primary = primary.is_some_and(|primary| is_same(primary, address));
        json!({"primary": is_primary, "type": "work", "value": address})
    };
    addresses.iter().map(email).collect()
}

/// The primary address of a user.
pub(crate) fn primary(user: &Object) -> Option<&str> {
    let emails = user.get("emails")?.as_array()?;
    emails.iter().find(|email| is_primary(email)).and_then(address)
}

pub(crate) fn address(email: &Value) -> Option<&str> {
    email.get("value")?.as_str()
}

fn is_primary(email: &Value) -> bool {
    email.get("primary") == Some(&Value::Bool(true))
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
