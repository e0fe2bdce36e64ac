use crate::geometry::Affine2;

/// A square over a canvas in which the image below is drawn larger, by the same steps as the rest of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// The canvas point that is in the middle of it, device pixels.
    pub at_px: [f64; 2],
    /// Width and height, device pixels.
    pub side_px: u32,
    /// How much larger than on the canvas.
    pub factor: f64,
}

impl Lens {
    /// From its own pixels to those of the image, where `image_from_canvas` is the map of the canvas.
    #[must_use]
    pub fn image_from_lens(&self, image_from_canvas: &Affine2) -> Affine2 {
        let step = 1.0 / self.factor;
        let half = f64::from(self.side_px) / 2.0 * step;
        let [x0, y0] = self.at_px.map(|at| at - half);
        image_from_canvas.after(&Affine2 { xx: step, xy: 0.0, x0, yx: 0.0, yy: step, y0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_below_is_in_the_middle_and_the_rest_is_larger() {
        // Turned by a quarter and mirrored, with pixels that are not square.
        let map = Affine2 { xx: 0.0, xy: 0.5, x0: 7.0, yx: -0.25, yy: 0.0, y0: 90.0 };
        let lens = Lens { at_px: [120.0, 64.5], side_px: 200, factor: 4.0 };
        let larger = lens.image_from_lens(&map);
        assert_eq!(larger.apply([100.0, 100.0]), map.apply([120.0, 64.5]));
        assert_eq!(larger.apply([140.0, 80.0]), map.apply([130.0, 59.5]));
        let same = Lens { factor: 1.0, at_px: [100.0, 100.0], ..lens };
        assert_eq!(same.image_from_lens(&map), map);
    }
}
