//! What operators get to see: the names, fields and labels that `docs/observability.md` promises,
//! and no secret among them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderName, Method};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use scim_core::{Committed, Notes, Observer, ScimServerBuilder};
use serde_json::{Value, json};
use tracing::{
    Dispatch, Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::endpoint::{Endpoint, GROUP, USER};

/// Keeps all that is traced: fields by name of the span, and every text.
#[derive(Clone, Debug, Default)]
struct Trace(Arc<Mutex<Traced>>);

#[derive(Debug, Default)]
struct Traced {
    spans: Vec<(&'static str, BTreeMap<&'static str, String>)>,
    text: String,
}

/// Writes fields into a span and into the text.
struct Fields<'a> {
    span: Option<&'a mut BTreeMap<&'static str, String>>,
    text: &'a mut String,
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        writeln!(self.text, "{} = {value}", field.name()).unwrap();
        if let Some(span) = &mut self.span {
            span.insert(field.name(), value.trim_matches('"').to_owned());
        }
    }
}

impl Subscriber for Trace {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut traced = self.0.lock().unwrap();
        let mut fields = BTreeMap::new();
        span.record(&mut Fields { span: Some(&mut fields), text: &mut traced.text });
        traced.spans.push((span.metadata().name(), fields));
        Id::from_u64(traced.spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut traced = self.0.lock().unwrap();
        let Traced { spans, text } = &mut *traced;
        let (_, span) = &mut spans[usize::try_from(id.into_u64()).unwrap() - 1];
        values.record(&mut Fields { span: Some(span), text });
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fields { span: None, text: &mut self.0.lock().unwrap().text });
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Counts by name and labels.
#[derive(Debug, Default)]
struct Figures(Mutex<BTreeMap<String, Arc<Figure>>>);

#[derive(Debug, Default)]
struct Figure(AtomicU64);

impl CounterFn for Figure {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Ordering::Relaxed);
    }

    fn absolute(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl HistogramFn for Figure {
    fn record(&self, _: f64) {
        self.increment(1);
    }
}

impl Figures {
    fn figure(&self, key: &Key) -> Arc<Figure> {
        let labels: Vec<_> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        self.0.lock().unwrap().entry(name).or_default().clone()
    }

    fn all(&self) -> Vec<String> {
        let figures = self.0.lock().unwrap();
        figures
            .iter()
            .map(|(name, it)| format!("{name} {}", it.0.load(Ordering::Relaxed)))
            .collect()
    }
}

impl Recorder for Figures {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.figure(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.figure(key))
    }
}

/// Does something with a server while all that is traced and counted is kept.
fn watch(
    change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
    work: impl FnOnce(&Endpoint),
) -> (Traced, Vec<String>) {
    // While there is but one subscriber, whether a span is wanted is decided, for all threads, by
    // the thread that comes to it first: mostly one of another test, where nobody listens.
    static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Trace::default()));
    LazyLock::force(&SECOND);
    let (trace, figures) = (Trace::default(), Figures::default());
    tracing::subscriber::with_default(trace.clone(), || {
        tracing::callsite::rebuild_interest_cache();
        metrics::with_local_recorder(&figures, || work(&Endpoint::with(change)));
    });
    let traced = std::mem::take(&mut *trace.0.lock().unwrap());
    (traced, figures.all())
}

#[test]
fn a_request_and_its_calls_of_the_store_have_spans() {
    let name = HeaderName::from_static("x-request-id");
    let (traced, _) = watch(
        |builder| builder.request_id_header(name),
        |scim| {
            let headers = [("x-request-id", "7f3a")];
            let body = json!({"schemas": [USER], "userName": "bjensen"});
            scim.request(Method::POST, "/Users?x=private", &headers, body).expect(201);
            scim.get("/Users/none").expect_error(404, "");
        },
    );
    let spans: Vec<_> = traced.spans.iter().map(|(name, _)| *name).collect();
    assert_eq!(spans, ["scim.request", "scim.store", "scim.request", "scim.store"]);
    let expected = json!({
        "endpoint": "resources", "method": "POST", "path": "/scim/v2/Users", "request_id": "7f3a",
        "resource_type": "User", "status": "201", "subject": "idp", "tenant": "",
    });
    assert_eq!(json!(traced.spans[0].1), expected);
    let expected = json!({"call": "write", "outcome": "ok", "resource_type": "User"});
    assert_eq!(json!(traced.spans[1].1), expected);
    assert_eq!(traced.spans[2].1["status"], "404");
    assert!(!traced.text.contains("private"), "{}", traced.text);
}

