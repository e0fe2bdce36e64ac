//! What to show before the user has touched anything, from the file's attributes.

use super::{Modality, Voi};
use crate::exam::{DisplayAttributes, ImageFormat, SampleKind, VoiFunction};

/// The VOI an image opens with, and whether it had to be guessed.
#[derive(Clone, Debug, PartialEq)]
pub struct InitialVoi {
    /// What to draw with.
    pub voi: Voi,
    /// True where neither the file nor its bits say what to show, and the range of the samples was
    /// taken: to be written on the image.
    pub guessed: bool,
}

/// The VOI to open an image with, in this order:
/// 1. the first VOI LUT of the file;
/// 2. its first window;
/// 3. unsigned samples of up to 8 bits without either: the full range (identity, PS3.3 C.11.2.1);
/// 4. the range `stored_range` (smallest and largest stored sample) of what is shown;
/// 5. the full range of Bits Stored; 0 to 1 for floating point samples.
#[must_use]
pub fn initial_voi(
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    stored_range: Option<[f64; 2]>,
) -> InitialVoi {
    if let Some(table) = attributes.voi_luts.first() {
        return InitialVoi { voi: Voi::Lut(table.clone()), guessed: false };
    }
    if let Some(window) = attributes.windows.first() {
        return InitialVoi { voi: window.into(), guessed: false };
    }
    let modality = Modality::from(&attributes.modality);
    let is_display_ready = format.bits_stored <= 8 && !format.signed;
    match stored_range.filter(|range| !is_display_ready && range.iter().all(|v| v.is_finite())) {
        Some(range) => InitialVoi { voi: full_range(&modality, range), guessed: true },
        None => InitialVoi {
            voi: full_range(&modality, stored_bounds(format)),
            guessed: !is_display_ready,
        },
    }
}

/// The window that maps the smaller end of a stored range to black and the larger to white.
#[must_use]
pub fn full_range(modality: &Modality, stored_range: [f64; 2]) -> Voi {
    let [a, b] = stored_range.map(|stored| modality.apply(stored));
    Voi::Window {
        center: f64::midpoint(a, b),
        width: (b - a).abs(),
        function: VoiFunction::LinearExact,
    }
}

/// Smallest and largest value that Bits Stored can hold.
fn stored_bounds(format: &ImageFormat) -> [f64; 2] {
    if format.samples != SampleKind::Integer {
        return [0.0, 1.0];
    }
    let values = f64::from(format.bits_stored.clamp(1, 32)).exp2();
    if format.signed { [-values / 2.0, values / 2.0 - 1.0] } else { [0.0, values - 1.0] }
}

/// Whether the picture is drawn inverted: MONOCHROME1 *xor* Presentation LUT Shape INVERSE *xor* the
/// user's wish (PS3.3 C.7.6.3.1.2, C.11.6). Colour has only the last.
#[must_use]
pub fn is_inverted(attributes: &DisplayAttributes, format: &ImageFormat, by_user: bool) -> bool {
    let is_grey =
        format.samples_per_pixel == 1 && format.photometric_interpretation != "PALETTE COLOR";
    let low_is_white = format.photometric_interpretation == "MONOCHROME1";
    (is_grey && (low_is_white != attributes.inverse_presentation)) != by_user
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::{LookupTable, ModalityTransform, VoiWindow};

    fn attributes() -> DisplayAttributes {
        DisplayAttributes {
            modality: ModalityTransform::Rescale { slope: 2.0, intercept: -10.0 },
            unit: String::new(),
            windows: Vec::new(),
            voi_luts: Vec::new(),
            inverse_presentation: false,
            padding: None,
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
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        }
    }

    fn window(center: f64, width: f64, function: VoiFunction) -> Voi {
        Voi::Window { center, width, function }
    }

    #[test]
    fn lut_before_window_before_range() {
        let mr = format("MONOCHROME2", 12, false);
        let mut given = attributes();
        let from_range = initial_voi(&given, &mr, Some([5.0, 105.0]));
        assert_eq!(from_range.voi, window(100.0, 200.0, VoiFunction::LinearExact));
        assert!(from_range.guessed);

        given.windows.push(VoiWindow {
            center: 40.0,
            width: 400.0,
            function: VoiFunction::Sigmoid,
            explanation: String::new(),
        });
        let from_window = initial_voi(&given, &mr, Some([5.0, 105.0]));
        assert_eq!(from_window.voi, window(40.0, 400.0, VoiFunction::Sigmoid));
        assert!(!from_window.guessed);

        let table = LookupTable {
            first_mapped: 0,
            bits: 8,
            entries: vec![0, 255],
            explanation: String::new(),
        };
        given.voi_luts.push(table.clone());
        let from_lut = initial_voi(&given, &mr, None);
        assert_eq!(from_lut, InitialVoi { voi: Voi::Lut(table), guessed: false });
    }

    #[test]
    fn eight_bits_are_shown_as_they_are() {
        let shown =
            initial_voi(&attributes(), &format("MONOCHROME2", 8, false), Some([5.0, 105.0]));
        // 2·0 − 10 … 2·255 − 10
        assert_eq!(shown.voi, window(245.0, 510.0, VoiFunction::LinearExact));
        assert!(!shown.guessed);
    }

    #[test]
    fn without_any_hint_the_bits_decide() {
        let shown = initial_voi(&attributes(), &format("MONOCHROME2", 12, true), None);
        // −2048 … 2047 → −4106 … 4084
        assert_eq!(shown.voi, window(-11.0, 8190.0, VoiFunction::LinearExact));
        assert!(shown.guessed);
    }

    #[test]
    fn a_falling_rescale_still_maps_low_to_black() {
        let falling = Modality::Rescale { slope: -1.0, intercept: 0.0 };
        let found = full_range(&falling, [0.0, 100.0]);
        assert_eq!(found, window(-50.0, 100.0, VoiFunction::LinearExact));
    }

    #[test]
    fn reasons_to_invert_cancel_out() {
        let mut given = attributes();
        for (photometric, inverse, by_user, expected) in [
            ("MONOCHROME2", false, false, false),
            ("MONOCHROME2", false, true, true),
            ("MONOCHROME2", true, false, true),
            ("MONOCHROME1", false, false, true),
            ("MONOCHROME1", true, false, false),
            ("MONOCHROME1", true, true, true),
            ("PALETTE COLOR", true, false, false),
            ("PALETTE COLOR", false, true, true),
        ] {
            given.inverse_presentation = inverse;
            let found = is_inverted(&given, &format(photometric, 8, false), by_user);
            assert_eq!(found, expected, "{photometric} {inverse} {by_user}");
        }
    }
}
