use viewer_core::display::{
    ColourTable, DisplayParams, Interpolation, Modality, SupplementalPalette, Voi,
};
use viewer_core::exam::{LookupTable, VoiFunction};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{FramePixels, PixelFrame, PixelKind};

/// The next of a repeatable series of numbers that look random (Knuth's MMIX generator).
pub(crate) fn next_random(state: &mut u64) -> u32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as u32
}

/// A frame of noise over all values from `low` to `high`.
pub(crate) fn noise(
    kind: PixelKind,
    [columns, rows]: [u32; 2],
    [low, high]: [i32; 2],
    seed: u64,
) -> PixelFrame {
    let mut state = seed;
    let channels = if kind.is_colour() { 4 } else { 1 };
    let span = (high - low) as u32 + 1;
    let values: Vec<i32> = (0..columns * rows * channels)
        .map(|_| low + (next_random(&mut state) % span) as i32)
        .collect();
    frame(kind, [columns, rows], &values)
}

/// A frame of the given stored values, which have to fit its kind.
pub(crate) fn frame(kind: PixelKind, [columns, rows]: [u32; 2], values: &[i32]) -> PixelFrame {
    fn cast<T: TryFrom<i32>>(values: &[i32]) -> Vec<T> {
        values.iter().map(|&v| T::try_from(v).ok().expect("a value that fits")).collect()
    }
    let pixels = match kind {
        PixelKind::GrayU8 => FramePixels::GrayU8(cast(values)),
        PixelKind::GrayI8 => FramePixels::GrayI8(cast(values)),
        PixelKind::GrayU16 => FramePixels::GrayU16(cast(values)),
        PixelKind::GrayI16 => FramePixels::GrayI16(cast(values)),
        PixelKind::GrayU32 => FramePixels::GrayU32(cast(values)),
        PixelKind::GrayI32 => FramePixels::GrayI32(cast(values)),
        PixelKind::GrayF32 => {
            FramePixels::GrayF32(values.iter().map(|&v| v as f32 * 0.37).collect())
        }
        PixelKind::Rgba8 => FramePixels::Rgba8(cast(values)),
        PixelKind::Rgba16 => FramePixels::Rgba16(cast(values)),
    };
    PixelFrame::new(columns, rows, pixels).expect("as many values as pixels")
}

/// One image pixel per canvas pixel, stored values as they are, full range of `kind` as window.
pub(crate) fn plain(canvas_size_px: [u32; 2]) -> DisplayParams {
    DisplayParams {
        canvas_size_px,
        image_from_canvas: Affine2::IDENTITY,
        padding: None,
        supplemental: None,
        modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
        voi: window(128.0, 256.0, VoiFunction::Linear),
        invert: false,
        output: None,
        interpolation: Interpolation::Linear,
        background: 17,
    }
}

pub(crate) fn window(center: f64, width: f64, function: VoiFunction) -> Voi {
    Voi::Window { center, width, function }
}

pub(crate) fn table(first_mapped: i32, bits: u16, entries: Vec<u16>) -> LookupTable {
    LookupTable { first_mapped, bits, entries, explanation: String::new() }
}

/// Colours that differ in all channels, `entries` of them, from `first_mapped` on.
pub(crate) fn supplemental(first_mapped: i32, entries: u32) -> SupplementalPalette {
    let channel = |factor: u32| (0..entries).map(|i| (i * factor % 65_536) as u16).collect();
    let colours = ColourTable::new([channel(331), channel(7919), channel(50_021)]);
    SupplementalPalette { first_mapped, colours: colours.expect("columns of equal length") }
}

/// `image_px_per_canvas_px` > 1 shrinks. Turned by `degrees`, mirrored or not, with the middle of the
/// canvas on `middle` of the image.
pub(crate) fn view(
    canvas_size_px: [u32; 2],
    middle: [f64; 2],
    image_px_per_canvas_px: f64,
    degrees: f64,
    mirrored: bool,
) -> Affine2 {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let scale = image_px_per_canvas_px;
    let across = if mirrored { -scale } else { scale };
    let linear = Affine2 {
        xx: across * cos,
        xy: -scale * sin,
        yx: across * sin,
        yy: scale * cos,
        ..Affine2::IDENTITY
    };
    let [x, y] = linear.apply(canvas_size_px.map(|side| f64::from(side) / 2.0));
    Affine2 { x0: middle[0] - x, y0: middle[1] - y, ..linear }
}
