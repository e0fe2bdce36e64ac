//! Millimetres per pixel with their provenance (PS3.3 10.7, C.8.5.5, C.7.6.16.2.1).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use crate::exam::{Spacing, SpacingSource, UltrasoundRegion};

/// The spacing of all frames of an image of `size` (columns, rows), by the first of these that is
/// valid (two finite numbers above 0):
/// 1. Pixel Spacing; counted as at the detector where it only repeats Imager Pixel Spacing (10.7.1.3);
/// 2. Imager Pixel Spacing;
/// 3. Nominal Scanned Pixel Spacing;
/// 4. an ultrasound region in centimetres, if there is one region only and it covers the picture.
///
/// `None` too where the frames of a multi-frame image differ.
pub(super) fn read(
    object: &InMemDicomObject,
    us_regions: &[UltrasoundRegion],
    size: [u32; 2],
) -> Option<Spacing> {
    let at_detector = pair(object, tags::IMAGER_PIXEL_SPACING);
    if let Some(in_patient) = pixel_spacing(object) {
        let is_calibrated = object.text(tags::PIXEL_SPACING_CALIBRATION_TYPE).is_some();
        let source = if at_detector == Some(in_patient) && !is_calibrated {
            SpacingSource::ImagerPixelSpacing
        } else {
            SpacingSource::PixelSpacing
        };
        return Some(spacing(in_patient, source));
    }
    at_detector
        .map(|found| spacing(found, SpacingSource::ImagerPixelSpacing))
        .or_else(|| {
            let scanned = pair(object, tags::NOMINAL_SCANNED_PIXEL_SPACING)?;
            Some(spacing(scanned, SpacingSource::NominalScanned))
        })
        .or_else(|| from_region(us_regions, size))
}

fn pixel_spacing(object: &InMemDicomObject) -> Option<[f64; 2]> {
    let groups = FrameGroups::all(object);
    if groups.is_empty() {
        return pair(object, tags::PIXEL_SPACING);
    }
    let of_frame = |group: &FrameGroups<'_>| {
        pair(group.item(tags::PIXEL_MEASURES_SEQUENCE)?, tags::PIXEL_SPACING)
    };
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

fn from_region(regions: &[UltrasoundRegion], [columns, rows]: [u32; 2]) -> Option<Spacing> {
    const CENTIMETRES: u16 = 3;
    const TWO_DIMENSIONAL: u16 = 1;
    let [region] = regions else { return None };
    let whole = [0, 0, columns.checked_sub(1)?, rows.checked_sub(1)?];
    let [across, down] = region.deltas.map(|delta| delta.abs() * 10.0);
    let is_spatial = region.spatial_format == TWO_DIMENSIONAL && region.units == [CENTIMETRES; 2];
    let is_valid = [across, down].iter().all(|side| side.is_finite() && *side > 0.0);
    (is_spatial && is_valid && region.bounds_px == whole)
        .then(|| spacing([down, across], SpacingSource::UltrasoundRegion))
}

/// Pixel Aspect Ratio `[vertical, horizontal]`; `None` where it is absent, square or impossible.
pub(super) fn aspect_ratio(object: &InMemDicomObject) -> Option<[u32; 2]> {
    let [vertical, horizontal]: [i64; 2] =
        object.integers(tags::PIXEL_ASPECT_RATIO).try_into().ok()?;
    let ratio = [u32::try_from(vertical).ok()?, u32::try_from(horizontal).ok()?];
    (!ratio.contains(&0) && ratio[0] != ratio[1]).then_some(ratio)
}
