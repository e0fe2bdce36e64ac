//! Conversions as Little CMS does them; damaged profiles.

use viewer_core::exam::{IccProfile, MAX_ICC_PROFILE_BYTES};
use viewer_core::pixel::icc::{IccError, ToSrgb};
use viewer_core::pixel::{FramePixels, PixelFrame};

use super::delta_e::delta_e_2000;

pub(super) const MATRIX: &str = include_str!("../icc_vectors/matrix.icc.base64");
pub(super) const SRGB: [&str; 3] = [
    include_str!("../icc_vectors/srgb_parametric.icc.base64"),
    include_str!("../icc_vectors/srgb_table.icc.base64"),
    include_str!("../icc_vectors/srgb_pillow.icc.base64"),
];
pub(super) const GRAY: &str = include_str!("../icc_vectors/gray.icc.base64");
const TABLE: &str = include_str!("../icc_vectors/table.icc.base64");
/// What Little CMS makes of the colours of [`grid`].
const REFERENCES: [(&str, &[u8]); 2] = [
    (MATRIX, include_bytes!("../icc_vectors/matrix.rgb")),
    (TABLE, include_bytes!("../icc_vectors/table.rgb")),
];

pub(super) fn profile(base64: &str) -> IccProfile {
    IccProfile { base64: base64.trim().to_owned() }
}

fn conversion(base64: &str) -> ToSrgb {
    ToSrgb::from_exam(&profile(base64)).expect("a usable profile")
}

/// Red slowest, blue fastest.
fn grid() -> Vec<u8> {
    const LEVELS: [u8; 6] = [0, 32, 96, 160, 224, 255];
    let colours = LEVELS.into_iter().flat_map(|red| {
        LEVELS.into_iter().flat_map(move |green| LEVELS.map(|blue| [red, green, blue, 255]))
    });
    colours.flatten().collect()
}

#[test]
fn colours_are_those_of_little_cms() {
    for (name, reference) in REFERENCES {
        let converted = conversion(name).convert(&grid()).expect("whole pixels");
        let pairs = converted.as_chunks::<4>().0.iter().zip(reference.as_chunks::<3>().0);
        let profile = &name[..20];
        let worst = pairs
            .map(|(&[r, g, b, alpha], &expected)| {
                assert_eq!(alpha, 255);
                (delta_e_2000([r, g, b], expected), [r, g, b], expected)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let worst = worst.expect("colours");
        assert!(worst.0 < 1.0, "{profile}: {worst:?}");
    }
}

#[test]
fn srgb_is_recognised_in_every_form() {
    for base64 in SRGB {
        assert!(conversion(base64).is_identity());
    }
    assert!(!conversion(MATRIX).is_identity());
    assert!(!conversion(TABLE).is_identity());
}

#[test]
fn grey_frames_stay_as_they_are() {
    let gray = PixelFrame::new(2, 1, FramePixels::GrayU8(vec![1, 200])).expect("two pixels");
    assert_eq!(conversion(MATRIX).convert_frame(gray.clone()).expect("unchanged"), gray);
    let colour = PixelFrame::new(1, 1, FramePixels::Rgba8(vec![0, 200, 0, 255])).expect("a pixel");
    assert_ne!(conversion(MATRIX).convert_frame(colour.clone()).expect("converted"), colour);
}

#[test]
fn unusable_profiles_are_refused() {
    let error = |base64: &str| ToSrgb::from_exam(&profile(base64)).err();
    assert!(matches!(error(GRAY), Some(IccError::NotRgb)));
    assert!(matches!(error("?"), Some(IccError::Text(_))));
    assert!(matches!(error(""), Some(IccError::Broken(_))));
    let huge = vec![0; MAX_ICC_PROFILE_BYTES + 1];
    assert!(matches!(ToSrgb::from_profile(&huge), Err(IccError::TooLarge(_))));
}

/// A damaged profile is refused or converts; it never stops the program.
#[test]
fn damaged_profiles_do_no_harm() {
    use base64::Engine as _;
    for base64 in [MATRIX, TABLE, SRGB[1]] {
        let whole = base64::engine::general_purpose::STANDARD.decode(base64.trim());
        let whole = whole.expect("base64");
        let check = |bytes: &[u8]| {
            if let Ok(conversion) = ToSrgb::from_profile(bytes) {
                assert_eq!(
                    conversion.convert(&[1, 2, 3, 255]).map(|rgba| rgba.len()).ok(),
                    Some(4)
                );
            }
        };
        for length in (0..whole.len()).step_by(1 + whole.len() / 100) {
            check(&whole[..length]);
        }
        for at in (0..whole.len().min(600)).step_by(3) {
            for value in [0, 0x7F, 0xFF] {
                let mut damaged = whole.clone();
                damaged[at] = value;
                check(&damaged);
            }
        }
    }
}
