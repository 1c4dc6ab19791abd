//! What operations cost in CPU time at a given size, beside the same work on bare SQLite.
//!
//! ```sh
//! cargo bench -p scim-store-sqlite --bench scale -- 1000000
//! ```
//!
//! Times are of the CPU, of all threads of the process, so that a busy machine disturbs them
//! little. Requests go through the whole engine, without a socket. Every answer is checked.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that measures fails by panicking and prints"
)]

#[path = "scale/clock.rs"]
mod clock;
#[path = "scale/floor.rs"]
mod floor;
#[path = "scale/requests.rs"]
mod requests;

use std::time::Instant;

use scim_store_sqlite::SqliteStore;
use serde_json::{Value, json};

use crate::{
    clock::{best, cpu_micros, memory_mib},
    floor::Floor,
    requests::Requests,
};

fn main() {
    let users: usize = std::env::args().filter_map(|it| it.parse().ok()).next().unwrap_or(10_000);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let on = Requests::over(SqliteStore::options().open(&path).unwrap());
    println!("{users} users");
    let (began, before) = (Instant::now(), cpu_micros());
    let ids = on.fill(users);
    println!(
        "bulk create: {:.1} µs CPU per user, {:.0} users/s",
        (cpu_micros() - before) / users as f64,
        users as f64 / began.elapsed().as_secs_f64()
    );
    reads(&on, &ids);
    groups(&on, &ids);
    writes(&on);
    println!("memory: {:.0} MiB", memory_mib());
    drop(on);
    sizes(&path, users);
    bare(&path, &ids);
}

fn row(name: &str, micros: f64) {
    println!("{name:58} {micros:12.1} µs");
}

fn reads(on: &Requests, ids: &[String]) {
    let middle = &ids[ids.len() / 2];
    row("GET by id, kept", best(200, |_| on.get(&format!("/Users/{middle}"))));
    row(
        "GET by id, another each time",
        best(2_000, |it| on.get(&format!("/Users/{}", ids[it * 7919 % ids.len()]))),
    );
    let number = ids.len() / 3;
    for filter in [
        format!("userName eq \"user{number}@example.com\""),
        format!("externalId eq \"ext-{number}\""),
        format!("emails.value eq \"user{number}@example.com\""),
        format!("emails[type eq \"work\" and value eq \"user{number}@example.com\"]"),
        format!("displayName eq \"User Number {number}\""),
    ] {
        let path = format!("/Users?filter={}", requests::encoded(&filter));
        row(&filter, best(200, |_| assert_eq!(on.total(&path), 1)));
    }
    let last = ids.len() - 150;
    for (name, query) in [
        ("first page of 100", "count=100".to_owned()),
        ("startIndex at the end", format!("count=100&startIndex={last}")),
        ("first page by userName", "count=100&sortBy=userName".to_owned()),
        (
            "startIndex at the end, by userName",
            format!("count=100&sortBy=userName&startIndex={last}"),
        ),
        (
            "startIndex at the end, by userName down",
            format!("count=100&sortBy=userName&sortOrder=descending&startIndex={last}"),
        ),
    ] {
        let path = format!("/Users?{query}");
        row(name, best(30, |_| assert_eq!(on.total(&path), ids.len() as u64)));
    }
    row("page of 100 by cursor", on.cursor_page());
    for filter in [
        "userName sw \"user1234\"",
        "userName co \"nobody-has-this\"",
        "userName co \"r77777\"",
        "userName ew \"7@example.com\"",
        "displayName co \"nobody-has-this\"",
        "emails.value co \"nobody-has-this\"",
        "title eq \"nobody has this\"",
    ] {
        let path = format!("/Users?count=10&filter={}", requests::encoded(filter));
        row(filter, best(5, |_| on.total(&path)));
    }
}

