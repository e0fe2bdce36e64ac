use super::{ImageFacts, Kind};
use crate::measure::{Measured, Scale};

/// What a kind of annotation surrounds, in image points.
#[derive(Clone, Debug, PartialEq)]
pub enum Region {
    /// An ellipse along rows and columns.
    Ellipse {
        /// Its middle.
        center: [f64; 2],
        /// Half its width and height, in pixels.
        radii: [f64; 2],
    },
    /// Corners; the last is joined to the first. Where it crosses itself, what is crossed an even number of times
    /// is outside.
    Polygon(Vec<[f64; 2]>),
}

impl Region {
    /// What an annotation surrounds; `None` for those that surround nothing, and for three points in one line.
    #[must_use]
    pub fn of(kind: Kind, facts: &ImageFacts<'_>, points: &[[f64; 2]]) -> Option<Self> {
        match (kind, points) {
            (Kind::Ellipse, [a, b]) => Some(Self::Ellipse {
                center: [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])],
                radii: [(b[0] - a[0]).abs() / 2.0, (b[1] - a[1]).abs() / 2.0],
            }),
            (Kind::Rectangle, &[[x0, y0], [x1, y1]]) => {
                Some(Self::Polygon(vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
            }
            (Kind::Circle, &[a, b, c]) => circle(facts.scale(points).pixel_size, [a, b, c]),
            (Kind::Polygon | Kind::Freehand, points) if points.len() >= 3 => {
                Some(Self::Polygon(points.to_vec()))
            }
            _ => None,
        }
    }

    /// Its area.
    #[must_use]
    pub fn area(&self, scale: &Scale) -> Option<Measured> {
        match self {
            Self::Ellipse { center, radii } => {
                let corner = |sign: f64| [0, 1].map(|axis| center[axis] + sign * radii[axis]);
                scale.ellipse_area(corner(-1.0), corner(1.0))
            }
            Self::Polygon(corners) => scale.polygon_area(corners),
        }
    }

    /// First and last y of it.
    #[must_use]
    pub fn y_range(&self) -> [f64; 2] {
        match self {
            Self::Ellipse { center, radii } => [center[1] - radii[1], center[1] + radii[1]],
            Self::Polygon(corners) => {
                corners.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &[_, y]| {
                    [low.min(y), high.max(y)]
                })
            }
        }
    }

    /// Where a horizontal line is inside, from left to right: from the first of each pair up to the second, which
    /// is outside.
    #[must_use]
    pub fn spans(&self, y: f64) -> Vec<[f64; 2]> {
        match self {
            Self::Ellipse { center, radii } => {
                let share = 1.0 - ((y - center[1]) / radii[1]).powi(2);
                let half = radii[0] * share.max(0.0).sqrt();
                let is_inside = share > 0.0;
                is_inside.then_some([center[0] - half, center[0] + half]).into_iter().collect()
            }
            Self::Polygon(corners) => {
                let mut crossings: Vec<f64> = edges(corners)
                    .filter(|[a, b]| (a[1] <= y) != (b[1] <= y))
                    .map(|[a, b]| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
                    .collect();
                crossings.sort_by(f64::total_cmp);
                crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
            }
        }
    }

    /// The outline as a closed line.
    #[must_use]
    pub fn outline(&self) -> Vec<[f64; 2]> {
        match self {
            Self::Ellipse { center, radii } => (0..=72)
                .map(|step| {
                    let (sin, cos) = (f64::from(step) * 5.0).to_radians().sin_cos();
                    [center[0] + radii[0] * cos, center[1] + radii[1] * sin]
                })
                .collect(),
            Self::Polygon(corners) => corners.iter().chain(corners.first()).copied().collect(),
        }
    }
}

fn edges(corners: &[[f64; 2]]) -> impl Iterator<Item = [[f64; 2]; 2]> {
    corners.iter().zip(corners.iter().cycle().skip(1)).map(|(a, b)| [*a, *b])
}

/// The circle through three points, in the patient: on pixels that are not square it is an ellipse.
fn circle([width, height]: [f64; 2], points: [[f64; 2]; 3]) -> Option<Region> {
    let [first, b, c] = points.map(|[x, y]| [x * width, y * height]);
    let [bx, by] = [b[0] - first[0], b[1] - first[1]];
    let [cx, cy] = [c[0] - first[0], c[1] - first[1]];
    let double = 2.0 * (bx * cy - by * cx);
    let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
    let [x, y] = [(cy * b2 - by * c2) / double, (bx * c2 - cx * b2) / double];
    let radius = x.hypot(y);
    let center = [(first[0] + x) / width, (first[1] + y) / height];
    let is_circle = double.abs() > 1e-9 * (b2 + c2) && radius.is_finite();
    is_circle.then(|| Region::Ellipse { center, radii: [radius / width, radius / height] })
}
