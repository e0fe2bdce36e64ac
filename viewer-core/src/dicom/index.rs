//! One pass over a file for everything a server keeps of it.

use std::io::{Read, Seek};

use thiserror::Error;

use super::file::{DicomFile, ReadError, read_part10};
use super::instance::{InstanceError, PixelData, image_content};
use super::layout::{LayoutError, PixelDataLayout, layout_of};
use crate::exam::{Content, ImageContent, Instance};

/// Why a file cannot be indexed.
#[derive(Debug, Error)]
pub enum IndexError {
    /// Not readable as DICOM.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Not identifiable.
    #[error(transparent)]
    Instance(#[from] InstanceError),
}

/// What a server keeps of a file.
#[derive(Debug)]
pub struct Indexed {
    /// For the exam summary; its [`defect`](crate::exam::Image::defect) says if the pixel data is unusable.
    pub instance: Instance,
    /// Where its frames are; `None` where there are none, or none that can be told apart.
    pub layout: Option<PixelDataLayout>,
    /// The attributes, for full metadata, and what had to be tolerated.
    pub file: DicomFile,
}

/// Reads a file up to its pixel data, and the places of its frames.
///
/// # Errors
/// [`IndexError`] where the file is not DICOM or cannot be told from others. Anything wrong with the
/// picture is no error but the image's defect: the image is listed, and says why it is not shown.
pub fn index<R: Read + Seek>(mut reader: R) -> Result<Indexed, IndexError> {
    let file = read_part10(&mut reader)?;
    let mut instance = Instance::from_file(&file)?;
    let layout = layout_of(&file, reader);
    if let Content::Image(content) = &mut instance.content
        && content.image.defect.is_none()
    {
        content.image.defect = defect(&layout);
    }
    Ok(Indexed { instance, layout: layout.ok(), file })
}

fn defect(layout: &Result<PixelDataLayout, LayoutError>) -> Option<String> {
    match layout {
        Ok(layout) if layout.frame_count() == 0 => Some("the pixel data is empty".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// Reads a file as an image whatever its SOP class, also one that the viewer does not draw.
#[must_use]
pub fn image_of(file: &DicomFile) -> ImageContent {
    image_content(&file.object, &file.transfer_syntax_uid, PixelData::of_file(file))
}
