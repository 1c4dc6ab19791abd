//! How many statements an operation takes: never one for each element.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use scim_store_sqlite::{SqliteStore, Synchronous};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::served::{EDGES, Served, values};

/// A service provider over a file, that counts statements.
struct Counted {
    served: Served,
    counter: Arc<AtomicUsize>,
    texts: Arc<Mutex<Vec<String>>>,
    _directory: TempDir,
}

impl Counted {
    fn new() -> Self {
        let counter = Arc::new(AtomicUsize::new(0));
        let texts = Arc::new(Mutex::new(Vec::new()));
        let (count, keep) = (counter.clone(), texts.clone());
        let observe = move |text: &str| {
            if is_work(text) {
                count.fetch_add(1, Ordering::SeqCst);
                keep.lock().unwrap().push(text.to_owned());
            }
        };
        let directory = tempfile::tempdir().unwrap();
        // What is kept in memory would take no statement at all.
        let options = SqliteStore::options().row_cache(0).synchronous(Synchronous::Normal);
        let store =
            options.observe_statements(observe).open(directory.path().join("scim.db")).unwrap();
        Self { served: Served::over(store), counter, texts, _directory: directory }
    }

    fn statements(&self, operation: impl FnOnce(&Served)) -> usize {
        self.texts.lock().unwrap().clear();
        let before = self.counter.load(Ordering::SeqCst);
        operation(&self.served);
        self.counter.load(Ordering::SeqCst) - before
    }

    /// The operation takes as many statements on each subject.
    #[track_caller]
    fn assert_flat<T>(&self, most: usize, subjects: &[T], operation: impl Fn(&Served, &T)) {
        let mut first = None;
        for subject in subjects {
            let taken = self.statements(|served| operation(served, subject));
            let texts = self.texts.lock().unwrap();
            assert_eq!(taken, *first.get_or_insert(taken), "{texts:#?}");
            assert!(taken <= most, "{taken} statements: {texts:#?}");
        }
    }
}

/// Whether a statement belongs to a request: garbage is reclaimed in between, and transactions
/// begin and end whatever is in them.
fn is_work(text: &str) -> bool {
    let background = ["garbage LIMIT", "FROM garbage", "SELECT target FROM edge", "PRAGMA"];
    let frame = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"];
    !background.iter().any(|it| text.contains(it)) && !frame.iter().any(|it| text.starts_with(it))
}

/// A service provider with this many users, and their ids.
fn with_users(users: usize) -> (Counted, Vec<String>) {
    let on = Counted::new();
    let ids = (0..users).map(|number| on.served.user(&format!("u{number}"))).collect();
    (on, ids)
}

#[test]
fn reading_one_resource() {
    let (on, users) = with_users(100);
    let groups: Vec<_> = [10, 100].map(|it| on.served.group("g", &users[..it])).into();
    let path = |id: &String| format!("/Groups/{id}");
    on.assert_flat(2, &groups, |served, id| drop(served.get(&path(id))));
    let bare = |id: &String| format!("/Groups/{id}?excludedAttributes=members");
    on.assert_flat(1, &groups, |served, id| drop(served.get(&bare(id))));
    // The first user is in many groups, the last in one.
    for number in 0..90 {
        on.served.group(&format!("one {number}"), &users[..1]);
    }
    let some = [&users[0], &users[99]];
    on.assert_flat(2, &some, |served, id| drop(served.get(&format!("/Users/{id}"))));
    let bare = |id: &str| format!("/Users/{id}?excludedAttributes=groups");
    on.assert_flat(1, &some, |served, id| drop(served.get(&bare(id))));
    let (group, user) = (&groups[1], &users[7]);
    for filter in [
        format!("id eq \"{group}\" and members eq \"{user}\""),
        format!("members[type eq \"User\" and value eq \"{user}\"]"),
    ] {
        let path = format!("/Groups?excludedAttributes=members&filter={}", encoded(&filter));
        let taken = on.statements(|served| {
            assert!(served.get(&path)["totalResults"].as_u64().unwrap() > 0, "{filter}");
        });
        assert!(taken <= 1, "{filter}: {taken}");
    }
}

#[test]
fn a_large_group_is_streamed_page_by_page() {
    let (on, users) = with_users(3 * EDGES + 50);
    let group = on.served.group("large", &users);
    let taken = on.statements(|served| {
        let shown = served.get(&format!("/Groups/{group}"));
        assert_eq!(shown["members"].as_array().unwrap().len(), users.len());
    });
    assert!(taken <= 2 + 4 * 2, "{taken} statements for four pages of members");
}

