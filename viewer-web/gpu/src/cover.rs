//! Shutter and overlays, blended over a drawn pane: a pass of its own after the tone step.

use bytemuck::{Pod, Zeroable};
use viewer_core::display::cover::{
    CoverPlane, GRAPHIC_RGB, REGION_OPACITY, REGION_RGB, samples_per_side,
};
use viewer_core::geometry::Affine2;

use crate::placement::Placement;
use crate::{CoverDraw, FrameTexture};

/// What lies over one frame, in GPU memory.
#[derive(Debug)]
pub struct CoverTexture {
    cells: FrameTexture,
    shutter_rgb: [u8; 3],
}

impl CoverTexture {
    pub(crate) fn new(cells: FrameTexture, plane: &CoverPlane) -> Self {
        Self { cells, shutter_rgb: plane.shutter_rgb() }
    }

    pub(crate) fn cells(&self) -> &FrameTexture {
        &self.cells
    }

    /// GPU memory it takes, for a cache that keeps a budget.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.cells.bytes()
    }
}

/// `struct CoverPane` of `shaders/cover.wgsl`, byte for byte; the place as in `PaneUniforms`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub(crate) struct CoverUniforms {
    map_high: [f32; 4],
    map_low: [f32; 4],
    anchor_image_whole: [i32; 2],
    anchor_image_fraction: [f32; 2],
    anchor_px: [i32; 2],
    frame_size: [i32; 2],
    samples_per_side: i32,
    shown: u32,
    region_opacity: f32,
    padding: u32,
    shutter: [f32; 4],
    graphic: [f32; 4],
    region: [f32; 4],
}

impl CoverUniforms {
    /// `None` where nothing of the frame is on the canvas.
    pub(crate) fn new(rect_px: [u32; 4], map: &Affine2, draw: CoverDraw<'_>) -> Option<Self> {
        let place = Placement::new(map, rect_px)?;
        Some(Self {
            map_high: place.map_high,
            map_low: place.map_low,
            anchor_image_whole: place.anchor_image_whole,
            anchor_image_fraction: place.anchor_image_fraction,
            anchor_px: place.anchor_px,
            frame_size: draw.texture.cells.size_px().map(u32::cast_signed),
            samples_per_side: samples_per_side(map).cast_signed(),
            shown: draw.shown.into(),
            region_opacity: REGION_OPACITY as f32,
            padding: 0,
            shutter: colour(draw.texture.shutter_rgb),
            graphic: colour(GRAPHIC_RGB),
            region: colour(REGION_RGB),
        })
    }
}

fn colour([r, g, b]: [u8; 3]) -> [f32; 4] {
    [r, g, b, 255].map(|level| f32::from(level) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shader::tests::layout_of;
    use crate::shader_text::COVER;
    use std::mem::{offset_of, size_of};

    #[test]
    fn uniforms_are_laid_out_as_the_shader_reads_them() {
        macro_rules! offsets {
            ($($field:ident),+ $(,)?) => {
                vec![$((stringify!($field).to_owned(), offset_of!(CoverUniforms, $field))),+]
            };
        }
        let expected = offsets![
            map_high,
            map_low,
            anchor_image_whole,
            anchor_image_fraction,
            anchor_px,
            frame_size,
            samples_per_side,
            shown,
            region_opacity,
            padding,
            shutter,
            graphic,
            region,
        ];
        assert_eq!(layout_of(COVER, "CoverPane"), (expected, size_of::<CoverUniforms>()));
    }
}