#[test]
fn requests_calls_and_writes_are_counted() {
    let (_, figures) = watch(
        |builder| builder,
        |scim| {
            let user = scim.user("bjensen");
            scim.user("bjensen-2");
            let again = json!({"schemas": [USER], "userName": "bjensen"});
            scim.post("/Users", again).expect_error(409, "uniqueness");
            scim.get(&format!("/Users/{user}")).expect(200);
            scim.request(Method::from_bytes(b"INVENTED").unwrap(), "/Users", &[], "");
        },
    );
    let expected = [
        "scim_request_seconds{method=GET,endpoint=resource,resource_type=User} 1",
        "scim_request_seconds{method=POST,endpoint=resources,resource_type=User} 3",
        "scim_request_seconds{method=other,endpoint=none,resource_type=} 1",
        "scim_requests_total{method=GET,endpoint=resource,resource_type=User,status=200} 1",
        "scim_requests_total{method=POST,endpoint=resources,resource_type=User,status=201} 2",
        "scim_requests_total{method=POST,endpoint=resources,resource_type=User,status=409} 1",
        "scim_requests_total{method=other,endpoint=none,resource_type=,status=405} 1",
        // One of them for the policy, which is asked about a conflict.
        "scim_store_calls_total{call=get,resource_type=User,outcome=ok} 2",
        "scim_store_calls_total{call=write,resource_type=User,outcome=conflict} 1",
        "scim_store_calls_total{call=write,resource_type=User,outcome=ok} 2",
        "scim_store_seconds{call=get,resource_type=User} 2",
        "scim_store_seconds{call=write,resource_type=User} 3",
        "scim_writes_total{effect=inserted} 2",
    ];
    assert_eq!(figures, expected);
}

/// Everything that the observer is told, as it would be logged.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<String>>);

impl Observer for Told {
    fn committed(&self, change: &Committed<'_>) {
        let record = serde_json::to_string(&change.record()).unwrap();
        write!(self.0.lock().unwrap(), "{change:?} {record}").unwrap();
    }

    fn noted(&self, _: &scim_core::Actor, _: &scim_core::store::Scope, notes: &Notes) {
        write!(self.0.lock().unwrap(), "{notes:?}").unwrap();
    }
}

#[test]
fn no_secret_is_shown_anywhere() {
    // Y-004, A-039
    const PLANTED: &str = "pLaNtEd";
    let told = Told::default();
    let answers = Mutex::new(String::new());
    let (traced, figures) = watch(
        |builder| builder.observer(told.clone()),
        |scim| {
            let keep = |answer: crate::endpoint::Answer| {
                write!(answers.lock().unwrap(), "{:?} {}", answer.headers, answer.text).unwrap();
            };
            let user = |password: Value| json!({"schemas": [USER], "userName": "bjensen", "password": password});
            let created = scim.post("/Users", user(PLANTED.into())).expect(201);
            let path = format!("/Users/{}", created.id());
            keep(created);
            let refused = [json!([PLANTED]), json!({"value": PLANTED}), json!("pLaNtEd\u{7}")];
            for password in refused {
                keep(scim.post("/Users", user(password.clone())));
                keep(scim.put(&path, user(password.clone())));
                let add = json!([{"op": "add", "path": "password", "value": password}]);
                keep(scim.patch(&path, add));
            }
            let whole = json!([{"op": "replace", "value": {"password": [PLANTED], "x": PLANTED}}]);
            keep(scim.patch(&path, whole));
            keep(scim.put(&path, user(PLANTED.into())));
            keep(scim.filter("/Users", &format!(r#"password eq "{PLANTED}""#)));
            keep(scim.get(&format!("{path}?attributes=password")));
            keep(scim.request_text("/Users", &format!(r#"{{"password": "{PLANTED}""#)));
            keep(scim.post("/Groups", json!({"schemas": [GROUP], "password": PLANTED})));
            let token = format!("Bearer {PLANTED}");
            let request = http::Request::get("/scim/v2/Users").header("authorization", token);
            keep(scim.send(request.body(String::new()).unwrap()));
        },
    );
    let answers = answers.into_inner().unwrap();
    let told = told.0.lock().unwrap().clone();
    let shown = [("answers", &answers), ("traces", &traced.text), ("observer", &told)];
    for (place, text) in shown {
        assert!(text.len() > 100, "{place} holds too little to say anything");
        assert!(!text.contains(PLANTED), "{place}: {text}");
    }
    assert!(!figures.join("\n").contains(PLANTED));
}

#[test]
fn what_is_promised_is_written_down() {
    let page = include_str!("../../../docs/observability.md");
    let (traced, figures) = watch(|builder| builder, |scim| drop(scim.user("bjensen")));
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (span, fields) in &traced.spans {
        names.extend([*span]);
        names.extend(fields.keys());
    }
    names.extend(figures.iter().filter_map(|figure| figure.split('{').next()));
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
