//! Properties on the way to the screen: a table that rises draws brighter for more; greys drawn quickly are those of the
//! reference.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use viewer_core::display::{DisplayParams, Interpolation, Modality, Voi, cpu, quick};
use viewer_core::exam::{LookupTable, VoiFunction};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{FramePixels, PixelFrame};

/// A table whose entries never fall, as large as its bits allow.
fn rising_table() -> impl Strategy<Value = LookupTable> {
    let entries = (8_u16..=16).prop_flat_map(|bits| {
        let largest = u16::try_from((1_u32 << bits) - 1).expect("at most 16 bits");
        (Just(bits), prop::collection::vec(0..=largest, 1..300))
    });
    (entries, -40_000_i32..40_000).prop_map(|((bits, mut entries), first_mapped)| {
        entries.sort_unstable();
        LookupTable { first_mapped, bits, entries, explanation: String::new() }
    })
}

/// Greys of all kinds that 8 and 16 bits have, some of them in `padding`.
fn short_greys() -> impl Strategy<Value = PixelFrame> {
    (1_u32..24, 1_u32..24).prop_flat_map(|(columns, rows)| {
        let count = (columns * rows) as usize;
        let pixels = prop_oneof![
            prop::collection::vec(any::<u8>(), count).prop_map(FramePixels::GrayU8),
            prop::collection::vec(any::<i8>(), count).prop_map(FramePixels::GrayI8),
            prop::collection::vec(any::<u16>(), count).prop_map(FramePixels::GrayU16),
            prop::collection::vec(any::<i16>(), count).prop_map(FramePixels::GrayI16),
        ];
        let frame = move |pixels| PixelFrame::new(columns, rows, pixels).expect("all pixels");
        pixels.prop_map(frame)
    })
}

/// Enlarged, as it is or shrunk, mirrored or not, partly beside the canvas; windows from narrow to wide.
fn upright() -> impl Strategy<Value = DisplayParams> {
    let side = prop_oneof![Just(1.0), Just(0.5), 0.05..1.01, 1.0..7.0];
    let scale = move || (side.clone(), any::<bool>(), -9.0..30.0_f64);
    let padding = prop::option::of((-300.0..300.0_f64, 0.0..20_000.0_f64));
    let tone = (1.0..90_000.0_f64, -500.0..500.0_f64, any::<(bool, bool, u8)>());
    ((1_u32..60, 1_u32..60), scale(), scale(), padding, -2.0..2.0_f64, tone).prop_map(
        |((width, height), across, down, padding, slope, (window, intercept, flags))| {
            let signed = |(scale, is_mirrored, start): (f64, bool, f64)| {
                if is_mirrored { (-scale, start) } else { (scale, start - 9.0) }
            };
            let ((xx, x0), (yy, y0)) = (signed(across), signed(down));
            let (invert, is_exact, background) = flags;
            let function = if is_exact { VoiFunction::LinearExact } else { VoiFunction::Linear };
            DisplayParams {
                canvas_size_px: [width, height],
                image_from_canvas: Affine2 { xx, xy: 0.0, x0, yx: 0.0, yy, y0 },
                padding: padding.map(|(low, span)| [low, low + span]),
                supplemental: None,
                modality: Modality::Rescale { slope, intercept },
                voi: Voi::Window { center: intercept, width: window + 1.0, function },
                invert,
                output: None,
                interpolation: Interpolation::Linear,
                background,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn greys_are_drawn_quickly_as_by_the_reference(
        frame in short_greys(), params in upright(),
    ) {
        let expected = cpu::render(&frame, &params);
        let mut found = vec![7; expected.len()];
        quick::render_into(&frame, &params, &mut found);
        let off = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
        prop_assert!(off.unwrap_or(0) <= 1, "{off:?}");
    }
}

proptest! {
    #[test]
    fn a_rising_voi_lut_rises_and_stays_within_0_and_1(
        table in rising_table(), value in -5e4_f64..5e4, step in 0.0_f64..1e3,
    ) {
        let voi = Voi::Lut(table);
        let (low, high) = (voi.apply(value), voi.apply(value + step));
        prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) && low <= high);
    }

    #[test]
    fn a_rising_modality_lut_rises_and_gives_its_entries(
        table in rising_table(), stored in -70_000_i32..70_000, step in 0_i32..500,
    ) {
        let modality = Modality::Lut(table.clone());
        let (low, high) = (modality.apply(stored.into()), modality.apply((stored + step).into()));
        prop_assert!(low <= high);
        prop_assert!(table.entries.iter().any(|&entry| f64::from(entry) == low));
    }

    #[test]
    fn every_entry_of_a_modality_lut_is_reached(table in rising_table(), index in 0_usize..300) {
        let index = index % table.entries.len();
        let stored = table.first_mapped + i32::try_from(index).expect("a short table");
        let expected = f64::from(table.entries[index]);
        prop_assert_eq!(Modality::Lut(table).apply(stored.into()), expected);
    }
}
