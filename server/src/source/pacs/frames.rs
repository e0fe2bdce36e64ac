//! Frames of a PACS: asked for as stored, checked against what they are.

use bytes::Bytes;
use reqwest::Url;
use viewer_core::base::multipart::{MediaType, parse_multipart};
use viewer_core::exam::{Content, ExamSummary, ImageFormat, Instance};

use super::Pacs;
use super::frame_check::{Claim, checked};
use super::metadata::object_path;
use crate::source::{EncodedFrame, InstanceRef, Source, SourceError};

/// The stored encoding, whatever it is: the one form that every PACS we know takes.
const AS_STORED: &str = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;
/// For a PACS that fails on the former because it does not know the encoding. It may decode.
const ANY: &str = r#"multipart/related; type="application/octet-stream""#;
/// Parts looked at in one answer; one frame was asked for.
const MAX_PARTS: usize = 2;

impl Pacs {
    pub(super) async fn fetch_frame(
        &self,
        at: &InstanceRef,
        frame: u32,
    ) -> Result<EncodedFrame, SourceError> {
        let (format, frames) = self.image(at).await?;
        if frame == 0 || frame > frames {
            return Err(SourceError::NotFound);
        }
        let path = object_path(&at.scope()).ok_or(SourceError::NotFound)?;
        let url = self.client.url(&format!("{path}/frames/{frame}"), &[]);
        if self.refuses_any_syntax.get(&at.series).is_none() {
            match self.request(&url, AS_STORED, &format, false).await {
                Err(Failed::Status(status)) if is_about_the_syntax(status) => {}
                other => return other.map_err(SourceError::from),
            }
        }
        let frame = self.request(&url, ANY, &format, true).await?;
        self.refuses_any_syntax.insert(at.series.clone(), ());
        Ok(frame)
    }

    /// How an image is stored and how many frames it has. An image does not change, so a summary that is
    /// due for renewal still tells: scrolling never waits for it.
    async fn image(&self, at: &InstanceRef) -> Result<(ImageFormat, u32), SourceError> {
        let kept = self.summaries.at_hand(&at.study);
        if let Some(found) = kept.and_then(|summary| image_in(&summary, at)) {
            return Ok(found);
        }
        // The first picture does not wait for the other series.
        if let Some(found) = self.image_of_beginning(at).await? {
            return Ok(found);
        }
        let summary = self.summary(&at.study).await?;
        image_in(&summary, at).ok_or(SourceError::NotFound)
    }

    /// Of the series that [`Source::beginning`] shows, where the exam as a whole is not known yet.
    async fn image_of_beginning(
        &self,
        at: &InstanceRef,
    ) -> Result<Option<(ImageFormat, u32)>, SourceError> {
        let first = self.first_series(&at.study).await?;
        let is_it = |instance: &&Instance| {
            instance.series.series_instance_uid == at.series
                && instance.sop_instance_uid == at.instance
        };
        let found = first.as_deref().and_then(|instances| instances.iter().find(is_it));
        Ok(found.and_then(|instance| match &instance.content {
            Content::Image(content) => Some((content.format.clone(), content.image.frames)),
            Content::Unsupported { .. } => None,
        }))
    }

    async fn request(
        &self,
        url: &Url,
        accept: &str,
        format: &ImageFormat,
        maybe_decoded: bool,
    ) -> Result<EncodedFrame, Failed> {
        let answer = self.client.get(url, accept).await.map_err(Failed::Other)?;
        let status = answer.status().as_u16();
        if !answer.status().is_success() {
            return Err(Failed::Status(status));
        }
        let content_type = answer.content_type();
        let body = answer.bytes(self.max_object_bytes).await.map_err(Failed::Other)?;
        let (label, bytes) = only_part(&content_type, body).map_err(Failed::Other)?;
        let announced = Some(format.transfer_syntax_uid.as_str()).filter(|uid| !uid.is_empty());
        let claim = Claim { label: label.as_deref(), announced, format, maybe_decoded };
        checked(&bytes, &claim).map_err(Failed::Other)
    }
}

fn image_in(summary: &ExamSummary, at: &InstanceRef) -> Option<(ImageFormat, u32)> {
    let stacks = summary.series.iter().filter(|series| series.series_instance_uid == at.series);
    stacks.into_iter().find_map(|series| {
        let image = series.images.iter().find(|image| image.sop_instance_uid == at.instance)?;
        Some((series.formats.get(usize::from(image.format))?.clone(), image.frames))
    })
}

/// Why a request brought no frame.
enum Failed {
    Status(u16),
    Other(SourceError),
}

impl From<Failed> for SourceError {
    fn from(failed: Failed) -> Self {
        match failed {
            // Orthanc answers 400 for a frame that does not exist; the number was checked before.
            Failed::Status(404 | 410) => Self::NotFound,
            Failed::Status(status) => Self::Unavailable(format!("the PACS answered {status}")),
            Failed::Other(error) => error,
        }
    }
}

/// Orthanc answers 500 for an encoding it does not know, others 400, 406 or 415.
fn is_about_the_syntax(status: u16) -> bool {
    matches!(status, 400 | 406 | 415 | 500 | 501)
}

/// The one part of an answer (or the body itself, for a PACS that sends no parts) with its transfer
/// syntax: the part's own word counts, then that of the whole.
fn only_part(content_type: &str, body: Bytes) -> Result<(Option<String>, Bytes), SourceError> {
    let outer = MediaType::parse(content_type);
    if !outer.is_multipart() {
        return Ok((outer.transfer_syntax(), body));
    }
    let parts = parse_multipart(&outer, &body, MAX_PARTS)
        .map_err(|error| SourceError::Unavailable(format!("answer of the PACS: {error}")))?;
    let [part] = parts.as_slice() else {
        return Err(SourceError::Unavailable("the PACS sent another number of frames".to_owned()));
    };
    let label = part.media_type().transfer_syntax().or_else(|| outer.transfer_syntax());
    Ok((label, body.slice_ref(part.body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_says_what_it_is() {
        let body = "--b\r\nContent-Type: image/jls; transfer-syntax=1.2.840.10008.1.2.4.80\r\n\r\nDATA\r\n--b--\r\n";
        let misquoted = r#"multipart/related; type="image/jls; transfer-syntax=1.2.3"; boundary=b"#;
        let (label, bytes) = only_part(misquoted, Bytes::from(body)).unwrap();
        assert_eq!((label.as_deref(), &*bytes), (Some("1.2.840.10008.1.2.4.80"), &b"DATA"[..]));
        let unlabelled = "--b\r\nContent-Type: image/jls\r\n\r\nDATA\r\n--b--\r\n";
        let (label, _) = only_part(misquoted, Bytes::from(unlabelled)).unwrap();
        assert_eq!(label.as_deref(), Some("1.2.3"));
    }

    #[test]
    fn a_body_that_is_cut_off_is_no_frame() {
        let body = "--b\r\nContent-Type: image/jls\r\n\r\nDATA";
        assert!(only_part("multipart/related; boundary=b", Bytes::from(body)).is_err());
        let two = "--b\r\n\r\nA\r\n--b\r\n\r\nB\r\n--b--\r\n";
        assert!(only_part("multipart/related; boundary=b", Bytes::from(two)).is_err());
    }
}
