//! WADO-RS frames (PS3.18 10.4.1.6): as stored, or decoded to little endian samples.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use viewer_core::codec::Family;
use viewer_core::exam::ImageFormat;

use super::accept::{Accept, MediaRange};
use super::granted::Visitor;
use super::multipart::{self, Part};
use super::refusal::Refusal;
use super::services::Services;
use super::smaller::{Smaller, smaller};
use super::traffic::Room;
use super::transcode::{EXPLICIT_LITTLE_ENDIAN, family, frame_syntax, to_little_endian};
use super::{AcceptQuery, lookup};
use crate::source::{EncodedFrame, InstanceRef, Source, SourceError};

const OCTETS: &str = "application/octet-stream";
/// Most frames one request may name.
const MAX_LISTED: usize = 4096;

/// Path of a frames request.
#[derive(Deserialize)]
pub(super) struct FramesPath {
    study: String,
    series: String,
    instance: String,
    frames: String,
}

/// How a frame is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    multipart: bool,
    /// Type of the frame, without parameters.
    media: &'static str,
    /// Decoded to little endian samples, or as stored.
    decoded: bool,
    /// Of those as stored, native ones in fewer bytes.
    smaller: Option<Smaller>,
}

/// `/studies/{study}/series/{series}/instances/{instance}/frames/{frames}`.
pub(super) async fn frames(
    visitor: Visitor,
    Extension(services): Extension<Arc<Services>>,
    Path(path): Path<FramesPath>,
    Query(query): Query<AcceptQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&path.study)?;
    let numbers = frame_numbers(&path.frames)?;
    let accept = Accept::of(&headers, query.accept.as_deref());
    let at = InstanceRef { study: path.study, series: path.series, instance: path.instance };
    let (source, login) = (visitor.0.source, visitor.0.login);
    let (first, rest) = numbers.split_first().ok_or(Refusal::NotFound)?;
    let room = services.traffic.room(&login).await;
    let first = source.frame(&at, *first).await?;
    let choice = choose(&accept, &first.transfer_syntax_uid, numbers.len() == 1)?;
    let format = match needs_decoding(choice, &first) {
        true => Some(Arc::new(lookup::image(&*source, &at).await?.format()?.clone())),
        false => None,
    };
    let sender = Sender { services, source, login, at, choice, format };
    let (content_type, bytes) = sender.encode(first, room).await?;
    if choice.multipart && rest.is_empty() {
        return Ok(multipart::respond_whole(choice.media, content_type, bytes));
    }
    let first = Part::whole(content_type, None, bytes);
    if !choice.multipart {
        return Ok(single(first));
    }
    let rest = stream::iter(rest.to_vec()).then(move |frame| {
        let sender = sender.clone();
        async move { sender.fetch(frame).await }
    });
    Ok(multipart::respond(choice.media, stream::once(async { Ok(first) }).chain(rest)))
}

fn needs_decoding(choice: Choice, frame: &EncodedFrame) -> bool {
    choice.decoded && frame_syntax(&frame.transfer_syntax_uid) != EXPLICIT_LITTLE_ENDIAN
}

/// `1,2,5` → numbers; anything else is refused with words.
fn frame_numbers(list: &str) -> Result<Vec<u32>, Refusal> {
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    let numbers: Option<Vec<u32>> = list.split(',').map(number).take(MAX_LISTED + 1).collect();
    match numbers {
        Some(numbers) if numbers.len() <= MAX_LISTED => Ok(numbers),
        Some(_) => Err(Refusal::BadRequest(format!("More than {MAX_LISTED} frames in one list."))),
        None => {
            let text = "Frames are a list of numbers from 1, separated by commas.";
            Err(Refusal::BadRequest(text.to_owned()))
        }
    }
}

/// The best accepted way to send frames stored in this syntax.
fn choose(accept: &Accept, stored: &str, one_frame: bool) -> Result<Choice, Refusal> {
    let found = accept.ranges().find_map(|range| choose_by(range, stored, one_frame));
    let smaller = Smaller::wanted(accept);
    found.map(|choice| Choice { smaller, ..choice }).ok_or_else(|| {
        let own = media_type(stored).map(|own| format!(", or {own}")).unwrap_or_default();
        Refusal::NotAcceptable(format!(
            "Frames are delivered as multipart/related; type=\"{OCTETS}\" with transfer-syntax=* \
             (as stored: {stored}) or {EXPLICIT_LITTLE_ENDIAN} (decoded){own}; a single frame also \
             without multipart."
        ))
    })
}

