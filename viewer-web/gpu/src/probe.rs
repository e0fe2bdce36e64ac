use viewer_core::display::{ColourMap, DisplayParams, Interpolation, Modality, Voi, cpu};
use viewer_core::exam::VoiFunction;
use viewer_core::geometry::Affine2;
use viewer_core::pixel::{FramePixels, PixelFrame};

use crate::{FrameTexture, GpuError, PaneDraw, ReadBack, Renderer};

/// Side of each probe picture, device pixels.
const SIDE: u32 = 24;

/// Small pictures drawn on the visitor's own GPU, to be compared with the CPU reference: a driver that
/// gets them wrong must not show an exam.
#[derive(Debug)]
pub struct Probe {
    pixels: ReadBack,
    expected: Vec<Vec<u8>>,
}

/// What the GPU made of the probe pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every byte is within 1 of the reference.
    Right,
    /// The largest difference found, 2 to 255.
    Wrong(u8),
}

impl Probe {
    /// Draws the pictures off screen, side by side.
    ///
    /// # Errors
    /// [`GpuError::ReadBack`] where the target format cannot be read back.
    pub fn start(renderer: &mut Renderer) -> Result<Self, GpuError> {
        let scenes = scenes();
        let textures: Vec<FrameTexture> =
            scenes.iter().map(|(frame, _)| renderer.upload(frame)).collect::<Result<_, _>>()?;
        let panes: Vec<PaneDraw<'_>> = (0..)
            .zip(scenes.iter().zip(&textures))
            .map(|(index, ((_, params), texture))| PaneDraw {
                rect_px: [index * SIDE, 0, SIDE, SIDE],
                frame: Some(texture),
                params,
                cover: None,
            })
            .collect();
        let width = SIDE * u32::try_from(panes.len()).unwrap_or(1);
        let pixels = renderer.draw_and_read_back([width, SIDE], &panes, 0)?;
        let expected = scenes.iter().map(|(frame, params)| cpu::render(frame, params)).collect();
        Ok(Self { pixels, expected })
    }

    /// The verdict, once it is there; ask from one animation frame to the next, as for [`ReadBack::take`].
    ///
    /// # Errors
    /// [`GpuError::ReadBack`].
    pub fn take(&self) -> Result<Option<Verdict>, GpuError> {
        Ok(self.pixels.take()?.map(|found| self.verdict(&found)))
    }

    fn verdict(&self, found: &[u8]) -> Verdict {
        let row_bytes = SIDE as usize * 4;
        let mut rows = found.chunks_exact(row_bytes);
        let mut worst = if found.len() == self.expected.len() * row_bytes * SIDE as usize {
            0
        } else {
            u8::MAX
        };
        for y in 0..SIDE as usize {
            for picture in &self.expected {
                let expected = picture.chunks_exact(row_bytes).nth(y).unwrap_or_default();
                let found = rows.next().unwrap_or_default();
                let differences = found.iter().zip(expected).map(|(a, b)| a.abs_diff(*b));
                worst = differences.fold(worst, u8::max);
            }
        }
        if worst <= 1 { Verdict::Right } else { Verdict::Wrong(worst) }
    }
}

/// One picture per texture type: signed, with values that a 16-bit float would lose, some of them padding;
/// unsigned, bicubic and through a table; 8-bit colour.
fn scenes() -> Vec<(PixelFrame, DisplayParams)> {
    let value = |index: i32, step: i32| (index * step) % 4001;
    let signed = (0..256).map(|i| (value(i, 1117) - 1024) as i16).collect();
    let unsigned = (0..256).map(|i| (value(i, 733) + 28_000) as u16).collect();
    let colour = (0..1024).map(|i| (value(i, 89) % 256) as u8).collect();
    let frames =
        [FramePixels::GrayI16(signed), FramePixels::GrayU16(unsigned), FramePixels::Rgba8(colour)];
    let mut tones = [
        params(-1024.0, 40.0, 400.0, VoiFunction::Linear, false),
        params(0.0, 30_000.0, 37.0, VoiFunction::LinearExact, true),
        params(0.0, 128.0, 256.0, VoiFunction::Linear, false),
    ];
    tones[0].padding = Some([-1024.0, -900.0]);
    tones[1].interpolation = Interpolation::Cubic;
    tones[1].output = ColourMap::HotIron.table();
    frames
        .into_iter()
        .zip(tones)
        .filter_map(|(pixels, params)| Some((PixelFrame::new(16, 16, pixels).ok()?, params)))
        .collect()
}

/// Turned, enlarged, with some background in the corners.
fn params(
    intercept: f64,
    center: f64,
    width: f64,
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
