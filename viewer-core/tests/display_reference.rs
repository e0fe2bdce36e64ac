//! The reference renderer on small frames whose every pixel is worked out by hand.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use viewer_core::display::{
    ColourMap, ColourTable, DisplayParams, Interpolation, Modality, SupplementalPalette, Voi,
    cpu::render,
};
use viewer_core::exam::{LookupTable, VoiFunction};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{FramePixels, PixelFrame};

fn params(canvas_size_px: [u32; 2], image_from_canvas: Affine2) -> DisplayParams {
    DisplayParams {
        canvas_size_px,
        image_from_canvas,
        padding: None,
        supplemental: None,
        modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
        voi: Voi::Window { center: 128.0, width: 256.0, function: VoiFunction::Linear },
        invert: false,
        output: None,
        interpolation: Interpolation::Linear,
        background: 7,
    }
}

fn grey_frame(columns: u32, rows: u32, samples: &[i16]) -> PixelFrame {
    PixelFrame::new(columns, rows, FramePixels::GrayI16(samples.to_vec())).expect("sizes agree")
}

/// The red channel, after checking that green and blue equal it and alpha is 255.
fn greys(rgba: &[u8]) -> Vec<u8> {
    rgba.chunks(4)
        .map(|pixel| {
            assert_eq!(pixel, [pixel[0], pixel[0], pixel[0], 255]);
            pixel[0]
        })
        .collect()
}

#[test]
fn one_to_one_shows_the_stored_bytes() {
    let frame = grey_frame(3, 2, &[0, 1, 128, 200, 254, 255]);
    let drawn = render(&frame, &params([3, 2], Affine2::IDENTITY));
    assert_eq!(greys(&drawn), [0, 1, 128, 200, 254, 255]);
}

#[test]
fn outside_is_background_and_is_not_inverted() {
    let frame = grey_frame(1, 1, &[255]);
    let shifted = Affine2 { x0: -1.0, y0: -1.0, ..Affine2::IDENTITY };
    let mut asked = params([3, 3], shifted);
    asked.invert = true;
    assert_eq!(greys(&render(&frame, &asked)), [7, 7, 7, 7, 0, 7, 7, 7, 7]);
}

#[test]
fn flip_and_rotation_are_in_the_map() {
    let frame = grey_frame(2, 2, &[10, 20, 30, 40]);
    let flipped = Affine2 { xx: -1.0, x0: 2.0, ..Affine2::IDENTITY };
    assert_eq!(greys(&render(&frame, &params([2, 2], flipped))), [20, 10, 40, 30]);
    // A quarter turn clockwise: the left column of the image becomes the top row, bottom first.
    let turned = Affine2 { xx: 0.0, xy: 1.0, x0: 0.0, yx: -1.0, yy: 0.0, y0: 2.0 };
    assert_eq!(greys(&render(&frame, &params([2, 2], turned))), [30, 10, 40, 20]);
}

#[test]
fn enlarged_twice_bilinear_and_nearest() {
    let frame = grey_frame(2, 1, &[100, 200]);
    let half = Affine2 { xx: 0.5, yy: 0.5, ..Affine2::IDENTITY };
    let mut asked = params([4, 2], half);
    assert_eq!(greys(&render(&frame, &asked)), [100, 125, 175, 200, 100, 125, 175, 200]);
    asked.interpolation = Interpolation::Nearest;
    assert_eq!(greys(&render(&frame, &asked)), [100, 100, 200, 200, 100, 100, 200, 200]);
}

#[test]
fn shrunk_pixels_are_averaged_before_the_window() {
    // One white pixel in four: the mean is a quarter even though the window is a threshold in between.
    let frame = grey_frame(2, 2, &[0, 0, 0, 1000]);
    let double = Affine2 { xx: 2.0, yy: 2.0, ..Affine2::IDENTITY };
    let mut asked = params([1, 1], double);
    asked.voi = Voi::Window { center: 500.0, width: 1000.0, function: VoiFunction::LinearExact };
    assert_eq!(greys(&render(&frame, &asked)), [64]);
    asked.voi = Voi::Window { center: 251.0, width: 1.0, function: VoiFunction::Linear };
    assert_eq!(greys(&render(&frame, &asked)), [0]);
    asked.voi = Voi::Window { center: 250.0, width: 1.0, function: VoiFunction::Linear };
    assert_eq!(greys(&render(&frame, &asked)), [255]);
}

#[test]
fn rescale_then_interpolation_then_voi_lut() {
    let frame = grey_frame(2, 1, &[0, 1]);
    let half = Affine2 { xx: 0.5, x0: 0.0, ..Affine2::IDENTITY };
    let mut asked = params([4, 1], half);
    asked.modality = Modality::Rescale { slope: 4.0, intercept: -2.0 };
    // Modality values −2, −1, 1, 2 at the four canvas pixels.
    asked.voi = Voi::Lut(LookupTable {
        first_mapped: -2,
        bits: 8,
        entries: vec![11, 22, 33, 44, 55],
        explanation: String::new(),
    });
    assert_eq!(greys(&render(&frame, &asked)), [11, 22, 44, 55]);
    asked.invert = true;
    assert_eq!(greys(&render(&frame, &asked)), [244, 233, 211, 200]);
}

