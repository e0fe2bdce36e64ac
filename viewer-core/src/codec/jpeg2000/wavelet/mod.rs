//! The inverse wavelet transforms (ISO/IEC 15444-1 annex F), row by row.
//!
//! Each resolution level makes its rows of those of the level below and of its own three sub-bands, and is
//! asked for them one after the other. It keeps as many rows as vertical lifting looks at: they stay in
//! the processor's cache, whatever the size of the picture.

mod halves;
mod kernels;

pub(super) use self::kernels::{IRREVERSIBLE_GAIN, Irreversible, Kernel, Reversible};

use self::halves::Halves;
use super::rect::Rect;
use crate::codec::DecodeError;

/// A sub-band: of resolution level 0 there is one, of others horizontal, vertical and diagonal details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SubBand {
    pub(super) resolution: usize,
    pub(super) index: usize,
}

/// Where coefficients come from.
pub(super) trait Bands<S> {
    /// Row `row`, from 0, of a sub-band; rows of each are asked for in order.
    fn row(&mut self, band: SubBand, row: usize) -> Result<&[S], DecodeError>;
}

/// All resolution levels of a tile-component.
pub(super) struct Synthesis<K: Kernel> {
    /// From the lowest with details on.
    levels: Vec<Level<K>>,
    /// Where there are none: the last row, and the number of the next one.
    only: Vec<K::Sample>,
    next: usize,
}

impl<K: Kernel> Synthesis<K> {
    /// `resolutions` are the areas of the levels from the lowest up.
    pub(super) fn new(resolutions: &[Rect]) -> Self {
        let levels = resolutions
            .windows(2)
            .enumerate()
            .map(|(below, areas)| Level::new(below + 1, &areas[0], &areas[1]));
        Self { levels: levels.collect(), only: Vec::new(), next: 0 }
    }

    /// The next row of the highest level, from the first on.
    pub(super) fn next_row(
        &mut self,
        bands: &mut impl Bands<K::Sample>,
    ) -> Result<&[K::Sample], DecodeError> {
        if self.levels.is_empty() {
            let row = bands.row(SubBand { resolution: 0, index: 0 }, self.next)?;
            self.only.clear();
            self.only.extend_from_slice(row);
            self.next += 1;
            return Ok(&self.only);
        }
        next_row(&mut self.levels, bands)
    }
}

/// One level.
struct Level<K: Kernel> {
    resolution: usize,
    /// The rows that vertical lifting looks at: row `n` is number `n % KEPT`.
    kept: Vec<Vec<K::Sample>>,
    /// How many have come, and how many have been given away.
    arrived: usize,
    given: usize,
    rows: usize,
    /// Whether the first row is odd, that is high-pass.
    odd: bool,
    halves: Halves<K::Sample>,
}

impl<K: Kernel> Level<K> {
    /// Step `k` of vertical lifting is `k + 1` rows behind, and looks one row further back.
    const KEPT: usize = K::STEPS + 2;

    fn new(resolution: usize, below: &Rect, area: &Rect) -> Self {
        let columns = area.width() as usize;
        Self {
            resolution,
            kept: vec![vec![K::Sample::default(); columns]; Self::KEPT],
            arrived: 0,
            given: 0,
            rows: area.height() as usize,
            odd: area.y0 % 2 == 1,
            halves: Halves::new(columns, below.width() as usize, area.x0 % 2 == 1),
        }
    }

    fn is_high(&self, row: usize) -> bool {
        (row % 2 == 1) != self.odd
    }

    /// The next row of a sub-band, or of the level below, is half of the row that arrives.
    fn rows_before(&self, row: usize) -> usize {
        let high_before = (row + usize::from(self.odd)) / 2;
        if self.is_high(row) { high_before } else { row - high_before }
    }

    /// All steps of vertical lifting that are due now that `row` has arrived.
    fn lift(&mut self, row: usize) {
        if self.rows == 1 {
            let odd = self.odd;
            self.kept[0].iter_mut().for_each(|sample| *sample = K::lone(*sample, odd));
            return;
        }
        for step in 0..K::STEPS {
            let Some(row) = row.checked_sub(step + 1) else { break };
            if row < self.rows && self.is_high(row) == (step % 2 == 1) {
                self.lift_row(row, step);
            }
        }
    }

    /// Lifts a row by its neighbours, mirrored at the edges.
    fn lift_row(&mut self, row: usize, step: usize) {
        let before = if row > 0 { row - 1 } else { row + 1 };
        let after = if row + 1 < self.rows { row + 1 } else { row - 1 };
        let mut own = core::mem::take(&mut self.kept[row % Self::KEPT]);
        let neighbour = |row: usize| self.kept[row % Self::KEPT].as_slice();
        K::lift(step, &mut own, neighbour(before), neighbour(after));
        self.kept[row % Self::KEPT] = own;
    }
}

