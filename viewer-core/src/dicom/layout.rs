//! Where each frame lies in a file, so that it can be served without reading the rest.

use std::io::{Cursor, Read, Seek, SeekFrom};

use dicom_dictionary_std::uids;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::encoding::EXPLICIT_VR_BIG_ENDIAN;
use super::file::{DataSetPlace, DicomFile, ReadError, inflate_all, read_part10};
use super::fragments::{Fragments, read_fragments};
use super::frame::{FrameRanges, native_frame};
use super::image_pixel::{PixelShape, is_beyond_us};
use super::instance::is_known_encapsulated;
use super::{frame_count, parse::ParseError};
use crate::base::limits::MAX_FRAME_BYTES;
use crate::exam::is_video;

/// A run of bytes, offsets from the start of the data set's stream of bytes ([`DataSetPlace`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteRange {
    /// First byte.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// Where the frames of one object are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelDataLayout {
    /// In which stream of bytes the offsets count.
    pub data_set: DataSetPlace,
    /// How they lie there.
    pub frames: FrameLayout,
}

/// How frames lie in their pixel data element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameLayout {
    /// One after the other (PS3.5 8.1.1, A.4 does not apply). Frames of 1-bit images may begin
    /// inside a byte.
    Native {
        /// The bytes that are really there.
        bytes: ByteRange,
        /// Bits of one frame.
        frame_bits: u64,
        /// Frames announced.
        frames: u32,
        /// Bytes of the units that are stored big endian; 1 where nothing is to be swapped.
        swap_bytes: u8,
    },
    /// The fragments of each frame in order (PS3.5 A.4). Frames that are announced but not there
    /// have no entry. A video has one entry: its stream.
    Encapsulated {
        /// Fragments, without item headers, by frame.
        frames: Vec<Vec<ByteRange>>,
    },
}

/// Why there is no layout, or no such frame.
#[derive(Debug, Error)]
pub enum LayoutError {
    /// The object has no pixel data (or the file ends before it).
    #[error("no pixel data")]
    NoPixelData,
    /// The attributes do not describe pixels.
    #[error("{0}")]
    Attributes(&'static str),
    /// Rows × columns × frames say something else than the length of the pixel data.
    #[error("the pixel data holds more than the frames announced")]
    TooMuchPixelData,
    /// Encapsulated pixel data in a transfer syntax that has none.
    #[error("encapsulated pixel data under a native transfer syntax")]
    UnexpectedEncapsulation,
    /// Native pixel data of another length under an encapsulated transfer syntax.
    #[error("native pixel data under an encapsulated transfer syntax")]
    MissingEncapsulation,
    /// Native pixel data in a private syntax, which may order its bytes as it likes.
    #[error("native pixel data in an unknown transfer syntax")]
    UnknownSyntax,
    /// Neither offset tables nor codestreams tell which fragments make which frame.
    #[error("{fragments} fragments cannot be assigned to {frames} frames")]
    UnassignableFragments {
        /// Fragments found.
        fragments: usize,
        /// Frames announced.
        frames: u32,
    },
    /// The frame is announced but not there, or not even announced.
    #[error("no frame {number}")]
    NoFrame {
        /// Counted from 1.
        number: u32,
    },
    /// The frame takes more bytes than allowed.
    #[error("frame too large")]
    TooLarge,
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl LayoutError {
    /// Whether the pixel data may be right, and is only beyond what is read here.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        match self {
            Self::Attributes(defect) => is_beyond_us(defect),
            Self::UnknownSyntax | Self::TooLarge => true,
            _ => false,
        }
    }
}

impl From<ParseError> for LayoutError {
    fn from(error: ParseError) -> Self {
        Self::Read(error.into())
    }
}

impl From<std::io::Error> for LayoutError {
    fn from(error: std::io::Error) -> Self {
        ParseError::Io(error).into()
    }
}

impl PixelDataLayout {
    /// Frames that are at least partly there.
    #[must_use]
    pub fn frame_count(&self) -> u32 {
        match &self.frames {
            FrameLayout::Encapsulated { frames } => u32::try_from(frames.len()).unwrap_or(u32::MAX),
            FrameLayout::Native { bytes, frame_bits, frames, .. } => {
                let there = bytes.length.saturating_mul(8).div_ceil((*frame_bits).max(1));
                u32::try_from(there).unwrap_or(u32::MAX).min(*frames)
            }
        }
    }

    /// Where frame `number`, counted from 1, is; `None` where it is not there.
    #[must_use]
    pub fn frame(&self, number: u32) -> Option<FrameRanges> {
        let index = number.checked_sub(1)?;
        match &self.frames {
            FrameLayout::Encapsulated { frames } => {
                let ranges = frames.get(index as usize)?.clone();
                Some(FrameRanges { ranges, native: None })
            }
            FrameLayout::Native { bytes, frame_bits, frames, swap_bytes } => {
                let is_announced = index < *frames;
                is_announced.then(|| native_frame(*bytes, index, *frame_bits, *swap_bytes))?
            }
        }
    }
}

