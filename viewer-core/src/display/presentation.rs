//! Step 4, presentation: what inverts a picture.

use crate::exam::{DisplayAttributes, ImageFormat};

/// Whether the picture is drawn inverted: MONOCHROME1 or Presentation LUT Shape INVERSE, *xor* the user's
/// wish. The two invert once between them: images have the one exactly with the other (PS3.3
/// C.8.11.3.1.2). Colour has only the user's wish.
#[must_use]
pub fn is_inverted(attributes: &DisplayAttributes, format: &ImageFormat, by_user: bool) -> bool {
    let is_grey =
        format.samples_per_pixel == 1 && format.photometric_interpretation != "PALETTE COLOR";
    let low_is_white = format.photometric_interpretation == "MONOCHROME1";
    (is_grey && (low_is_white || attributes.inverse_presentation)) != by_user
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::{ModalityTransform, SampleKind};

    fn attributes() -> DisplayAttributes {
        DisplayAttributes {
            modality: ModalityTransform::Rescale { slope: 2.0, intercept: -10.0 },
            unit: String::new(),
            windows: Vec::new(),
            voi_luts: Vec::new(),
            inverse_presentation: false,
            presentation_lut: None,
            palette: None,
        }
    }

    fn format(photometric: &str, bits_stored: u16, signed: bool) -> ImageFormat {
        ImageFormat {
            transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
            sop_class_uid: String::new(),
            rows: 1,
            columns: 1,
            samples_per_pixel: 1,
            photometric_interpretation: photometric.into(),
            bits_allocated: 16,
            bits_stored,
            high_bit: bits_stored - 1,
            signed,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        }
    }

    #[test]
    fn the_file_inverts_once_and_the_user_on_top() {
        let mut given = attributes();
        for (photometric, inverse, by_user, expected) in [
            ("MONOCHROME2", false, false, false),
            ("MONOCHROME2", false, true, true),
            ("MONOCHROME2", true, false, true),
            ("MONOCHROME1", false, false, true),
            ("MONOCHROME1", true, false, true),
            ("MONOCHROME1", true, true, false),
            ("PALETTE COLOR", true, false, false),
            ("PALETTE COLOR", false, true, true),
        ] {
            given.inverse_presentation = inverse;
            let found = is_inverted(&given, &format(photometric, 8, false), by_user);
            assert_eq!(found, expected, "{photometric} {inverse} {by_user}");
        }
    }
}
