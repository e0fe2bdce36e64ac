//! One video stream, read by ranges: which bytes are needed to know a frame, and which to decode it.

use core::ops::Range;

use super::super::DecodeError;
use super::annexb::{AnnexB, Found};
use super::bits::Bits;
use super::codec_string::{avc_codec, hevc_codec};
use super::mp4::Mp4;
use super::transport::Packets;
use super::units::{Unit, Units};
use super::{Coding, Rotation, VIDEO, VideoHeader};

/// Read at a time while looking for pictures.
const PIECE: u64 = 256 * 1024;

/// A video stream of known length, of which only what is asked for is read.
///
/// Ask [`Self::wanted`] until it wants nothing, giving the bytes to [`Self::read`]; then
/// [`Self::start_of`] says where to begin decoding, and [`Self::unit`] and [`Self::access_unit`] what
/// to decode.
pub struct VideoStream {
    length: u64,
    coding: Coding,
    container: Container,
    units: Units,
    header: Option<VideoHeader>,
    is_whole: bool,
}

enum Container {
    Unknown,
    Mp4(Mp4),
    Bytes(Box<Bytes>),
}

/// NAL units, bare or in transport packets.
struct Bytes {
    stream: AnnexB,
    packets: Option<Packets>,
    /// How far the stream was read.
    position: u64,
    /// With packets: byte of the elementary stream → packet, from the first that is still needed on.
    places: Vec<(u64, u64)>,
    elementary: u64,
}

/// Where a frame is among the units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The unit at which decoding begins.
    pub first: u32,
    /// The unit that is the frame.
    pub own: u32,
}

impl VideoStream {
    /// A stream of `length` bytes; `coding` is what the transfer syntax says, and counts where the
    /// container does not say itself.
    #[must_use]
    pub fn new(length: u64, coding: Coding) -> Self {
        let units = Units::default();
        Self { length, coding, container: Container::Unknown, units, header: None, is_whole: false }
    }

    /// The bytes to read next before a frame (from 0) is known; `None` where it is, or where the
    /// stream has been read and has no such frame.
    #[must_use]
    pub fn wanted(&self, frame: u32) -> Option<Range<u64>> {
        let is_known = frame < self.units.frames() && self.header.is_some();
        self.next_bytes().filter(|_| !is_known)
    }

    /// As [`Self::wanted`], for a unit and the frame it is.
    #[must_use]
    pub fn wanted_for_unit(&self, unit: u32) -> Option<Range<u64>> {
        let is_known = self.units.get(unit).is_some_and(|unit| unit.frame.is_some());
        self.next_bytes().filter(|_| !is_known)
    }

    fn next_bytes(&self) -> Option<Range<u64>> {
        let from = |start: u64| start..self.length.min(start.saturating_add(PIECE));
        match &self.container {
            _ if self.is_whole => None,
            Container::Unknown => Some(from(0)),
            Container::Mp4(mp4) => Some(mp4.wanted(self.length)),
            Container::Bytes(bytes) => Some(from(bytes.position)),
        }
    }

    /// Takes the bytes that were wanted, all of them.
    ///
    /// # Errors
    /// [`DecodeError`] where they are no video that can be read. The stream is of no use then.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        if let Container::Unknown = self.container {
            self.container = self.recognise(bytes)?;
        }
        match &mut self.container {
            Container::Unknown => {}
            Container::Mp4(mp4) => {
                self.header = mp4.read(bytes, self.length, &mut self.units)?;
                self.is_whole = mp4.is_read;
            }
            Container::Bytes(parts) => {
                self.is_whole = parts.read(bytes, self.length, &mut self.units)?;
                if self.header.is_none() {
                    self.header = parts.header(self.coding);
                }
            }
        }
        if self.is_whole && (self.header.is_none() || self.units.frames() == 0) {
            return Err(DecodeError::corrupt(VIDEO, "no picture in the stream"));
        }
        Ok(())
    }

    fn recognise(&self, start: &[u8]) -> Result<Container, DecodeError> {
        if Mp4::sniff(start) {
            return Ok(Container::Mp4(Mp4::default()));
        }
        let packets = Packets::sniff(start);
        if packets.is_none() && !start.windows(3).take(1024).any(|bytes| bytes == [0, 0, 1]) {
            return Err(DecodeError::corrupt(VIDEO, "neither MP4, transport nor byte stream"));
        }
        let stream = AnnexB::new(self.coding);
        let (position, places, elementary) = (0, Vec::new(), 0);
        Ok(Container::Bytes(Box::new(Bytes { stream, packets, position, places, elementary })))
    }

    /// What a decoder must know, once something was read.
    #[must_use]
    pub fn header(&self) -> Option<&VideoHeader> {
        self.header.as_ref()
    }

    /// How many frames the stream has, once that is known.
    #[must_use]
    pub fn frames(&self) -> Option<u32> {
        self.is_whole.then(|| self.units.frames())
    }

    /// Where to begin decoding for a frame (from 0).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] where the stream has no such frame, [`DecodeError::Corrupt`] where
    /// decoding can begin nowhere before it.
    pub fn start_of(&self, frame: u32) -> Result<Start, DecodeError> {
        let missing = DecodeError::Truncated { codec: VIDEO, at: "frames of the stream" };
        let own = self.units.of_frame(frame).ok_or(missing)?;
        let first = self.sync_before(own.saturating_add(1), frame);
        let none = || DecodeError::corrupt(VIDEO, "no picture from which decoding can begin");
        Ok(Start { first: first.ok_or_else(none)?, own })
    }

    /// The last unit before `below` from which a frame can be decoded.
    #[must_use]
    pub fn sync_before(&self, below: u32, frame: u32) -> Option<u32> {
        self.units.sync_before(below, frame)
    }

    /// A unit by its place in the order of decoding.
    #[must_use]
    pub fn unit(&self, index: u32) -> Option<&Unit> {
        self.units.get(index)
    }

    /// Units known so far.
    #[must_use]
    pub fn unit_count(&self) -> u32 {
        self.units.count()
    }

    /// The access unit in the bytes that its [`Unit::bytes`] name.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] where bytes are missing.
    pub fn access_unit(&self, unit: &Unit, bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let packets = match &self.container {
            Container::Bytes(parts) => parts.packets,
            _ => None,
        };
        let mut content = Vec::new();
        match packets.map(Packets::elsewhere) {
            None => content.extend_from_slice(bytes),
            Some(mut packets) => {
                for packet in bytes.chunks_exact(packets.packet_bytes()) {
                    content.extend(packets.payload(packet)?.unwrap_or_default());
                }
            }
        }
        let end = unit.skip.saturating_add(unit.length);
        let range = usize::try_from(unit.skip).ok().zip(usize::try_from(end).ok());
        let found = range.and_then(|(start, end)| content.get(start..end));
        let truncated = DecodeError::Truncated { codec: VIDEO, at: "access unit" };
        found.map(<[u8]>::to_vec).ok_or(truncated)
    }
}

