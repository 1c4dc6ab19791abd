//! A store that is watched at every call.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{
    schema::Registry,
    store::{
        Batch, Capabilities, Explanation, Key, Page, Projection, Query, Related, RelatedQuery,
        Resource, Scope, Store, StoreError, Written,
    },
};

/// Passes every call on, under a span and with its metrics.
pub(super) struct Watched(pub(super) Arc<dyn Store>);

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[async_trait]
impl Store for Watched {
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        self.0.attach(registry)
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        let call = Call { name: "get", resource_type: key.resource_type.name() };
        call.watch(self.0.get(scope, key, projection)).await
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        let call = Call { name: "query", resource_type: query.resource_type.name() };
        call.watch(self.0.query(scope, query)).await
    }

    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        let call = Call { name: "explain", resource_type: query.resource_type.name() };
        call.watch(self.0.explain(scope, query)).await
    }

    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        let call = Call { name: "related", resource_type: query.resource_type.name() };
        call.watch(self.0.related(scope, query)).await
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        let types = batch.entries.iter().map(|entry| entry.key().resource_type.clone());
        let first = types.clone().next();
        let only = first.filter(|first| types.skip(1).all(|other| other.name() == first.name()));
        let resource_type = only.as_ref().map_or("several", |it| it.name());
        let written =
            Call { name: "write", resource_type }.watch(self.0.write(scope, batch)).await?;
        count(&written);
        Ok(written)
    }
}

/// A call of the store: which, and about which resource type.
struct Call<'a> {
    name: &'static str,
    resource_type: &'a str,
}

impl Call<'_> {
    async fn watch<T>(
        self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        #[cfg(feature = "metrics")]
        let called = std::time::Instant::now();
        #[cfg(feature = "tracing")]
        let (answer, span) = {
            let span = tracing::debug_span!(
                "scim.store",
                call = self.name,
                resource_type = self.resource_type,
                outcome = tracing::field::Empty,
            );
            (tracing::Instrument::instrument(answer, span.clone()), span)
        };
        let answer = answer.await;
        let outcome = answer.as_ref().map_or_else(|error| error.kind().name(), |_| "ok");
        #[cfg(feature = "tracing")]
        span.record("outcome", outcome);
        #[cfg(feature = "metrics")]
        self.count(outcome, called.elapsed());
        answer
    }

    #[cfg(feature = "metrics")]
    fn count(&self, outcome: &'static str, took: std::time::Duration) {
        let labels = [
            metrics::Label::from_static_parts("call", self.name),
            metrics::Label::new("resource_type", self.resource_type.to_owned()),
        ];
        metrics::histogram!("scim_store_seconds", labels.iter()).record(took);
        let mut labels = labels.to_vec();
        labels.push(metrics::Label::from_static_parts("outcome", outcome));
        metrics::counter!("scim_store_calls_total", labels).increment(1);
    }
}

/// What a batch did, by effect.
#[cfg(feature = "metrics")]
fn count(written: &[Written]) {
    use crate::store::Effect;

    for written in written {
        let effect = match written.effect {
            Effect::Inserted => "inserted",
            Effect::Changed => "changed",
            Effect::Unchanged => "unchanged",
            Effect::Deleted => "deleted",
        };
        metrics::counter!("scim_writes_total", "effect" => effect).increment(1);
    }
}

#[cfg(not(feature = "metrics"))]
fn count(_: &[Written]) {}
