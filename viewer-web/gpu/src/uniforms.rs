use bytemuck::{Pod, Zeroable};
use viewer_core::display::{DisplayParams, Interpolation, Modality, Voi};
use viewer_core::exam::LookupTable;
use viewer_core::pixel::PixelKind;

use crate::frame_texture::FrameTexture;
use crate::placement::Placement;
use crate::tone::Tone;

/// What the shader knows of one pane: `struct Pane` of `shaders/lib/pane.wgsl`, byte for byte.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub(crate) struct PaneUniforms {
    /// Linear part of `image_from_canvas`, `[xx, xy, yx, yy]`: its first 12 significant bits …
    pub(crate) map_high: [f32; 4],
    /// … and the rest.
    pub(crate) map_low: [f32; 4],
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
    /// 1: the pixel a point lies in; 0: bilinear.
    pub(crate) nearest: u32,
    /// 1: inverted after the VOI step.
    pub(crate) invert: u32,
    /// Grey level outside the image, 0 … 255.
    pub(crate) background: f32,
    /// One of [`crate::tone::VoiStep`].
    pub(crate) voi: u32,
    /// What the VOI step takes is `voi_scale · (value − reference) + voi_offset`.
    pub(crate) voi_scale: f32,
    /// See `voi_scale`.
    pub(crate) voi_offset: f32,
    /// See `voi_scale`; float frames.
    pub(crate) reference_float: f32,
    /// See `voi_scale`; integer frames and modality LUTs.
    pub(crate) reference: i32,
    /// 1: stored values go through the modality LUT first.
    pub(crate) modality_lut: u32,
    /// First stored value mapped by the modality LUT.
    pub(crate) modality_first: i32,
    /// Index of its last entry.
    pub(crate) modality_last: i32,
    /// Index of the last entry of the VOI LUT.
    pub(crate) voi_last: i32,
    /// Largest value an entry of the VOI LUT may have.
    pub(crate) voi_max: f32,
    /// Uniform buffers come in multiples of 16 bytes.
    pub(crate) padding: [u32; 2],
}

impl PaneUniforms {
    /// What the shader needs to draw `frame` into the pane `rect_px` of the target.
    pub(crate) fn new(rect_px: [u32; 4], frame: &FrameTexture, params: &DisplayParams) -> Self {
        // Without a place or a tone every pixel is outside of a frame without pixels.
        let blank = Self {
            background: f32::from(params.background),
            anchor_image_whole: [-2; 2],
            ..Self::zeroed()
        };
        let tone = match frame.kind() {
            PixelKind::Rgba8 => Some(Tone::NONE),
            _ => Tone::new(params),
        };
        let (Some(place), Some(tone)) = (Placement::new(&params.image_from_canvas, rect_px), tone)
        else {
            return blank;
        };
        blank.placed(&place, frame.size_px()).toned(&tone, params).with_tables(params)
    }

    fn placed(self, place: &Placement, frame_size: [u32; 2]) -> Self {
        Self {
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

    fn toned(self, tone: &Tone, params: &DisplayParams) -> Self {
        Self {
            nearest: u32::from(params.interpolation == Interpolation::Nearest),
            invert: u32::from(params.invert),
            voi: tone.step as u32,
            voi_scale: tone.scale,
            voi_offset: tone.offset,
            reference_float: tone.reference as f32,
            reference: tone.reference,
            ..self
        }
    }

    fn with_tables(mut self, params: &DisplayParams) -> Self {
        if let Modality::Lut(lut) = &params.modality {
            self.modality_lut = 1;
            self.modality_first = lut.first_mapped.clamp(-FIRST_LIMIT, FIRST_LIMIT);
            self.modality_last = last_index(lut);
        }
        if let Voi::Lut(lut) = &params.voi {
            self.voi_last = last_index(lut);
            self.voi_max = largest_entry(lut);
        }
        self
    }
}

/// Inputs less a first mapped value up to here do not overflow, and farther ones give the same entries.
const FIRST_LIMIT: i32 = 1_000_000_000;

fn last_index(lut: &LookupTable) -> i32 {
    i32::try_from(lut.entries.len().saturating_sub(1)).unwrap_or(i32::MAX)
}

fn largest_entry(lut: &LookupTable) -> f32 {
    f32::from(u16::MAX >> (16 - lut.bits.clamp(1, 16)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bits: u16, entries: usize) -> LookupTable {
        LookupTable { first_mapped: 0, bits, entries: vec![0; entries], explanation: String::new() }
    }

    #[test]
    fn full_scale_follows_the_bits_and_tables_may_be_empty() {
        let most = [0, 1, 8, 12, 16, 40].map(|bits| largest_entry(&table(bits, 1)));
        assert_eq!(most, [1.0, 1.0, 255.0, 4095.0, 65_535.0, 65_535.0]);
        assert_eq!([0, 1, 65_536].map(|entries| last_index(&table(8, entries))), [0, 0, 65_535]);
    }
}
