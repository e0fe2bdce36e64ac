use super::{ImageFacts, Kind, Region};
use crate::geometry::Affine2;

/// How an annotation looks on a canvas, in the canvas points of the map it was made with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Lines from point to point.
    pub strokes: Vec<Vec<[f64; 2]>>,
    /// Thin lines that only lead the eye.
    pub leaders: Vec<[[f64; 2]; 2]>,
    /// Whether the first stroke ends in an arrow.
    pub has_arrow: bool,
    /// Points that can be moved: their number among the points of the annotation, and where they are.
    pub handles: Vec<(usize, [f64; 2])>,
    /// Right of this is room for words.
    pub label: [f64; 2],
}

/// What of an annotation a hand takes hold of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// One point, by its number.
    Handle(usize),
    /// All of it.
    Whole,
}

impl Drawing {
    /// Draws what is at `points` of an image.
    #[must_use]
    pub fn of(
        kind: Kind,
        facts: &ImageFacts<'_>,
        points: &[[f64; 2]],
        canvas_from_image: &Affine2,
    ) -> Self {
        let on_canvas = |point: [f64; 2]| canvas_from_image.apply(point);
        let [strokes, leaders] = lines(kind, facts, points);
        let map_all = |lines: Vec<Vec<[f64; 2]>>| -> Vec<Vec<[f64; 2]>> {
            lines.into_iter().map(|line| line.into_iter().map(on_canvas).collect()).collect()
        };
        let (strokes, leaders) = (map_all(strokes), map_all(leaders));
        let handles: Vec<_> = handles(kind, points.len())
            .filter_map(|index| Some((index, on_canvas(*points.get(index)?))))
            .collect();
        let label = label_place(&strokes, &handles);
        let pair = |line: Vec<[f64; 2]>| Some([*line.first()?, *line.last()?]);
        Self {
            leaders: leaders.into_iter().filter_map(pair).collect(),
            has_arrow: kind == Kind::Arrow,
            strokes,
            handles,
            label,
        }
    }

    /// What of it is within `reach_px` of a canvas point; handles go before lines.
    #[must_use]
    pub fn grip(&self, at: [f64; 2], reach_px: f64) -> Option<Grip> {
        let distance = |[x, y]: [f64; 2]| (x - at[0]).hypot(y - at[1]);
        let nearest =
            self.handles.iter().min_by(|(_, a), (_, b)| distance(*a).total_cmp(&distance(*b)));
        if let Some((index, _)) = nearest.filter(|(_, point)| distance(*point) <= reach_px) {
            return Some(Grip::Handle(*index));
        }
        let segments = self.strokes.iter().flat_map(|stroke| stroke.windows(2));
        let is_near = |pair: &[[f64; 2]]| from_segment([pair[0], pair[1]], at) <= reach_px;
        segments.into_iter().any(is_near).then_some(Grip::Whole)
    }
}

/// Points that a hand can move. An outline drawn in one go has too many: it is moved as a whole.
fn handles(kind: Kind, count: usize) -> impl Iterator<Item = usize> {
    let is_seen = move |index: &usize| match kind {
        Kind::Freehand => false,
        Kind::PlumbLine => *index != 1,
        _ => true,
    };
    (0..count).filter(is_seen)
}

/// Strokes and leaders, in image points.
fn lines(kind: Kind, facts: &ImageFacts<'_>, points: &[[f64; 2]]) -> [Vec<Vec<[f64; 2]>>; 2] {
    let middle = |[a, b]: [[f64; 2]; 2]| [0, 1].map(|axis| f64::midpoint(a[axis], b[axis]));
    if let Some(region) = Region::of(kind, facts, points) {
        return [vec![region.outline()], Vec::new()];
    }
    match (kind, points) {
        (Kind::Probe | Kind::Text | Kind::Spine, _) => [Vec::new(), Vec::new()],
        // It points at its first point.
        (Kind::Arrow, &[to, from]) => [vec![vec![from, to]], Vec::new()],
        (Kind::Cobb, &[a, b, c, d]) => {
            let leader = vec![middle([a, b]), middle([c, d])];
            [vec![vec![a, b], vec![c, d]], vec![leader]]
        }
        (Kind::Cobb | Kind::Bidirectional | Kind::Cardiothoracic, points) => {
            [points.chunks(2).map(<[_]>::to_vec).collect(), Vec::new()]
        }
        (Kind::PlumbLine, &[at, end, ref rest @ ..]) => {
            let leader = rest.first().map(|&to| vec![to, foot(facts, [at, end], to)]);
            [vec![across_image(facts, [at, end])], leader.into_iter().collect()]
        }
        _ => [vec![points.to_vec()], Vec::new()],
    }
}

/// A line as long as the image, through two points.
fn across_image(facts: &ImageFacts<'_>, [a, b]: [[f64; 2]; 2]) -> Vec<[f64; 2]> {
    let step = [b[0] - a[0], b[1] - a[1]];
    let longest = f64::from(facts.format.rows.max(facts.format.columns));
    let share = longest / step[0].hypot(step[1]).max(f64::MIN_POSITIVE);
    vec![a, [a[0] + step[0] * share, a[1] + step[1] * share]]
}

/// The point of a line next to another, in the patient.
fn foot(facts: &ImageFacts<'_>, [a, b]: [[f64; 2]; 2], point: [f64; 2]) -> [f64; 2] {
    let scale = facts.scale(&[a, b, point]).pixel_size;
    let step = |from: [f64; 2], to: [f64; 2]| [0, 1].map(|i| (to[i] - from[i]) * scale[i]);
    let (along, to_point) = (step(a, b), step(a, point));
    let share = (along[0] * to_point[0] + along[1] * to_point[1])
        / (along[0] * along[0] + along[1] * along[1]);
    [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

/// The rightmost point.
fn label_place(strokes: &[Vec<[f64; 2]>], handles: &[(usize, [f64; 2])]) -> [f64; 2] {
    let of_handles = handles.iter().map(|(_, point)| *point);
    let of_strokes = strokes.iter().flatten().copied();
    let points: Vec<_> =
        if handles.is_empty() { of_strokes.collect() } else { of_handles.collect() };
    points.into_iter().max_by(|a, b| a[0].total_cmp(&b[0])).unwrap_or_default()
}

fn from_segment([a, b]: [[f64; 2]; 2], [x, y]: [f64; 2]) -> f64 {
    let [along_x, along_y] = [b[0] - a[0], b[1] - a[1]];
    let square = along_x * along_x + along_y * along_y;
    let share = ((x - a[0]) * along_x + (y - a[1]) * along_y) / square;
    let share = if square > 0.0 { crate::base::between(share, 0.0, 1.0) } else { 0.0 };
    (x - a[0] - share * along_x).hypot(y - a[1] - share * along_y)
}
