use viewer_core::display::sampling::samples_per_side;
use viewer_core::geometry::Affine2;

/// Sampling positions, prepared so that 32-bit arithmetic finds them to about 2⁻²² image pixels
/// whatever the size of the frame and the canvas.
///
/// The shader multiplies by a whole number of target pixels counted from an anchor, at most 4096 on
/// canvases up to 8192 pixels: 12 bits times 12 bits is exact in an `f32`, and the rest is small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    pub(crate) map_high: [f32; 4],
    pub(crate) map_low: [f32; 4],
    pub(crate) anchor_image_whole: [i32; 2],
    pub(crate) anchor_image_fraction: [f32; 2],
    pub(crate) anchor_px: [i32; 2],
    pub(crate) samples_per_side: i32,
}

/// Beyond this many image pixels per canvas pixel, or from the origin, nothing can be seen.
const FARTHEST_PX: f64 = 1e8;

impl Placement {
    /// `None` where the map is not finite or so large that the shader's integers would overflow:
    /// no pixel of the frame is on the canvas then.
    pub(crate) fn new(map: &Affine2, pane_px: [u32; 4]) -> Option<Self> {
        let [left, top, width, height] = pane_px.map(f64::from);
        let (anchor_x, anchor_y) = ((width / 2.0).floor(), (height / 2.0).floor());
        let at = map.apply([anchor_x + 0.5, anchor_y + 0.5]);
        let linear = [map.xx, map.xy, map.yx, map.yy];
        if linear.iter().chain(&at).any(|v| !v.is_finite() || v.abs() > FARTHEST_PX) {
            return None;
        }
        let map_high = linear.map(first_twelve_bits);
        let mut map_low = [0.0; 4];
        for (low, (value, high)) in map_low.iter_mut().zip(linear.iter().zip(map_high)) {
            *low = (value - f64::from(high)) as f32;
        }
        Some(Self {
            map_high,
            map_low,
            anchor_image_whole: at.map(|v| v.floor() as i32),
            anchor_image_fraction: at.map(|v| (v - v.floor()) as f32),
            anchor_px: [(left + anchor_x) as i32, (top + anchor_y) as i32],
            samples_per_side: samples_per_side(map).cast_signed(),
        })
    }
}

/// `value` cut (towards zero) to 12 significant bits.
fn first_twelve_bits(value: f64) -> f32 {
    f32::from_bits((value as f32).to_bits() & 0xFFFF_F000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_and_the_first_is_short() {
        for value in [1.0 / 3.0, -17.123_456_789, 4095.999, 1e-9, 0.0] {
            let high = first_twelve_bits(value);
            let low = (value - f64::from(high)) as f32;
            assert!((f64::from(high) + f64::from(low) - value).abs() <= value.abs() * 2e-11);
            assert_eq!(f64::from(high * 4095.0), f64::from(high) * 4095.0);
        }
    }

    #[test]
    fn anchors_are_in_the_middle_of_the_pane() {
        let map = Affine2 { xx: 0.5, xy: 0.0, x0: -3.0, yx: 0.0, yy: 0.5, y0: 7.25 };
        let placement = Placement::new(&map, [100, 20, 8, 5]).expect("a map that can be seen");
        assert_eq!(placement.anchor_px, [104, 22]);
        assert_eq!(placement.anchor_image_whole, [-1, 8]);
        assert_eq!(placement.anchor_image_fraction, [0.25, 0.5]);
    }

    #[test]
    fn maps_that_show_nothing_are_refused() {
        for wrong in [f64::NAN, f64::INFINITY, 1e9] {
            let map = Affine2 { x0: wrong, ..Affine2::IDENTITY };
            assert_eq!(Placement::new(&map, [0, 0, 4, 4]), None);
            let map = Affine2 { xy: wrong, ..Affine2::IDENTITY };
            assert_eq!(Placement::new(&map, [0, 0, 4, 4]), None);
        }
    }
}
