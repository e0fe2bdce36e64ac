//! What tells images in the same place apart: echoes, phases, b-values, flavours (PS3.3 C.8.3.1,
//! C.7.6.16.2.2, C.8.13.5.9).

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::functional_groups::FrameGroups;
use super::private;
use crate::exam::StackAttributes;

/// Reads them from an object, and of a multi-frame one from the groups of its first frame.
pub(super) fn read(object: &InMemDicomObject) -> StackAttributes {
    let groups = FrameGroups::all(object).into_iter().next();
    let content = groups.and_then(|groups| groups.item(tags::FRAME_CONTENT_SEQUENCE));
    let echo = groups.and_then(|groups| groups.item(tags::MR_ECHO_SEQUENCE));
    let small = |number: Option<i64>| number.and_then(|number| i32::try_from(number).ok());
    let kernel = object.texts(tags::CONVOLUTION_KERNEL).join("\\");
    StackAttributes {
        image_type: object.texts(tags::IMAGE_TYPE),
        stack_id: content.unwrap_or(object).text(tags::STACK_ID),
        kernel: Some(kernel).filter(|kernel| !kernel.is_empty()),
        // Images made of several echoes have several numbers: they are of none of them.
        echo_number: match object.integers(tags::ECHO_NUMBERS).as_slice() {
            &[number] => small(Some(number)),
            _ => None,
        },
        echo_time_ms: echo
            .and_then(|echo| echo.float(tags::EFFECTIVE_ECHO_TIME))
            .or_else(|| object.float(tags::ECHO_TIME)),
        inversion_time_ms: object.float(tags::INVERSION_TIME),
        b_value: b_value(object, groups.as_ref()),
        temporal_position: small(
            content
                .and_then(|content| content.integer(tags::TEMPORAL_POSITION_INDEX))
                .or_else(|| object.integer(tags::TEMPORAL_POSITION_IDENTIFIER)),
        ),
        trigger_time_ms: object.float(tags::TRIGGER_TIME),
        acquisition_number: small(object.integer(tags::ACQUISITION_NUMBER)),
    }
}

/// The standard attribute, else the private one of the vendor: most MR images that are not enhanced
/// have that only.
fn b_value(object: &InMemDicomObject, groups: Option<&FrameGroups<'_>>) -> Option<f64> {
    let of_frame = groups.and_then(|groups| groups.item(tags::MR_DIFFUSION_SEQUENCE));
    of_frame
        .unwrap_or(object)
        .float(tags::DIFFUSION_B_VALUE)
        .or_else(|| private::float(object, 0x0019, "SIEMENS MR HEADER", 0x0C))
        .or_else(|| private::float(object, 0x2001, "Philips Imaging DD 001", 0x03))
        .or_else(|| private::float(object, 0x0043, "GEMS_PARM_01", 0x39).map(ge_b_value))
        .filter(|&b| (0.0..=1e6).contains(&b))
}

/// GE adds 10⁹ to the b-values of some sequences.
fn ge_b_value(stored: f64) -> f64 {
    if stored >= 1e9 { stored % 1e9 } else { stored }
}

#[cfg(test)]
mod tests {
    use super::ge_b_value;

    #[test]
    fn the_offset_of_ge_is_taken_off() {
        assert_eq!(ge_b_value(1_000_000_800.0), 800.0);
        assert_eq!(ge_b_value(800.0), 800.0);
    }
}