#[test]
fn colour_is_interpolated_by_channel_and_ignores_the_window() {
    let rgba = vec![0, 100, 255, 255, 200, 100, 0, 255];
    let frame = PixelFrame::new(2, 1, FramePixels::Rgba8(rgba)).expect("sizes agree");
    let half = Affine2 { xx: 0.5, ..Affine2::IDENTITY };
    let mut asked = params([4, 1], half);
    asked.voi = Voi::Window { center: 0.0, width: 1.0, function: VoiFunction::Linear };
    let drawn = render(&frame, &asked);
    assert_eq!(drawn, [0, 100, 255, 255, 50, 100, 191, 255, 150, 100, 64, 255, 200, 100, 0, 255]);
    asked.invert = true;
    let inverted = render(&frame, &asked);
    assert_eq!(inverted[..4], [255, 155, 0, 255]);
}

#[test]
fn empty_frames_and_maps_without_meaning_give_background() {
    let empty = grey_frame(0, 0, &[]);
    assert_eq!(greys(&render(&empty, &params([2, 1], Affine2::IDENTITY))), [7, 7]);
    let nowhere = Affine2 { xx: f64::NAN, ..Affine2::IDENTITY };
    let frame = grey_frame(1, 1, &[0]);
    assert_eq!(greys(&render(&frame, &params([1, 1], nowhere))), [7]);
}

#[test]
fn signed_hounsfield_values_reach_their_grey() {
    let frame = grey_frame(4, 1, &[-1000, -160, 40, 240]);
    let mut asked = params([4, 1], Affine2::IDENTITY);
    asked.voi = Voi::Window { center: 40.0, width: 400.0, function: VoiFunction::Linear };
    // ((40 − 39.5)/399 + 0.5)·255 = 127.82
    assert_eq!(greys(&render(&frame, &asked)), [0, 0, 128, 255]);
}

/// Column 2 is padding: background, black on MONOCHROME1 too, and its neighbours do not fade into it.
#[test]
fn padding_is_background_and_does_not_bleed() {
    let frame = grey_frame(4, 1, &[100, 100, -2000, 200]);
    let half = Affine2 { xx: 0.5, ..Affine2::IDENTITY };
    for invert in [false, true] {
        let mut asked = params([8, 1], half);
        (asked.padding, asked.invert) = (Some([-2000.0, -2000.0]), invert);
        let shown = |grey: u8| if invert { 255 - grey } else { grey };
        for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
            asked.interpolation = interpolation;
            let [low, high] = [shown(100), shown(200)];
            let expected = [low, low, low, low, 7, 7, high, high];
            assert_eq!(greys(&render(&frame, &asked)), expected, "{interpolation:?}");
        }
    }
}

/// Shrunk, what is there is drawn: padding is left out of the mean.
#[test]
fn padding_is_not_averaged() {
    let frame = grey_frame(4, 1, &[100, -2000, -2000, -2000]);
    let mut asked = params([2, 1], Affine2 { xx: 2.0, ..Affine2::IDENTITY });
    asked.padding = Some([-2000.0, -1000.0]);
    assert_eq!(greys(&render(&frame, &asked)), [100, 7]);
}

#[test]
fn colours_of_a_supplemental_palette_stand_beside_greys() {
    let frame = grey_frame(4, 1, &[10, 1000, 1001, 30]);
    let colours = ColourTable::new([vec![65_535, 0], vec![257, 0], vec![0, 65_535]]);
    let colours = colours.expect("a table");
    let mut asked = params([4, 1], Affine2::IDENTITY);
    asked.supplemental = Some(SupplementalPalette { first_mapped: 1000, colours });
    asked.invert = true;
    let expected = [245, 245, 245, 255, 255, 1, 0, 255, 0, 0, 255, 255, 225, 225, 225, 255];
    assert_eq!(render(&frame, &asked), expected);
    // Two pixels of the image in one of the canvas: half of each.
    asked = DisplayParams { canvas_size_px: [2, 1], invert: false, ..asked };
    asked.image_from_canvas = Affine2 { xx: 2.0, ..Affine2::IDENTITY };
    assert_eq!(render(&frame, &asked), [133, 6, 5, 255, 15, 15, 143, 255]);
}

#[test]
fn greys_become_what_the_output_table_says() {
    let frame = grey_frame(3, 1, &[0, 128, 255]);
    let mut asked = params([3, 1], Affine2::IDENTITY);
    asked.output = ColourMap::HotIron.table();
    let expected = [0, 0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 255];
    assert_eq!(render(&frame, &asked), expected);
    asked.invert = true;
    assert_eq!(render(&frame, &asked)[..8], [255, 255, 255, 255, 254, 0, 0, 255]);
}

#[test]
fn deep_colour_is_rounded_at_the_end_only() {
    // 128.498 … and 128.502 of 255: half-way between them is 128.5.
    let rgba = vec![33_024, 0, 65_535, 65_535, 33_025, 0, 0, 65_535];
    let frame = PixelFrame::new(2, 1, FramePixels::Rgba16(rgba)).expect("sizes agree");
    let drawn = render(&frame, &params([2, 1], Affine2::IDENTITY));
    assert_eq!(drawn, [128, 0, 255, 255, 129, 0, 0, 255]);
}

#[test]
fn thirty_two_bits_are_exact() {
    let samples = vec![4_000_000_000, 4_000_000_001, 4_000_000_002, u32::MAX];
    let frame = PixelFrame::new(4, 1, FramePixels::GrayU32(samples)).expect("sizes agree");
    let mut asked = params([4, 1], Affine2::IDENTITY);
    asked.voi =
        Voi::Window { center: 4_000_000_001.0, width: 2.0, function: VoiFunction::LinearExact };
    assert_eq!(greys(&render(&frame, &asked)), [0, 128, 255, 255]);
}
