//! Many clients change the members of one group at once, each in all styles there are.

use std::{collections::BTreeSet, thread};

use serde_json::{Value, json};

use crate::conversation::{Received, Sent, Wire};

const CLIENTS: usize = 16;
/// Users whose membership one client changes: half of them are members at first, the others at
/// last.
const USERS: usize = 12;

/// Whatever the order in which the requests are served, the members at the end are those that the
/// last request about each of them left.
pub(crate) fn sixteen_clients_change_it(wire: &(dyn Fn(Sent<'_>) -> Received + Sync)) {
    let users: Vec<Vec<String>> = (0..CLIENTS)
        .map(|client| (0..USERS).map(|number| user(wire, client, number)).collect())
        .collect();
    let half = |first: usize| -> Vec<Vec<String>> {
        users.iter().map(|ids| ids.iter().skip(first).step_by(2).cloned().collect()).collect()
    };
    let (leaving, joining) = (half(0), half(1));
    let group = group(wire, &leaving.concat());
    thread::scope(|scope| {
        for (leaving, joining) in leaving.iter().zip(&joining) {
            let group = &*group;
            scope.spawn(move || change(wire, group, leaving, joining));
        }
    });
    let expected: BTreeSet<String> = joining.concat().into_iter().collect();
    assert_eq!(members(wire, &group), expected);
}

/// Adds those who join and removes those who leave, one style after the other.
fn change(wire: Wire<'_>, group: &str, leaving: &[String], joining: &[String]) {
    let [a, b, c, d, e, f] = leaving else { panic!("six leave") };
    let [u, v, w, x, y, z] = joining else { panic!("six join") };
    let value = |id: &str| json!({ "value": id });
    let matching = |id: &str| format!("members[value eq \"{id}\"]");
    let requests = [
        json!([{"op": "add", "path": "members", "value": [value(u)]}]),
        json!([{"op": "remove", "path": matching(a)}]),
        json!([{"op": "Add", "value": {"members": [value(v)]}}]),
        json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": b}]}]),
        json!([{"op": "add", "path": "members", "value": [w, u]}]),
        // It leaves, comes back and leaves again.
        json!([{"op": "remove", "path": "members", "value": value(c)}]),
        json!([{"op": "add", "path": "members", "value": value(c)}]),
        json!([{"op": "remove", "path": "members", "value": [c]}]),
        // With a change of the document, for which the clients race.
        json!([
            {"op": "replace", "value": {"displayName": format!("Renamed by {a}")}},
            {"op": "add", "path": "members", "value": [value(x), value(y)]},
            {"op": "remove", "path": matching(d)},
        ]),
        json!([{"op": "remove", "path": format!("members[value eq \"{e}\" or value eq \"{f}\"]")}]),
        json!([{"op": "add", "path": matching(z), "value": value(z)}]),
    ];
    for operations in requests {
        patch(wire, group, &operations);
    }
}

/// A client that loses a race for the document too often is asked to come back.
fn patch(wire: Wire<'_>, group: &str, operations: &Value) {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    });
    loop {
        let answer = send(wire, "PATCH", &format!("/Groups/{group}"), &body);
        match answer.status {
            503 => thread::yield_now(),
            status => {
                assert!(matches!(status, 200 | 204), "{status} {}: {operations}", answer.body);
                return;
            }
        }
    }
}

fn user(wire: Wire<'_>, client: usize, number: usize) -> String {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("user{number}of{client}"),
    });
    id(&send(wire, "POST", "/Users", &body))
}

fn group(wire: Wire<'_>, members: &[String]) -> String {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Tour Guides",
        "members": members,
    });
    id(&send(wire, "POST", "/Groups", &body))
}

fn members(wire: Wire<'_>, group: &str) -> BTreeSet<String> {
    let shown = send(wire, "GET", &format!("/Groups/{group}"), &Value::Null).body;
    let members = shown.get("members").and_then(Value::as_array).unwrap();
    let value = |member: &Value| member.get("value").and_then(Value::as_str).unwrap().to_owned();
    members.iter().map(value).collect()
}

fn id(answer: &Received) -> String {
    let id = answer.body.get("id").and_then(Value::as_str);
    id.unwrap_or_else(|| panic!("{} {}", answer.status, answer.body)).to_owned()
}

fn send(wire: Wire<'_>, method: &str, path: &str, body: &Value) -> Received {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let headers = vec![("content-type".to_owned(), "application/scim+json".to_owned())];
    wire(Sent { method, path, headers, body })
}
