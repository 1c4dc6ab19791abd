//! Bodies of actix-web as `http_body::Body`, and the other way round.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, MessageBody},
    error::PayloadError,
    web::Payload,
};
use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame};
use scim_core::BodyError;

/// The body of a request, which is read while it arrives.
pub(crate) struct RequestBody(Payload);

impl RequestBody {
    pub(crate) fn new(payload: Payload) -> Self {
        Self(payload)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = PayloadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, PayloadError>>> {
        let chunk = ready!(Pin::new(&mut self.0).poll_next(cx));
        Poll::Ready(chunk.map(|bytes| bytes.map(Frame::data)))
    }
}

/// The body of a response, which may be made while it is sent.
pub(crate) struct ResponseBody(scim_core::Body);

impl ResponseBody {
    pub(crate) fn new(body: scim_core::Body) -> Self {
        Self(body)
    }
}

impl MessageBody for ResponseBody {
    type Error = BodyError;

    fn size(&self) -> BodySize {
        self.0.size_hint().exact().map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.0).poll_frame(cx)) else {
                return Poll::Ready(None);
            };
            // Trailers, which the server does not send, have no place here.
            match frame.map(Frame::into_data) {
                Ok(Ok(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Ok(Err(_)) => {}
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}
