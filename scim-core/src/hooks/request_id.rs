//! The name of a request, by which logs of several programs are put together.

use std::{fmt, sync::Arc};

use http::HeaderValue;
use uuid::Uuid;

/// How long the id that a client gives may be, in bytes.
const LONGEST: usize = 128;

/// The id of a request: what the client or a proxy before the server named it, or a new one.
///
/// [`ScimServerBuilder::request_id_header`](crate::ScimServerBuilder::request_id_header) names the
/// header. Hooks that see the head of a request find it in its extensions, too.
///
/// An id that comes from outside is no secret and need not be unique: it puts lines of logs
/// together and proves nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id that a header gives, as far as it is fit for logs: up to 128 visible ASCII
    /// characters without quotes and backslashes. Otherwise a new one.
    pub(crate) fn of(given: Option<&HeaderValue>) -> Self {
        let given = given.and_then(|value| value.to_str().ok()).filter(|text| is_fit(text));
        Self(given.map_or_else(|| Uuid::now_v7().to_string().into(), Into::into))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_fit(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_fit)
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&self.0).finish()
    }
}
