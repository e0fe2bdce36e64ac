//! Conversions as Little CMS does them; damaged profiles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use viewer_core::exam::{IccProfile, MAX_ICC_PROFILE_BYTES, Palette};
use viewer_core::pixel::icc::{IccError, ToSrgb, named_profile};
use viewer_core::pixel::{FramePixels, PixelFrame};

use super::delta_e::delta_e_2000;

pub(super) const MATRIX: &[u8] = include_bytes!("../icc_vectors/matrix.icc");
pub(super) const SRGB: [&[u8]; 3] = [
    include_bytes!("../icc_vectors/srgb_parametric.icc"),
    include_bytes!("../icc_vectors/srgb_table.icc"),
    include_bytes!("../icc_vectors/srgb_pillow.icc"),
];
pub(super) const GRAY: &[u8] = include_bytes!("../icc_vectors/gray.icc");
const TABLE: &[u8] = include_bytes!("../icc_vectors/table9_curves.icc");
const STEPS: &[u8] = include_bytes!("../icc_vectors/table9_steps.icc");
/// Profiles, and what Little CMS makes of the colours of [`grid`] with them.
const REFERENCES: [(&str, &[u8], &[u8]); 6] = [
    ("matrix", MATRIX, include_bytes!("../icc_vectors/matrix.rgb")),
    (
        "7 steps",
        include_bytes!("../icc_vectors/table7.icc"),
        include_bytes!("../icc_vectors/table7.rgb"),
    ),
    ("9 steps behind curves", TABLE, include_bytes!("../icc_vectors/table9_curves.rgb")),
    (
        "a black that is not",
        include_bytes!("../icc_vectors/table11_black.icc"),
        include_bytes!("../icc_vectors/table11_black.rgb"),
    ),
    (
        "table of bytes",
        include_bytes!("../icc_vectors/table17_bytes.icc"),
        include_bytes!("../icc_vectors/table17_bytes.rgb"),
    ),
    ("version 4", STEPS, include_bytes!("../icc_vectors/table9_steps.rgb")),
];

pub(super) fn profile(bytes: &[u8]) -> IccProfile {
    IccProfile { base64: STANDARD.encode(bytes) }
}

