//! Bulk data (PS3.18 10.4.1.5): one element of one instance, found by its path in the data set.

use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;

use super::AcceptQuery;
use super::accept::Accept;
use super::granted::Visitor;
use super::multipart::{self, Part};
use super::refusal::Refusal;
use super::video;
use crate::source::{ElementPath, InstanceRef};

const OCTETS: &str = "application/octet-stream";

/// Path of an element.
#[derive(Deserialize)]
pub(super) struct BulkPath {
    study: String,
    series: String,
    instance: String,
    element: String,
}

/// `…/instances/{instance}/bulkdata/{element}`, e.g. `7FE00010` or `54000100.1.54001010`.
pub(super) async fn bulkdata(
    visitor: Visitor,
    Path(path): Path<BulkPath>,
    Query(query): Query<AcceptQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&path.study)?;
    let element = ElementPath::parse(&path.element).ok_or(Refusal::NotFound)?;
    let accept = Accept::of(&headers, query.accept.as_deref());
    let at = InstanceRef { study: path.study, series: path.series, instance: path.instance };
    if video::is_wanted(&accept) && element == ElementPath::pixel_data() {
        return video::respond(&*visitor.0.source, &at, &accept, &headers).await;
    }
    let multipart = accept
        .ranges()
        .find_map(|range| {
            let related = range.covers_related(OCTETS);
            (related || range.covers(OCTETS)).then_some(related)
        })
        .ok_or_else(|| Refusal::NotAcceptable(format!("Bulk data is delivered as {OCTETS}.")))?;
    let bulk = visitor.0.source.bulk(&at, &element).await?;
    let content_type = match &bulk.transfer_syntax_uid {
        Some(syntax) => format!("{OCTETS}; transfer-syntax={syntax}"),
        None => OCTETS.to_owned(),
    };
    if multipart {
        let part = Part { content_type, location: None, length: bulk.length, body: bulk.bytes };
        return Ok(multipart::respond(OCTETS, stream::once(async { Ok(part) })));
    }
    let mut response = Body::from_stream(bulk.bytes).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(length) = bulk.length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(response)
}
