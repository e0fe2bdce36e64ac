//! The bytes of frames, overlays and videos of what was opened: where they lie as they are delivered they are told by their place
//! only, so that the browser takes them out of the file.

use std::io::{self, Cursor, Read, Seek};
use std::rc::Rc;

use thiserror::Error;
use viewer_core::base::limits::{MAX_FRAME_BYTES, MAX_INFLATED_BYTES};
use viewer_core::dicom::{self, ByteRange, LayoutError, ReadError};
use viewer_core::exam::is_video;

use crate::bytes::{Bytes, Reader};
use crate::inflate::{Inflated, unfolded};
use crate::medium::{Medium, Placed};
use crate::zip::{Entry, ZipError};

/// Unfolded entries that are kept, bytes: the next frame of a loop is in the same one.
const KEPT_BYTES: usize = 128 << 20;

/// Why there are no bytes.
#[derive(Debug, Error)]
pub enum FrameError {
    /// Nothing of this name was opened, or it has no such frame.
    #[error("there is no such frame")]
    Unknown,
    /// The object ends before the frame does.
    #[error("the file ends inside this frame")]
    CutOff,
    /// A document was asked for that this object is not.
    #[error("the object is no such document")]
    OtherKind,
    /// More than is read at a time.
    #[error("too large")]
    TooLarge,
    /// The file is gone, or the medium is out.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The pixel data makes no sense.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The header makes no sense.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The archive makes no sense.
    #[error(transparent)]
    Zip(#[from] ZipError),
}

/// Where bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In one of the files, these one after the other.
    InFile {
        /// Its number, in the order in which files were added.
        file: usize,
        /// Offsets from the start of the file.
        ranges: Vec<ByteRange>,
    },
    /// Here.
    Here(Vec<u8>),
}

/// A frame, or the stream of a video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its transfer syntax.
    pub syntax: String,
    /// Its bytes.
    pub content: Content,
}

/// Entries of archives that were unfolded last.
#[derive(Default)]
pub(crate) struct Unfolded(Vec<(String, Rc<Vec<u8>>)>);

impl Unfolded {
    fn keep(&mut self, instance: &str, bytes: &Rc<Vec<u8>>) {
        self.0.push((instance.to_owned(), Rc::clone(bytes)));
        let size = |kept: &Self| kept.0.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        while self.0.len() > 1 && size(self) > KEPT_BYTES {
            self.0.remove(0);
        }
    }

    fn find(&self, instance: &str) -> Option<Rc<Vec<u8>>> {
        let (_, bytes) = self.0.iter().find(|(name, _)| name == instance)?;
        Some(Rc::clone(bytes))
    }
}

pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl Medium {
    /// A frame by the SOP Instance UID of its object and its number, from 1, as the server delivers it.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn frame(&mut self, instance: &str, number: u32) -> Result<Frame, FrameError> {
        let placed = Rc::clone(self.places.get(instance).ok_or(FrameError::Unknown)?);
        let layout = placed.layout.as_ref().ok_or(LayoutError::NoPixelData)?;
        let found = layout.frame(number).ok_or(FrameError::Unknown)?;
        let expected = layout.delivered_bytes(&found);
        if expected > MAX_FRAME_BYTES && !is_video(&placed.syntax) {
            return Err(FrameError::TooLarge);
        }
        let in_file = if layout.is_as_stored() { self.base(&placed)? } else { None };
        let content = match in_file {
            Some(range) => in_file_at(placed.file, range, &found.ranges)?,
            None => {
                let reader = self.reader(instance, &placed)?;
                Content::Here(dicom::read_frame(reader, layout, number)?)
            }
        };
        let length = match &content {
            Content::InFile { ranges, .. } => ranges.iter().map(|range| range.length).sum(),
            Content::Here(bytes) => bytes.len() as u64,
        };
        if length != expected {
            return Err(FrameError::CutOff);
        }
        Ok(Frame { syntax: placed.syntax.clone(), content })
    }

    /// Overlay Data (60xx,3000) of an object.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn overlay(&mut self, instance: &str, group: u16) -> Result<Vec<u8>, FrameError> {
        let file = dicom::read_part10(self.reader_of(instance)?)?;
        file.overlay_data(group).ok_or(FrameError::Unknown)
    }

    /// A whole object by its SOP Instance UID.
    pub(crate) fn reader_of(&mut self, instance: &str) -> Result<Box<dyn ReadSeek>, FrameError> {
        let placed = Rc::clone(self.places.get(instance).ok_or(FrameError::Unknown)?);
        self.reader(instance, &placed)
    }

    /// Where an object lies in its file; `None` where it has to be unfolded.
    fn base(&self, placed: &Placed) -> Result<Option<ByteRange>, FrameError> {
        let file = self.files.get(placed.file).ok_or(FrameError::Unknown)?;
        Ok(match &placed.entry {
            None => Some(ByteRange { offset: 0, length: file.length() }),
            Some(Entry { is_deflated: true, .. }) => None,
            Some(entry) => Some(entry.place(&**file)?),
        })
    }

    fn reader(&mut self, instance: &str, placed: &Placed) -> Result<Box<dyn ReadSeek>, FrameError> {
        let file = Rc::clone(self.files.get(placed.file).ok_or(FrameError::Unknown)?);
        if let Some(range) = self.base(placed)? {
            return Ok(Box::new(Reader::part(file, range)));
        }
        let entry = placed.entry.as_ref().ok_or(FrameError::Unknown)?;
        let bytes = match self.unfolded.find(instance) {
            Some(bytes) => bytes,
            None => {
                let bytes = Rc::new(self.unfold(&file, entry)?);
                self.unfolded.keep(instance, &bytes);
                bytes
            }
        };
        Ok(Box::new(Cursor::new(SharedBytes(bytes))))
    }

    fn unfold(&self, file: &Rc<dyn Bytes>, entry: &Entry) -> Result<Vec<u8>, FrameError> {
        if entry.length > MAX_INFLATED_BYTES {
            return Err(FrameError::TooLarge);
        }
        let range = entry.place(&**file)?;
        // What is looked at again and again unfolds to no more than it did when it was found.
        let budget = crate::inflate::Budget::new(entry.length);
        let reader = Inflated::new(Rc::clone(file), range, entry.length, budget);
        Ok(unfolded(reader, entry.crc)?)
    }
}

struct SharedBytes(Rc<Vec<u8>>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Parts of an object as parts of the file that it is in.
fn in_file_at(file: usize, object: ByteRange, parts: &[ByteRange]) -> Result<Content, FrameError> {
    let within = |part: &ByteRange| {
        let end = part.offset.checked_add(part.length).filter(|end| *end <= object.length)?;
        let offset = object.offset.checked_add(end - part.length)?;
        Some(ByteRange { offset, length: part.length })
    };
    let ranges: Option<Vec<ByteRange>> = parts.iter().map(within).collect();
    Ok(Content::InFile { file, ranges: ranges.ok_or(FrameError::CutOff)? })
}
