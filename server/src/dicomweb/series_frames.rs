//! Frames of many instances of a series in one answer, for the viewer: one request for a stretch of a stack.
//!
//! PS3.18 has lists of frames of one instance only. This is the same answer (10.4.1.6, as stored) with a
//! part per named frame, in the order named, each with its length.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use futures::stream::{self, StreamExt};
use serde::Deserialize;

use super::accept::Accept;
use super::granted::Visitor;
use super::multipart::{self, Part};
use super::refusal::Refusal;
use super::services::Services;
use super::smaller::{Smaller, smaller};
use super::transcode::frame_syntax;
use crate::source::{InstanceRef, Source, SourceError, is_uid};

/// Type of every part, without its parameters.
const OCTETS: &str = "application/octet-stream";
/// Most frames one request may name.
const MAX_LISTED: usize = 64;
/// Frames fetched ahead of the one that is being sent.
const AHEAD: usize = 2;

/// `frames=instance/number,instance/number…`
#[derive(Deserialize)]
pub(super) struct List {
    frames: String,
}

/// `/studies/{study}/series/{series}/frames`.
pub(super) async fn frames(
    visitor: Visitor,
    Extension(services): Extension<Arc<Services>>,
    Path((study, series)): Path<(String, String)>,
    Query(List { frames }): Query<List>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    visitor.may_see(&study)?;
    let smaller = Smaller::wanted(&Accept::of(&headers, None));
    let mut wanted = named(&frames)?.into_iter().map(move |(instance, frame)| {
        (InstanceRef { study: study.clone(), series: series.clone(), instance }, frame)
    });
    let (source, login) = (visitor.0.source, visitor.0.login);
    let sender = Arc::new(Sender { services, source, login, smaller });
    // What the first one is refused for is the answer's status; later ones cut it short.
    let (at, frame) = wanted.next().ok_or(Refusal::NotFound)?;
    let first = sender.fetch(&at, frame).await?;
    let rest = stream::iter(wanted).map(move |(at, frame)| {
        let sender = Arc::clone(&sender);
        async move { sender.fetch(&at, frame).await }
    });
    let parts = stream::once(async { Ok(first) }).chain(rest.buffered(AHEAD));
    Ok(multipart::respond(OCTETS, parts))
}

/// Instances and frame numbers; anything else is refused with words.
fn named(list: &str) -> Result<Vec<(String, u32)>, Refusal> {
    let one = |text: &str| {
        let (instance, number) = text.split_once('/')?;
        let number = number.parse::<u32>().ok().filter(|number| *number > 0)?;
        is_uid(instance).then(|| (instance.to_owned(), number))
    };
    let named: Option<Vec<_>> = list.split(',').map(one).take(MAX_LISTED + 1).collect();
    named.filter(|named| named.len() <= MAX_LISTED).ok_or_else(|| {
        let text = format!("At most {MAX_LISTED} frames as instance/number, separated by commas.");
        Refusal::BadRequest(text)
    })
}

struct Sender {
    services: Arc<Services>,
    source: Arc<dyn Source>,
    login: Arc<str>,
    /// Native frames in fewer bytes.
    smaller: Option<Smaller>,
}

impl Sender {
    async fn fetch(&self, at: &InstanceRef, frame: u32) -> Result<Part, SourceError> {
        let room = self.services.traffic.room(&self.login).await;
        let mut encoded = self.source.frame(at, frame).await?;
        if let Some(way) = self.smaller {
            encoded = smaller(way, &self.services, &*self.source, at, encoded).await;
        }
        let syntax = frame_syntax(&encoded.transfer_syntax_uid);
        let content_type = format!("{OCTETS}; transfer-syntax={syntax}");
        Ok(Part::whole(content_type, None, room.hold(encoded.bytes).await))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_name_instances_and_numbers() {
        let expected = vec![("1.2".to_owned(), 1), ("1.3".to_owned(), 12)];
        assert_eq!(named("1.2/1,1.3/12").unwrap(), expected);
        let many = vec!["1.2/1"; MAX_LISTED + 1].join(",");
        for wrong in ["", "1.2", "1.2/0", "1.2/-1", "/1", "1.2/1,", "1.2/1/1", "a/1", &many] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
        assert_eq!(named(&many[6..]).unwrap().len(), MAX_LISTED);
    }
}
