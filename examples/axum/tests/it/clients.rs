//! The conversations of clients, over HTTP and on both stores.

use std::path::Path;

use scim_example_options::process::Process;

use crate::{
    Tested,
    conversation::{Client, Conversation, Received, Sent, clients, play},
    one_group,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_scim-example-axum");

#[test]
fn clients_are_understood_over_memory() -> Tested {
    each_conversation(|client, conversation| {
        let process = Process::start_for(PROGRAM, "memory", &client.profile)?;
        play(conversation, &|sent| send(&process, sent)).map_err(Into::into)
    })
}

#[test]
fn clients_are_understood_over_sqlite() -> Tested {
    each_conversation(|client, conversation| {
        let directory = tempfile::tempdir()?;
        let process = Process::start_for(PROGRAM, store_in(directory.path()), &client.profile)?;
        play(conversation, &|sent| send(&process, sent)).map_err(Into::into)
    })
}

#[test]
fn sixteen_clients_change_one_group_over_memory() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    one_group::sixteen_clients_change_it(&|sent| send(&process, sent));
    Ok(())
}

#[test]
fn sixteen_clients_change_one_group_over_sqlite() -> Tested {
    let directory = tempfile::tempdir()?;
    let process = Process::start(PROGRAM, store_in(directory.path()))?;
    one_group::sixteen_clients_change_it(&|sent| send(&process, sent));
    Ok(())
}

fn each_conversation(play: impl Fn(&Client, &Conversation) -> Tested) -> Tested {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = folder.join("../../scim-core/tests/vectors/clients");
    let mut wrong = Vec::new();
    for client in clients(&folder) {
        for conversation in &client.conversations {
            if let Err(problem) = play(&client, conversation) {
                wrong.push(format!("{}: {problem}", client.client));
            }
        }
    }
    assert!(wrong.is_empty(), "{} fail:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

fn store_in(directory: &Path) -> String {
    format!("sqlite:{}", directory.join("scim.db").display())
}

#[expect(clippy::expect_used, reason = "a test fails by panicking")]
fn send(process: &Process, sent: Sent<'_>) -> Received {
    let answer = process.exchange(sent.method, sent.path, &sent.headers, sent.body);
    let (head, body) = answer.expect("the example answers");
    let media_type = head.headers.get("content-type").and_then(|it| it.to_str().ok());
    Received {
        status: head.status.as_u16(),
        media_type: media_type.unwrap_or_default().to_owned(),
        body,
    }
}
