//! ICC Profile module (PS3.3 C.11.15), and the profile of a slide's optical path (C.8.12.5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use moxcms::ColorProfile;

use super::attributes::Attributes;
use crate::exam::IccProfile;
use crate::pixel::icc::{IccError, ToSrgb};

/// The profile by which the colours of an image become sRGB; `None` where they are grey, sRGB, or
/// nothing is said of them.
///
/// # Errors
/// Why what the image says cannot be followed, in a few words without values of the file.
pub(super) fn read(object: &InMemDicomObject) -> Result<Option<IccProfile>, String> {
    if !is_colour(object) {
        return Ok(None);
    }
    let Some(bytes) = profile(object)? else { return by_name(object) };
    usable(&bytes).map_err(|error| error.to_string())
}

/// Whether a profile would have a meaning.
pub(super) fn is_colour(object: &InMemDicomObject) -> bool {
    let photometric = object.text(tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default();
    !photometric.is_empty() && !photometric.starts_with("MONOCHROME")
}

/// ICC Profile (0028,2000): of the image, else of its optical paths, which must not differ because the
/// frames of an image are converted alike.
fn profile(object: &InMemDicomObject) -> Result<Option<Vec<u8>>, String> {
    if let Some(own) = bytes(object) {
        return Ok(Some(own));
    }
    let mut paths: Vec<_> =
        object.items(tags::OPTICAL_PATH_SEQUENCE).iter().filter_map(bytes).collect();
    paths.dedup();
    if paths.len() > 1 {
        return Err("optical paths with different ICC profiles".to_owned());
    }
    Ok(paths.pop())
}

fn bytes(object: &InMemDicomObject) -> Option<Vec<u8>> {
    match object.value(tags::ICC_PROFILE)? {
        PrimitiveValue::U8(bytes) if !bytes.is_empty() => Some(bytes.to_vec()),
        _ => None,
    }
}

/// Color Space (0028,2002) where there is no profile: the spaces of C.11.15.1.2 are well known.
fn by_name(object: &InMemDicomObject) -> Result<Option<IccProfile>, String> {
    let profile = match object.text(tags::COLOR_SPACE).as_deref() {
        None | Some("SRGB") => return Ok(None),
        Some("ADOBERGB") => ColorProfile::new_adobe_rgb(),
        Some("ROMMRGB") => ColorProfile::new_pro_photo_rgb(),
        Some(_) => return Err("a color space of unknown name".to_owned()),
    };
    profile
        .encode()
        .map_err(IccError::from)
        .and_then(|bytes| usable(&bytes))
        .map_err(|e| e.to_string())
}

/// The profile to be carried; `None` where it changes nothing.
fn usable(bytes: &[u8]) -> Result<Option<IccProfile>, IccError> {
    let to_srgb = ToSrgb::from_profile(bytes)?;
    let profile = || IccProfile { base64: STANDARD.encode(bytes) };
    Ok((!to_srgb.is_identity()).then(profile))
}
