//! `multipart/related` bodies (RFC 2387, PS3.18 8.6.1.2) written as a stream: a part is asked for only
//! when the client has taken the previous one, and nothing is collected.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};

use crate::source::SourceError;

/// One part of a multipart body.
pub(crate) struct Part {
    /// Its Content-Type, with parameters.
    pub content_type: String,
    /// Its Content-Location, where it has one.
    pub location: Option<String>,
    /// Its length in bytes, where known.
    pub length: Option<u64>,
    /// Its content.
    pub body: BoxStream<'static, Result<Bytes, SourceError>>,
}

impl Part {
    /// A part that is already in memory.
    pub(crate) fn whole(content_type: String, location: Option<String>, bytes: Bytes) -> Self {
        let length = Some(bytes.len() as u64);
        let body = stream::once(async move { Ok(bytes) }).boxed();
        Self { content_type, location, length, body }
    }
}

/// Answers with these parts; `part_type` names the type of the (first) part without parameters.
///
/// A source error in the middle cuts the connection before the closing delimiter, so that a client
/// never takes a part of a series for the whole.
pub(crate) fn respond(
    part_type: &str,
    parts: impl Stream<Item = Result<Part, SourceError>> + Send + 'static,
) -> Response {
    let boundary = format!("{:032x}", rand::random::<u128>());
    let content_type = format!("multipart/related; type=\"{part_type}\"; boundary={boundary}");
    let body = Body::from_stream(body(boundary, parts));
    with_type(body.into_response(), &content_type)
}

/// Answers with one part in memory, so that the length of the whole is known. Nothing is copied: with hundreds of
/// answers under way a second copy of each would be most of the memory there is.
pub(crate) fn respond_whole(part_type: &str, content_type: String, bytes: Bytes) -> Response {
    let boundary = format!("{:032x}", rand::random::<u128>());
    let own_type = format!("multipart/related; type=\"{part_type}\"; boundary={boundary}");
    let part = Part::whole(content_type, None, Bytes::new());
    let head = part_head(&boundary, &Part { length: Some(bytes.len() as u64), ..part });
    let end = format!("\r\n--{boundary}--\r\n");
    let length = head.len() + bytes.len() + end.len();
    let pieces = [head.into(), bytes, end.into()].map(Ok::<Bytes, SourceError>);
    let body = Body::from_stream(stream::iter(pieces));
    let mut response = with_type(body.into_response(), &own_type);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn with_type(mut response: Response, content_type: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

fn body(
    boundary: String,
    parts: impl Stream<Item = Result<Part, SourceError>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, SourceError>> + Send + 'static {
    let end = Bytes::from(format!("--{boundary}--\r\n"));
    let parts = parts.flat_map(move |part| match part {
        Ok(part) => {
            let head = Bytes::from(part_head(&boundary, &part));
            let tail = Bytes::from_static(b"\r\n");
            once(head).chain(part.body).chain(once(tail)).boxed()
        }
        Err(error) => stream::once(async { Err(error) }).boxed(),
    });
    parts.chain(once(end))
}

fn once(bytes: Bytes) -> impl Stream<Item = Result<Bytes, SourceError>> + Send {
    stream::once(async { Ok(bytes) })
}

fn part_head(boundary: &str, part: &Part) -> String {
    let mut head = format!("--{boundary}\r\nContent-Type: {}\r\n", part.content_type);
    if let Some(length) = part.length {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    if let Some(location) = &part.location {
        head.push_str(&format!("Content-Location: {location}\r\n"));
    }
    head.push_str("\r\n");
    head
}
