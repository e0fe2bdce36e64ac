use bytemuck::{Pod, Zeroable};
use viewer_core::display::{DisplayParams, Interpolation, Modality, Voi};
use viewer_core::exam::LookupTable;
use viewer_core::pixel::PixelKind;

use crate::FrameTexture;
use crate::lookup::Tables;
use crate::placement::Placement;
use crate::tone::{Tone, VoiStep};

/// What the shader knows of one pane: `struct Pane` of `shaders/lib/pane.wgsl`, byte for byte.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub(crate) struct PaneUniforms {
    /// Linear part of `image_from_canvas`, `[xx, xy, yx, yy]`: its first 12 significant bits …
    pub(crate) map_high: [f32; 4],
    /// … and the rest.
    pub(crate) map_low: [f32; 4],
    /// For the plain shaders, everything once more as floats, few loads of which cost few operations. Where the
    /// centre of the anchor pixel lies, whole image pixels; the anchor, target pixels.
    pub(crate) plain_anchor: [f32; 4],
    /// Last column and row; the rest of the anchor's place, counted from pixel centres.
    pub(crate) plain_frame: [f32; 4],
    /// What 0 … 255 levels are: `scale · (value − reference) + offset`; `reference`; the background's level.
    pub(crate) plain_tone: [f32; 4],
    /// Where the centre of the anchor pixel lies in the image: whole pixels …
    pub(crate) anchor_image_whole: [i32; 2],
    /// … and the rest, 0 … 1.
    pub(crate) anchor_image_fraction: [f32; 2],
    /// The anchor pixel, in target pixels.
    pub(crate) anchor_px: [i32; 2],
    /// Columns and rows of the frame.
    pub(crate) frame_size: [i32; 2],
    /// Samples per side of a canvas pixel, 1 to 4.
    pub(crate) samples_per_side: i32,
    /// 1: the pixel a point lies in; 2: bicubic; 0: bilinear.
    pub(crate) interpolation: u32,
    /// 1: inverted after the VOI step.
    pub(crate) invert: u32,
    /// Grey level outside the image, 0 … 255.
    pub(crate) background: f32,
    /// Levels (of 0 … 255) per unit of a colour frame.
    pub(crate) level_scale: f32,
    /// One of [`crate::tone::VoiStep`].
    pub(crate) voi: u32,
    /// What the VOI step takes is `voi_scale · (value − reference) + voi_offset`.
    pub(crate) voi_scale: f32,
    /// See `voi_scale`.
    pub(crate) voi_offset: f32,
    /// See `voi_scale`; float frames.
    pub(crate) reference_float: f32,
    /// See `voi_scale`; integer frames (the bits of what they store) and modality LUTs.
    pub(crate) reference: i32,
    /// Lowest and highest stored value that is padding (bits as of `reference`); 1 and 0 for none.
    pub(crate) padding_first: i32,
    /// See `padding_first`.
    pub(crate) padding_last: i32,
    /// First stored value mapped by the modality LUT, the first one of `tables`.
    pub(crate) modality_first: i32,
    /// Index of its last entry; −1 where there is none and values are rescaled.
    pub(crate) modality_last: i32,
    /// Where the VOI LUT begins in `tables`.
    pub(crate) voi_at: i32,
    /// Index of its last entry.
    pub(crate) voi_last: i32,
    /// Largest value an entry of the VOI LUT may have.
    pub(crate) voi_max: f32,
    /// First stored value that is a colour.
    pub(crate) palette_first: i32,
    /// Where its colours begin in `tables`.
    pub(crate) palette_at: i32,
    /// Index of the last of them; −1 where there are none.
    pub(crate) palette_last: i32,
    /// Where the output table begins in `tables`.
    pub(crate) output_at: i32,
    /// Index of its last entry; −1 where there is none.
    pub(crate) output_last: i32,
    /// For the plain shaders: first and last stored value that is padding, as floats; the last is less where none is.
    pub(crate) plain_padding: [f32; 2],
}

impl PaneUniforms {
    /// What the shader needs to draw `frame` into the pane `rect_px` of the target with `tables`.
    pub(crate) fn new(
        rect_px: [u32; 4],
        frame: &FrameTexture,
        params: &DisplayParams,
        tables: &Tables,
    ) -> Self {
        let kind = frame.kind();
        // Without a place or a tone every pixel is outside of a frame without pixels.
        let blank = Self {
            background: f32::from(params.background),
            anchor_image_whole: [-2; 2],
            ..Self::zeroed()
        };
        let tone = if kind.is_colour() {
            Some(Tone::NONE)
        } else {
            Tone::new(params, stored_limits(kind))
        };
        let (Some(place), Some(tone)) = (Placement::new(&params.image_from_canvas, rect_px), tone)
        else {
            return blank;
        };
        let [padding_first, padding_last] = padding(params.padding, stored_limits(kind));
        let level_scale = if kind == PixelKind::Rgba16 { 255.0 / 65_535.0 } else { 1.0 };
        Self { padding_first, padding_last, level_scale, ..blank }
            .placed(&place, frame.size_px(), params.interpolation)
            .toned(&tone, params.invert)
            .with_tables(params, tables)
            .plain(kind)
    }

    /// Whether nothing of what few images need is asked for, and all numbers are exact as floats: the plain shader draws
    /// the same.
    pub(crate) fn is_plain(&self, kind: PixelKind) -> bool {
        let is_plain_place = self.interpolation == 0
            && self.anchor_image_whole.iter().all(|whole| whole.unsigned_abs() < 1 << 22);
        let tables = [self.modality_last, self.palette_last, self.output_last];
        let is_plain_grey = self.voi == VoiStep::Ramp as u32
            && tables.iter().all(|last| *last < 0)
            && !matches!(kind, PixelKind::GrayU32 | PixelKind::GrayI32);
        is_plain_place && (kind.is_colour() || is_plain_grey)
    }

