//! Keeps all that is traced and counted while a test does something.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use scim_core::ScimServerBuilder;
use tracing::{
    Dispatch, Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, SpanRef},
};

use crate::endpoint::Endpoint;

/// What was traced.
#[derive(Debug, Default)]
pub(super) struct Traced {
    pub(super) spans: Vec<Seen>,
    pub(super) events: Vec<Seen>,
    /// Every value, with its name.
    pub(super) text: String,
}

/// A span or an event.
#[derive(Debug)]
pub(super) struct Seen {
    /// Name of the span, or message of the event.
    pub(super) name: String,
    pub(super) level: Level,
    /// Position of the span that it stands under.
    pub(super) parent: Option<usize>,
    pub(super) fields: BTreeMap<&'static str, String>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}").trim_matches('"').to_owned();
        match field.name() {
            "message" => self.name = value,
            name => drop(self.fields.insert(name, value)),
        }
    }
}

impl Seen {
    fn new(of: &tracing::Metadata<'_>, parent: Option<usize>) -> Self {
        let (name, level) = (of.name().to_owned(), *of.level());
        Self { name, level, parent, fields: BTreeMap::new() }
    }
}

#[derive(Clone, Debug, Default)]
struct Trace(Arc<Mutex<Traced>>);

/// Where a span stands among those that were seen: ids are given out again.
#[derive(Clone, Copy)]
struct Position(usize);

fn position<'a, S: LookupSpan<'a>>(span: SpanRef<'a, S>) -> Option<usize> {
    span.extensions().get::<Position>().map(|it| it.0)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Trace {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut seen = Seen::new(attributes.metadata(), span.parent().and_then(position));
        attributes.record(&mut seen);
        let mut traced = self.0.lock().unwrap();
        span.extensions_mut().insert(Position(traced.spans.len()));
        writeln!(traced.text, "{seen:?}").unwrap();
        traced.spans.push(seen);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let at = context.span(id).and_then(position).unwrap();
        let Traced { spans, text, .. } = &mut *self.0.lock().unwrap();
        values.record(&mut spans[at]);
        writeln!(text, "{:?}", spans[at]).unwrap();
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut seen = Seen::new(event.metadata(), context.event_span(event).and_then(position));
        event.record(&mut seen);
        let mut traced = self.0.lock().unwrap();
        writeln!(traced.text, "{seen:?}").unwrap();
        traced.events.push(seen);
    }
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
pub(super) fn watch(
    change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
    work: impl FnOnce(&Endpoint),
) -> (Traced, Vec<String>) {
    watch_over(|| Endpoint::with(change), work)
}

/// The same with a server that is made while it is watched.
pub(super) fn watch_over(
    server: impl FnOnce() -> Endpoint,
    work: impl FnOnce(&Endpoint),
) -> (Traced, Vec<String>) {
    // While there is but one subscriber, whether a span is wanted is decided, for all threads, by
    // the thread that comes to it first: mostly one of another test, where nobody listens.
    static SECOND: LazyLock<Dispatch> =
        LazyLock::new(|| Dispatch::new(Registry::default().with(Trace::default())));
    LazyLock::force(&SECOND);
    let (trace, figures) = (Trace::default(), Figures::default());
    tracing::subscriber::with_default(Registry::default().with(trace.clone()), || {
        tracing::callsite::rebuild_interest_cache();
        metrics::with_local_recorder(&figures, || work(&server()));
    });
    let traced = std::mem::take(&mut *trace.0.lock().unwrap());
    (traced, figures.all())
}
