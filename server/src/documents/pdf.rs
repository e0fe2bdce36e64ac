//! An encapsulated PDF (PS3.3 A.45.1) for the browser's own reader.
//!
//! The file comes from a scanner, a report system or anywhere: it is sent only where it is one, as nothing else, with a policy
//! under which the answer can load nothing and run nothing of ours. Browsers show PDF outside of the page that links to it.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use viewer_core::dicom::{is_pdf, pdf_start};

use super::OfVisit;
use super::read::object;
use crate::dicomweb::refusal::Refusal;
use crate::source::ElementPath;

/// Largest document; readers of files keep no longer value in memory.
const MOST_BYTES: usize = 16 * 1024 * 1024;
const ENCAPSULATED_DOCUMENT: u32 = 0x0042_0011;
/// Nothing is loaded and no script runs; readers of browsers style themselves and embed the document in a page of their own.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn pdf(of: OfVisit) -> Result<Response, Refusal> {
    if !is_pdf(&object(&of).await?) {
        return Err(Refusal::Unprocessable("This object is no PDF.".to_owned()));
    }
    let bytes = document(&of).await?;
    let Some(start) = pdf_start(&bytes) else {
        return Err(Refusal::Unprocessable("This document is no PDF.".to_owned()));
    };
    let mut response = Body::from(bytes.slice(start..)).into_response();
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"document.pdf\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

async fn document(of: &OfVisit) -> Result<Bytes, Refusal> {
    let element = ElementPath { items: Vec::new(), tag: ENCAPSULATED_DOCUMENT };
    let mut pieces = of.access.source.bulk(&of.at(), &element).await?.bytes;
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.try_next().await? {
        if whole.len() + piece.len() > MOST_BYTES {
            return Err(Refusal::Unprocessable(
                "This document is too large to be shown.".to_owned(),
            ));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}
