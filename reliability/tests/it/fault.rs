//! Disks and files that go wrong: clear errors, a server that lives, and nothing lost.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use scim_example_options::process::Process;
use scim_reliability::{Campaign, Disk, Fault, Interruption, Violation};
use serde_json::{Value, json};

use crate::{Tested, seed, server};

/// A page of the database.
const PAGE: usize = 4096;

#[test]
fn nothing_is_lost_on_a_disk_that_fails_for_a_while() -> Tested {
    let campaign =
        Campaign { server: server(), interruption: Interruption::Fault, rounds: 5, seed: seed()? };
    let figures = campaign.run()?;
    assert!(figures.requests.acknowledged > 0, "{figures:?}");
    Ok(())
}

/// RFC 7644 §3.12: 507 says that it is no fault of the request.
#[test]
fn on_a_full_disk_writes_are_507_and_reads_go_on() -> Tested {
    fails_for_a_while(Fault::Full, 507)
}

/// The same without the shim, where the system lets us mount one, of a megabyte.
#[test]
fn on_a_file_system_without_space_writes_are_507_until_there_is_some() -> Tested {
    let directory = tempfile::tempdir()?;
    let small = SmallFileSystem::new(directory.path());
    if !small.is_allowed() {
        let must = env::var_os("SCIM_MUST_MOUNT").is_some();
        assert!(!must, "a file system cannot be mounted here, so that this cannot be tested");
        eprintln!("not tested: a file system cannot be mounted here");
        return Ok(());
    }
    let process = small.start()?;
    let text = "x".repeat(20_000);
    let mut kept = Vec::new();
    let error = loop {
        let (status, answer) = post(&process, &format!("user-{}", kept.len()), &text)?;
        if status != 201 {
            assert_eq!(status, 507, "{answer}");
            break answer;
        }
        kept.push(answer["userName"].as_str().ok_or("no name")?.to_owned());
        assert!(kept.len() < 100, "the file system is not full");
    };
    is_error(507, &error);
    kept.sort();
    assert_eq!(names(&process)?, kept);
    small.make_room(&process)?;
    create(&process, "zoe")?;
    kept.push("zoe".to_owned());
    assert_eq!(names(&process)?, kept);
    assert!(process.is_alive()?);
    Ok(())
}

/// A file system that only the server sees, and that goes with it.
struct SmallFileSystem<'a>(&'a Path);

impl<'a> SmallFileSystem<'a> {
    /// Mounts it at `$0` with something to remove in it, and goes on as `$@`.
    const SCRIPT: &'static str = "mount -t tmpfs -o size=1m scim \"$0\" && \
        head -c 300000 /dev/zero > \"$0/ballast\" && exec \"$@\"";

    fn new(directory: &'a Path) -> Self {
        Self(directory)
    }

    fn command(&self, program: &mut Command) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", Self::SCRIPT]).arg(self.0);
        command.arg(program.get_program()).args(program.get_args()).stderr(Stdio::null());
        command
    }

    fn is_allowed(&self) -> bool {
        self.command(&mut Command::new("true")).status().is_ok_and(|status| status.success())
    }

    fn start(&self) -> Result<Process, Violation> {
        let mut server = server().command(&self.0.join("scim.db"));
        Process::spawn(&mut self.command(&mut server)).map_err(|error| error.to_string().into())
    }

    fn make_room(&self, process: &Process) -> Tested {
        let inside = self.0.strip_prefix("/")?.join("ballast");
        let root = Path::new("/proc").join(process.id().to_string()).join("root");
        Ok(fs::remove_file(root.join(inside))?)
    }
}

#[test]
fn on_a_read_only_disk_writes_are_503_and_reads_go_on() -> Tested {
    fails_for_a_while(Fault::ReadOnly, 503)
}

#[test]
fn on_a_disk_that_does_not_flush_writes_are_503_and_reads_go_on() -> Tested {
    fails_for_a_while(Fault::Failing, 503)
}

