//! The conversations of clients, without a socket.

use std::path::Path;

use http::Method;
use scim_core::ClientProfile;
use serde_json::Value;

use crate::{
    conversation::{Received, Sent, clients, play},
    endpoint::Endpoint,
    one_group,
};

#[test]
fn clients_are_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/clients");
    let mut count = 0;
    let mut wrong = Vec::new();
    for client in clients(&folder) {
        let profile: ClientProfile = client.profile.parse().unwrap();
        for conversation in &client.conversations {
            count += 1;
            let scim = Endpoint::with(|builder| builder.profile(&profile));
            if let Err(problem) = play(conversation, &|sent| send(&scim, sent)) {
                wrong.push(format!("{}: {problem}", client.client));
            }
        }
    }
    assert!(count >= 50, "only {count} conversations were found");
    assert!(wrong.is_empty(), "{} of {count} fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn sixteen_clients_change_one_group() {
    let scim = Endpoint::new();
    one_group::sixteen_clients_change_it(&|sent| send(&scim, sent));
}

fn send(scim: &Endpoint, sent: Sent<'_>) -> Received {
    let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let method: Method = sent.method.parse().unwrap();
    let answer = scim.request(method, sent.path, &headers, sent.body);
    Received {
        status: answer.status.as_u16(),
        media_type: answer.header("content-type").to_owned(),
        body: if answer.text.is_empty() { Value::Null } else { answer.json() },
    }
}
