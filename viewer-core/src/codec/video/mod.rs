//! Video streams (PS3.5 8.2.5 to 8.2.11): taken apart here, decoded by the browser.
//!
//! A DICOM video is one stream for all of its frames: an MP4 file, an MPEG-2 transport stream or a bare
//! byte stream of H.264 or H.265. [`VideoStream`] finds its pictures and counts them in the order in
//! which they are shown: by the times in an MP4 file, else by the picture order counts of the stream
//! itself. Each picture then goes to the decoder under its number and comes back under it, so that a
//! frame is found by counting, never by a clock.
//!
//! [`Planes`] converts what comes back with the colour matrix and range that the stream states: its
//! word counts more than the data set's (PS3.5 8.2.7).

mod annexb;
mod avc;
mod bits;
mod codec_string;
mod colour;
mod hevc;
mod mp4;
mod picture;
mod samples;
mod stream;
mod track;
mod transport;
mod turn;
mod units;

pub use colour::{Colour, Plane, PlaneFormat, Planes};
pub use stream::{Start, VideoStream};
pub use turn::{Rotation, turned};
pub use units::Unit;

use super::{DecodeError, transfer_syntax};
use crate::exam::UNKNOWN_TRANSFER_SYNTAX;

/// Name in error messages.
const VIDEO: &str = "video";

/// A coding that browsers may be able to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// ISO/IEC 14496-10, ITU-T H.264.
    Avc,
    /// ISO/IEC 23008-2, ITU-T H.265.
    Hevc,
}

impl Coding {
    /// What a transfer syntax says.
    ///
    /// # Errors
    /// [`DecodeError::Unsupported`] for MPEG-2, which no browser decodes, and for anything else.
    pub fn of_transfer_syntax(uid: &str) -> Result<Self, DecodeError> {
        let row = transfer_syntax(uid);
        let name = row.map_or(UNKNOWN_TRANSFER_SYNTAX, |row| row.name);
        match row.map_or("", |row| row.uid).strip_prefix("1.2.840.10008.1.2.4.10") {
            Some(rest) if rest.starts_with(['2', '3', '4', '5', '6']) => Ok(Self::Avc),
            Some("7" | "8") => Ok(Self::Hevc),
            _ => Err(DecodeError::Unsupported { name: name.to_owned(), uid: uid.to_owned() }),
        }
    }

    /// Whether an access unit, as [`VideoStream::access_unit`] gives it, begins a sequence: an IDR
    /// picture of H.264, a random access point of H.265. `length_bytes` is the size of the lengths
    /// before its NAL units; 0: start codes. Tables of a container may claim more than a decoder takes.
    #[must_use]
    pub fn is_sync(self, access_unit: &[u8], length_bytes: usize) -> bool {
        let is_start = |header: u8| match self {
            Self::Avc => header & 31 == 5,
            Self::Hevc => (16..=23).contains(&(header >> 1 & 63)),
        };
        if length_bytes > 0 {
            return nal_headers(access_unit, length_bytes).any(is_start);
        }
        access_unit.windows(4).any(|bytes| bytes.starts_with(&[0, 0, 1]) && is_start(bytes[3]))
    }
}

/// The first byte of each NAL unit behind its length, as far as the lengths hold.
fn nal_headers(mut rest: &[u8], length_bytes: usize) -> impl Iterator<Item = u8> {
    core::iter::from_fn(move || {
        let (length, nal) = rest.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        rest = nal.get(length..).unwrap_or_default();
        nal.first().copied()
    })
}

/// What a decoder must know of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoHeader {
    /// Name of the coding with profile and level (RFC 6381), e.g. `avc1.640029`.
    pub codec: String,
    /// Decoder configuration of an MP4 file; empty where the stream carries its own.
    pub description: Vec<u8>,
    /// Columns of a picture, before it is turned.
    pub columns: u32,
    /// Rows of a picture, before it is turned.
    pub rows: u32,
    /// Matrix and range, where the stream says (of H.265 in a byte stream the decoder knows).
    pub colour: Option<Colour>,
    /// How a picture is to be turned.
    pub rotation: Rotation,
}

impl VideoHeader {
    /// Which coding it is.
    #[must_use]
    pub fn coding(&self) -> Coding {
        if self.codec.starts_with("avc") { Coding::Avc } else { Coding::Hevc }
    }

    /// Bytes of the length before each NAL unit; 0 where there are start codes instead
    /// (14496-15 5.3.3.1.2, 8.3.3.1.2).
    #[must_use]
    pub fn length_bytes(&self) -> usize {
        let at = match self.coding() {
            Coding::Avc => 4,
            Coding::Hevc => 21,
        };
        self.description.get(at).map_or(0, |byte| usize::from(byte & 3) + 1)
    }
}
