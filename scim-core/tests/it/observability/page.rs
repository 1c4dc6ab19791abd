//! `docs/observability.md` against the sources, and against a run of all endpoints in which every
//! fault of a store occurs: each name is in all three.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    pin::Pin,
    sync::atomic::Ordering,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use scim_core::{
    Limits, ResourceId,
    schema::Registry,
    scim11::Scim11,
    store::{StoreError, StoreErrorKind},
};
use serde_json::{Map, json};

use super::watch::{Seen, watch_over};
use crate::{
    endpoint::{Endpoint, GROUP, user},
    faulty::Faulty,
};

type Names = BTreeSet<String>;

/// Fields and labels with a closed set of values.
const CLOSED: [&str; 4] = ["endpoint", "call", "outcome", "effect"];

#[test]
fn the_page_and_the_code_say_the_same() {
    let page = Page::read();
    let shown = Shown::of_everything();
    for (what, promised, shown) in [
        ("spans", page.traced("Spans"), shown.spans),
        ("events", page.traced("Events"), shown.events),
        ("metrics", page.metrics(), shown.metrics),
        ("values", page.values(), shown.values.clone()),
    ] {
        assert!(!promised.is_empty(), "{what}");
        let unwritten: Vec<_> = shown.difference(&promised).collect();
        let unseen: Vec<_> = promised.difference(&shown).collect();
        assert!(unwritten.is_empty(), "{what} that the page does not have: {unwritten:?}");
        assert!(unseen.is_empty(), "{what} that nothing has shown: {unseen:?}");
    }
    // What the run might have missed.
    for (field, file, function) in [
        ("endpoint", "http/endpoint.rs", "fn name("),
        ("outcome", "store/error.rs", "fn name("),
        ("effect", "telemetry/store.rs", "fn count(written"),
    ] {
        let named = arms(file, function);
        assert!(named.len() > 3, "{file}");
        let named: Names = named.iter().map(|value| format!("{field} {value}")).collect();
        let unseen: Vec<_> = named.difference(&shown.values).collect();
        assert!(unseen.is_empty(), "{unseen:?}");
    }
    assert_eq!(macros("tracing::"), names(&page, &["Spans", "Events"]));
    assert_eq!(macros("metrics::"), names(&page, &["Metrics"]));
}

/// The tables of the page, by section.
struct Page(String);

impl Page {
    fn read() -> Self {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/observability.md");
        Self(fs::read_to_string(place).unwrap())
    }

    /// The rows of a section, a cell that is empty filled from the row above.
    fn rows(&self, section: &str) -> Vec<Vec<String>> {
        let text = self.0.split("\n## ").find(|it| it.starts_with(section)).unwrap();
        let mut rows: Vec<Vec<String>> = Vec::new();
        for line in text.lines().filter(|line| line.starts_with("| ")).skip(1) {
            let mut cells: Vec<_> =
                line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            for (at, cell) in cells.iter_mut().enumerate().filter(|(_, cell)| cell.is_empty()) {
                cell.clone_from(&rows.last().unwrap()[at]);
            }
            rows.push(cells);
        }
        rows
    }

    fn traced(&self, section: &str) -> Names {
        let rows = self.rows(section);
        let of = |row: &Vec<String>| {
            let (name, level) = (quoted(&row[0]).remove(0), row[1].clone());
            let fields = quoted(&row[2]).into_iter();
            fields.map(|field| format!("{name} {level} {field}")).collect::<Names>()
        };
        rows.iter().flat_map(of).collect()
    }

    fn metrics(&self) -> Names {
        let rows = self.rows("Metrics");
        let of = |row: &Vec<String>| {
            let name = quoted(&row[0]).remove(0);
            let labels = quoted(&row[2]).into_iter();
            labels.map(|label| format!("{name} {label}")).collect::<Names>()
        };
        rows.iter().flat_map(of).collect()
    }

    fn values(&self) -> Names {
        let rows = self.rows("Values");
        let of = |row: &Vec<String>| {
            let field = quoted(&row[0]).remove(0);
            quoted(&row[1]).into_iter().map(|value| format!("{field} {value}")).collect::<Names>()
        };
        rows.iter().flat_map(of).collect()
    }
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn names(page: &Page, sections: &[&str]) -> Names {
    let rows = sections.iter().flat_map(|section| page.rows(section));
    rows.map(|row| quoted(&row[0]).remove(0)).collect()
}

/// What a run has shown, in the words of the page.
#[derive(Default)]
struct Shown {
    spans: Names,
    events: Names,
    metrics: Names,
    values: Names,
}

impl Shown {
    fn of_everything() -> Self {
        let store = Faulty::new();
        let server = || {
            let header = http::HeaderName::from_static("x-request-id");
            Endpoint::over(store.clone(), |it| {
                it.request_id_header(header)
                    .scim11(Scim11::at("/scim/v1"))
                    .limits(Limits::default().edges(2))
            })
        };
        let (traced, figures) = watch_over(server, |scim| {
            all_endpoints(scim);
            let path = format!("/Users/{}", scim.user("faults"));
            for kind in faults() {
                *store.0.failure.lock().unwrap() = Some(StoreError::new(kind).caused_by("a fault"));
                assert!(scim.get(&path).status.as_u16() >= 400);
            }
            let group = format!("/Groups/{}", scim.group("faults", &[]));
            store.0.breaks_after_write.store(true, Ordering::Relaxed);
            let rename = json!([{"op": "replace", "path": "displayName", "value": "all"}]);
            scim.patch(&group, rename).expect(204);
        });
        let mut shown = Self {
            spans: traced.spans.iter().flat_map(fields).collect(),
            events: traced.events.iter().flat_map(fields).collect(),
            ..Self::default()
        };
        for figure in &figures {
            let (name, labels) = figure.split_once('{').unwrap();
            for (label, value) in labels_of(labels) {
                shown.metrics.insert(format!("{name} {label}"));
                shown.value(label, value);
            }
        }
        for (field, value) in traced.spans.iter().flat_map(|it| &it.fields) {
            shown.value(field, value);
        }
        shown
    }