#[test]
fn lists() {
    let (on, users) = with_users(120);
    for number in 0..25 {
        on.served.group(&format!("g{number}"), &users[number..number + 90]);
    }
    let counts = [10, 25];
    for what in [
        "/Users?count=",
        "/Groups?count=",
        "/Users?startIndex=90&count=",
        "/Users?sortBy=userName&count=",
        "/Users?sortBy=userName&startIndex=90&sortOrder=descending&count=",
        "/Users?cursor&count=",
        "/Users?filter=userName+sw+%22u%22&count=",
        "/Users?filter=userName+co+%22u%22&count=",
        "/Users?filter=active+eq+true&count=",
        "/?count=",
    ] {
        let page = |served: &Served, count: &u32| {
            let body = served.get(&format!("{what}{count}"));
            assert!(!body["Resources"].as_array().unwrap().is_empty(), "{what}");
        };
        // Page, total, edges, and for a page far behind two to find it.
        let most = if what == "/?count=" { 8 } else { 5 };
        let counts = if what == "/?count=" { &counts[..1] } else { &counts[..] };
        if what.starts_with("/Groups") {
            on.assert_flat(most, &[10, 20], page);
        } else {
            on.assert_flat(most, counts, page);
        }
    }
}

#[test]
fn look_ups_do_not_depend_on_how_many_there_are() {
    let on = Counted::new();
    let mut taken = Vec::new();
    for number in 0..200 {
        on.served.user(&format!("u{number}"));
        if number == 9 || number == 199 {
            let filter = encoded("userName eq \"u7\"");
            taken.push(on.statements(|served| {
                assert_eq!(served.get(&format!("/Users?filter={filter}"))["totalResults"], 1);
            }));
        }
    }
    assert_eq!(taken, [2, 2], "the user and the groups");
}

#[test]
fn changes_of_members() {
    let (on, users) = with_users(300);
    let empty = |on: &Counted| on.served.group("g", &[]);
    let group = empty(&on);
    let path = format!("/Groups/{group}");
    let patch = |served: &Served, op: &str, some: &[String]| {
        let operation = json!([{"op": op, "path": "members", "value": values(some)}]);
        served.patch(&path, &operation);
    };
    on.served
        .patch(&path, &json!([{"op": "add", "path": "members", "value": values(&users[..1])}]));
    let some = [&users[1..2], &users[2..300]];
    on.assert_flat(5, &some, |served, some| patch(served, "add", some));
    on.assert_flat(5, &[&users[..1], &users[1..250]], |served, some| patch(served, "remove", some));
    on.assert_flat(8, &[&users[..10], &users[..250]], |served, some| {
        patch(served, "replace", some);
    });
    // One operation for each member, as some clients send it.
    let one_by_one = |served: &Served, some: &&[String]| {
        let remove = |id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")});
        served.patch(&path, &some.iter().map(remove).collect::<Value>());
    };
    on.assert_flat(5, &[&users[..10], &users[10..200]], one_by_one);
    on.assert_flat(16, &[&users[..10], &users[..250]], |served, some| {
        served.group("new", some);
    });
    on.assert_flat(20, &[&users[..10], &users[..250]], |served, some| {
        served.put_group(&group, "g", some);
    });
}

#[test]
fn deletions_and_changes_of_documents() {
    let (on, users) = with_users(90);
    for number in 0..90 {
        let members = if number == 0 { &users[..2] } else { &users[..1] };
        on.served.group(&format!("g{number}"), members);
    }
    let active = json!([{"op": "replace", "path": "active", "value": false}]);
    on.assert_flat(10, &users[..2], |served, id| served.patch(&format!("/Users/{id}"), &active));
    on.assert_flat(30, &users[..2], |served, id| served.delete(&format!("/Users/{id}")));
    let groups = [&users[2..3], &users[2..90]].map(|some| on.served.group("doomed", some));
    on.assert_flat(25, &groups, |served, id| served.delete(&format!("/Groups/{id}")));
}

fn encoded(filter: &str) -> String {
    filter
        .bytes()
        .map(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => char::from(octet).to_string(),
            _ => format!("%{octet:02X}"),
        })
        .collect()
}
