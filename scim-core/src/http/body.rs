//! The body of a response.

use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use async_trait::async_trait;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// The body of a response: a whole text, or one that is made while it is sent.
///
/// It is an [`http_body::Body`], which hyper, axum and everything built on tower takes as it is.
#[derive(Default)]
pub struct Body(Content);

/// Sending a body had to stop before its end, so that the client must not take it for whole.
#[derive(Debug, thiserror::Error)]
#[error("the rest of the response could not be produced")]
pub struct BodyError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl BodyError {
    /// Wraps the reason, which is for logs.
    pub(crate) fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// Makes a body piece by piece, each when the one before was taken.
#[async_trait]
pub(crate) trait Producer: Send + 'static {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When there is more but it cannot be had; the connection is then cut.
    async fn next(&mut self) -> Result<Option<Bytes>, BodyError>;
}

#[derive(Default)]
enum Content {
    #[default]
    Empty,
    Full(Bytes),
    /// The mutex is never locked: it makes the future, which one task polls at a time, `Sync`.
    Stream(Mutex<NextChunk>),
}

type BoxedProducer = Box<dyn Producer>;
type Chunk = Result<Option<Bytes>, BodyError>;
type NextChunk = Pin<Box<dyn Future<Output = (BoxedProducer, Chunk)> + Send>>;

impl Body {
    /// A body without content.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A body that the producer makes while it is sent; its size is unknown until then.
    pub(crate) fn stream(producer: impl Producer) -> Self {
        Self(Content::Stream(Mutex::new(next_chunk(Box::new(producer)))))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() { Self::empty() } else { Self(Content::Full(bytes)) }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl fmt::Debug for Body {
    /// Shows the kind and the size only: bodies hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Empty => f.write_str("Body::Empty"),
            Content::Full(bytes) => write!(f, "Body::Full({} bytes)", bytes.len()),
            Content::Stream(_) => f.write_str("Body::Stream"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = match &mut self.0 {
            Content::Empty => None,
            Content::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Content::Empty;
                Some(Ok(bytes))
            }
            Content::Stream(future) => {
                let future = future.get_mut().unwrap_or_else(PoisonError::into_inner);
                let next = ready!(poll_chunk(future, cx));
                if !matches!(next, Some(Ok(_))) {
                    self.0 = Content::Empty;
                }
                next
            }
        };
        Poll::Ready(next.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Content::Empty)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Empty => SizeHint::with_exact(0),
            Content::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(_) => SizeHint::default(),
        }
    }
}

fn next_chunk(mut producer: BoxedProducer) -> NextChunk {
    Box::pin(async move {
        let chunk = producer.next().await;
        (producer, chunk)
    })
}

/// Polls for the next piece that is not empty and asks at once for the one after it.
fn poll_chunk(
    future: &mut NextChunk,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, BodyError>>> {
    loop {
        let (producer, chunk) = ready!(future.as_mut().poll(cx));
        match chunk.transpose() {
            Some(Ok(bytes)) => {
                *future = next_chunk(producer);
                if !bytes.is_empty() {
                    return Poll::Ready(Some(Ok(bytes)));
                }
            }
            end => return Poll::Ready(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use http_body::Body as _;

    use super::*;

    /// Gives the pieces one by one, pending once before each.
    struct Pieces(Vec<Result<&'static str, &'static str>>);

    #[async_trait]
    impl Producer for Pieces {
        async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
            let mut is_woken = false;
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                let is_ready = std::mem::replace(&mut is_woken, true);
                if is_ready { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            if self.0.is_empty() {
                return Ok(None);
            }
            let piece = self.0.remove(0).map_err(BodyError::new)?;
            Ok(Some(Bytes::from_static(piece.as_bytes())))
        }
    }

    fn frames(mut body: Body) -> Vec<Result<Bytes, String>> {
        let mut frames = Vec::new();
        pollster::block_on(async {
            while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                let data = frame.map(|frame| frame.into_data().unwrap());
                frames.push(data.map_err(|error| error.to_string()));
            }
        });
        assert!(body.is_end_stream());
        frames
    }

    #[test]
    fn whole_bodies_know_their_size() {
        for (body, text) in [
            (Body::empty(), ""),
            (Body::from(Bytes::new()), ""),
            (Body::from(b"{}".to_vec()), "{}"),
        ] {
            assert_eq!(body.size_hint().exact(), Some(text.len() as u64));
            assert_eq!(body.is_end_stream(), text.is_empty());
            let expected: Vec<_> =
                (!text.is_empty()).then(|| Ok(text.into())).into_iter().collect();
            assert_eq!(frames(body), expected);
        }
    }

    #[test]
    fn streams_give_their_pieces_in_order_without_empty_ones() {
        let body = Body::stream(Pieces(vec![Ok("["), Ok(""), Ok("1"), Ok(""), Ok("]"), Ok("")]));
        assert_eq!(body.size_hint().exact(), None);
        assert!(!body.is_end_stream());
        assert_eq!(frames(body), ["[", "1", "]"].map(|piece| Ok(piece.into())));
        assert_eq!(frames(Body::stream(Pieces(Vec::new()))), []);
    }

    #[test]
    fn a_stream_that_fails_ends_with_the_error() {
        let body = Body::stream(Pieces(vec![Ok("["), Err("disk of host 7"), Ok("]")]));
        let error = Err("the rest of the response could not be produced".to_owned());
        assert_eq!(frames(body), [Ok("[".into()), error]);
    }

    #[test]
    fn bodies_go_anywhere_and_show_nothing() {
        fn goes_anywhere(body: impl Send + Sync + Unpin + fmt::Debug + 'static) -> String {
            format!("{body:?}")
        }
        assert_eq!(goes_anywhere(Body::from(b"secret".to_vec())), "Body::Full(6 bytes)");
        assert_eq!(goes_anywhere(Body::stream(Pieces(Vec::new()))), "Body::Stream");
    }
}