impl PixelDataLayout {
    /// The transfer syntax that frames are delivered in: native ones as little endian samples, whatever the data set
    /// around them was written in.
    #[must_use]
    pub fn frame_syntax<'a>(&self, stated: &'a str) -> &'a str {
        match self.frames {
            FrameLayout::Native { .. } => uids::EXPLICIT_VR_LITTLE_ENDIAN,
            FrameLayout::Encapsulated { .. } => stated,
        }
    }

    /// Whether the bytes of frames are delivered as they lie: nothing is to be inflated, shifted or swapped.
    #[must_use]
    pub fn is_as_stored(&self) -> bool {
        let is_whole = match self.frames {
            FrameLayout::Native { frame_bits, swap_bytes, .. } => {
                frame_bits.is_multiple_of(8) && swap_bytes <= 1
            }
            FrameLayout::Encapsulated { .. } => true,
        };
        is_whole && self.data_set == DataSetPlace::File
    }

    /// Bytes of a whole frame, as it is delivered.
    #[must_use]
    pub fn delivered_bytes(&self, found: &FrameRanges) -> u64 {
        match self.frames {
            FrameLayout::Native { frame_bits, .. } => frame_bits.div_ceil(8),
            FrameLayout::Encapsulated { .. } => {
                found.ranges.iter().fold(0, |sum, range| sum.saturating_add(range.length))
            }
        }
    }
}

/// Reads where the frames of a DICOM file are.
///
/// # Errors
/// [`LayoutError`] where the file or its pixel data cannot be made sense of.
pub fn pixel_data_layout<R: Read + Seek>(mut reader: R) -> Result<PixelDataLayout, LayoutError> {
    let file = read_part10(&mut reader)?;
    layout_of(&file, reader)
}

/// As [`pixel_data_layout`], for a file that was read already.
///
/// # Errors
/// As [`pixel_data_layout`].
pub fn layout_of<R: Read + Seek>(
    file: &DicomFile,
    reader: R,
) -> Result<PixelDataLayout, LayoutError> {
    let element = file.pixel_data.ok_or(LayoutError::NoPixelData)?;
    let shape = PixelShape::read(&file.object, element.samples).map_err(LayoutError::Attributes)?;
    let frame_bits = shape.frame_bits();
    if frame_bits.div_ceil(8) > MAX_FRAME_BYTES {
        return Err(LayoutError::TooLarge);
    }
    let announced = frame_count(&file.object).map_err(LayoutError::Attributes)?;
    let frames = match element.length {
        Some(stated) => {
            let there = element.data_set_length.saturating_sub(element.value_offset);
            let bytes = ByteRange { offset: element.value_offset, length: stated.min(there) };
            check_length(bytes, stated, frame_bits, announced, &file.transfer_syntax_uid)?;
            let swap_bytes = shape.swap_bytes(&element);
            FrameLayout::Native { bytes, frame_bits, frames: announced, swap_bytes }
        }
        None => {
            if is_native(&file.transfer_syntax_uid) {
                return Err(LayoutError::UnexpectedEncapsulation);
            }
            let found = fragments_of(file, reader)?;
            let frames = if is_video(&file.transfer_syntax_uid) {
                found.joined()
            } else {
                found.by_frame(&file.object, announced)?
            };
            FrameLayout::Encapsulated { frames }
        }
    };
    Ok(PixelDataLayout { data_set: element.data_set, frames })
}

pub(super) fn fragments_of<R: Read + Seek>(
    file: &DicomFile,
    mut reader: R,
) -> Result<Fragments, LayoutError> {
    let element = file.pixel_data.ok_or(LayoutError::NoPixelData)?;
    match element.data_set {
        DataSetPlace::File => Ok(read_fragments(reader, &element)?),
        DataSetPlace::Inflated { offset } => {
            reader.seek(SeekFrom::Start(offset))?;
            Ok(read_fragments(Cursor::new(inflate_all(reader)?), &element)?)
        }
    }
}

/// Native frames must fill the element: anything else means that rows, columns, bits or frames lie,
/// and a picture drawn from them would be skewed. Less is a file that was cut off; a little more is
/// padding.
fn check_length(
    bytes: ByteRange,
    stated: u64,
    frame_bits: u64,
    frames: u32,
    transfer_syntax_uid: &str,
) -> Result<(), LayoutError> {
    let expected = u64::from(frames).saturating_mul(frame_bits).div_ceil(8);
    let is_exact = stated == expected || stated == expected + expected % 2;
    if !is_native(transfer_syntax_uid) && !is_known_encapsulated(transfer_syntax_uid) {
        return Err(LayoutError::UnknownSyntax);
    }
    if !is_native(transfer_syntax_uid) && !is_exact {
        return Err(LayoutError::MissingEncapsulation);
    }
    // A length that the file cannot back says nothing about the frames.
    if !is_exact
        && bytes.length == stated
        && stated.saturating_sub(expected) >= frame_bits.div_ceil(8)
    {
        return Err(LayoutError::TooMuchPixelData);
    }
    Ok(())
}

/// Whether pixel data of this transfer syntax is native (PS3.5 8.1.1, annexes A.1 to A.3 and A.5).
pub(super) fn is_native(transfer_syntax_uid: &str) -> bool {
    matches!(
        transfer_syntax_uid,
        uids::IMPLICIT_VR_LITTLE_ENDIAN
            | uids::EXPLICIT_VR_LITTLE_ENDIAN
            | EXPLICIT_VR_BIG_ENDIAN
            | uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
    )
}