fn conversion(bytes: &[u8]) -> ToSrgb {
    ToSrgb::from_profile(bytes).expect("a usable profile")
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
    for (name, profile, reference) in REFERENCES {
        let converted = conversion(profile).convert(&grid());
        let pairs = converted.as_chunks::<4>().0.iter().zip(reference.as_chunks::<3>().0);
        let worst = pairs
            .map(|(&[r, g, b, alpha], &expected)| {
                assert_eq!(alpha, 255);
                (delta_e_2000([r, g, b], expected), [r, g, b], expected)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let worst = worst.expect("colours");
        assert!(worst.0 < 1.0, "{name}: {worst:?}");
    }
}

#[test]
fn srgb_is_recognised_in_every_form() {
    for profile in SRGB {
        assert!(conversion(profile).is_identity());
    }
    assert!(!conversion(MATRIX).is_identity());
    assert!(!conversion(TABLE).is_identity());
}

#[test]
fn grey_frames_stay_as_they_are() {
    let gray = PixelFrame::new(2, 1, FramePixels::GrayU8(vec![1, 200])).expect("two pixels");
    assert_eq!(conversion(MATRIX).convert_frame(gray.clone()), gray);
    let colour = PixelFrame::new(1, 1, FramePixels::Rgba8(vec![0, 200, 0, 255])).expect("a pixel");
    assert_ne!(conversion(MATRIX).convert_frame(colour.clone()), colour);
}

/// Deep colours come out between those of 8 bits, of which they are finer steps.
#[test]
fn sixteen_bits_are_converted_as_eight() {
    for (_, profile, _) in REFERENCES {
        let conversion = conversion(profile);
        let bytes = grid();
        let words: Vec<u16> = bytes.iter().map(|&level| u16::from(level) * 257).collect();
        let (shallow, deep) = (conversion.convert(&bytes), conversion.convert(&words));
        for (level, deep) in shallow.iter().zip(&deep) {
            assert!((f64::from(*level) - f64::from(*deep) / 257.0).abs() < 0.51, "{level} {deep}");
        }
    }
    let ramp: Vec<u16> = (0..=u16::MAX).flat_map(|level| [level, level, level, 7]).collect();
    let converted = conversion(MATRIX).convert(&ramp);
    let pixels = converted.as_chunks::<4>().0;
    assert!(pixels.iter().all(|pixel| pixel[3] == 7));
    assert!(pixels.windows(2).all(|pair| pair[0][1] <= pair[1][1]), "a ramp stays one");
    assert!(pixels.iter().filter(|pixel| pixel[1] % 257 != 0).count() > 60_000);
}

#[test]
fn palettes_are_converted_entry_by_entry() {
    let rgb = [vec![0, 200, 255], vec![10, 100, 255], vec![20, 0, 255]];
    let bytes = Palette { first_mapped: -4, bits: 8, rgb };
    let words = Palette {
        bits: 16,
        rgb: bytes.rgb.clone().map(|channel| channel.iter().map(|v| v * 257).collect()),
        ..bytes
    };
    let conversion = conversion(MATRIX);
    let expected = conversion.convert(&[0_u8, 10, 20, 0, 200, 100, 0, 0, 255, 255, 255, 0]);
    let found = conversion.convert_palette(&bytes);
    assert_eq!((found.first_mapped, found.bits), (-4, 8));
    let deep = conversion.convert_palette(&words);
    for (index, pixel) in expected.as_chunks::<4>().0.iter().enumerate() {
        for (channel, &level) in pixel.iter().enumerate().take(3) {
            assert_eq!(found.rgb[channel][index], u16::from(level));
            let deep = f64::from(deep.rgb[channel][index]) / 257.0;
            assert!((deep - f64::from(level)).abs() < 0.51);
        }
    }
}

#[test]
fn named_spaces_are_those_of_the_standard() {
    let adobe = ToSrgb::from_profile(&named_profile("ADOBERGB").expect("known")).expect("usable");
    let (found, expected) = (adobe.convert(&grid()), conversion(MATRIX).convert(&grid()));
    assert!(found.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= 1));
    let romm = ToSrgb::from_profile(&named_profile("ROMMRGB").expect("known")).expect("usable");
    // Neutral stays neutral (its white is D50, sRGB's white on the screen), what is wider is cut off.
    for [r, g, b, _] in romm.convert(&[255_u8, 255, 255, 0, 128, 128, 128, 0]).as_chunks::<4>().0 {
        assert!(r.abs_diff(*g) <= 1 && g.abs_diff(*b) <= 1, "{r} {g} {b}");
    }
    assert_eq!(romm.convert(&[0_u8, 255, 0, 0])[..3], [0, 255, 0]);
    assert_eq!(named_profile("SRGB"), None);
}

#[test]
fn unusable_profiles_are_refused() {
    let error = |bytes: &[u8]| ToSrgb::from_profile(bytes).err();
    assert_eq!(error(GRAY), Some(IccError::NotRgb));
    assert!(matches!(error(b""), Some(IccError::Broken(_))));
    let huge = vec![0; MAX_ICC_PROFILE_BYTES + 1];
    assert_eq!(error(&huge), Some(IccError::TooLarge(MAX_ICC_PROFILE_BYTES + 1)));
    let text = ToSrgb::from_exam(&IccProfile { base64: "?".to_owned() });
    assert!(matches!(text.err(), Some(IccError::Text(_))));
    let mut link = MATRIX.to_vec();
    link[12..16].copy_from_slice(b"link");
    assert!(matches!(error(&link), Some(IccError::Broken(_))));
}

/// A damaged profile is refused or converts; it never stops the program.
#[test]
fn damaged_profiles_do_no_harm() {
    for whole in [MATRIX, TABLE, STEPS, SRGB[0]] {
        let check = |bytes: &[u8]| {
            if let Ok(conversion) = ToSrgb::from_profile(bytes) {
                assert_eq!(conversion.convert(&[1_u8, 2, 3, 255]).len(), 4);
            }
        };
        for length in (0..whole.len()).step_by(1 + whole.len() / 100) {
            check(&whole[..length]);
        }
        for at in (0..whole.len().min(700)).step_by(3) {
            for value in [0, 0x7F, 0xFF] {
                let mut damaged = whole.to_vec();
                damaged[at] = value;
                check(&damaged);
            }
        }
    }
}
