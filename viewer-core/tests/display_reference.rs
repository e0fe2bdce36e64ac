//! The reference renderer on small frames whose every pixel is worked out by hand.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use viewer_core::display::{DisplayParams, Interpolation, Modality, Voi, cpu::render};
use viewer_core::exam::{LookupTable, VoiFunction};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{FramePixels, PixelFrame};

fn params(canvas_size_px: [u32; 2], image_from_canvas: Affine2) -> DisplayParams {
    DisplayParams {
        canvas_size_px,
        image_from_canvas,
        modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
        voi: Voi::Window { center: 128.0, width: 256.0, function: VoiFunction::Linear },
        invert: false,
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
