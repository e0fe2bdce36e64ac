//! Objects in a transfer syntax that the network's boxes do not ask for, in one that they do: the same values and the same samples.
//!
//! | stored | sent |
//! |---|---|
//! | JPEG 2000 (lossless only) | the same bytes, called JPEG 2000, which may be lossless (PS3.5 A.4.4) |
//! | Implicit VR Little Endian | Explicit VR Little Endian |
//! | any other that our decoders know | Explicit VR Little Endian, decoded |
//!
//! One-bit, partial-range colour, big endian and deflated objects are not converted.

mod explicit;
mod meta;
mod native;

use std::io::Cursor;

use dicom_core::header::Header as _;
use dicom_dictionary_std::tags::{
    LOSSY_IMAGE_COMPRESSION, PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION,
};
use thiserror::Error;
use viewer_core::{
    codec::transfer_syntax,
    dicom::{DicomFile, is_deflated, read_part10},
    inspect::InspectError,
};

use crate::data_set::Unwritable;

pub(super) const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";
const IMPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const JPEG_2000_LOSSLESS: &str = "1.2.840.10008.1.2.4.90";
const JPEG_2000: &str = "1.2.840.10008.1.2.4.91";

/// Largest object that is converted, before and after, in bytes: it is in memory as a whole.
pub(super) const MAX_BYTES: usize = 256 << 20;

/// Why an object stays as it is stored.
#[derive(Debug, Error)]
pub(super) enum Unconverted {
    /// Its elements cannot be written anew.
    #[error(transparent)]
    Elements(#[from] Unwritable),
    /// Its frames cannot be decoded.
    #[error("frames: {0}")]
    Frames(#[from] InspectError),
    /// A kind of pixel data that has no plain counterpart here.
    #[error("pixel data of this kind are not converted")]
    Kind,
    /// More than [`MAX_BYTES`].
    #[error("larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
}

/// The syntax in which an object can be sent to who takes some of them; `None` where there is none.
pub(super) fn target(stored: &str, takes: impl Fn(&str) -> bool) -> Option<&'static str> {
    if stored == JPEG_2000_LOSSLESS && takes(JPEG_2000) {
        return Some(JPEG_2000);
    }
    let is_known =
        transfer_syntax(stored).is_some() && stored != BIG_ENDIAN && !is_deflated(stored);
    (is_known && takes(EXPLICIT_LITTLE_ENDIAN)).then_some(EXPLICIT_LITTLE_ENDIAN)
}

/// A whole file in another syntax, one that [`target`] named. Takes as long as decoding does.
pub(super) fn convert(file: &[u8], stored: &str, target: &str) -> Result<Vec<u8>, Unconverted> {
    let converted = match (stored, target) {
        (JPEG_2000_LOSSLESS, JPEG_2000) => meta::with_syntax(file, JPEG_2000)?,
        (IMPLICIT_LITTLE_ENDIAN, _) => explicit::explicit(file)?,
        _ => native::decoded(file)?,
    };
    if converted.len() > MAX_BYTES {
        return Err(Unconverted::TooLarge);
    }
    check(file, &converted, target)?;
    Ok(converted)
}

/// A file that is not what it says may be taken apart in the wrong places: what came of it has to read as before.
fn check(file: &[u8], converted: &[u8], target: &str) -> Result<(), Unwritable> {
    let read = |bytes| read_part10(Cursor::new(bytes)).map_err(|_cause| Unwritable::Malformed);
    let (before, after) = (read(file)?, read(converted)?);
    let tags = |read: &DicomFile| -> Vec<_> {
        // Group lengths go, and what is true of plain samples is said also where it was not before.
        let said = [LOSSY_IMAGE_COMPRESSION, PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION];
        let tags = read.object.iter().map(|element| element.tag());
        tags.filter(|tag| tag.element() != 0 && !said.contains(tag)).collect()
    };
    let is_same = after.transfer_syntax_uid == target && tags(&before) == tags(&after);
    if is_same { Ok(()) } else { Err(Unwritable::Malformed) }
}

#[cfg(test)]
mod tests;
