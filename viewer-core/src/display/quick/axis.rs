use super::super::DisplayParams;
use super::super::sampling::{Tap, is_inside, samples_per_side, tap};
use crate::geometry::Affine2;
use crate::pixel::PixelFrame;

/// One direction of the canvas along one direction of the image.
pub(super) struct Axis {
    /// Of each canvas position its samples, one after the other.
    pub(super) taps: Vec<Tap>,
    pub(super) per_position: usize,
    /// Canvas pixels from one position to the next.
    pub(super) stride: usize,
    /// Positions whose centre is in the image.
    pub(super) inside: core::ops::Range<usize>,
}

impl Axis {
    /// `length` canvas positions whose image coordinate is `scale` times theirs, and `start`; `side` pixels of the image.
    fn new([scale, start]: [f64; 2], length: u32, stride: usize, side: u32, per: u32) -> Self {
        let at = |position: u32, part: f64| scale * (f64::from(position) + part) + start;
        let samples = |position| {
            let part = move |i: u32| (f64::from(i) + 0.5) / f64::from(per);
            (0..per).map(move |i| tap(at(position, part(i)), side))
        };
        let is_in = |position: &u32| is_inside([at(*position, 0.5), 0.0], [side, 1]);
        let first = (0..length).find(is_in).unwrap_or(length);
        let count = (first..length).take_while(is_in).count();
        Self {
            taps: (0..length).flat_map(samples).collect(),
            per_position: per as usize,
            stride,
            inside: first as usize..first as usize + count,
        }
    }

    pub(super) fn taps(&self, position: usize) -> &[Tap] {
        let start = position * self.per_position;
        &self.taps[start..start + self.per_position]
    }
}

/// How canvas and image lie to each other.
pub(super) struct Lines {
    /// Along which the row of the image changes.
    pub(super) rows: Axis,
    /// Along which the column changes.
    pub(super) columns: Axis,
    /// Columns of the image.
    pub(super) width: usize,
}

impl Lines {
    /// `None` where neither rows nor columns are parallel, or a number is none.
    pub(super) fn new(frame: &PixelFrame, params: &DisplayParams) -> Option<Self> {
        let Affine2 { xx, xy, x0, yx, yy, y0 } = params.image_from_canvas;
        let [width, height] = params.canvas_size_px;
        let [columns, rows] = [frame.columns(), frame.rows()];
        let per = samples_per_side(&params.image_from_canvas);
        let is_finite = [xx, xy, x0, yx, yy, y0].iter().all(|number| number.is_finite());
        if !is_finite || columns == 0 || rows == 0 {
            return None;
        }
        let line = width as usize;
        // What a turn by a quarter leaves of a cosine moves no sample.
        let is_none = |number: f64| number.abs() * f64::from(width.max(height)) < 1e-9;
        let (rows, columns) = if is_none(xy) && is_none(yx) {
            let across = Axis::new([xx, x0], width, 1, columns, per);
            (Axis::new([yy, y0], height, line, rows, per), across)
        } else if is_none(xx) && is_none(yy) {
            let down = Axis::new([xy, x0], height, line, columns, per);
            (Axis::new([yx, y0], width, 1, rows, per), down)
        } else {
            return None;
        };
        Some(Self { rows, columns, width: frame.columns() as usize })
    }

    /// Whether rows of the canvas lie along those of the image: most pictures are not turned.
    pub(super) fn is_upright(&self) -> bool {
        self.columns.stride == 1
    }

    /// Whether each canvas pixel is one sample, too: most pictures are enlarged.
    pub(super) fn is_enlarged(&self) -> bool {
        self.columns.per_position == 1 && self.is_upright()
    }
}
