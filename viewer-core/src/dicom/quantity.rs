//! What values mean: Real World Value Mapping (PS3.3 C.7.6.16.2.11) and the unit of modality values.

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use super::image_pixel::is_signed;
use crate::exam::{RealWorldMap, RealWorldMapping};

/// Most mappings and most table entries that are read of one image.
const MAX_MAPPINGS: usize = 16;
const MAX_ENTRIES: usize = 65_536;

/// The mappings that hold for all frames: of the object, of its shared groups, or of the groups of
/// every frame if they are the same. Incomplete ones are left out.
pub(super) fn real_world(object: &InMemDicomObject) -> Vec<RealWorldMapping> {
    let is_signed = is_signed(object);
    let mappings = |items: &[InMemDicomObject]| -> Vec<RealWorldMapping> {
        items.iter().take(MAX_MAPPINGS).filter_map(|item| mapping(item, is_signed)).collect()
    };
    let groups = FrameGroups::all(object);
    let of_frame =
        |group: &FrameGroups<'_>| mappings(group.items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE));
    match groups.split_first().map(|(first, others)| (of_frame(first), others)) {
        Some((found, others)) if !found.is_empty() => {
            let is_same = others.iter().all(|group| of_frame(group) == found);
            if is_same { found } else { Vec::new() }
        }
        _ => mappings(object.items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE)),
    }
}

fn mapping(item: &InMemDicomObject, is_signed: bool) -> Option<RealWorldMapping> {
    let unit = item.items(tags::MEASUREMENT_UNITS_CODE_SEQUENCE).first()?;
    // US or SS by Pixel Representation, whatever it was written with.
    let stored = |value: f64| if is_signed && value > 32_767.0 { value - 65_536.0 } else { value };
    let limit =
        |whole: Tag, double: Tag| item.float(double).or_else(|| item.float(whole).map(stored));
    let first = limit(
        tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED,
        tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED,
    )?;
    let last = limit(
        tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED,
        tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED,
    )?;
    let stored_range = [first, last];
    Some(RealWorldMapping {
        label: item.text(tags::LUT_LABEL).unwrap_or_default(),
        explanation: item.text(tags::LUT_EXPLANATION).unwrap_or_default(),
        unit_ucum: unit.text(tags::CODE_VALUE)?,
        unit_meaning: unit.text(tags::CODE_MEANING).unwrap_or_default(),
        stored_range,
        map: map(item, stored_range)?,
    })
    .filter(|mapping| mapping.stored_range[0] <= mapping.stored_range[1])
}

fn map(item: &InMemDicomObject, [first, last]: [f64; 2]) -> Option<RealWorldMap> {
    let table = item.floats(tags::REAL_WORLD_VALUE_LUT_DATA);
    if table.is_empty() {
        let slope = item.float(tags::REAL_WORLD_VALUE_SLOPE)?;
        let intercept = item.float(tags::REAL_WORLD_VALUE_INTERCEPT)?;
        return Some(RealWorldMap::Linear { slope, intercept });
    }
    let is_complete = table.len() <= MAX_ENTRIES && table.len() as f64 == last - first + 1.0;
    is_complete.then_some(RealWorldMap::Table(table))
}

/// Units of an enhanced PET image, in the words of Units (0054,1001), where its modality values are
/// what the mapping leads to.
pub(super) fn pet_units(object: &InMemDicomObject) -> Option<String> {
    let mapping = real_world(object).into_iter().next()?;
    let words = match mapping.unit_ucum.as_str() {
        "Bq/ml" | "Bq/mL" => "BQML",
        "{counts}" => "CNTS",
        "cm2/ml" | "cm2/ml{SUVbsa}" => "CM2ML",
        "g/ml" | "g/ml{SUVbw}" => "GML",
        _ => return None,
    };
    Some(words.to_owned())
}

/// Unit of modality values: Units of PET, else Rescale Type; of CT that does not say HU (a Rescale
/// Type is required for anything else, C.8.2.1.1.2), except localizers, whose values are no
/// attenuation. `US` means unspecified.
pub(super) fn unit(object: &InMemDicomObject, rescale: &InMemDicomObject) -> String {
    let sop_class = object.text(tags::SOP_CLASS_UID).unwrap_or_default();
    let is_localizer = object.texts(tags::IMAGE_TYPE).iter().any(|value| value == "LOCALIZER");
    let is_hounsfield = sop_class == uids::CT_IMAGE_STORAGE && !is_localizer;
    object
        .text(tags::UNITS)
        .or_else(|| rescale.text(tags::RESCALE_TYPE))
        .or_else(|| is_hounsfield.then(|| "HU".to_owned()))
        .filter(|unit| unit != "US")
        .unwrap_or_default()
}
