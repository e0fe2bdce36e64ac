//! The inverse wavelet transforms (ISO/IEC 15444-1 annex F), in place.
//!
//! A row of coefficients lies in the row of samples that it becomes the sub-sampled form of: row `n`
//! of a resolution level that is `s` halvings away is row `n << s` of the plane. So vertical lifting
//! works on whole rows where they are. Within a row the low-pass half comes first, and each row is
//! interleaved just before vertical lifting first needs it.

mod kernels;

pub(super) use self::kernels::{IRREVERSIBLE_GAIN, Irreversible, Kernel, Reversible};

use super::rect::Rect;

/// Samples of a tile-component, row by row.
#[derive(Debug)]
pub(super) struct Plane<S> {
    /// `width × height`.
    pub(super) samples: Vec<S>,
    /// Where it lies, in the coordinates of its resolution.
    pub(super) area: Rect,
}

impl<S: Copy + Default> Plane<S> {
    /// All zero.
    pub(super) fn new(area: Rect) -> Self {
        let count = area.width() as usize * area.height() as usize;
        Self { samples: vec![S::default(); count], area }
    }

    /// Samples in a row.
    pub(super) fn width(&self) -> usize {
        self.area.width() as usize
    }

    /// Row `y`, from 0.
    pub(super) fn row(&self, y: usize) -> &[S] {
        &self.samples[y * self.width()..(y + 1) * self.width()]
    }

    /// Puts sub-bands together, `resolutions` being the areas of the levels from the lowest up to
    /// that of the plane.
    pub(super) fn synthesise<K: Kernel<Sample = S>>(&mut self, resolutions: &[Rect]) {
        let levels = resolutions.len().saturating_sub(1);
        for level in 1..=levels {
            let halvings = (levels - level) as u32;
            let (below, area) = (&resolutions[level - 1], &resolutions[level]);
            if !area.is_empty() {
                Level::new(self, below, area, halvings).synthesise::<K>();
            }
        }
    }
}

/// One level of a plane.
struct Level<'a, S> {
    samples: &'a mut [S],
    /// Index of the first sample, and distance between rows.
    first: usize,
    stride: usize,
    columns: usize,
    rows: usize,
    /// Low-pass coefficients in a row.
    low_columns: usize,
    /// Whether the first column, the first row are odd, that is high-pass.
    odd: [bool; 2],
}

impl<'a, S: Copy + Default> Level<'a, S> {
    fn new(plane: &'a mut Plane<S>, below: &Rect, area: &Rect, halvings: u32) -> Self {
        let width = plane.width();
        let first_row = ((u64::from(area.y0) << halvings) - u64::from(plane.area.y0)) as usize;
        Self {
            samples: &mut plane.samples,
            first: first_row * width,
            stride: width << halvings,
            columns: area.width() as usize,
            rows: area.height() as usize,
            low_columns: below.width() as usize,
            odd: [area.x0 % 2 == 1, area.y0 % 2 == 1],
        }
    }

    /// Rows come in one by one; step `k` of vertical lifting follows `k + 1` rows behind.
    fn synthesise<K: Kernel<Sample = S>>(&mut self) {
        let mut halves = Halves::new(self.columns, self.low_columns, self.odd[0]);
        if self.rows == 1 {
            halves.synthesise::<K>(self.row_mut(0));
            let odd = self.odd[1];
            self.row_mut(0).iter_mut().for_each(|sample| *sample = K::lone(*sample, odd));
            return;
        }
        for arrived in 0..self.rows + K::STEPS {
            if arrived < self.rows {
                halves.synthesise::<K>(self.row_mut(arrived));
            }
            for step in 0..K::STEPS {
                let Some(row) = arrived.checked_sub(step + 1) else { continue };
                let is_high = (row % 2 == 1) != self.odd[1];
                if row < self.rows && is_high == (step % 2 == 1) {
                    self.lift_row::<K>(row, step);
                }
            }
        }
    }

    fn row_mut(&mut self, row: usize) -> &mut [S] {
        let start = self.first + row * self.stride;
        &mut self.samples[start..start + self.columns]
    }

    /// Lifts a row by its neighbours, mirrored at the edges.
    fn lift_row<K: Kernel<Sample = S>>(&mut self, row: usize, step: usize) {
        let before = if row > 0 { row - 1 } else { row + 1 };
        let after = if row + 1 < self.rows { row + 1 } else { row - 1 };
        let start = |row: usize| self.first + row * self.stride;
        let (target, columns) = (start(row), self.columns);
        let (before, after) = (start(before), start(after));
        let (head, rest) = self.samples.split_at_mut(target);
        let (own, tail) = rest.split_at_mut(columns);
        let neighbour = |start: usize| match start.checked_sub(target + columns) {
            Some(start) => &tail[start..start + columns],
            None => &head[start..start + columns],
        };
        K::lift(step, own, neighbour(before), neighbour(after));
    }
}

/// The low-pass and the high-pass half of a row, each with one more element at both ends.
struct Halves<S> {
    low: Vec<S>,
    high: Vec<S>,
    odd: bool,
}

impl<S: Copy + Default> Halves<S> {
    fn new(columns: usize, low_columns: usize, odd: bool) -> Self {
        let half = |count: usize| vec![S::default(); count + 2];
        Self { low: half(low_columns), high: half(columns - low_columns), odd }
    }

