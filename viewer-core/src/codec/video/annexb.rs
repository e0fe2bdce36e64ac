//! A byte stream of NAL units (H.264 and H.265 annex B) → access units in the order they are shown.
//! Taken in piece by piece; nothing but headers is kept.

use super::super::DecodeError;
use super::avc::AvcHeaders;
use super::hevc::HevcHeaders;
use super::picture::{CodedSize, NalKind, Picture};
use super::{Coding, VIDEO};

/// Most bytes of a NAL unit that are looked at: parameter sets and slice headers are short.
const HEAD_BYTES: usize = 4096;
/// Most pictures that wait to be shown (MaxDpbFrames, H.264 A.3.1, H.265 A.4.2).
const MOST_WAITING: usize = 16;

enum Headers {
    Avc(AvcHeaders),
    Hevc(HevcHeaders),
}

/// What was found in the bytes taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The next access unit: its bytes in the byte stream, and whether decoding may begin there.
    Unit { start: u64, end: u64, is_sync: bool },
    /// The unit of this number is the next frame.
    Frame(u32),
}

/// Takes what is found.
pub(super) trait Finder: FnMut(Found) -> Result<(), DecodeError> {}

impl<F: FnMut(Found) -> Result<(), DecodeError>> Finder for F {}

/// Takes a byte stream apart.
pub(super) struct AnnexB {
    headers: Headers,
    /// Offset of the next byte in the byte stream.
    position: u64,
    zeros: u64,
    /// Start code and first bytes of the NAL unit that is coming in.
    current: Option<(u64, Vec<u8>)>,
    /// Where what stands before the next picture begins.
    before: Option<u64>,
    /// The access unit that is coming in.
    open: Option<(u64, bool)>,
    /// Pictures not shown yet: order and unit.
    waiting: Vec<(i64, u32)>,
    last_shown: Option<i64>,
    opened: u32,
    pub(super) size: Option<CodedSize>,
    /// First sequence parameter set, from its header byte on.
    pub(super) parameters: Vec<u8>,
}

impl AnnexB {
    pub(super) fn new(coding: Coding) -> Self {
        let headers = match coding {
            Coding::Avc => Headers::Avc(AvcHeaders::default()),
            Coding::Hevc => Headers::Hevc(HevcHeaders::default()),
        };
        Self {
            headers,
            position: 0,
            zeros: 0,
            current: None,
            before: None,
            open: None,
            waiting: Vec::new(),
            last_shown: None,
            opened: 0,
            size: None,
            parameters: Vec::new(),
        }
    }

    /// Takes the next bytes; `found` gets what ends in them.
    pub(super) fn read(&mut self, bytes: &[u8], mut found: impl Finder) -> Result<(), DecodeError> {
        for &byte in bytes {
            self.position += 1;
            if byte == 1 && self.zeros >= 2 {
                let start = self.position - 1 - self.zeros.min(3);
                self.end_of_nal(&mut found)?;
                self.current = Some((start, Vec::new()));
            } else if let Some((_, head)) = &mut self.current
                && head.len() < HEAD_BYTES
            {
                head.push(byte);
            }
            self.zeros = if byte == 0 { self.zeros + 1 } else { 0 };
        }
        Ok(())
    }

    /// The stream ends: everything that waits is closed and shown.
    pub(super) fn finish(&mut self, mut found: impl Finder) -> Result<(), DecodeError> {
        self.end_of_nal(&mut found)?;
        self.close(self.position, &mut found)?;
        self.show_all(&mut found)
    }

    fn end_of_nal(&mut self, found: &mut impl Finder) -> Result<(), DecodeError> {
        let Some((start, head)) = self.current.take() else { return Ok(()) };
        let kind = match &mut self.headers {
            Headers::Avc(headers) => headers.read(&head),
            Headers::Hevc(headers) => headers.read(&head),
        };
        let unreadable = || DecodeError::corrupt(VIDEO, format!("NAL unit at byte {start}"));
        match kind.ok_or_else(unreadable)? {
            NalKind::Inside => self.before = None,
            NalKind::Before => self.before = self.before.or(Some(start)),
            NalKind::Parameters(size) => {
                self.before = self.before.or(Some(start));
                if let Some(size) = size {
                    self.sequence(size, head)?;
                }
            }
            NalKind::First(picture) => {
                let start = self.before.take().unwrap_or(start);
                self.close(start, found)?;
                self.open_unit(start, picture, found)?;
            }
        }
        Ok(())
    }

    fn sequence(&mut self, size: CodedSize, head: Vec<u8>) -> Result<(), DecodeError> {
        let first = *self.size.get_or_insert(size);
        if self.parameters.is_empty() {
            self.parameters = head;
        }
        if (first.columns, first.rows, first.colour) == (size.columns, size.rows, size.colour) {
            return Ok(());
        }
        Err(DecodeError::feature(VIDEO, "change of size or colour within the stream"))
    }

    fn close(&mut self, end: u64, found: &mut impl Finder) -> Result<(), DecodeError> {
        let open = self.open.take();
        open.map_or(Ok(()), |(start, is_sync)| found(Found::Unit { start, end, is_sync }))
    }

    fn open_unit(
        &mut self,
        start: u64,
        picture: Picture,
        found: &mut impl Finder,
    ) -> Result<(), DecodeError> {
        self.open = Some((start, picture.is_sync));
        let unit = self.opened;
        self.opened += 1;
        if picture.restarts_order {
            self.show_all(found)?;
            self.last_shown = None;
        }
        if picture.is_shown {
            self.waiting.push((picture.order, unit));
        }
        while self.waiting.len() > MOST_WAITING {
            self.show_first(found)?;
        }
        Ok(())
    }

    fn show_all(&mut self, found: &mut impl Finder) -> Result<(), DecodeError> {
        while !self.waiting.is_empty() {
            self.show_first(found)?;
        }
        Ok(())
    }

    fn show_first(&mut self, found: &mut impl Finder) -> Result<(), DecodeError> {
        let first = (0..self.waiting.len()).min_by_key(|&index| self.waiting[index].0);
        let Some(first) = first else { return Ok(()) };
        let (order, unit) = self.waiting.swap_remove(first);
        if self.last_shown.replace(order).is_some_and(|last| last >= order) {
            return Err(DecodeError::corrupt(
                VIDEO,
                "the order of the pictures contradicts itself",
            ));
        }
        found(Found::Frame(unit))
    }
}
