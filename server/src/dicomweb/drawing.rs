//! One frame → one JPEG or PNG picture: decode, draw as the reference renderer does, encode. Blocking work.

use std::f64::consts::SQRT_2;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use viewer_core::codec::{self, DecodedFrame};
use viewer_core::display::cover::{ALL_FLAGS, draw_over};
use viewer_core::display::{ColourMap, DisplayParams, Interpolation, Modality, is_inverted, quick};
use viewer_core::exam::{DisplayAttributes, IccProfile, ImageFormat};
use viewer_core::geometry::Affine2;
use viewer_core::pixel::PixelFrame;
use viewer_core::pixel::icc::ToSrgb;
use viewer_core::viewport::{VoiChoice, VoiSource, output, resolve_voi, supplemental_palette};

use super::covering::Covering;
use super::refusal::Refusal;
use super::render_options::{RenderOptions, Viewport};
use crate::source::EncodedFrame;

/// Most pixels of a picture without a viewport.
const MAX_PIXELS: f64 = 64e6;
/// Most halvings before a picture is drawn.
const MOST_LEVELS: u8 = 5;

/// Format of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Picture {
    Jpeg,
    Png,
}

impl Picture {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Everything needed to draw one frame.
pub(super) struct Drawing {
    pub encoded: EncodedFrame,
    pub format: ImageFormat,
    pub display: DisplayAttributes,
    /// Leads from its colours to sRGB.
    pub icc_profile: Option<IccProfile>,
    /// What lies over it, if anything.
    pub covering: Option<Covering>,
    pub options: RenderOptions,
}

impl Drawing {
    /// Draws and encodes.
    pub(super) fn draw(self, picture: Picture) -> Result<Bytes, Refusal> {
        let (canvas_size_px, image_from_canvas) = self.placement()?;
        let levels =
            if picture == Picture::Jpeg { self.spare_levels(&image_from_canvas) } else { 0 };
        let (decoded, levels) = self.decoded(levels)?;
        let frame = self.to_srgb(decoded.frame)?;
        let asked = self.options.window.clone();
        let default =
            || resolve_voi(VoiChoice::Default, &self.display, &self.format, decoded.range).0;
        let params = DisplayParams {
            canvas_size_px,
            image_from_canvas: reduced(&image_from_canvas, levels),
            padding: self.format.padding,
            supplemental: supplemental_palette(&self.display, &self.format),
            modality: Modality::from(&self.display.modality),
            voi: asked.unwrap_or_else(default),
            invert: is_inverted(&self.display, &self.format, false),
            output: output(&self.display, &self.format, ColourMap::Grey),
            interpolation: Interpolation::Linear,
            background: 0,
        };
        let [width, height] = canvas_size_px.map(|side| side as usize);
        let mut rgba = vec![0; 4 * width * height];
        quick::render_into(&frame, &params, &mut rgba);
        let mut grey = self.format.is_grey() && params.supplemental.is_none();
        if let Some(covering) = &self.covering {
            let plane = covering.compose(&self.encoded, &self.format, pixel_height(&self.format));
            draw_over(&mut rgba, canvas_size_px[0], &image_from_canvas, &plane, ALL_FLAGS);
            grey = false;
        }
        encode(&rgba, canvas_size_px, grey, picture, self.options.quality)
    }

    /// How often the picture may be halved before it is drawn: what a JPEG of this size shows is still there. Not where
    /// the greys follow from the whole frame, or where values are no amounts that can be averaged.
    fn spare_levels(&self, image_from_canvas: &Affine2) -> u8 {
        let Self { format, display, options, .. } = self;
        let has_window = || {
            let (_, source) = resolve_voi(VoiChoice::Default, display, format, None);
            matches!(source, VoiSource::FileWindow(_) | VoiSource::VoiLut(_))
        };
        let follows = format.is_grey() && options.window.is_none() && !has_window();
        if follows || format.padding.is_some() || display.palette.is_some() {
            return 0;
        }
        let shrinks = image_from_canvas.xx.abs().min(image_from_canvas.yy.abs());
        // The rest of the way is averaged as it is everywhere: a wavelet's averages are rougher.
        (shrinks / SQRT_2).log2().clamp(0.0, f64::from(MOST_LEVELS)) as u8
    }

    /// The frame, halved as often as its codestream allows, but not more often than `levels`; and how often.
    fn decoded(&self, levels: u8) -> Result<(DecodedFrame, u8), Refusal> {
        let (syntax, bytes) = (&self.encoded.transfer_syntax_uid, &self.encoded.bytes);
        let (palette, padding) = (self.display.palette.as_ref(), self.format.padding);
        for level in (1..=levels).rev() {
            if let Ok(small) = codec::decode_reduced(syntax, bytes, &self.format, level)
                && let Ok(drawable) = small.frame.into_drawable(palette, padding)
            {
                return Ok((drawable, level));
            }
        }
        codec::decode_frame(syntax, bytes, &self.format, palette)
            .map(|decoded| (decoded, 0))
            .map_err(|error| Refusal::Unprocessable(error.to_string()))
    }