    fn plain(self, kind: PixelKind) -> Self {
        let [whole_x, whole_y] = self.anchor_image_whole.map(|whole| whole as f32);
        let [anchor_x, anchor_y] = self.anchor_px.map(|px| px as f32);
        let [last_column, last_row] = self.frame_size.map(|size| (size - 1) as f32);
        let [x, y] = self.anchor_image_fraction;
        let (scale, offset) = match kind.is_colour() {
            true => (self.level_scale, 0.0),
            false => (255.0 * self.voi_scale, 255.0 * self.voi_offset),
        };
        let (scale, offset) =
            if self.invert == 1 { (-scale, 255.0 - offset) } else { (scale, offset) };
        Self {
            plain_anchor: [whole_x, whole_y, anchor_x, anchor_y],
            plain_frame: [last_column, last_row, x - 0.5, y - 0.5],
            plain_tone: [scale, offset, self.reference_float, self.background],
            plain_padding: [self.padding_first as f32, self.padding_last as f32],
            ..self
        }
    }

    fn placed(self, place: &Placement, frame_size: [u32; 2], interpolation: Interpolation) -> Self {
        let interpolation = match interpolation {
            Interpolation::Nearest => 1,
            Interpolation::Cubic if place.samples_per_side == 1 => 2,
            Interpolation::Linear | Interpolation::Cubic => 0,
        };
        Self {
            interpolation,
            map_high: place.map_high,
            map_low: place.map_low,
            anchor_image_whole: place.anchor_image_whole,
            anchor_image_fraction: place.anchor_image_fraction,
            anchor_px: place.anchor_px,
            samples_per_side: place.samples_per_side,
            frame_size: frame_size.map(u32::cast_signed),
            ..self
        }
    }

    fn toned(self, tone: &Tone, invert: bool) -> Self {
        Self {
            invert: u32::from(invert),
            voi: tone.step as u32,
            voi_scale: tone.scale,
            voi_offset: tone.offset,
            reference_float: tone.reference as f32,
            reference: bits(tone.reference),
            ..self
        }
    }

    fn with_tables(mut self, params: &DisplayParams, tables: &Tables) -> Self {
        let first = |first: i32| first.clamp(-FIRST_LIMIT, FIRST_LIMIT);
        if let Modality::Lut(lut) = &params.modality {
            self.modality_first = first(lut.first_mapped);
        }
        if let Voi::Lut(lut) = &params.voi {
            self.voi_max = largest_entry(lut);
        }
        if let Some(palette) = &params.supplemental {
            self.palette_first = first(palette.first_mapped);
        }
        self.modality_last = tables.modality.last;
        (self.voi_at, self.voi_last) = (tables.voi.at, tables.voi.last);
        (self.palette_at, self.palette_last) = (tables.palette.at, tables.palette.last);
        (self.output_at, self.output_last) = (tables.output.at, tables.output.last);
        self
    }
}

/// Inputs less a first mapped value up to here do not overflow, and farther ones give the same entries.
const FIRST_LIMIT: i32 = 1_000_000_000;

fn largest_entry(lut: &LookupTable) -> f32 {
    f32::from(u16::MAX >> (16 - lut.bits.clamp(1, 16)))
}

/// Lowest and highest value that frames of a kind store: whole numbers whose differences are exact.
fn stored_limits(kind: PixelKind) -> [f64; 2] {
    match kind {
        PixelKind::GrayU8 | PixelKind::Rgba8 => [0.0, 255.0],
        PixelKind::GrayI8 => [-128.0, 127.0],
        PixelKind::GrayU16 | PixelKind::Rgba16 => [0.0, 65_535.0],
        PixelKind::GrayI16 => [-32_768.0, 32_767.0],
        PixelKind::GrayU32 => [0.0, u32::MAX.into()],
        PixelKind::GrayI32 => [i32::MIN.into(), i32::MAX.into()],
        PixelKind::GrayF32 => [-8_388_608.0, 8_388_608.0],
    }
}

/// Padding as the shader compares it: only what can be stored.
fn padding(padding: Option<[f64; 2]>, [lowest, highest]: [f64; 2]) -> [i32; 2] {
    let stored = padding.map(|[low, high]| [low.ceil().max(lowest), high.floor().min(highest)]);
    stored.filter(|[low, high]| low <= high).map_or([1, 0], |range| range.map(bits))
}

/// A whole number in the range of an i32 or a u32, as the bits of that.
fn bits(value: f64) -> i32 {
    value as i64 as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bits: u16) -> LookupTable {
        LookupTable { first_mapped: 0, bits, entries: vec![0], explanation: String::new() }
    }

    #[test]
    fn full_scale_follows_the_bits() {
        let most = [0, 1, 8, 12, 16, 40].map(|bits| largest_entry(&table(bits)));
        assert_eq!(most, [1.0, 1.0, 255.0, 4095.0, 65_535.0, 65_535.0]);
    }

    #[test]
    fn padding_is_cut_to_what_can_be_stored() {
        let signed = stored_limits(PixelKind::GrayI16);
        let wide = stored_limits(PixelKind::GrayU32);
        assert_eq!(padding(None, signed), [1, 0]);
        assert_eq!(padding(Some([-40_000.0, -2000.5]), signed), [-32_768, -2001]);
        assert_eq!(padding(Some([40_000.0, 50_000.0]), signed), [1, 0]);
        assert_eq!(padding(Some([5e9, 6e9]), wide), [1, 0]);
        assert_eq!(padding(Some([4_294_967_295.0; 2]), wide), [-1, -1]);
    }
}
