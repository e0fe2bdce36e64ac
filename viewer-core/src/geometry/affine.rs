use serde::{Deserialize, Serialize};

/// A 2-D affine map `x' = xx·x + xy·y + x0`, `y' = yx·x + yy·y + y0`, in the units of its spaces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affine2 {
    /// x' per x.
    pub xx: f64,
    /// x' per y.
    pub xy: f64,
    /// x' at the origin.
    pub x0: f64,
    /// y' per x.
    pub yx: f64,
    /// y' per y.
    pub yy: f64,
    /// y' at the origin.
    pub y0: f64,
}

impl Affine2 {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self { xx: 1.0, xy: 0.0, x0: 0.0, yx: 0.0, yy: 1.0, y0: 0.0 };

    /// Maps a point.
    #[must_use]
    pub fn apply(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0]
    }

    /// `self ∘ first`: first `first`, then `self`.
    #[must_use]
    pub fn after(&self, first: &Self) -> Self {
        let [x0, y0] = self.apply([first.x0, first.y0]);
        Self {
            xx: self.xx * first.xx + self.xy * first.yx,
            xy: self.xx * first.xy + self.xy * first.yy,
            x0,
            yx: self.yx * first.xx + self.yy * first.yx,
            yy: self.yx * first.xy + self.yy * first.yy,
            y0,
        }
    }

    /// The opposite map; `None` where the map is not invertible (a side of zero or not finite).
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let determinant = self.xx * self.yy - self.xy * self.yx;
        if !determinant.is_finite() || determinant == 0.0 {
            return None;
        }
        let (xx, xy) = (self.yy / determinant, -self.xy / determinant);
        let (yx, yy) = (-self.yx / determinant, self.xx / determinant);
        Some(Self {
            xx,
            xy,
            x0: -(xx * self.x0 + xy * self.y0),
            yx,
            yy,
            y0: -(yx * self.x0 + yy * self.y0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_undoes_the_map() {
        let map = Affine2 { xx: 2.0, xy: 0.5, x0: 3.0, yx: -1.0, yy: 4.0, y0: -7.0 };
        let back = map.inverse().expect("invertible").after(&map);
        let [x, y] = back.apply([11.0, -5.0]);
        assert!((x - 11.0).abs() < 1e-12 && (y + 5.0).abs() < 1e-12);
    }

    #[test]
    fn a_flat_map_has_no_inverse() {
        let flat = Affine2 { xx: 1.0, xy: 2.0, x0: 0.0, yx: 2.0, yy: 4.0, y0: 0.0 };
        assert_eq!(flat.inverse(), None);
    }
}
