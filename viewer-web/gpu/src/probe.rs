use viewer_core::display::{ColourMap, DisplayParams, Interpolation, Modality, Voi, cpu};
use viewer_core::exam::VoiFunction;
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{FrameError, FramePixels, PixelFrame};

use crate::ShaderKind;
use crate::{GpuError, PaneDraw, ReadBack, Renderer};

/// Side of each probe picture, device pixels.
const SIDE: u32 = 24;

/// A small picture drawn on the visitor's own GPU, to be compared with the CPU reference: a driver that
/// gets it wrong must not show an exam.
#[derive(Debug)]
pub struct Probe {
    pixels: ReadBack,
    expected: Vec<u8>,
}

/// What the GPU made of the probe picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every byte is within 1 of the reference.
    Right,
    /// The largest difference found, 2 to 255.
    Wrong(u8),
}

impl Probe {
    /// Draws, off screen, a picture with this shader.
    ///
    /// # Errors
    /// [`GpuError::ReadBack`] where the target format cannot be read back.
    pub fn start(renderer: &mut Renderer, shader: ShaderKind) -> Result<Self, GpuError> {
        let scene = scene(shader);
        let (frame, params) = scene.map_err(|error| GpuError::ReadBack(error.to_string()))?;
        let texture = renderer.upload(&frame)?;
        let rect_px = [0, 0, SIDE, SIDE];
        let pane = PaneDraw { rect_px, frame: Some(&texture), params: &params, cover: None };
        let pixels = renderer.draw_and_read_back([SIDE; 2], &[pane], 0)?;
        Ok(Self { pixels, expected: cpu::render(&frame, &params) })
    }

    /// The verdict, once it is there; ask from one animation frame to the next, as for [`ReadBack::take`].
    ///
    /// # Errors
    /// [`GpuError::ReadBack`].
    pub fn take(&self) -> Result<Option<Verdict>, GpuError> {
        Ok(self.pixels.take()?.map(|found| self.verdict(&found)))
    }

    fn verdict(&self, found: &[u8]) -> Verdict {
        let differences = found.iter().zip(&self.expected).map(|(a, b)| a.abs_diff(*b));
        let is_whole = found.len() == self.expected.len();
        let worst = if is_whole { differences.max().unwrap_or(u8::MAX) } else { u8::MAX };
        if worst <= 1 { Verdict::Right } else { Verdict::Wrong(worst) }
    }
}

/// A frame and how to draw it, such that this shader does. Signed values are some that a 16-bit float would lose, of
/// which some are padding; what is not plain is bicubic, and through a table.
fn scene(shader: ShaderKind) -> Result<(PixelFrame, DisplayParams), FrameError> {
    use ShaderKind::{
        Colour, GrayFloat, GraySigned, GrayUnsigned, PlainColour, PlainSigned, PlainUnsigned,
    };
    let value = |index: i32, step: i32| (index * step) % 4001;
    let (pixels, mut params) = match shader {
        GraySigned | PlainSigned => {
            let samples = (0..256).map(|i| (value(i, 1117) - 1024) as i16).collect();
            let mut params = params(-1024.0, [40.0, 400.0], VoiFunction::Linear, false);
            params.padding = Some([-1024.0, -900.0]);
            (FramePixels::GrayI16(samples), params)
        }
        GrayUnsigned | PlainUnsigned => {
            let samples = (0..256).map(|i| (value(i, 733) + 28_000) as u16).collect();
            let params = params(0.0, [30_000.0, 37.0], VoiFunction::LinearExact, true);
            (FramePixels::GrayU16(samples), params)
        }
        GrayFloat => {
            let samples = (0..256).map(|i| value(i, 911) as f32 / 7.0).collect();
            let params = params(0.0, [250.0, 300.0], VoiFunction::Linear, false);
            (FramePixels::GrayF32(samples), params)
        }
        Colour | PlainColour => {
            let samples = (0..1024).map(|i| (value(i, 89) % 256) as u8).collect();
            let params = params(0.0, [128.0, 256.0], VoiFunction::Linear, false);
            (FramePixels::Rgba8(samples), params)
        }
    };
    if matches!(shader, GraySigned | GrayUnsigned | GrayFloat | Colour) {
        params.interpolation = Interpolation::Cubic;
        params.output = ColourMap::HotIron.table();
    }
    Ok((PixelFrame::new(16, 16, pixels)?, params))
}

/// Turned, enlarged, with some background in the corners.
fn params(
    intercept: f64,
    [center, width]: [f64; 2],
    function: VoiFunction,
    invert: bool,
) -> DisplayParams {
    DisplayParams {
        canvas_size_px: [SIDE; 2],
        image_from_canvas: Affine2 { xx: 0.64, xy: 0.23, x0: -1.7, yx: -0.23, yy: 0.64, y0: 3.1 },
        padding: None,
        supplemental: None,
        modality: Modality::Rescale { slope: 1.0, intercept },
        voi: Voi::Window { center, width, function },
        invert,
        output: None,
        interpolation: Interpolation::Linear,
        background: 60,
    }
}
