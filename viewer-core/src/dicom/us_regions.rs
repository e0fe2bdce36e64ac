//! US Region Calibration module (PS3.3 C.8.5.5).

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use crate::exam::UltrasoundRegion;

/// Most regions that are read of one image.
const MAX_REGIONS: usize = 64;

/// The regions of an image; incomplete ones are left out, for nothing can be measured in them.
pub(super) fn read(object: &InMemDicomObject) -> Vec<UltrasoundRegion> {
    let items = object.items(tags::SEQUENCE_OF_ULTRASOUND_REGIONS);
    items.iter().take(MAX_REGIONS).filter_map(region).collect()
}

fn region(item: &InMemDicomObject) -> Option<UltrasoundRegion> {
    let pixel = |tag| item.integer(tag).and_then(|value| u32::try_from(value).ok());
    let signed = |tag| item.integer(tag).and_then(|value| i32::try_from(value).ok());
    let [x0, y0, x1, y1] = [
        tags::REGION_LOCATION_MIN_X0,
        tags::REGION_LOCATION_MIN_Y0,
        tags::REGION_LOCATION_MAX_X1,
        tags::REGION_LOCATION_MAX_Y1,
    ]
    .map(pixel);
    let bounds_px = [x0?, y0?, x1?, y1?];
    let deltas = [item.float(tags::PHYSICAL_DELTA_X)?, item.float(tags::PHYSICAL_DELTA_Y)?];
    Some(UltrasoundRegion {
        bounds_px,
        units: [
            item.unsigned(tags::PHYSICAL_UNITS_X_DIRECTION)?,
            item.unsigned(tags::PHYSICAL_UNITS_Y_DIRECTION)?,
        ],
        deltas,
        spatial_format: item.unsigned(tags::REGION_SPATIAL_FORMAT)?,
        // Without flags a region covers others: it is then never outvoted in silence.
        flags: pixel(tags::REGION_FLAGS).unwrap_or(0),
        reference_px: signed(tags::REFERENCE_PIXEL_X0)
            .zip(signed(tags::REFERENCE_PIXEL_Y0))
            .map(Into::into),
        reference_values: [
            tags::REFERENCE_PIXEL_PHYSICAL_VALUE_X,
            tags::REFERENCE_PIXEL_PHYSICAL_VALUE_Y,
        ]
        .map(|tag| item.float(tag).unwrap_or(0.0)),
    })
    .filter(|region| {
        let [x0, y0, x1, y1] = region.bounds_px;
        x0 <= x1 && y0 <= y1
    })
}
