//! Millimetres per pixel with their provenance (PS3.3 10.7, C.8.5.5, C.7.6.16.2.1).

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use crate::exam::{Spacing, SpacingSource, UltrasoundRegion};

/// Magnifications that are believed: an object between source and detector is never smaller on the
/// detector, and not many times larger.
const MAGNIFICATIONS: std::ops::RangeInclusive<f64> = 1.0..=20.0;

/// Two spacings are the same where they differ by rounding only.
const SAME_SPACING: f64 = 1e-4;

/// The spacing of all frames of an image of `size` (columns, rows), by the first of these that is
/// valid (two finite numbers above 0); `None` too where the frames of a multi-frame image differ:
///
/// 1. an ultrasound region in centimetres that covers the picture, if it is the only one; an image
///    with other regions has no spacing as a whole;
/// 2. Pixel Spacing: in the patient for cross sections. In a projection it is that only where it was
///    calibrated: Pixel Spacing Calibration Type says so, or it differs from Imager Pixel Spacing. If
///    it only repeats that, it is at the detector; alone, nobody knows (PS3.3 10.7.1.1, CP-586);
/// 3. Imager Pixel Spacing divided by Estimated Radiographic Magnification Factor (IHE MAMMO);
/// 4. Imager Pixel Spacing, at the detector;
/// 5. Nominal Scanned Pixel Spacing.
pub(super) fn read(
    object: &InMemDicomObject,
    us_regions: &[UltrasoundRegion],
    size: [u32; 2],
) -> Option<Spacing> {
    if us_regions.iter().any(|region| region.pixel_size_mm().is_some()) {
        return from_region(us_regions, size);
    }
    let at_detector = imager_pixel_spacing(object);
    let in_patient = pixel_spacing(object).and_then(|found| {
        let source = source_of_pixel_spacing(object, found, at_detector)?;
        Some(spacing(found, source))
    });
    in_patient.or_else(|| Some(from_detector(object, at_detector?))).or_else(|| {
        let scanned = pair(object, tags::NOMINAL_SCANNED_PIXEL_SPACING)?;
        Some(spacing(scanned, SpacingSource::NominalScanned))
    })
}

/// What Pixel Spacing means; `None` where it only repeats what the detector says.
fn source_of_pixel_spacing(
    object: &InMemDicomObject,
    found: [f64; 2],
    at_detector: Option<[f64; 2]>,
) -> Option<SpacingSource> {
    match object.text(tags::PIXEL_SPACING_CALIBRATION_TYPE).as_deref() {
        Some("FIDUCIAL") => return Some(SpacingSource::Fiducial),
        Some("GEOMETRY") => return Some(SpacingSource::Geometry),
        _ => {}
    }
    match at_detector {
        Some(at_detector) if is_same(found, at_detector) => None,
        Some(_) => Some(SpacingSource::Corrected),
        None if is_projection(object) => Some(SpacingSource::Uncertain),
        None => Some(SpacingSource::PixelSpacing),
    }
}

fn is_same(a: [f64; 2], b: [f64; 2]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= SAME_SPACING * b)
}

/// Whether an object casts its shadow on a detector: the size of a pixel there is not its size in the
/// patient.
fn is_projection(object: &InMemDicomObject) -> bool {
    let sop_class = object.text(tags::SOP_CLASS_UID).unwrap_or_default();
    matches!(
        sop_class.as_str(),
        uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE
            | uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION
            | uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PROCESSING
            | uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION
            | uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PROCESSING
            | uids::DIGITAL_INTRA_ORAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION
            | uids::DIGITAL_INTRA_ORAL_X_RAY_IMAGE_STORAGE_FOR_PROCESSING
            | uids::X_RAY_ANGIOGRAPHIC_IMAGE_STORAGE
            | uids::X_RAY_RADIOFLUOROSCOPIC_IMAGE_STORAGE
            | uids::ENHANCED_XA_IMAGE_STORAGE
            | uids::ENHANCED_XRF_IMAGE_STORAGE
    )
}

fn from_detector(object: &InMemDicomObject, at_detector: [f64; 2]) -> Spacing {
    let magnification = object
        .float(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR)
        .filter(|factor| MAGNIFICATIONS.contains(factor));
    match magnification {
        Some(factor) => {
            spacing(at_detector.map(|side| side / factor), SpacingSource::Magnification)
        }
        None => spacing(at_detector, SpacingSource::ImagerPixelSpacing),
    }
}

fn pixel_spacing(object: &InMemDicomObject) -> Option<[f64; 2]> {
    of_all_frames(object, tags::PIXEL_MEASURES_SEQUENCE, tags::PIXEL_SPACING)
}

/// Of the object, or of its frames (enhanced XA and XRF, C.8.19.6.4).
fn imager_pixel_spacing(object: &InMemDicomObject) -> Option<[f64; 2]> {
    pair(object, tags::IMAGER_PIXEL_SPACING).or_else(|| {
        let sequence = tags::FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE;
        of_all_frames(object, sequence, tags::IMAGER_PIXEL_SPACING)
    })
}

/// A pair that all frames share; of the object where it has no functional groups.
fn of_all_frames(object: &InMemDicomObject, sequence: Tag, tag: Tag) -> Option<[f64; 2]> {
    let groups = FrameGroups::all(object);
    if groups.is_empty() {
        return pair(object, tag);
    }
    let of_frame = |group: &FrameGroups<'_>| pair(group.item(sequence)?, tag);
    let first = of_frame(groups.first()?)?;
    groups.iter().all(|group| of_frame(group) == Some(first)).then_some(first)
}

/// `[between rows, between columns]`, as in PS3.3 10.7.1.3.
fn pair(object: &InMemDicomObject, tag: Tag) -> Option<[f64; 2]> {
    object.float_array(tag).filter(|pair: &[f64; 2]| pair.iter().all(|&side| side > 0.0))
}

fn spacing([between_rows_mm, between_columns_mm]: [f64; 2], source: SpacingSource) -> Spacing {
    Spacing { between_rows_mm, between_columns_mm, source }
}

/// Some count the last pixel one too far.
fn from_region(regions: &[UltrasoundRegion], size: [u32; 2]) -> Option<Spacing> {
    let [region] = regions else { return None };
    let [x0, y0, x1, y1] = region.bounds_px;
    let is_whole = [x0, y0] == [0, 0]
        && [x1, y1]
            .iter()
            .zip(size)
            .all(|(&last, side)| last == side || last.checked_add(1) == Some(side));
    let [across, down] = region.pixel_size_mm().filter(|_| is_whole)?;
    Some(spacing([down, across], SpacingSource::UltrasoundRegion))
}

/// Pixel Aspect Ratio `[vertical, horizontal]`; `None` where it is absent, square or impossible.
pub(super) fn aspect_ratio(object: &InMemDicomObject) -> Option<[u32; 2]> {
    let [vertical, horizontal]: [i64; 2] =
        object.integers(tags::PIXEL_ASPECT_RATIO).try_into().ok()?;
    let ratio = [u32::try_from(vertical).ok()?, u32::try_from(horizontal).ok()?];
    (!ratio.contains(&0) && ratio[0] != ratio[1]).then_some(ratio)
}
