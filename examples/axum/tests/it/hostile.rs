//! Clients that mean harm, over real sockets: what the example answers, and that it goes on serving
//! others (Y-016). Without a socket: `scim-core/tests/it/hostile`.

use std::{
    error::Error,
    fs,
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

use scim_example_options::process::{Process, TOKEN};
use serde_json::{Value, json};

use crate::Tested;

const PROGRAM: &str = env!("CARGO_BIN_EXE_scim-example-axum");

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Clients that hang at once.
const SLOW: usize = 200;

/// What one of them may take, in pages that are used and in memory that is set aside: most is the
/// buffer into which a head is read. A buffer of what is announced would be a megabyte.
#[cfg(target_os = "linux")]
const KIB_PER_CLIENT: [(&str, usize); 2] = [("VmRSS:", 64), ("VmData:", 128)];

fn connect(process: &Process) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(process.origin().trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The head of a request to the example.
fn head(line: &str, further: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: scim.test\r\nAuthorization: Bearer {TOKEN}\r\n{further}\r\n")
}

/// Sends bytes, of which the server may not read all, and reads the head of what it answers.
fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<String> {
    // A server that has answered may close the connection before it has read everything.
    _ = stream.write_all(bytes);
    answer(stream)
}

/// The head of the next answer; empty if the connection was closed without one.
fn answer(stream: &mut TcpStream) -> io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.extend(byte),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break,
            Err(error) => return Err(error),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// Another client gets its answer, and in a time that shows it did not wait for anybody.
fn others_are_served(process: &Process) -> Tested {
    let start = Instant::now();
    assert_eq!(process.request("GET", "/Users", &Value::Null)?.0, 200);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    Ok(())
}

#[test]
fn slow_clients_keep_nobody_waiting() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    let slow = slow_clients(&process)?;
    // One that gives up in the middle has sent nothing.
    for stream in &slow {
        stream.shutdown(Shutdown::Write)?;
    }
    for mut stream in slow.into_iter().skip(1).step_by(2) {
        let head = answer(&mut stream)?;
        assert!(matches!(status(&head), "" | "400"), "{head}");
    }
    let (_, users) = process.request("GET", "/Users", &Value::Null)?;
    assert_eq!(users.get("totalResults"), Some(&json!(0)));
    Ok(())
}

/// So many clients that hang: half a head, or a head and a body a byte at a time. How long they may
/// take is for the host to say, whose server sees the sockets.
fn slow_clients(process: &Process) -> Result<Vec<TcpStream>, Box<dyn Error>> {
    let length = "Content-Type: application/scim+json\r\nContent-Length: 1000000\r\n";
    let beginnings =
        ["POST /tests/scim/v2/Us".to_owned(), head("POST /tests/scim/v2/Users", length)];
    let mut slow = Vec::new();
    for number in 0..SLOW {
        let mut stream = connect(process)?;
        let beginning = beginnings.get(number % 2).ok_or("no beginning")?;
        stream.write_all(beginning.as_bytes())?;
        slow.push(stream);
    }
    for _ in 0..5 {
        for stream in slow.iter_mut().skip(1).step_by(2) {
            stream.write_all(b" ")?;
        }
        others_are_served(process)?;
    }
    Ok(slow)
}

/// What a client announces is not set aside before it comes.
#[cfg(target_os = "linux")]
#[test]
fn slow_clients_take_little_memory() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    others_are_served(&process)?;
    let before = memory(&process)?;
    let slow = slow_clients(&process)?;
    let after = memory(&process)?;
    for (((kind, most), before), after) in KIB_PER_CLIENT.into_iter().zip(before).zip(after) {
        let each = after.saturating_sub(before) / slow.len();
        assert!(each <= most, "{kind} {each} KiB for each of {} clients", slow.len());
    }
    Ok(())
}

/// Memory that a process has, in KiB, of each kind in turn: a buffer that is not filled yet takes no
/// pages, but is set aside.
#[cfg(target_os = "linux")]
fn memory(process: &Process) -> Result<Vec<usize>, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id()))?;
    let of = |(kind, _)| {
        let line = status.lines().find_map(|line| line.strip_prefix(kind)).ok_or(kind)?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    };
    KIB_PER_CLIENT.into_iter().map(of).collect()
}

#[test]
fn clients_that_do_not_read_keep_nobody_waiting() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    let mut deaf = Vec::new();
    for _ in 0..10 {
        let mut stream = connect(&process)?;
        let pipelined = head("GET /tests/scim/v2/Schemas", "").repeat(10);
        stream.write_all(pipelined.as_bytes())?;
        deaf.push(stream);
    }
    others_are_served(&process)
}

