//! A `multipart/related` body (RFC 2046 5.1) taken apart while it arrives, so that each object can be used before the
//! next one has come. `start=` (RFC 2387 3.2) only says which part is first among them, and all are taken.

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use memchr::memmem::Finder;
use viewer_core::base::multipart::MediaType;

use super::client::Body;
use crate::source::SourceError;

/// Longest preamble, and longest headers of one part.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Longest boundary; RFC 2046 allows 70.
const MAX_BOUNDARY_BYTES: usize = 256;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A part begins.
    Begin,
    /// Some of its content.
    Piece(Bytes),
    /// It is complete.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Preamble,
    /// Behind a delimiter.
    Delimiter,
    Head,
    Content,
    Done,
}

/// The parts of a body.
pub(super) struct Parts {
    body: Body,
    /// Received and not passed on.
    buffer: BytesMut,
    /// Received behind that, and not looked at.
    pending: Option<Bytes>,
    delimiter: Finder<'static>,
    place: Place,
    /// Bytes that may still come.
    left: u64,
}

impl Parts {
    /// # Errors
    /// [`SourceError::Unavailable`] for a body that has no parts.
    pub(super) fn new(
        content_type: &MediaType,
        body: Body,
        limit: u64,
    ) -> Result<Self, SourceError> {
        let boundary = content_type.parameter("boundary").unwrap_or_default();
        if !content_type.is_multipart()
            || boundary.is_empty()
            || boundary.len() > MAX_BOUNDARY_BYTES
        {
            return Err(broken("no parts"));
        }
        Ok(Self {
            body,
            // The line end before the first delimiter, which may be missing.
            buffer: BytesMut::from(&b"\r\n"[..]),
            pending: None,
            delimiter: Finder::new(format!("\r\n--{boundary}").as_bytes()).into_owned(),
            place: Place::Preamble,
            left: limit,
        })
    }

    /// The next event, `None` behind the last part.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] for a body that is cut off or malformed, [`SourceError::TooLarge`].
    pub(super) async fn next(&mut self) -> Result<Option<Event>, SourceError> {
        loop {
            match self.place {
                Place::Preamble => self.skip_preamble().await?,
                Place::Delimiter => self.behind_delimiter().await?,
                Place::Head => {
                    self.skip_head().await?;
                    return Ok(Some(Event::Begin));
                }
                Place::Content => return self.content().await.map(Some),
                Place::Done => return Ok(None),
            }
        }
    }

    async fn skip_preamble(&mut self) -> Result<(), SourceError> {
        loop {
            if let Some(at) = self.delimiter.find(&self.buffer) {
                self.pass_delimiter(at);
                return Ok(());
            }
            self.within_head("no delimiter")?;
            self.more().await?;
        }
    }

    fn pass_delimiter(&mut self, at: usize) {
        drop(self.buffer.split_to(at + self.delimiter.needle().len()));
        self.place = Place::Delimiter;
    }

    /// `--` ends the body, a line end begins a part.
    async fn behind_delimiter(&mut self) -> Result<(), SourceError> {
        loop {
            if self.buffer.starts_with(b"--") {
                self.place = Place::Done;
                return Ok(());
            }
            let padding =
                self.buffer.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            match self.buffer.get(padding..).unwrap_or_default() {
                [b'\r', b'\n', ..] => {
                    // The line end stays: with the blank line of a part without headers it ends the headers.
                    drop(self.buffer.split_to(padding));
                    self.place = Place::Head;
                    return Ok(());
                }
                [] | [b'\r'] | [b'-'] => {
                    self.within_head("malformed delimiter")?;
                    self.more().await?;
                }
                _ => return Err(broken("malformed delimiter")),
            }
        }
    }

    async fn skip_head(&mut self) -> Result<(), SourceError> {
        let blank_line = Finder::new(b"\r\n\r\n");
        loop {
            if let Some(at) = blank_line.find(&self.buffer).filter(|at| *at <= MAX_HEAD_BYTES) {
                drop(self.buffer.split_to(at + 4));
                self.place = Place::Content;
                return Ok(());
            }
            self.within_head("endless headers of a part")?;
            self.more().await?;
        }
    }

    async fn content(&mut self) -> Result<Event, SourceError> {
        loop {
            match self.delimiter.find(&self.buffer) {
                Some(0) => {
                    self.pass_delimiter(0);
                    return Ok(Event::End);
                }
                Some(at) => return Ok(Event::Piece(self.buffer.split_to(at).freeze())),
                None => {}
            }
            // What could be the beginning of the delimiter stays.
            let safe = self.buffer.len().saturating_sub(self.delimiter.needle().len() - 1);
            if safe > 0 {
                return Ok(Event::Piece(self.buffer.split_to(safe).freeze()));
            }
            if let Some(piece) = self.untouched().await? {
                return Ok(Event::Piece(piece));
            }
        }
    }

    /// Content without a copy of it: what was kept, or the next piece but for its end, where no delimiter begins there. Else the piece is
    /// put behind what was kept.
    async fn untouched(&mut self) -> Result<Option<Bytes>, SourceError> {
        let mut piece = self.receive().await?;
        let most = self.delimiter.needle().len() - 1;
        if piece.len() <= most {
            self.buffer.extend_from_slice(&piece);
            return Ok(None);
        }
        if self.buffer.is_empty() && self.delimiter.find(&piece).is_none() {
            self.buffer.extend_from_slice(&piece.split_off(piece.len() - most));
            return Ok(Some(piece));
        }
        let seam = [&self.buffer[..], piece.get(..most).unwrap_or_default()].concat();
        if self.buffer.is_empty() || self.delimiter.find(&seam).is_some() {
            self.buffer.extend_from_slice(&piece);
            return Ok(None);
        }
        self.pending = Some(piece);
        Ok(Some(self.buffer.split().freeze()))
    }

    fn within_head(&self, what: &str) -> Result<(), SourceError> {
        if self.buffer.len() > MAX_HEAD_BYTES { Err(broken(what)) } else { Ok(()) }
    }

    async fn more(&mut self) -> Result<(), SourceError> {
        let piece = self.receive().await?;
        self.buffer.extend_from_slice(&piece);
        Ok(())
    }

    async fn receive(&mut self) -> Result<Bytes, SourceError> {
        if let Some(piece) = self.pending.take() {
            return Ok(piece);
        }
        let piece =
            self.body.next().await.ok_or_else(|| broken("ends before its last delimiter"))??;
        let left = self.left.checked_sub(piece.len() as u64);
        self.left = left.ok_or(SourceError::TooLarge("series"))?;
        Ok(piece)
    }
}

fn broken(what: &str) -> SourceError {
    SourceError::Unavailable(format!("multipart answer of the DRIMbox: {what}"))
}
