//! Requests and the answers to them as documents print them, to be sent and compared.

use std::error::Error;

use serde_json::Value;
use ureq::http::{HeaderMap, Request, Response};

/// A request and the answer that a document shows for it.
///
/// The text has both one after the other; `{token}` stands for the token of the client.
pub struct Exchange {
    request: Request<String>,
    response: Response<String>,
    /// The origin of the document's URLs.
    origin: String,
}

impl Exchange {
    /// Reads a request and an answer.
    ///
    /// # Errors
    /// When the text is not both.
    pub fn read(text: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        let text = text.replace("{token}", token);
        let answer = text.find("\nHTTP/1.1 ").ok_or("there is no answer")?;
        let (request, response) = text.split_at_checked(answer).ok_or("there is no answer")?;
        let (first, headers, body) = parts(request.trim())?;
        let mut words = first.split(' ');
        let mut builder = Request::builder()
            .method(words.next().unwrap_or_default())
            .uri(words.next().ok_or("a request has a target")?);
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            builder = builder.header(name, value);
        }
        let host = headers.get("host").ok_or("a request has a host")?.to_str()?;
        let origin = format!("https://{host}");
        let request = builder.body(body)?;
        let (first, headers, body) = parts(response.trim())?;
        let status = first.split(' ').nth(1).ok_or("an answer has a status")?;
        let mut response = Response::builder().status(status).body(body)?;
        *response.headers_mut() = headers;
        Ok(Self { request, response, origin })
    }

    /// The request.
    pub fn request(&self) -> Request<String> {
        self.request.clone()
    }

    /// Compares an answer from an origin with the documented one: the status, the headers that are
    /// documented, and the whole body as `read` understands it. Ids and times may differ.
    ///
    /// # Errors
    /// What differs.
    pub fn compare(
        &self,
        answer: &Response<String>,
        origin: &str,
        read: impl Fn(&str) -> Result<Value, Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let expected = &self.response;
        if answer.status() != expected.status() {
            return Err(format!("{}: {}", answer.status(), answer.body()).into());
        }
        for (name, value) in expected.headers() {
            let value = general(value.to_str()?, &self.origin);
            let given = answer.headers().get(name).ok_or_else(|| format!("no {name}"))?;
            if general(given.to_str()?, origin) != value {
                return Err(format!("{name}: {given:?}, not {value}").into());
            }
        }
        let given = read(&general(answer.body(), origin))?;
        let expected = read(&general(expected.body(), &self.origin))?;
        if given != expected {
            return Err(format!("{given:#}\n\nbut the document has\n\n{expected:#}").into());
        }
        Ok(())
    }
}

/// The first line, the headers and the body.
fn parts(text: &str) -> Result<(&str, HeaderMap, String), Box<dyn Error>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let (first, lines) = head.split_once('\n').unwrap_or((head, ""));
    let mut headers = HeaderMap::new();
    for line in lines.lines() {
        let (name, value) = line.split_once(": ").ok_or("a header has a colon")?;
        headers.insert(name.parse::<ureq::http::HeaderName>()?, value.parse()?);
    }
    Ok((first, headers, body.to_owned()))
}

/// The text without what differs from one answer to the next.
fn general(text: &str, origin: &str) -> String {
    let text = text.replace(origin, "{origin}");
    let mut general = String::new();
    for word in text.split_inclusive(['"', '<', '>', '/', '\n', '\r', ' ']) {
        let end = word.trim_end_matches(['"', '<', '>', '/', '\n', '\r', ' ']);
        let shown = match end {
            id if is_uuid(id) => "{id}",
            time if is_time(time) => "{time}",
            other => other,
        };
        general.push_str(shown);
        general.extend(word.strip_prefix(end));
    }
    general
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}

fn is_time(text: &str) -> bool {
    let date = text.split('T').next().unwrap_or_default();
    date.len() == 10
        && text.ends_with('Z')
        && date.bytes().all(|it| it == b'-' || it.is_ascii_digit())
}
