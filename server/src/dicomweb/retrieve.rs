//! WADO-RS studies, series and instances (PS3.18 10.4.1.1.1), streamed file by file; and metadata.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use serde::Deserialize;

use super::accept::Accept;
use super::granted::Visitor;
use super::multipart::{self, Part};
use super::refusal::Refusal;
use super::{AcceptQuery, ROOT, json};
use crate::source::{InstanceRef, InstanceStream, Scope};

const DICOM: &str = "application/dicom";

/// Path of a study, series or instance.
#[derive(Deserialize)]
pub(super) struct ObjectPath {
    study: String,
    series: Option<String>,
    instance: Option<String>,
}

impl ObjectPath {
    /// Study Instance UID.
    pub(super) fn study(&self) -> &str {
        &self.study
    }
}

impl From<ObjectPath> for Scope {
    fn from(path: ObjectPath) -> Self {
        Self { study: path.study, series: path.series, instance: path.instance }
    }
}

/// `/studies/{study}[/series/{series}[/instances/{instance}]]`.
pub(super) async fn objects(
    visitor: Visitor,
    Path(path): Path<ObjectPath>,
    Query(query): Query<AcceptQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&path.study)?;
    let scope = Scope::from(path);
    let accept = Accept::of(&headers, query.accept.as_deref());
    let source = visitor.0.source;
    let instances = source.instances(&scope).await?;
    let (first, rest) = instances.split_first().ok_or(Refusal::NotFound)?;
    let opened = source.instance(first).await?;
    let one = scope.instance.is_some();
    let multipart = choose(&accept, &opened.transfer_syntax_uid, one)?;
    if !multipart {
        return Ok(file(opened));
    }
    let first = part(first, opened);
    let rest = stream::iter(rest.to_vec()).then(move |at| {
        let source = Arc::clone(&source);
        async move { source.instance(&at).await.map(|opened| part(&at, opened)) }
    });
    let first = stream::once(async { Ok(first) });
    Ok(multipart::respond(DICOM, first.chain(rest)))
}

/// Whether to answer as multipart; files are sent as stored, so the client must take their syntax.
fn choose(accept: &Accept, stored: &str, one_instance: bool) -> Result<bool, Refusal> {
    let takes =
        |syntax: Option<&str>| syntax.is_none_or(|wanted| wanted == "*" || wanted == stored);
    let choice = accept.ranges().find_map(|range| {
        if !takes(range.transfer_syntax.as_deref()) {
            return None;
        }
        // One file is best sent as a file where the client takes both by name.
        let single = one_instance && range.essence == DICOM;
        if single || range.covers_related(DICOM) {
            Some(!single)
        } else {
            (one_instance && range.covers(DICOM)).then_some(false)
        }
    });
    choice.ok_or_else(|| {
        Refusal::NotAcceptable(format!(
            "Objects are delivered as stored ({stored}): multipart/related; type=\"{DICOM}\"; \
             transfer-syntax=*; one instance also as {DICOM}."
        ))
    })
}

fn part(at: &InstanceRef, opened: InstanceStream) -> Part {
    let InstanceRef { study, series, instance } = at;
    Part {
        content_type: format!("{DICOM}; transfer-syntax={}", opened.transfer_syntax_uid),
        location: Some(format!("{ROOT}/studies/{study}/series/{series}/instances/{instance}")),
        length: opened.length,
        body: opened.bytes,
    }
}

fn file(opened: InstanceStream) -> Response {
    let content_type = format!("{DICOM}; transfer-syntax={}", opened.transfer_syntax_uid);
    let mut response = Body::from_stream(opened.bytes).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(length) = opened.length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// `…/metadata` of a study, series or instance.
pub(super) async fn metadata(
    visitor: Visitor,
    Path(path): Path<ObjectPath>,
    Query(query): Query<AcceptQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&path.study)?;
    let accept = Accept::of(&headers, query.accept.as_deref());
    if accept.choose(&[json::DICOM_JSON, "application/json"]).is_none() {
        let text = format!("Metadata is delivered as {}.", json::DICOM_JSON);
        return Err(Refusal::NotAcceptable(text));
    }
    let objects = visitor.0.source.metadata(&Scope::from(path)).await?;
    json::array(objects.boxed()).await
}
