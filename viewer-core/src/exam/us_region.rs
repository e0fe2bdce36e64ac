//! Calibrated regions of an ultrasound picture.

use serde::{Deserialize, Serialize};

/// One item of Sequence of Ultrasound Regions (PS3.3 C.8.5.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UltrasoundRegion {
    /// Region Location Min X0, Min Y0, Max X1, Max Y1 in pixels, inclusive.
    pub bounds_px: [u32; 4],
    /// Physical Units X Direction and Y Direction (3 = cm, 4 = seconds …).
    pub units: [u16; 2],
    /// Physical Delta X and Y, in those units per pixel; negative where values fall along the axis.
    pub deltas: [f64; 2],
    /// Region Spatial Format (1 = 2-D).
    pub spatial_format: u16,
    /// Region Flags; bit 0 set: low priority where regions overlap.
    pub flags: u32,
    /// Reference Pixel X0 and Y0, from the top left corner of the region.
    pub reference_px: Option<[i32; 2]>,
    /// Physical values at the reference pixel, in `units`; 0 where only the pixel is stated.
    pub reference_values: [f64; 2],
}

impl UltrasoundRegion {
    /// Code of centimetres among physical units.
    pub const CENTIMETRES: u16 = 3;
    /// Code of seconds.
    pub const SECONDS: u16 = 4;
    /// Code of hertz.
    pub const HERTZ: u16 = 5;
    /// Code of centimetres per second.
    pub const CENTIMETRES_PER_SECOND: u16 = 7;
    /// Code of two-dimensional pictures of tissue or flow among spatial formats.
    pub const TWO_DIMENSIONAL: u16 = 1;

    /// Width and height of a pixel in mm; `None` where the region is no picture in space, or its
    /// deltas are 0.
    #[must_use]
    pub fn pixel_size_mm(&self) -> Option<[f64; 2]> {
        let is_spatial =
            self.spatial_format == Self::TWO_DIMENSIONAL && self.units == [Self::CENTIMETRES; 2];
        let size = self.deltas.map(|delta_cm| delta_cm.abs() * 10.0);
        let is_size = size.iter().all(|side| side.is_finite() && *side > 0.0);
        (is_spatial && is_size).then_some(size)
    }

    /// Whether its pixels cover those of regions of low priority.
    #[must_use]
    pub fn is_high_priority(&self) -> bool {
        self.flags & 1 == 0
    }
}