impl Bytes {
    /// Takes the next bytes; whether they were the last.
    fn read(&mut self, bytes: &[u8], length: u64, units: &mut Units) -> Result<bool, DecodeError> {
        let whole = match self.packets {
            None => {
                let Self { stream, position, .. } = self;
                *position += bytes.len() as u64;
                stream.read(bytes, |found| take(found, units, |start, end| (start..end, 0)))?;
                *position >= length
            }
            Some(packets) => {
                let size = packets.packet_bytes();
                for packet in bytes.chunks_exact(size) {
                    self.packet(packet, units)?;
                }
                length.saturating_sub(self.position) < size as u64
            }
        };
        if whole {
            let Self { stream, places, packets, .. } = self;
            let size = packets.map_or(0, Packets::packet_bytes);
            stream
                .finish(|found| take(found, units, |start, end| place(places, size, start, end)))?;
        }
        Ok(whole)
    }

    fn packet(&mut self, packet: &[u8], units: &mut Units) -> Result<(), DecodeError> {
        let Self { stream, packets: Some(packets), position, places, elementary } = self else {
            return Ok(());
        };
        let payload = packets.payload(packet)?;
        if let Some(payload) = payload {
            places.push((*elementary, *position));
            *elementary += payload.len() as u64;
            let size = packets.packet_bytes();
            stream.read(payload, |found| {
                take(found, units, |start, end| place(places, size, start, end))
            })?;
        }
        *position += packet.len() as u64;
        Ok(())
    }

    fn header(&self, coding: Coding) -> Option<VideoHeader> {
        let size = self.stream.size?;
        let parameters = Bits::of_nal(&self.stream.parameters);
        let codec = match coding {
            Coding::Avc => avc_codec(parameters.bytes().get(1..4)?),
            Coding::Hevc => hevc_codec("hev1", parameters.bytes().get(3..15)?),
        };
        Some(VideoHeader {
            codec: codec?,
            description: Vec::new(),
            columns: size.columns,
            rows: size.rows,
            colour: size.colour,
            rotation: Rotation::None,
        })
    }
}

fn take(
    found: Found,
    units: &mut Units,
    place: impl FnOnce(u64, u64) -> (Range<u64>, u64),
) -> Result<(), DecodeError> {
    match found {
        Found::Frame(unit) => units.show(unit),
        Found::Unit { start, end, is_sync } => {
            let (bytes, skip) = place(start, end);
            units.push(Unit { bytes, skip, length: end - start, frame: None, is_sync })
        }
    }
}

/// The packets that hold bytes of the elementary stream, and how many bytes of their payload come
/// before. Packets before `end` are not needed any more.
fn place(places: &mut Vec<(u64, u64)>, size: usize, start: u64, end: u64) -> (Range<u64>, u64) {
    if size == 0 {
        return (start..end, 0);
    }
    let holding = |offset: u64| places.partition_point(|(first, _)| *first <= offset).max(1) - 1;
    let (from, to) = (holding(start), holding(end.saturating_sub(1)));
    let packet = |index: usize| places.get(index).copied().unwrap_or_default();
    let (first, last) = (packet(from), packet(to));
    let bytes = first.1..last.1 + size as u64;
    places.drain(..to.min(places.len()));
    (bytes, start - first.0)
}
