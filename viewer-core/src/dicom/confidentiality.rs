//! What becomes of an attribute in a copy without identity: the Basic Application Level Confidentiality Profile (PS3.15 E.2) and
//! stricter where that is simpler. What the profile does not name is kept only where its value cannot say who the patient is:
//! numbers and codes by their value representation, texts and bulk data only where they are listed here.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// A date and time that nobody was born or examined at.
const DATE: &str = "19000101";
const TIME: &str = "000000";
const DATE_TIME: &str = "19000101000000";
/// UIDs of the standard's own registry (PS3.6 A) begin with it.
pub const REGISTERED: &str = "1.2.840.10008.";

/// What is done with an attribute; letters are those of PS3.15 Table E.1-1a.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// K, and where it is a sequence its items are treated like the object.
    Keep,
    /// X
    Remove,
    /// Z
    Empty,
    /// D
    Dummy(&'static str),
    /// U; registered UIDs, which name classes and syntaxes, stay.
    Uid,
}

use Action::{Dummy, Empty, Keep, Remove, Uid};

/// Attributes with an action of their own, by ascending tag.
const ATTRIBUTES: [(Tag, Action); 49] = [
    (tags::STUDY_DATE, Empty),
    (tags::SERIES_DATE, Dummy(DATE)),
    (tags::ACQUISITION_DATE, Empty),
    (tags::CONTENT_DATE, Dummy(DATE)),
    (tags::ACQUISITION_DATE_TIME, Dummy(DATE_TIME)),
    (tags::STUDY_TIME, Empty),
    (tags::SERIES_TIME, Dummy(TIME)),
    (tags::ACQUISITION_TIME, Empty),
    (tags::CONTENT_TIME, Dummy(TIME)),
    (tags::ACCESSION_NUMBER, Empty),
    (tags::ISSUER_OF_ACCESSION_NUMBER_SEQUENCE, Remove),
    (tags::MANUFACTURER, Keep),
    (tags::INSTITUTION_CODE_SEQUENCE, Remove),
    (tags::REFERRING_PHYSICIAN_NAME, Empty),
    (tags::REFERRING_PHYSICIAN_IDENTIFICATION_SEQUENCE, Remove),
    (tags::CONSULTING_PHYSICIAN_IDENTIFICATION_SEQUENCE, Remove),
    (tags::CODE_VALUE, Keep),
    (tags::CODING_SCHEME_DESIGNATOR, Keep),
    (tags::CODING_SCHEME_VERSION, Keep),
    (tags::CODE_MEANING, Keep),
    (tags::PRIVATE_DATA_ELEMENT_CHARACTERISTICS_SEQUENCE, Remove),
    (tags::INSTITUTIONAL_DEPARTMENT_TYPE_CODE_SEQUENCE, Remove),
    (tags::PHYSICIANS_OF_RECORD_IDENTIFICATION_SEQUENCE, Remove),
    (tags::PERFORMING_PHYSICIAN_IDENTIFICATION_SEQUENCE, Remove),
    (tags::PHYSICIANS_READING_STUDY_IDENTIFICATION_SEQUENCE, Remove),
    (tags::OPERATOR_IDENTIFICATION_SEQUENCE, Remove),
    (tags::ADMITTING_DIAGNOSES_CODE_SEQUENCE, Remove),
    (tags::MANUFACTURER_MODEL_NAME, Keep),
    (tags::REFERENCED_STUDY_SEQUENCE, Remove),
    (tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, Remove),
    (tags::REFERENCED_PATIENT_SEQUENCE, Remove),
    (tags::CONTRAST_BOLUS_AGENT, Empty),
    (tags::SEQUENCE_NAME, Keep),
    (tags::DEVICE_SERIAL_NUMBER, Dummy("0")),
    (tags::UDI_SEQUENCE, Remove),
    (tags::SOFTWARE_VERSIONS, Keep),
    (tags::CONVOLUTION_KERNEL, Keep),
    (tags::RECEIVE_COIL_NAME, Keep),
    (tags::TRANSMIT_COIL_NAME, Keep),
    (tags::TRANSDUCER_IDENTIFICATION_SEQUENCE, Remove),
    (tags::PULSE_SEQUENCE_NAME, Keep),
    (tags::FRAME_ACQUISITION_DATE_TIME, Dummy(DATE_TIME)),
    (tags::FRAME_REFERENCE_DATE_TIME, Dummy(DATE_TIME)),
    (tags::CONTRIBUTING_EQUIPMENT_SEQUENCE, Remove),
    (tags::STUDY_ID, Empty),
    (tags::POSITION_REFERENCE_INDICATOR, Empty),
    // Modifying Device ID, retired.
    (Tag(0x0020, 0x3401), Remove),
    (tags::STACK_ID, Keep),
    (tags::ACQUISITION_CONTEXT_SEQUENCE, Empty),
];