    fn value(&mut self, field: &str, value: &str) {
        if CLOSED.contains(&field) {
            self.values.insert(format!("{field} {value}"));
        }
    }
}

fn fields(seen: &Seen) -> Vec<String> {
    let level = seen.level.to_string().to_lowercase();
    seen.fields.keys().map(|field| format!("{} {level} {field}", seen.name)).collect()
}

fn labels_of(labels: &str) -> impl Iterator<Item = (&str, &str)> {
    let labels = labels.rsplit_once('}').unwrap().0;
    labels.split(',').map(|label| label.split_once('=').unwrap())
}

fn all_endpoints(scim: &Endpoint) {
    let users = [scim.user("a"), scim.user("b")];
    let path = format!("/Users/{}", users[0]);
    let group = format!("/Groups/{}", scim.group("g", &[&users[0], &users[1]]));
    for path in ["/", "/Users", "/Me", "/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/x"]
    {
        scim.get(path);
    }
    scim.get(&path).expect(200);
    scim.filter("/Users", "userName eq \"a\" and title pr").expect(200);
    scim.put(&path, user("a", json!({"color": "blue"}))).expect(200);
    let unknown: Map<_, _> = (0..150).map(|it| (format!("color{it}"), it.into())).collect();
    scim.put(&path, user("a", unknown.into())).expect(200);
    let member = json!([{"op": "add", "path": "members", "value": [{"value": users[1]}]}]);
    scim.patch(&group, member).expect(204);
    let removed = json!([{"op": "remove", "path": "members[display eq \"b\"]"}]);
    scim.patch(&group, removed).expect(200);
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    scim.post("/.search", search.clone()).expect(200);
    scim.post("/Groups/.search", search).expect(200);
    let operation =
        |path: &str, data| json!({"method": "POST", "path": path, "bulkId": path, "data": data});
    let operations = [
        operation("/Users", user("c", json!({}))),
        operation("/Groups", json!({"schemas": [GROUP], "displayName": "h"})),
    ];
    let bulk = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    scim.post("/Bulk", json!({"schemas": [bulk], "Operations": operations})).expect(200);
    cut_off(scim, &group);
    let invented = Method::from_bytes(b"INVENTED").unwrap();
    scim.request(invented, "/Users", &[], "").expect(405);
    let request = Request::post("/scim/v2/Users").header("authorization", "Bearer secret");
    let answer = pollster::block_on(scim.server().handle(request.body(Broken).unwrap()));
    assert_eq!(answer.status(), 400);
    let older = Request::get("/scim/v1/Users").header("authorization", "Bearer secret");
    scim.send(older.body(String::new()).unwrap()).expect(200);
}

/// Deletes a group while it is sent.
fn cut_off(scim: &Endpoint, group: &str) {
    let members = ["d", "e", "f"].map(|name| json!({"value": scim.user(name)}));
    scim.patch(group, json!([{"op": "add", "path": "members", "value": members}])).expect(204);
    let request = Request::get(format!("/scim/v2{group}")).header("authorization", "Bearer secret");
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let answer = pollster::block_on(scim.server().handle(request));
    scim.delete(group).expect(204);
    assert!(pollster::block_on(answer.into_body().collect()).is_err());
}

/// A body that breaks off.
struct Broken;

impl Body for Broken {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(Some(Err("the connection was reset")))
    }
}

/// Each kind that there is; the sources are asked whether one is missing.
fn faults() -> Vec<StoreErrorKind> {
    let registry = Registry::standard();
    let attribute = registry.resource_type("User").unwrap().attribute("userName").unwrap().clone();
    let relation = registry.resource_type("Group").unwrap().relations()[0].clone();
    let id = ResourceId::new("1");
    vec![
        StoreErrorKind::NotFound,
        StoreErrorKind::VersionMismatch,
        StoreErrorKind::Stale,
        StoreErrorKind::Conflict { attribute: attribute.clone(), holder: id.clone() },
        StoreErrorKind::Refused { attribute, detail: "too long" },
        StoreErrorKind::UnknownTarget { relation, target: id },
        StoreErrorKind::Busy { retry_after: Duration::from_secs(1) },
        StoreErrorKind::OverBudget,
        StoreErrorKind::StorageFull,
        StoreErrorKind::Unavailable,
        StoreErrorKind::Unsupported("that"),
        StoreErrorKind::Internal,
    ]
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// What the arms of the `match` of a function come to.
fn arms(file: &str, function: &str) -> Names {
    let text = fs::read_to_string(sources().join(file)).unwrap();
    let body = text.split_once(function).unwrap().1.split("\n    }\n").next().unwrap();
    let named = body.split("=> \"").skip(1).filter_map(|it| it.split('"').next());
    named.map(str::to_owned).collect()
}

/// The first text in each macro of a facade, which is the name of what it shows.
fn macros(facade: &str) -> Names {
    const SHOWING: [&str; 9] = [
        "error!(",
        "warn!(",
        "info!(",
        "debug!(",
        "trace!(",
        "error_span!(",
        "debug_span!(",
        "counter!(",
        "histogram!(",
    ];
    let mut found = Names::new();
    for file in files(&sources()) {
        let text = fs::read_to_string(&file).unwrap();
        for at in text.split(facade).skip(1).filter(|it| SHOWING.iter().any(|m| it.starts_with(m)))
        {
            found.extend(at.split('"').nth(1).map(str::to_owned));
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
