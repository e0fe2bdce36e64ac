//! Lossy compression, past or present (PS3.3 C.7.6.1.1.5).

use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use crate::exam::Lossy;

/// What is known of a lossy compression; `None` where the image is not known to be lossy.
pub(super) fn read(object: &InMemDicomObject, transfer_syntax_uid: &str) -> Option<Lossy> {
    let stated = object.text(tags::LOSSY_IMAGE_COMPRESSION);
    let is_lossy = match (by_syntax(transfer_syntax_uid), stated.as_deref()) {
        (Loss::Certain, _) | (Loss::Possible, None) | (_, Some("01")) => true,
        (Loss::Possible | Loss::None, _) => false,
    };
    is_lossy.then(|| Lossy {
        ratio: object
            .floats(tags::LOSSY_IMAGE_COMPRESSION_RATIO)
            .last()
            .copied()
            .filter(|&ratio| ratio > 0.0),
        method: object
            .texts(tags::LOSSY_IMAGE_COMPRESSION_METHOD)
            .pop()
            .filter(|method| !method.is_empty()),
    })
}

enum Loss {
    None,
    /// The syntax allows for both; taken as lossy unless the file denies it.
    Possible,
    Certain,
}

fn by_syntax(uid: &str) -> Loss {
    match uid {
        uids::JPEG_BASELINE8_BIT
        | uids::JPEG_EXTENDED12_BIT
        | "1.2.840.10008.1.2.4.53"
        | "1.2.840.10008.1.2.4.55" => Loss::Certain,
        uids::JPEGLS_NEAR_LOSSLESS
        | uids::JPEG2000
        | uids::JPEG2000MC
        | uids::HTJ2K
        | uids::JPEGXL
        | uids::JPEGXLJPEG_RECOMPRESSION => Loss::Possible,
        _ if uid.starts_with("1.2.840.10008.1.2.4.10") => Loss::Certain,
        _ => Loss::None,
    }
}
