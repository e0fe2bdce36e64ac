//! Pictures of images (PS3.18 10.4.1.1.3) and thumbnails, drawn by the reference renderer.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;

use super::accept::Accept;
use super::covering::Covering;
use super::drawing::{Drawing, Picture};
use super::film::film;
use super::granted::Visitor;
use super::lookup::{self, Found};
use super::refusal::Refusal;
use super::render_options::{RenderOptions, RenderQuery, Viewport};
use super::services::Services;
use crate::source::InstanceRef;

/// Longest side of a thumbnail where the client does not say.
const THUMBNAIL_SIDE_PX: u32 = 128;

/// Path of a rendered instance or frame.
#[derive(Deserialize)]
pub(super) struct RenderedPath {
    study: String,
    series: String,
    instance: String,
    frame: Option<u32>,
}

/// `…/instances/{instance}/rendered` and `…/frames/{frame}/rendered`; the first frame where none is named.
pub(super) async fn rendered(
    visitor: Visitor,
    Extension(services): Extension<Arc<Services>>,
    Path(path): Path<RenderedPath>,
    Query(query): Query<RenderQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&path.study)?;
    let picture = picture(&headers, &query)?;
    let options = query.options()?;
    let at = InstanceRef { study: path.study, series: path.series, instance: path.instance };
    let found = lookup::image(&*visitor.0.source, &at).await?;
    let drawn =
        draw(&visitor, &services, &at, &found, path.frame.unwrap_or(1), options, picture).await?;
    Ok(respond(picture, drawn))
}

/// `/studies/{study}/thumbnail`: of an exam that is on its way whatever image is here first, else the middle image of the
/// first series with images.
pub(super) async fn study_thumbnail(
    visitor: Visitor,
    Extension(services): Extension<Arc<Services>>,
    Path(study): Path<String>,
    Query(query): Query<RenderQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&study)?;
    let source = &*visitor.0.source;
    // One that cannot be drawn does not keep others away.
    let mut tried = HashSet::new();
    while let Some(at) = source.first_arrival(&study, &tried).await? {
        let drawn = match lookup::image(source, &at).await {
            Ok(found) => thumbnail(&visitor, &services, &at, &found, &query, &headers).await,
            Err(refusal) => Err(refusal),
        };
        if drawn.is_ok() {
            return drawn;
        }
        tried.insert(at.series);
    }
    let (found, at) = lookup::middle_of_study(source, &study).await?;
    thumbnail(&visitor, &services, &at, &found, &query, &headers).await
}

/// `…/series/{series}/thumbnail`: the middle image.
pub(super) async fn series_thumbnail(
    visitor: Visitor,
    Extension(services): Extension<Arc<Services>>,
    Path((study, series)): Path<(String, String)>,
    Query(query): Query<RenderQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&study)?;
    let (found, at) = lookup::middle_of_series(&*visitor.0.source, &study, &series).await?;
    thumbnail(&visitor, &services, &at, &found, &query, &headers).await
}

/// `…/instances/{instance}/thumbnail`: the middle frame.
pub(super) async fn instance_thumbnail(
    visitor: Visitor,
    Extension(services): Extension<Arc<Services>>,
    Path((study, series, instance)): Path<(String, String, String)>,
    Query(query): Query<RenderQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&study)?;
    let at = InstanceRef { study, series, instance };
    let found = lookup::image(&*visitor.0.source, &at).await?;
    thumbnail(&visitor, &services, &at, &found, &query, &headers).await
}

async fn thumbnail(
    visitor: &Visitor,
    services: &Services,
    at: &InstanceRef,
    found: &Found,
    query: &RenderQuery,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let picture = picture(headers, query)?;
    let mut options = query.options()?;
    let default = Viewport { size_px: [THUMBNAIL_SIDE_PX; 2], region_px: [None; 4] };
    options.viewport.get_or_insert(default);
    if found.format()?.is_video() {
        let size_px = options.viewport.map_or([THUMBNAIL_SIDE_PX; 2], |viewport| viewport.size_px);
        return Ok(respond(picture, film(size_px, picture, options.quality)?));
    }
    let frame = found.image()?.frames / 2 + 1;
    let key = format!(
        "{}/{}/{}/{}/{frame}/{picture:?}/{options:?}",
        visitor.0.site, at.study, at.series, at.instance
    );
    if let Some(drawn) = services.thumbnail(&key) {
        return Ok(respond(picture, drawn));
    }
    let drawn = draw(visitor, services, at, found, frame, options, picture).await?;
    services.keep_thumbnail(key, drawn.clone());
    Ok(respond(picture, drawn))
}

fn picture(headers: &HeaderMap, query: &RenderQuery) -> Result<Picture, Refusal> {
    let accept = Accept::of(headers, query.accept.as_deref());
    match accept.choose(&["image/jpeg", "image/png"]) {
        Some("image/png") => Ok(Picture::Png),
        Some(_) => Ok(Picture::Jpeg),
        None => {
            let text = "Pictures are delivered as image/jpeg or image/png.";
            Err(Refusal::NotAcceptable(text.to_owned()))
        }
    }
}

async fn draw(
    visitor: &Visitor,
    services: &Services,
    at: &InstanceRef,
    found: &Found,
    frame: u32,
    options: RenderOptions,
    picture: Picture,
) -> Result<Bytes, Refusal> {
    let image = found.image()?;
    if frame == 0 || frame > image.frames {
        return Err(Refusal::NotFound);
    }
    if let Some(defect) = &image.defect {
        return Err(Refusal::Unprocessable(format!("This image cannot be shown: {defect}.")));
    }
    let format = found.format()?.clone();
    if format.is_video() {
        let text = "Frames of a video are decoded by the viewer, not by this server.";
        return Err(Refusal::Unprocessable(text.to_owned()));
    }
    let display = found.display(frame)?.clone();
    let icc_profile = found.icc_profile()?.cloned();
    let encoded = visitor.0.source.frame(at, frame).await?;
    let covering = match found.cover(frame)? {
        Some(cover) => Some(Covering::fetch(&*visitor.0.source, at, cover, frame).await),
        None => None,
    };
    let drawing = Drawing { encoded, format, display, icc_profile, covering, options };
    services.work(move || drawing.draw(picture)).await
}

fn respond(picture: Picture, bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, picture.media_type())], bytes).into_response()
}