fn groups(on: &Requests, ids: &[String]) {
    let largest = ids.len().min(1_000_000);
    for size in [10, 1_000, largest] {
        let group = on.group(&format!("group of {size}"), &ids[..size]);
        let path = format!("/Groups/{group}");
        let one = ids.last().unwrap();
        let change = |op: &str| on.patch_members(&path, op, std::slice::from_ref(one));
        row(
            &format!("group of {size}: remove and add one"),
            best(50, |_| {
                change("remove");
                change("add");
            }),
        );
        let bare = format!("{path}?excludedAttributes=members");
        row(&format!("group of {size}: GET without members"), best(200, |_| on.get(&bare)));
        let filter = format!("id eq \"{group}\" and members eq \"{}\"", ids[0]);
        let query =
            format!("/Groups?excludedAttributes=members&filter={}", requests::encoded(&filter));
        row(
            &format!("group of {size}: has a member"),
            best(200, |_| {
                assert_eq!(on.total(&query), 1);
            }),
        );
        if size >= 1_000 {
            let before = memory_mib();
            let (octets, most) = on.streamed(&path, memory_mib);
            println!(
                "group of {size}: GET streams {} KiB, memory grows by {:.1} MiB",
                octets / 1024,
                most - before
            );
        }
        if size == largest {
            let began = Instant::now();
            on.delete(&path);
            println!("group of {size}: deleted in {:?}", began.elapsed());
            println!("    creates meanwhile: {}", on.latencies(200));
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
    let group = on.group("thousand", &[]);
    let path = format!("/Groups/{group}");
    let some = &ids[..1_000.min(ids.len())];
    row(
        "PATCH adding 1,000 members",
        best(5, |_| {
            on.patch_members(&path, "add", some);
            on.patch_members(&path, "replace", &[]);
        }),
    );
    let busy = on.create_user("busy");
    for number in 0..1_000 {
        on.group(&format!("g{number}"), std::slice::from_ref(&busy));
    }
    row("GET a user in 1,000 groups", best(20, |_| on.get(&format!("/Users/{busy}"))));
    let before = cpu_micros();
    on.delete(&format!("/Users/{busy}"));
    row("DELETE a user in 1,000 groups", cpu_micros() - before);
}

fn writes(on: &Requests) {
    println!("creates, one after the other: {}", on.latencies(300));
    let (rate, micros) = on.creates_at_once(32, 100);
    println!("creates, 32 at once: {rate:.0}/s, {micros:.1} µs CPU each");
    let id = on.create_user("patched");
    row(
        "PATCH active",
        best(100, |it| {
            let value = json!([{"op": "replace", "path": "active", "value": it % 2 == 0}]);
            on.patch(&format!("/Users/{id}"), &value);
        }),
    );
}

fn sizes(path: &std::path::Path, users: usize) {
    let octets = std::fs::metadata(path).unwrap().len();
    println!("file: {} bytes per user", octets / users as u64);
    let sql = rusqlite::Connection::open(path).unwrap();
    let mut statement = sql
        .prepare("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 14")
        .unwrap();
    let rows = statement.query_map([], |it| Ok((it.get::<_, String>(0)?, it.get::<_, u64>(1)?)));
    for (name, octets) in rows.unwrap().map(Result::unwrap) {
        println!("    {name:20} {:6} bytes per user", octets / users as u64);
    }
}

fn bare(path: &std::path::Path, ids: &[String]) {
    let floor = Floor::open(path);
    println!("bare SQLite:");
    row("select by id", best(2_000, |it| floor.select(&ids[it * 7919 % ids.len()])));
    let (rate, micros) = floor.inserts(300);
    println!("inserts, a transaction each: {rate:.0}/s, {micros:.1} µs CPU each");
    row("look up and insert 1,000 edges", best(5, |_| floor.edges(&ids[..1_000.min(ids.len())])));
}

/// The user with this number, about 0.9 KB.
fn user(number: usize) -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "userName": format!("user{number}@example.com"),
        "externalId": format!("ext-{number}"),
        "displayName": format!("User Number {number}"),
        "name": {
            "formatted": format!("Ms. User {number} Number, III"),
            "familyName": format!("Number{number}"), "givenName": "User",
            "honorificPrefix": "Ms.", "honorificSuffix": "III"
        },
        "active": true, "title": "Tour Guide", "userType": "Employee",
        "preferredLanguage": "en-US", "locale": "en-US", "timezone": "America/Los_Angeles",
        "emails": [
            {"value": format!("user{number}@example.com"), "type": "work", "primary": true},
            {"value": format!("user{number}@home.example.org"), "type": "home"}
        ],
        "phoneNumbers": [{"value": format!("tel:+1-555-{number:07}"), "type": "work"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": format!("{number:08}"), "costCenter": "4130",
            "organization": "Universal Studios", "division": "Theme Park",
            "department": "Tour Operations"
        }
    })
}
