//! The stream of a video as it is, all fragments joined (PS3.18 8.7.3.3.3), in parts where the client
//! asks for them (RFC 9110 14): a browser needs few bytes of a stream to show one of its frames.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::Accept;
use super::refusal::Refusal;
use crate::source::{InstanceRef, Source, VideoPart};

/// Whether a client asks for a video rather than for bytes.
pub(super) fn is_wanted(accept: &Accept) -> bool {
    accept.ranges().next().is_some_and(|range| range.essence.starts_with("video/"))
}

/// Answers with the stream or the part of it that the Range header names.
pub(super) async fn respond(
    source: &dyn Source,
    at: &InstanceRef,
    accept: &Accept,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let asked = headers.get(header::RANGE).and_then(|value| byte_range(value.to_str().ok()?));
    let (start, end) = asked.unwrap_or((0, None));
    let part = source.video(at, start, end).await?;
    let media_type = media_type(&part.transfer_syntax_uid);
    if accept.choose(&[media_type]).is_none() {
        return Err(Refusal::NotAcceptable(format!("This video is delivered as {media_type}.")));
    }
    Ok(answer(part, media_type, asked.is_some()))
}

fn answer(part: VideoPart, media_type: &'static str, in_parts: bool) -> Response {
    let VideoPart { range, total, bytes, .. } = part;
    if in_parts && range.is_empty() {
        let range = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
        return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
    }
    let mut response = Body::from_stream(bytes).into_response();
    let mut set = |name: HeaderName, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, media_type);
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CONTENT_LENGTH, &(range.end - range.start).to_string());
    if range != (0..total) {
        set(header::CONTENT_RANGE, &format!("bytes {}-{}/{total}", range.start, range.end - 1));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// Start and end (behind the last byte) of `bytes=0-99` or `bytes=100-`. Other forms may be ignored:
/// the client then gets the whole.
fn byte_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let first = first.trim().parse().ok()?;
    if last.trim().is_empty() {
        return Some((first, None));
    }
    let last: u64 = last.trim().parse().ok()?;
    (first <= last).then_some((first, Some(last.saturating_add(1))))
}

/// Media type of a stream (PS3.18 table 8.7.3-5).
fn media_type(transfer_syntax_uid: &str) -> &'static str {
    match transfer_syntax_uid.strip_prefix("1.2.840.10008.1.2.4.10") {
        Some(rest) if rest.starts_with(['0', '1']) => "video/mpeg2",
        Some(rest) if rest.starts_with(['7', '8']) => "video/h265",
        _ => "video/mp4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_or_ignored() {
        assert_eq!(byte_range("bytes=0-99"), Some((0, Some(100))));
        assert_eq!(byte_range("bytes=100-"), Some((100, None)));
        for other in ["bytes=-5", "bytes=5-1", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", ""] {
            assert_eq!(byte_range(other), None, "{other}");
        }
    }

    #[test]
    fn media_types_follow_the_transfer_syntax() {
        let of = |last: &str| media_type(&format!("1.2.840.10008.1.2.4.{last}"));
        assert_eq!([of("100.1"), of("101")], ["video/mpeg2"; 2]);
        assert_eq!([of("102"), of("106.1")], ["video/mp4"; 2]);
        assert_eq!(of("107"), "video/h265");
    }
}
