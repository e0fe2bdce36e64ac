//! The picture that stands for a video: its frames are decoded by the viewer only, and a picture of
//! another kind would be taken for one of them.

use bytes::Bytes;

use super::drawing::{Picture, encode};
use super::refusal::Refusal;

const GROUND: u8 = 38;
const SIGN: u8 = 150;
/// Half the height of the sign in sides of the picture.
const SIGN_SIZE: f64 = 0.22;

/// A triangle pointing to the right, as on the button that starts a loop.
pub(super) fn film(size_px: [u32; 2], picture: Picture, quality: u8) -> Result<Bytes, Refusal> {
    let [width, height] = size_px.map(|side| f64::from(side.max(1)));
    let half = SIGN_SIZE * width.min(height);
    let is_sign = |column: u32, row: u32| {
        let x = f64::from(column) + 0.5 - width / 2.0 + half * 0.8;
        let y = (f64::from(row) + 0.5 - height / 2.0).abs();
        x >= 0.0 && y <= half - x / 1.6
    };
    let columns = size_px[0].max(1);
    let pixels = (0..size_px[1].max(1)).flat_map(|row| (0..columns).map(move |c| (c, row)));
    let rgba: Vec<u8> = pixels
        .flat_map(|(column, row)| {
            let grey = if is_sign(column, row) { SIGN } else { GROUND };
            [grey, grey, grey, 255]
        })
        .collect();
    encode(&rgba, size_px.map(|side| side.max(1)), true, picture, quality)
}