    fn to_srgb(&self, frame: PixelFrame) -> Result<PixelFrame, Refusal> {
        let Some(profile) = &self.icc_profile else { return Ok(frame) };
        ToSrgb::from_exam(profile)
            .map(|conversion| conversion.convert_frame(frame))
            .map_err(|error| Refusal::Unprocessable(error.to_string()))
    }

    /// Canvas size and where the image lies on it: scaled to fit the viewport, pixels made square.
    fn placement(&self) -> Result<([u32; 2], Affine2), Refusal> {
        let image = [f64::from(self.format.columns), f64::from(self.format.rows)];
        let viewport = self.options.viewport;
        let [x, y, width, height] = region(viewport, image);
        let stretch = pixel_height(&self.format);
        let drawn = [width.abs(), height.abs() * stretch];
        if drawn[0] < 1e-6 || drawn[1] < 1e-6 || drawn[0] * drawn[1] > MAX_PIXELS {
            return Err(Refusal::BadRequest("The picture would be empty or too large.".to_owned()));
        }
        let scale = viewport.map_or(1.0, |viewport| {
            let [w, h] = viewport.size_px.map(f64::from);
            (w / drawn[0]).min(h / drawn[1])
        });
        let canvas = drawn.map(|side| (side * scale).round().max(1.0));
        let map = Affine2 {
            xx: width / canvas[0],
            xy: 0.0,
            x0: if width < 0.0 { x - width } else { x },
            yx: 0.0,
            yy: height / canvas[1],
            y0: if height < 0.0 { y - height } else { y },
        };
        Ok((canvas.map(|side| side as u32), map))
    }
}

/// The same place in a frame that was halved so often: its samples lie on every 2nd, 4th … of the original
/// (ISO/IEC 15444-1 B.2), and the middle of the first is where it was.
fn reduced(image_from_canvas: &Affine2, levels: u8) -> Affine2 {
    let scale = 0.5_f64.powi(levels.into());
    let Affine2 { xx, xy, x0, yx, yy, y0 } = *image_from_canvas;
    let moved = |at: f64| (at - 0.5) * scale + 0.5;
    Affine2 {
        xx: xx * scale,
        xy: xy * scale,
        x0: moved(x0),
        yx: yx * scale,
        yy: yy * scale,
        y0: moved(y0),
    }
}

/// Left, top, width and height of the part to draw, in image pixels.
fn region(viewport: Option<Viewport>, [columns, rows]: [f64; 2]) -> [f64; 4] {
    let [x, y, width, height] = viewport.map_or([None; 4], |viewport| viewport.region_px);
    let (x, y) = (x.unwrap_or(0.0), y.unwrap_or(0.0));
    [x, y, width.unwrap_or(columns - x), height.unwrap_or(rows - y)]
}

/// Height of a pixel over its width.
fn pixel_height(format: &ImageFormat) -> f64 {
    let by_spacing = format.spacing.map(|s| s.between_rows_mm / s.between_columns_mm);
    let by_ratio = format
        .aspect_ratio
        .map(|[vertical, horizontal]| f64::from(vertical) / f64::from(horizontal));
    let ratio = by_spacing.or(by_ratio).filter(|ratio| (0.01..=100.0).contains(ratio));
    // Rounding in decimal strings is no distortion.
    ratio.filter(|ratio| (ratio - 1.0).abs() > 1e-4).unwrap_or(1.0)
}

/// Pixels → JPEG or PNG; of `grey` ones the first channel.
pub(super) fn encode(
    rgba: &[u8],
    [width, height]: [u32; 2],
    grey: bool,
    picture: Picture,
    quality: u8,
) -> Result<Bytes, Refusal> {
    let channels = if grey { 1 } else { 3 };
    let samples: Vec<u8> =
        rgba.chunks_exact(4).flat_map(|pixel| pixel.iter().take(channels)).copied().collect();
    let color = if grey { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let mut bytes = Vec::new();
    let written = match picture {
        Picture::Jpeg => JpegEncoder::new_with_quality(&mut bytes, quality)
            .write_image(&samples, width, height, color),
        Picture::Png => PngEncoder::new(&mut bytes).write_image(&samples, width, height, color),
    };
    written.map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(Bytes::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halved_frame_lies_where_the_whole_one_does() {
        let to_image = Affine2 { xx: 5.0, xy: 0.0, x0: 0.0, yx: 0.0, yy: 4.0, y0: 3.0 };
        let halved = reduced(&to_image, 1);
        // The middles of pixels 0, 2 and 4 are those of samples 0, 1 and 2.
        for (pixel, sample) in [(0.5, 0.5), (2.5, 1.5), (4.5, 2.5)] {
            let canvas = (pixel - to_image.x0) / to_image.xx;
            assert!((halved.xx * canvas + halved.x0 - sample).abs() < 1e-12, "{pixel}");
        }
        assert_eq!(reduced(&to_image, 0), to_image);
        assert_eq!(reduced(&to_image, 2).yy, 1.0);
    }
}