fn fails_for_a_while(fault: Fault, status: u16) -> Tested {
    let disk = Disk::new()?;
    let process = on_disk(&disk)?;
    let kept = create(&process, "kept")?;
    disk.fail(fault)?;
    for number in 0..3 {
        refused(&process, &format!("lost-{number}"), status)?;
    }
    assert_eq!(get(&process, &kept)?.0, 200);
    assert!(process.is_alive()?);
    disk.heal(fault)?;
    // The name of what failed is free.
    let later = create(&process, "lost-0")?;
    process.kill()?;

    let process = on_disk(&disk)?;
    for path in [kept, later] {
        assert_eq!(get(&process, &path)?.0, 200);
    }
    assert_eq!(names(&process)?, ["kept", "lost-0"]);
    Ok(())
}

#[test]
fn a_server_does_not_start_on_what_it_cannot_write_and_says_why() -> Tested {
    let disk = Disk::new()?;
    let process = on_disk(&disk)?;
    create(&process, "kept")?;
    process.kill()?;
    let before = fs::read(disk.database())?;
    disk.fail(Fault::ReadOnly)?;
    let mut command = server().command(&disk.database());
    disk.attach(&mut command);
    let output = command.env("SCIM_TOKEN", "unused").stderr(Stdio::piped()).output()?;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Inaccessible"), "{said}");
    assert_eq!(fs::read(disk.database())?, before);
    disk.heal(Fault::ReadOnly)?;
    assert_eq!(names(&on_disk(&disk)?)?, ["kept"]);
    Ok(())
}

/// Another process holds the file for longer than the store waits.
#[test]
fn on_a_locked_file_writes_are_503_and_reads_go_on() -> Tested {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("scim.db");
    let process = on(&file)?;
    let kept = create(&process, "kept")?;
    let holder = Connection::open(&file)?;
    holder.execute_batch("BEGIN IMMEDIATE")?;
    thread::scope(|scope| {
        let refused = scope.spawn(|| refused(&process, "lost", 503));
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(500) {
            assert_eq!(get(&process, &kept)?.0, 200);
        }
        refused.join().unwrap_or_else(|_| Err("the client panicked".into()))
    })?;
    holder.execute_batch("ROLLBACK")?;
    create(&process, "lost")?;
    assert_eq!(names(&process)?, ["kept", "lost"]);
    Ok(())
}

/// Whatever page is damaged: no wrong answer, an error where it is needed, and all is well when the
/// page is as it was.
#[test]
fn damaged_pages_are_told_and_do_not_end_the_server() -> Tested {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("scim.db");
    let process = on(&file)?;
    let text = "x".repeat(1500);
    let users: Vec<(String, Value)> = (0..40)
        .map(|number| {
            let path = create_with(&process, &format!("user-{number:02}"), &text)?;
            let (_, user) = get(&process, &path)?;
            Ok((path, user))
        })
        .collect::<Result<_, Violation>>()?;
    process.kill()?;
    Connection::open(&file)?.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;

    let whole = fs::read(&file)?;
    let pages = whole.len() / PAGE;
    let (mut told, mut refused_to_start) = (Told::default(), 0);
    // The first page is the header of the database; open.rs of the store has tests for that.
    for page in (1..pages).step_by(3) {
        let mut damaged = whole.clone();
        damaged[page * PAGE..][..PAGE].fill(0xA5);
        replace(&file, &damaged)?;
        match on(&file) {
            Err(_) => refused_to_start += 1,
            Ok(process) => {
                answers_are_right_or_errors(&process, &users, &mut told)?;
                process.kill()?;
            }
        }
    }
    assert!(told.of_each_kind() && refused_to_start < pages / 4, "{told:?}, {refused_to_start}");
    replace(&file, &whole)?;
    let (process, mut told) = (on(&file)?, Told::default());
    answers_are_right_or_errors(&process, &users, &mut told)?;
    assert_eq!(told, Told::default());
    create(&process, "later")?;
    Ok(())
}

/// The file is this and nothing else.
fn replace(file: &Path, content: &[u8]) -> Tested {
    for suffix in ["-wal", "-shm"] {
        let beside = format!("{}{suffix}", file.display());
        if fs::exists(&beside)? {
            fs::remove_file(beside)?;
        }
    }
    Ok(fs::write(file, content)?)
}

/// How many requests of each kind failed.
#[derive(Debug, Default, PartialEq)]
struct Told {
    reads: usize,
    changes: usize,
    lists: usize,
    filters: usize,
}

impl Told {
    fn of_each_kind(&self) -> bool {
        [self.reads, self.changes, self.lists, self.filters].iter().all(|failed| *failed > 0)
    }
}

