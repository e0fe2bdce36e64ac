use crate::exam::ImagePlane;
use crate::geometry::plane::{dot, normal};

/// Positions along the normal that are closer than this, in mm, are one place.
const SAME_PLACE_MM: f64 = 0.01;

/// Parallel planes by where they lie along the normal of the first.
pub(super) struct Places {
    /// Direction that positions are measured along.
    pub(super) normal: [f64; 3],
    /// Position of each place, mm, rising.
    pub(super) positions_mm: Vec<f64>,
    /// The place of each plane given, an index into `positions_mm`.
    pub(super) of: Vec<usize>,
}

impl Places {
    /// The places of planes that are known to be parallel; `None` for no plane.
    pub(super) fn of(planes: &[&ImagePlane]) -> Option<Self> {
        let normal = normal(planes.first()?);
        let along = |plane: &ImagePlane| dot(plane.position_mm, normal);
        let mut order: Vec<(f64, usize)> =
            planes.iter().enumerate().map(|(index, plane)| (along(plane), index)).collect();
        order.sort_by(|(a, i), (b, j)| a.total_cmp(b).then(i.cmp(j)));
        let mut positions_mm: Vec<f64> = Vec::new();
        let mut of = vec![0; planes.len()];
        for (position_mm, index) in order {
            if positions_mm.last().is_none_or(|last| position_mm - last > SAME_PLACE_MM) {
                positions_mm.push(position_mm);
            }
            of[index] = positions_mm.len() - 1;
        }
        Some(Self { normal, positions_mm, of })
    }

    /// How many planes lie at each place.
    pub(super) fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.positions_mm.len()];
        for &place in &self.of {
            counts[place] += 1;
        }
        counts
    }

    /// Index of the first plane given that lies at each place.
    pub(super) fn firsts(&self) -> Vec<usize> {
        let mut firsts = vec![usize::MAX; self.positions_mm.len()];
        for (index, &place) in self.of.iter().enumerate().rev() {
            firsts[place] = index;
        }
        firsts
    }
}