/// E-006: the answer does not wait for the rest of the body.
#[test]
fn bodies_beyond_the_limit_are_refused_at_once() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    let post = "POST /tests/scim/v2/Users";
    let kind = "Content-Type: application/scim+json\r\n";

    let mut announced = connect(&process)?;
    let request = head(post, &format!("{kind}Content-Length: 99999999999\r\n"));
    assert_eq!(status(&exchange(&mut announced, request.as_bytes())?), "413");

    let mut chunked = connect(&process)?;
    let request = head(post, &format!("{kind}Transfer-Encoding: chunked\r\n"));
    chunked.write_all(request.as_bytes())?;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..17 {
        if chunked.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    assert_eq!(status(&answer(&mut chunked)?), "413");
    others_are_served(&process)
}

/// RFC 9112 §2.2, §3, §6.3: what is no request, or could be read as two.
#[test]
fn malformed_requests_end_at_the_framework() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    let users = "/tests/scim/v2/Users";
    let post = format!("POST {users}");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let cases: [(&str, String, &[&str]); 13] = [
        ("no HTTP", "hello\r\n\r\n".to_owned(), &["400"]),
        ("NUL in a path", head("GET /tests/scim/v2/Users/\0", ""), &["400"]),
        ("a space in a path", head("GET /tests/scim/v2/Us ers", ""), &["400"]),
        (
            "a path of 100,000 bytes",
            head(&format!("GET {users}/{}", "a".repeat(100_000)), ""),
            &["414"],
        ),
        ("a long path", head(&format!("GET {users}/{}", "a".repeat(60_000)), ""), &["404"]),
        ("200 headers", head(&format!("GET {users}"), &"X-A: b\r\n".repeat(200)), &["431"]),
        (
            "a header of 1 MiB",
            head(&format!("GET {users}"), &format!("X-A: {}\r\n", "b".repeat(1 << 20))),
            &["431"],
        ),
        ("NUL in a header", head(&format!("GET {users}"), "X-A: \0\r\n"), &["400"]),
        ("two lengths", head(&post, "Content-Length: 1\r\nContent-Length: 2\r\n"), &["400"]),
        ("a negative length", head(&post, "Content-Length: -1\r\n"), &["400"]),
        ("a coding that is not known", head(&post, "Transfer-Encoding: x\r\n"), &["400", "501"]),
        ("no size of a chunk", head(&post, chunked) + "zz\r\n", &["400"]),
        ("a size beyond sizes", head(&post, chunked) + "fffffffffffffffffff\r\n", &["400"]),
    ];
    for (what, request, expected) in cases {
        let mut stream = connect(&process)?;
        let head = exchange(&mut stream, request.as_bytes())?;
        let found = status(&head);
        assert!(expected.contains(&found), "{what}: {head}");
        assert!(!head.contains(TOKEN), "{what}");
    }
    others_are_served(&process)
}

/// T-008, T-015: paths as they are, which many clients and proxies would tidy up.
#[test]
fn paths_are_not_tidied_up() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    for path in [
        "/tests/scim/v2/Users/../Groups",
        "/tests/scim/v2/../../etc/passwd",
        "/tests/scim/v2/Users/%2e%2e/Groups",
        "/tests/scim/v2//Users",
        "//tests/scim/v2/Users",
        "/tests/scim/v2/Users%2F1",
        "/tests/scim/v2/Users/%00",
        "/tests/scim/v2/Users/%C0%AF",
        "/tests/other/v2/Users",
    ] {
        let mut stream = connect(&process)?;
        let head = exchange(&mut stream, head(&format!("GET {path}"), "").as_bytes())?;
        assert_eq!(status(&head), "404", "{path}: {head}");
    }
    Ok(())
}

/// E-006, B-022, C-010: after each refusal the same connection, or a new one, is served.
#[test]
fn many_hostile_clients_at_once_leave_the_server_well() -> Tested {
    let process = Process::start(PROGRAM, "memory")?;
    let bulk = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    let operations = vec![json!({}); 100_000];
    let attacks = [
        ("POST", "/Bulk", json!({"schemas": [bulk], "Operations": operations}).to_string(), 413),
        ("POST", "/Users", "[".repeat(500_000), 400),
        ("POST", "/Users", r#"{"userName":1e999999}"#.to_owned(), 400),
        ("GET", "/Users?attributes=a,a", String::new(), 200),
    ];
    thread::scope(|scope| {
        let clients =
            attacks.iter().flat_map(|it| [it, it]).map(|(method, path, body, expected)| {
                let process = &process;
                scope.spawn(move || {
                    let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
                    for _ in 0..3 {
                        let answer = process.exchange(method, path, &headers, body.clone());
                        let status = answer.map(|(head, _)| head.status.as_u16());
                        assert_eq!(
                            status.map_err(|it| it.to_string()),
                            Ok(*expected),
                            "{method} {path}"
                        );
                    }
                })
            });
        for client in clients.collect::<Vec<_>>() {
            assert!(client.join().is_ok());
        }
    });
    others_are_served(&process)
}
