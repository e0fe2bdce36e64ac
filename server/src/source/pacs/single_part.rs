//! Takes the one part out of a `multipart/related` body while it streams, so that an instance of any size
//! passes through without being collected.

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use viewer_core::base::multipart::MediaType;

use crate::source::SourceError;

/// Longest headers of the part.
const MAX_HEAD_BYTES: usize = 16 * 1024;

type Body = BoxStream<'static, Result<Bytes, SourceError>>;

/// A part: its Content-Type and its body.
pub(super) struct SinglePart {
    pub media_type: MediaType,
    pub body: Body,
}

/// Reads the head of the first part; its body ends at the next delimiter. A body that ends before one is
/// an error at its end.
pub(super) async fn first_part(
    content_type: &MediaType,
    mut body: Body,
) -> Result<SinglePart, SourceError> {
    let boundary = content_type.parameter("boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or_else(|| broken("no boundary"))?;
    let mut buffer = BytesMut::new();
    let head_end = loop {
        if let Some(end) = find(&buffer, b"\r\n\r\n") {
            break end;
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Err(broken("endless part headers"));
        }
        buffer.extend_from_slice(&body.next().await.ok_or_else(|| broken("no part"))??);
    };
    let head = buffer.split_to(head_end + 4);
    let head = String::from_utf8_lossy(&head);
    if !head.trim_start().starts_with(&format!("--{boundary}")) {
        return Err(broken("no delimiter"));
    }
    let media_type = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-type").then(|| MediaType::parse(value))
    });
    let rest =
        Rest { body, buffer, delimiter: format!("\r\n--{boundary}").into_bytes(), done: false };
    let body = stream::unfold(rest, |mut rest| async move {
        let next = rest.next().await?;
        Some((next, rest))
    });
    Ok(SinglePart { media_type: media_type.unwrap_or_default(), body: body.boxed() })
}

fn broken(what: &str) -> SourceError {
    SourceError::Unavailable(format!("multipart answer of the PACS: {what}"))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// What follows the head of the part.
struct Rest {
    body: Body,
    /// Received, not yet passed on: may hold the beginning of the delimiter.
    buffer: BytesMut,
    delimiter: Vec<u8>,
    done: bool,
}

impl Rest {
    async fn next(&mut self) -> Option<Result<Bytes, SourceError>> {
        while !self.done {
            if let Some(end) = find(&self.buffer, &self.delimiter) {
                self.done = true;
                return (end > 0).then(|| Ok(self.buffer.split_to(end).freeze()));
            }
            let safe = self.buffer.len().saturating_sub(self.delimiter.len() - 1);
            if safe > 0 {
                return Some(Ok(self.buffer.split_to(safe).freeze()));
            }
            match self.body.next().await {
                Some(Ok(piece)) => self.buffer.extend_from_slice(&piece),
                Some(Err(error)) => return self.fail(error),
                None => return self.fail(broken("ends before its delimiter")),
            }
        }
        None
    }

    fn fail(&mut self, error: SourceError) -> Option<Result<Bytes, SourceError>> {
        self.done = true;
        Some(Err(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &[u8], piece: usize) -> Result<(String, Vec<u8>), SourceError> {
        let content_type = MediaType::parse("multipart/related; boundary=xyz");
        let pieces: Vec<_> = text.chunks(piece).map(|p| Ok(Bytes::copy_from_slice(p))).collect();
        let part = first_part(&content_type, stream::iter(pieces).boxed()).await?;
        let mut body = part.body;
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok((part.media_type.essence, bytes))
    }

    #[tokio::test]
    async fn the_part_comes_out_whole_wherever_it_is_cut() {
        let text =
            b"\r\n--xyz\r\nContent-Type: application/dicom\r\n\r\nA\r\n--xyB\r\n\r\n--xyz--\r\n";
        for piece in 1..text.len() {
            let (media, bytes) = read(text, piece).await.unwrap();
            assert_eq!(media, "application/dicom");
            assert_eq!(bytes, b"A\r\n--xyB\r\n", "pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn a_part_that_is_cut_off_ends_with_an_error() {
        let text = b"--xyz\r\nContent-Type: application/dicom\r\n\r\nABC\r\n--xy";
        assert!(read(text, 7).await.is_err());
        assert!(read(b"--xyz\r\n", 7).await.is_err());
        assert!(read(b"--abc\r\n\r\nABC\r\n--xyz--", 7).await.is_err());
    }
}
