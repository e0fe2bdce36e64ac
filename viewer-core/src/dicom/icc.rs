//! ICC Profile module (PS3.3 C.11.15), and the profile of a slide's optical path (C.8.12.5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use crate::exam::{DisplayAttributes, IccProfile, ImageFormat};
use crate::pixel::icc::{IccError, ToSrgb, named_profile};

/// The profile by which the colours of an image become sRGB; `None` where they are grey, sRGB, or
/// nothing is said of them.
///
/// Where colours come out of palettes, of whole images or supplemental to grey, the palettes are converted
/// here and there is no profile to be carried.
///
/// # Errors
/// Why what the image says cannot be followed, in a few words without values of the file.
pub(super) fn read(
    object: &InMemDicomObject,
    format: &ImageFormat,
    displays: &mut [DisplayAttributes],
) -> Result<Option<IccProfile>, String> {
    let mut palettes =
        displays.iter_mut().filter_map(|display| display.palette.as_mut()).peekable();
    let has_palettes = palettes.peek().is_some();
    if !has_palettes && !has_colours(format) {
        return Ok(None);
    }
    let found = match profile(object)? {
        Some(bytes) => usable(&bytes).map_err(|error| error.to_string())?,
        None => by_name(object)?,
    };
    let Some(profile) = found else { return Ok(None) };
    if format.is_video() {
        return Err("an ICC profile of a video".to_owned());
    }
    if !has_palettes {
        return Ok(Some(profile));
    }
    let to_srgb = ToSrgb::from_exam(&profile).map_err(|error| error.to_string())?;
    for palette in palettes {
        *palette = to_srgb.convert_palette(palette);
    }
    Ok(None)
}

/// The profile that a presentation state gives to the colours of its images; `None` where it is sRGB or nothing is said.
///
/// # Errors
/// As [`read`].
pub(super) fn of_state(object: &InMemDicomObject) -> Result<Option<IccProfile>, String> {
    match bytes(object) {
        Some(bytes) => usable(&bytes).map_err(|error| error.to_string()),
        None => by_name(object),
    }
}

/// Whether its samples are colours: a profile means nothing to grey ones.
pub(super) fn has_colours(format: &ImageFormat) -> bool {
    let photometric = format.photometric_interpretation.trim();
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
    match object.text(tags::COLOR_SPACE).as_deref() {
        None | Some("SRGB") => Ok(None),
        Some(name) => match named_profile(name) {
            Some(bytes) => usable(&bytes).map_err(|error| error.to_string()),
            None => Err("a color space of unknown name".to_owned()),
        },
    }
}

/// The profile to be carried; `None` where it changes nothing.
fn usable(bytes: &[u8]) -> Result<Option<IccProfile>, IccError> {
    let to_srgb = ToSrgb::from_profile(bytes)?;
    let profile = || IccProfile { base64: STANDARD.encode(bytes) };
    Ok((!to_srgb.is_identity()).then(profile))
}
