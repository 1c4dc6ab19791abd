//! The requests that are measured, each with the check of its answer.

pub(crate) mod floor;
pub(crate) mod groups;
pub(crate) mod users;

use serde_json::{Value, json};

use crate::client::{Response, request};

const BASE: &str = "/scim/v2";

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// How many users one Bulk request adds.
pub(crate) const BULK: usize = 100;

/// The same few users in an order that jumps about.
fn scattered(number: u64, of: usize) -> usize {
    (number as usize).wrapping_mul(7_919) % of
}

fn parsed(response: &Response, status: u16) -> Result<Value, String> {
    if response.status != status {
        return Err(format!("status {status} was expected"));
    }
    serde_json::from_slice(&response.body).map_err(|error| error.to_string())
}

fn same(found: Option<&Value>, expected: impl Into<Value>) -> Result<(), String> {
    let expected = expected.into();
    if found == Some(&expected) { Ok(()) } else { Err(format!("{expected} was expected")) }
}

fn status(response: &Response, expected: u16) -> Result<(), String> {
    if response.status == expected { Ok(()) } else { Err(format!("not {expected}")) }
}

/// A path in which a query is encoded.
fn query(path: &str, filter: &str) -> String {
    let mut encoded = String::new();
    for byte in filter.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => encoded.push(byte.into()),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{BASE}{path}?filter={encoded}")
}

fn patch(group_or_user: &str, operations: &Value) -> Vec<u8> {
    let body = json!({"schemas": [PATCH], "Operations": operations});
    request("PATCH", &format!("{BASE}{group_or_user}"), &body.to_string())
}