/// Texts and bulk data of group 0028, which describes pixels, and of real world values, which say what they mean.
const OF_PIXELS: [Tag; 21] = [
    tags::PIXEL_SPACING_CALIBRATION_DESCRIPTION,
    tags::RESCALE_TYPE,
    tags::WINDOW_CENTER_WIDTH_EXPLANATION,
    tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    tags::ICC_PROFILE,
    tags::LUT_EXPLANATION,
    tags::MODALITY_LUT_TYPE,
    tags::LUT_DATA,
    tags::LUT_LABEL,
    tags::MEASUREMENT_UNITS_CODE_SEQUENCE,
    tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE,
    tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED,
    tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED,
    tags::REAL_WORLD_VALUE_INTERCEPT,
    tags::REAL_WORLD_VALUE_SLOPE,
    tags::REAL_WORLD_VALUE_LUT_DATA,
];

/// Groups of which nothing is kept: patient, trial, place of a photograph, visit, flow, procedure, documents, drawings, icons, signatures,
/// results, treatment. Of group 0040 only what is listed above stays.
const GROUPS: [u16; 20] = [
    0x0002, 0x0010, 0x0012, 0x0016, 0x0032, 0x0034, 0x0038, 0x0040, 0x0042, 0x0070, 0x0088, 0x0400,
    0x3006, 0x300A, 0x300C, 0x3010, 0x4000, 0x4008, 0xFFFA, 0xFFFC,
];

/// The action for an attribute.
#[must_use]
pub fn action(tag: Tag, vr: VR) -> Action {
    if let Some((_, action)) = ATTRIBUTES.iter().find(|(listed, _)| *listed == tag) {
        return *action;
    }
    if OF_PIXELS.contains(&tag) {
        return Keep;
    }
    let group = tag.group();
    // Private attributes, curves and overlays, in which anything may be drawn.
    let is_open = group % 2 == 1 || matches!(group & 0xFF00, 0x5000 | 0x6000);
    if is_open || GROUPS.contains(&group) {
        return Remove;
    }
    by_vr(vr)
}

fn by_vr(vr: VR) -> Action {
    match vr {
        VR::UI => Uid,
        VR::SQ | VR::CS | VR::IS | VR::DS | VR::AT => Keep,
        VR::US | VR::SS | VR::UL | VR::SL | VR::UV | VR::SV | VR::FL | VR::FD => Keep,
        _ => Remove,
    }
}

/// Whether a copy without identity would not have this value of an attribute.
pub(super) fn is_personal(tag: Tag, vr: VR, value: &str) -> bool {
    // Pixel data is what pictures are: somebody who looks at one sees it.
    let is_pixels =
        matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA);
    match action(tag, vr) {
        Keep => false,
        Uid => !value.starts_with(REGISTERED),
        _ => !is_pixels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_those_of_the_profile() {
        let table = [
            (tags::PATIENT_COMMENTS, VR::LT, Remove),
            (tags::PATIENT_AGE, VR::AS, Remove),
            (tags::PATIENT_SIZE, VR::DS, Remove),
            (tags::INSTITUTION_NAME, VR::LO, Remove),
            (tags::STATION_NAME, VR::SH, Remove),
            (tags::SERIES_DESCRIPTION, VR::LO, Remove),
            (tags::OPERATORS_NAME, VR::PN, Remove),
            (tags::INSTANCE_CREATION_DATE, VR::DA, Remove),
            (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, Remove),
            (tags::REQUEST_ATTRIBUTES_SEQUENCE, VR::SQ, Remove),
            (tags::IMAGE_COMMENTS, VR::LT, Remove),
            (tags::GPS_LATITUDE, VR::DS, Remove),
            (Tag(0x0020, 0x3401), VR::CS, Remove),
            (tags::ROI_CREATOR_SEQUENCE, VR::SQ, Remove),
            (tags::ICON_IMAGE_SEQUENCE, VR::SQ, Remove),
            (tags::DIGITAL_SIGNATURES_SEQUENCE, VR::SQ, Remove),
            (tags::ORIGINAL_ATTRIBUTES_SEQUENCE, VR::SQ, Remove),
            (Tag(0x6000, 0x3000), VR::OW, Remove),
            (Tag(0x0009, 0x1001), VR::US, Remove),
            (tags::STUDY_DATE, VR::DA, Empty),
            (tags::SOP_INSTANCE_UID, VR::UI, Uid),
            (tags::FRAME_OF_REFERENCE_UID, VR::UI, Uid),
            (tags::DEVICE_UID, VR::UI, Uid),
            (tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, VR::SQ, Keep),
            (tags::REFERENCED_IMAGE_SEQUENCE, VR::SQ, Keep),
            (tags::MODALITY, VR::CS, Keep),
            (tags::PIXEL_SPACING, VR::DS, Keep),
            (tags::ROWS, VR::US, Keep),
            (tags::LUT_DATA, VR::OW, Keep),
        ];
        for (tag, vr, expected) in table {
            assert_eq!(action(tag, vr), expected, "{tag}");
        }
    }

    #[test]
    fn attributes_are_listed_once_and_in_order() {
        assert!(ATTRIBUTES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