/// The next row of the last of `levels`, of which there is one.
fn next_row<'l, K: Kernel>(
    levels: &'l mut [Level<K>],
    bands: &mut impl Bands<K::Sample>,
) -> Result<&'l [K::Sample], DecodeError> {
    let Some((level, below)) = levels.split_last_mut() else { return Ok(&[]) };
    while level.arrived < level.given + K::STEPS + 1 {
        let row = level.arrived;
        if row < level.rows {
            receive(level, below, bands, row)?;
        }
        level.lift(row);
        level.arrived += 1;
        if level.rows == 1 {
            level.arrived += K::STEPS;
        }
    }
    level.given += 1;
    Ok(&level.kept[(level.given - 1) % Level::<K>::KEPT])
}

/// Gets the two halves of a row and puts them together.
fn receive<K: Kernel>(
    level: &mut Level<K>,
    below: &mut [Level<K>],
    bands: &mut impl Bands<K::Sample>,
    row: usize,
) -> Result<(), DecodeError> {
    let resolution = level.resolution;
    let number = level.rows_before(row);
    if level.is_high(row) {
        level.halves.set_low(bands.row(SubBand { resolution, index: 1 }, number)?);
        level.halves.set_high(bands.row(SubBand { resolution, index: 2 }, number)?);
    } else {
        let lowest = SubBand { resolution: 0, index: 0 };
        level.halves.set_low(match below {
            [] => bands.row(lowest, number)?,
            below => next_row(below, bands)?,
        });
        level.halves.set_high(bands.row(SubBand { resolution, index: 0 }, number)?);
    }
    level.halves.synthesise::<K>(&mut level.kept[row % Level::<K>::KEPT]);
    Ok(())
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

    /// Rows of the four sub-bands of one level: low, horizontal, vertical, diagonal details.
    struct Four<S>([Vec<Vec<S>>; 4]);

    impl<S> Bands<S> for Four<S> {
        fn row(&mut self, band: SubBand, row: usize) -> Result<&[S], DecodeError> {
            let number = if band.resolution == 0 { 0 } else { band.index + 1 };
            Ok(&self.0[number][row])
        }
    }

    fn coefficients(area: Rect) -> Four<i32> {
        let columns: Vec<Vec<i32>> = (area.x0..area.x1)
            .map(|x| {
                let column: Vec<i32> = (area.y0..area.y1).map(|y| sample(x, y)).collect();
                analyse(&column, area.y0)
            })
            .collect();
        let low = area.halved(1);
        let mut bands = [const { Vec::new() }; 4];
        for row in 0..area.height() as usize {
            let line: Vec<i32> = columns.iter().map(|column| column[row]).collect();
            let line = analyse(&line, area.x0);
            let (left, right) = line.split_at(low.width() as usize);
            let first = if row < low.height() as usize { 0 } else { 2 };
            bands[first].push(left.to_vec());
            bands[first + 1].push(right.to_vec());
        }
        Four(bands)
    }

    fn synthesised<K: Kernel>(mut bands: Four<K::Sample>, area: Rect) -> Vec<K::Sample> {
        let mut synthesis = Synthesis::<K>::new(&[area.halved(1), area]);
        let rows = 0..area.height();
        rows.flat_map(|_| synthesis.next_row(&mut bands).expect("a row").to_vec()).collect()
    }

    #[test]
    fn any_size_and_origin_comes_back_exactly() {
        for x0 in 0..2 {
            for y0 in 0..2 {
                for (width, height) in
                    [(1, 1), (1, 2), (2, 1), (3, 1), (1, 5), (2, 3), (9, 8), (8, 9)]
                {
                    let area = Rect { x0, y0, x1: x0 + width, y1: y0 + height };
                    let samples = synthesised::<Reversible>(coefficients(area), area);
                    let rows = (area.y0..area.y1).flat_map(|y| (x0..area.x1).map(move |x| (x, y)));
                    let expected: Vec<i32> = rows.map(|(x, y)| sample(x, y)).collect();
                    assert_eq!(samples, expected, "{area:?}");
                }
            }
        }
    }

    #[test]
    fn a_flat_image_stays_flat() {
        for size in [1, 2, 7, 16] {
            let area = Rect { x0: 1, y0: 0, x1: 1 + size, y1: size };
            let low = area.halved(1);
            let gain = IRREVERSIBLE_GAIN * IRREVERSIBLE_GAIN;
            let rows = |value: f32, width: u32, height: u32| {
                vec![vec![value; width as usize]; height as usize]
            };
            let (wide, high) = (area.width() - low.width(), area.height() - low.height());
            let bands = [
                rows(100.0 * gain, low.width(), low.height()),
                rows(0.0, wide, low.height()),
                rows(0.0, low.width(), high),
                rows(0.0, wide, high),
            ];
            let samples = synthesised::<Irreversible>(Four(bands), area);
            if size > 1 {
                assert!(samples.iter().all(|v| (v - 100.0).abs() < 0.01), "{samples:?}");
            }
        }
    }
}
