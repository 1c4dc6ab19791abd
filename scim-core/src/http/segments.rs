//! A body of which parts are still to be read: relations too large for one answer of the store.

use std::{collections::VecDeque, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    body::{BodyError, Producer},
    edges::Leading,
    render::{Drafted, RemainingEdges, Segment},
};
use crate::store::{Hidden, Key, Projection, RelatedQuery, Scope, Store, StoreError};

/// Produces the segments in order, reading edges page by page: however many there are, only one
/// page of them is in memory.
pub(crate) struct Segments {
    store: Arc<dyn Store>,
    scope: Scope,
    remaining: VecDeque<Segment>,
    /// The span of the request, which ends only when its body was sent.
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl Segments {
    pub(crate) fn new(store: Arc<dyn Store>, scope: Scope, drafted: Drafted) -> Self {
        let mut remaining = VecDeque::from(drafted.rest);
        remaining.push_front(Segment::Text(drafted.first));
        Self {
            store,
            scope,
            remaining,
            #[cfg(feature = "tracing")]
            span: tracing::Span::current(),
        }
    }

    /// The next of them; `None` at the end.
    ///
    /// # Errors
    /// When there is more but it cannot be had.
    pub(crate) async fn part(&mut self) -> Result<Option<Bytes>, BodyError> {
        match self.remaining.pop_front() {
            None => Ok(None),
            Some(Segment::Text(text)) => Ok(Some(text)),
            Some(Segment::Edges(edges)) => self.page(edges).await.map(Some),
        }
    }

    /// Reads one page and puts the rest back in front.
    async fn page(&mut self, edges: RemainingEdges) -> Result<Bytes, BodyError> {
        let RemainingEdges { resource_type, id, view, after, shape } = edges;
        let mut query = RelatedQuery::new(&resource_type, vec![id.clone()], view.clone());
        query.after = Some(after);
        let answer = self.asked(self.store.related(&self.scope, &query)).await?;
        let related = answer.into_iter().next().unwrap_or_default();
        if related.edges.is_empty() {
            self.check_presence(Key::new(&resource_type, id.clone())).await?;
        }
        let mut text = Vec::new();
        shape.write_all(&related.edges, Leading::Some, &mut text);
        if let Some(after) = related.next {
            let rest = RemainingEdges { resource_type, id, view, after, shape };
            self.remaining.push_front(Segment::Edges(rest));
        }
        Ok(text.into())
    }

    /// A resource that is gone has no edges left, which must not look like the end of its edges.
    async fn check_presence(&self, key: Key) -> Result<(), BodyError> {
        let nothing = Projection { hidden: Hidden::Skip, relations: Vec::new() };
        match self.asked(self.store.get(&self.scope, &key, &nothing)).await? {
            Some(_) => Ok(()),
            None => Err(BodyError::new("the resource was deleted while it was sent")),
        }
    }

    /// What the store answers, asked in the span of the request.
    async fn asked<T>(
        &self,
        asking: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, BodyError> {
        #[cfg(feature = "tracing")]
        let asking = tracing::Instrument::instrument(asking, self.span.clone());
        asking.await.map_err(BodyError::new)
    }

    /// The client only sees that the connection ends.
    #[cfg(feature = "tracing")]
    fn log(&self, error: &BodyError) {
        self.span.in_scope(|| {
            let cause = crate::error::causes(error);
            tracing::warn!(cause, "a response was cut off");
        });
    }
}

#[async_trait]
impl Producer for Segments {
    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        let part = self.part().await;
        #[cfg(feature = "tracing")]
        if let Err(error) = &part {
            self.log(error);
        }
        part
    }
}
