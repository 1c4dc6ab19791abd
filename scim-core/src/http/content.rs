//! Reading the body of a request.

use std::{error::Error, future::poll_fn, pin::pin};

use bytes::{Buf, Bytes, BytesMut};
use http::StatusCode;
use http_body::Body;

use crate::error::ScimError;

/// How long a body may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimit {
    pub(crate) bytes: usize,
    /// What clients know the limit by, if they do.
    pub(crate) name: Option<&'static str>,
}

impl From<usize> for BodyLimit {
    fn from(bytes: usize) -> Self {
        Self { bytes, name: None }
    }
}

/// Reads a whole body that is no longer than allowed.
///
/// # Errors
/// 413 as soon as the body is known to be longer than the limit; 400 when it breaks off.
pub(crate) async fn read_body<B>(body: B, limit: impl Into<BodyLimit>) -> Result<Bytes, ScimError>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let limit = limit.into();
    if body.size_hint().lower() > limit.bytes as u64 {
        return Err(too_large(limit));
    }
    let mut body = pin!(body);
    // Most bodies arrive in one piece, which is then not copied.
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| broken_off(&*error.into()))?;
        let Ok(mut data) = frame.into_data() else { continue };
        if data.remaining() > limit.bytes.saturating_sub(first.len() + joined.len()) {
            return Err(too_large(limit));
        }
        let data = data.copy_to_bytes(data.remaining());
        if first.is_empty() && joined.is_empty() {
            first = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&data);
        }
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

fn too_large(limit: BodyLimit) -> ScimError {
    let name = limit.name.map(|name| format!(" (`{name}`)")).unwrap_or_default();
    let detail = format!("the body is larger than {} bytes{name}", limit.bytes);
    ScimError::with_status(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

/// The cause is the connection's own and says nothing that helps the client.
fn broken_off(cause: &(dyn Error + Send + Sync)) -> ScimError {
    #[cfg(feature = "tracing")]
    tracing::debug!(%cause, "the body of a request broke off");
    #[cfg(not(feature = "tracing"))]
    let _ = cause;
    ScimError::with_status(StatusCode::BAD_REQUEST, "the body could not be read to its end")
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, pin::Pin, task};

    use http_body::{Frame, SizeHint};

    use super::*;

    /// A body in pieces, which may break off and may announce its size.
    struct Pieces {
        pieces: VecDeque<Result<Bytes, &'static str>>,
        announced: u64,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut task::Context<'_>,
        ) -> task::Poll<Option<Result<Frame<Bytes>, &'static str>>> {
            task::Poll::Ready(self.pieces.pop_front().map(|piece| piece.map(Frame::data)))
        }

        fn size_hint(&self) -> SizeHint {
            let mut hint = SizeHint::new();
            hint.set_lower(self.announced);
            hint
        }
    }

    fn pieces(pieces: &[&'static str]) -> Pieces {
        let pieces = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        Pieces { pieces, announced: 0 }
    }

    fn read(body: Pieces, limit: usize) -> (Result<Bytes, u16>, usize) {
        let mut body = body;
        let result = pollster::block_on(read_body(&mut body, limit));
        (result.map_err(|error| error.status().as_u16()), body.pieces.len())
    }

    #[test]
    fn a_body_is_joined_up_to_the_limit() {
        let cases: [(&[&'static str], usize, Result<&str, u16>); 8] = [
            (&[], 0, Ok("")),
            (&["abc"], 3, Ok("abc")),
            (&["", "ab", "", "c", "d"], 4, Ok("abcd")),
            (&["abc"], 2, Err(413)),
            (&["ab", "c"], 2, Err(413)),
            (&["a", "b", "c"], 3, Ok("abc")),
            (&["a", "b", "c"], 2, Err(413)),
            (&["a"], 0, Err(413)),
        ];
        for (given, limit, expected) in cases {
            let (content, _) = read(pieces(given), limit);
            assert_eq!(content, expected.map(Bytes::from), "{given:?}");
        }
    }

    #[test]
    fn reading_stops_at_the_limit() {
        // E-006: 413, and what follows is not read.
        let (result, unread) = read(pieces(&["ab", "cd", "ef", "gh"]), 3);
        assert_eq!((result, unread), (Err(413), 2));
        let announced = Pieces { announced: 1 << 40, ..pieces(&["{}"]) };
        assert_eq!(read(announced, 10), (Err(413), 1));
        let error = pollster::block_on(read_body(pieces(&["abcd"]), 3)).unwrap_err();
        assert_eq!(error.to_string(), "the body is larger than 3 bytes");
    }

    #[test]
    fn a_body_that_breaks_off_is_refused_without_the_reason() {
        let mut body = pieces(&["{"]);
        body.pieces.push_back(Err("reset by 10.0.0.1"));
        let error = pollster::block_on(read_body(body, 10)).unwrap_err();
        assert_eq!(error.status(), 400);
        assert!(!error.to_string().contains("10.0.0.1"));
    }

    #[test]
    fn our_own_body_can_be_read() {
        let body = super::super::Body::from(Bytes::from_static(b"{}"));
        assert_eq!(pollster::block_on(read_body(body, 2)).unwrap(), "{}");
    }
}