    /// One row: coefficients to samples.
    fn synthesise<K: Kernel<Sample = S>>(&mut self, row: &mut [S]) {
        if let [only] = row {
            *only = K::lone(*only, self.odd);
            return;
        }
        let (low, high) = (self.low.len() - 2, self.high.len() - 2);
        self.low[1..=low].copy_from_slice(&row[..low]);
        self.high[1..=high].copy_from_slice(&row[low..]);
        for step in 0..K::STEPS {
            // A low-pass coefficient comes before the high-pass one of the same number, or after it.
            let is_high = step % 2 == 1;
            let shift = usize::from(is_high != self.odd);
            let (targets, others) = match is_high {
                true => (&mut self.high, &mut self.low),
                false => (&mut self.low, &mut self.high),
            };
            mirror(others);
            let count = targets.len() - 2;
            let (before, after) = (&others[shift..], &others[shift + 1..]);
            K::lift(step, &mut targets[1..=count], &before[..count], &after[..count]);
        }
        let (low, high) = (&self.low[1..=low], &self.high[1..=high]);
        if self.odd { interleave(high, low, row) } else { interleave(low, high, row) }
    }
}

/// Repeats the ends: what mirroring at the edge of a row comes to for every second sample.
fn mirror<S: Copy>(half: &mut [S]) {
    if let [before, first, .., last, after] = half {
        (*before, *after) = (*first, *last);
    } else if let [before, only, after] = half {
        (*before, *after) = (*only, *only);
    }
}

fn interleave<S: Copy>(even: &[S], odd: &[S], row: &mut [S]) {
    let (pairs, last) = row.as_chunks_mut::<2>();
    for ((pair, &even), &odd) in pairs.iter_mut().zip(even).zip(odd) {
        *pair = [even, odd];
    }
    if let ([last], Some(&even)) = (last, even.last()) {
        *last = even;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forward 5/3 of one line (F.4.8.1), low-pass half first.
    fn analyse(line: &[i32], start: u32) -> Vec<i32> {
        let count = line.len() as i64;
        if count == 1 {
            return vec![if start % 2 == 1 { line[0] * 2 } else { line[0] }];
        }
        let mut work = line.to_vec();
        for parity in [1, 0] {
            for i in (0..count).filter(|i| (i + i64::from(start)) % 2 == parity) {
                let at = |j: i64| {
                    let j = if j < 0 { -j } else { j };
                    work[(if j >= count { 2 * (count - 1) - j } else { j }) as usize]
                };
                let sum = at(i - 1) + at(i + 1);
                work[i as usize] += if parity == 1 { -(sum >> 1) } else { (sum + 2) >> 2 };
            }
        }
        let half = |parity| {
            let of_parity = move |(i, _): &(usize, &i32)| (*i as u32 + start) % 2 == parity;
            work.iter().enumerate().filter(of_parity).map(|(_, &v)| v).collect::<Vec<_>>()
        };
        [half(0), half(1)].concat()
    }

    fn sample(x: u32, y: u32) -> i32 {
        ((x * 9973 + y * 30011 + x * y * 7919) % 65536) as i32 - 32768
    }

    /// Coefficients of one level, in the layout of a plane.
    fn coefficients(area: Rect) -> Plane<i32> {
        let mut plane = Plane::new(area);
        let (width, height) = (area.width() as usize, area.height() as usize);
        let columns: Vec<Vec<i32>> = (area.x0..area.x1)
            .map(|x| {
                let column: Vec<i32> = (area.y0..area.y1).map(|y| sample(x, y)).collect();
                analyse(&column, area.y0)
            })
            .collect();
        let low = area.halved(1).height() as usize;
        let first_odd = (area.y0 % 2) as usize;
        for row in 0..height {
            let line: Vec<i32> = columns.iter().map(|column| column[row]).collect();
            let place =
                if row < low { 2 * row + first_odd } else { 2 * (row - low) + 1 - first_odd };
            let line = analyse(&line, area.x0);
            plane.samples[place * width..(place + 1) * width].copy_from_slice(&line);
        }
        plane
    }

    #[test]
    fn any_size_and_origin_comes_back_exactly() {
        for x0 in 0..2 {
            for y0 in 0..2 {
                for (width, height) in
                    [(1, 1), (1, 2), (2, 1), (3, 1), (1, 5), (2, 3), (9, 8), (8, 9)]
                {
                    let area = Rect { x0, y0, x1: x0 + width, y1: y0 + height };
                    let mut plane = coefficients(area);
                    plane.synthesise::<Reversible>(&[area.halved(1), area]);
                    let rows = (area.y0..area.y1).flat_map(|y| (x0..area.x1).map(move |x| (x, y)));
                    let expected: Vec<i32> = rows.map(|(x, y)| sample(x, y)).collect();
                    assert_eq!(plane.samples, expected, "{area:?}");
                }
            }
        }
    }

    #[test]
    fn a_flat_image_stays_flat() {
        for size in [1, 2, 7, 16] {
            let area = Rect { x0: 1, y0: 0, x1: 1 + size, y1: size };
            let mut plane: Plane<f32> = Plane::new(area);
            let [low, whole] = [area.halved(1), area];
            let gain = IRREVERSIBLE_GAIN * IRREVERSIBLE_GAIN;
            for y in 0..low.height() as usize {
                for x in 0..low.width() as usize {
                    plane.samples[2 * y * size as usize + x] = 100.0 * gain;
                }
            }
            plane.synthesise::<Irreversible>(&[low, whole]);
            if size > 1 {
                assert!(plane.samples.iter().all(|v| (v - 100.0).abs() < 0.01), "{plane:?}");
            }
        }
    }
}