/// Reads each user, changes the first, and lists all and some of them.
fn answers_are_right_or_errors(
    process: &Process,
    users: &[(String, Value)],
    told: &mut Told,
) -> Tested {
    for (path, user) in users {
        match right_or_error(get(process, path)?) {
            Some(found) => assert_eq!(shown(&found), shown(user)),
            None => told.reads += 1,
        }
    }
    let mut expected: Vec<_> = users.iter().map(|(_, user)| shown(user)).collect();
    let changed = json!("changed");
    let operation = json!({"op": "replace", "path": "title", "value": changed});
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let patch = json!({"schemas": [schema], "Operations": [operation]});
    let answer = process.request("PATCH", &users[0].0, &patch).map_err(|it| it.to_string())?;
    // Without content where what the answer would show beside the user cannot be read.
    match (answer.0 == 204).then_some(Value::Null).or_else(|| right_or_error(answer)) {
        Some(found) => {
            expected[0].1 = changed;
            assert!(found.is_null() || shown(&found) == expected[0], "{found}");
        }
        None => told.changes += 1,
    }
    let listed = |list: &Value| -> Vec<(Value, Value)> {
        list["Resources"].as_array().into_iter().flatten().map(shown).collect()
    };
    match right_or_error(get(process, "/Users?sortBy=userName&count=100")?) {
        Some(list) => assert_eq!(listed(&list), expected),
        None => told.lists += 1,
    }
    let filter = "/Users?sortBy=userName&filter=userName%20sw%20%22user-0%22";
    match right_or_error(get(process, filter)?) {
        Some(list) => assert_eq!(listed(&list), expected[..10]),
        None => told.filters += 1,
    }
    assert!(process.is_alive()?);
    Ok(())
}

/// Name and title. `location` names the port, and is another one each time.
fn shown(user: &Value) -> (Value, Value) {
    (user["userName"].clone(), user["title"].clone())
}

/// What was found, unless the answer is an error, which may only be a 503.
fn right_or_error((status, answer): (u16, Value)) -> Option<Value> {
    if status == 200 {
        return Some(answer);
    }
    assert_eq!(status, 503, "{answer}");
    is_error(status, &answer);
    None
}

fn on(file: &Path) -> Result<Process, Violation> {
    Process::spawn(&mut server().command(file)).map_err(|error| error.to_string().into())
}

fn on_disk(disk: &Disk) -> Result<Process, Violation> {
    let mut command = server().command(&disk.database());
    disk.attach(&mut command);
    Process::spawn(&mut command).map_err(|error| error.to_string().into())
}

fn create(process: &Process, name: &str) -> Result<String, Violation> {
    create_with(process, name, "")
}

/// The path of the new user.
fn create_with(process: &Process, name: &str, text: &str) -> Result<String, Violation> {
    let (status, user) = post(process, name, text)?;
    assert_eq!(status, 201, "{user}");
    Ok(format!("/Users/{}", user["id"].as_str().ok_or("no id")?))
}

fn refused(process: &Process, name: &str, expected: u16) -> Result<(), Violation> {
    let (status, error) = post(process, name, "")?;
    assert_eq!(status, expected, "{error}");
    is_error(status, &error);
    Ok(())
}

fn post(process: &Process, name: &str, text: &str) -> Result<(u16, Value), Violation> {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "title": text,
    });
    process.request("POST", "/Users", &body).map_err(|error| error.to_string().into())
}

fn get(process: &Process, path: &str) -> Result<(u16, Value), Violation> {
    process.request("GET", path, &Value::Null).map_err(|error| error.to_string().into())
}

fn names(process: &Process) -> Result<Vec<String>, Violation> {
    let (status, list) = get(process, "/Users?sortBy=userName&attributes=userName&count=200")?;
    assert_eq!(status, 200, "{list}");
    let users = list["Resources"].as_array().ok_or("no resources")?;
    Ok(users.iter().filter_map(|user| user["userName"].as_str()).map(str::to_owned).collect())
}

/// RFC 7644 §3.12.
fn is_error(status: u16, error: &Value) {
    assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(error["status"], json!(status.to_string()));
    assert!(error["detail"].is_string(), "{error}");
}