fn choose_by(range: &MediaRange, stored: &str, one_frame: bool) -> Option<Choice> {
    let types = [Some(OCTETS), media_type(stored)];
    types.into_iter().flatten().find_map(|media| {
        let multipart = range.covers_related(media);
        let single = one_frame && range.covers(media);
        if !(multipart || single) {
            return None;
        }
        let decoded = match (media, range.transfer_syntax.as_deref()) {
            (_, Some("*")) => false,
            (_, Some(uid)) if uid == frame_syntax(stored) => false,
            (OCTETS, None | Some(EXPLICIT_LITTLE_ENDIAN)) => true,
            (OCTETS, Some(_)) | (_, Some(_)) => return None,
            (_, None) => false,
        };
        Some(Choice { multipart, media, decoded, smaller: None })
    })
}

/// Media type of the codestreams of a transfer syntax (PS3.18 8.7.3.3).
fn media_type(uid: &str) -> Option<&'static str> {
    match family(uid)? {
        Family::Jpeg => Some("image/jpeg"),
        Family::JpegLs => Some("image/jls"),
        Family::Jpeg2000 => Some("image/jp2"),
        Family::Htj2k => Some("image/jphc"),
        Family::JpegXl => Some("image/jxl"),
        Family::Rle => Some("image/dicom-rle"),
        _ => None,
    }
}

fn single(part: Part) -> Response {
    let mut response = axum::body::Body::from_stream(part.body).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&part.content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(length) = part.length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// Fetches and encodes frames one after the other.
#[derive(Clone)]
struct Sender {
    services: Arc<Services>,
    source: Arc<dyn Source>,
    login: Arc<str>,
    at: InstanceRef,
    choice: Choice,
    /// Of the image, where frames are to be decoded.
    format: Option<Arc<ImageFormat>>,
}

impl Sender {
    async fn fetch(&self, frame: u32) -> Result<Part, SourceError> {
        let room = self.services.traffic.room(&self.login).await;
        let encoded = self.source.frame(&self.at, frame).await?;
        let (content_type, bytes) =
            self.encode(encoded, room).await.map_err(|refusal| match refusal {
                Refusal::Source(error) => error,
                other => SourceError::Corrupt(format!("frame not decoded: {other:?}")),
            })?;
        Ok(Part::whole(content_type, None, bytes))
    }

    /// Content type and bytes of a frame.
    async fn encode(&self, frame: EncodedFrame, room: Room) -> Result<(String, Bytes), Refusal> {
        let (syntax, bytes) = match &self.format {
            Some(format) => {
                let format = Arc::clone(format);
                let work = move || to_little_endian(frame, &format);
                (EXPLICIT_LITTLE_ENDIAN.to_owned(), self.services.work(work).await?)
            }
            None => {
                let frame = match self.choice.smaller {
                    Some(way) => smaller(way, &self.services, &*self.source, &self.at, frame).await,
                    None => frame,
                };
                (frame_syntax(&frame.transfer_syntax_uid).to_owned(), frame.bytes)
            }
        };
        let bytes = room.hold(bytes).await;
        Ok((format!("{}; transfer-syntax={syntax}", self.choice.media), bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";

    fn choice(accept: &str, stored: &str, one_frame: bool) -> Option<(bool, &'static str, bool)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        let accept = Accept::of(&headers, None);
        choose(&accept, stored, one_frame).ok().map(|c| (c.multipart, c.media, c.decoded))
    }

    #[test]
    fn the_stored_encoding_is_sent_where_any_syntax_is_accepted() {
        let any = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;
        assert_eq!(choice(any, JPEG_LS, false), Some((true, OCTETS, false)));
        let named = r#"multipart/related; type="image/jls""#;
        assert_eq!(choice(named, JPEG_LS, false), Some((true, "image/jls", false)));
        assert_eq!(choice(named, EXPLICIT_LITTLE_ENDIAN, false), None);
    }

    #[test]
    fn otherwise_frames_are_decoded() {
        assert_eq!(choice("*/*", JPEG_LS, false), Some((true, OCTETS, true)));
        let little =
            "multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1";
        assert_eq!(choice(little, JPEG_LS, false), Some((true, OCTETS, true)));
        let other = "multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.90";
        assert_eq!(choice(other, JPEG_LS, false), None);
    }

    #[test]
    fn one_frame_may_go_without_multipart() {
        assert_eq!(choice(OCTETS, JPEG_LS, true), Some((false, OCTETS, true)));
        assert_eq!(choice(OCTETS, JPEG_LS, false), None);
        assert_eq!(choice("image/jls", JPEG_LS, true), Some((false, "image/jls", false)));
        assert_eq!(choice("text/html", JPEG_LS, true), None);
    }

    #[test]
    fn frame_lists() {
        assert_eq!(frame_numbers("1,2,5").unwrap(), [1, 2, 5]);
        for wrong in ["", "0", "1,,2", "-1", "1-3", "a", "99999999999"] {
            assert!(frame_numbers(wrong).is_err(), "{wrong}");
        }
    }
}
