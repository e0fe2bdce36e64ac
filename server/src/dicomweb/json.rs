//! DICOM JSON bodies (PS3.18 F), written as a stream.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::Value;

use super::refusal::Refusal;
use crate::source::SourceError;

/// Media type of DICOM JSON.
pub(super) const DICOM_JSON: &str = "application/dicom+json";

/// Answers with a JSON array, one object at a time. The first object is awaited, so that a source that
/// fails at once is answered with a status; one that fails later cuts the connection.
pub(super) async fn array(
    mut objects: BoxStream<'static, Result<Value, SourceError>>,
) -> Result<Response, Refusal> {
    let first = objects.next().await.transpose()?;
    let head = Bytes::from(first.as_ref().map_or_else(|| "[".to_owned(), |one| format!("[{one}")));
    let rest = objects.map(|object| object.map(|object| Bytes::from(format!(",\n{object}"))));
    let body = stream::once(async { Ok(head) })
        .chain(rest)
        .chain(stream::once(async { Ok(Bytes::from_static(b"]")) }));
    let mut response = (StatusCode::OK, Body::from_stream(body)).into_response();
    let json = HeaderValue::from_static(DICOM_JSON);
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
