//! The number burnt into every frame.
//!
//! With `u = columns / 64` (whole pixels), a row of square cells of side `u` begins at column `u`, row
//! `u`: white, black, 16 bits of the number (most significant first, 1 is white), even parity, white:
//! 20 cells. The same number stands below in decimal digits.

/// Cells in the row.
const CELLS: usize = 20;
/// Bits of the number.
const BITS: usize = 16;

/// Digits 0 to 9 and D, three columns by five rows, one bit a pixel, top row first.
const GLYPHS: [u16; 11] = [
    0b111_101_101_101_111,
    0b010_110_010_010_111,
    0b111_001_111_100_111,
    0b111_001_111_001_111,
    0b101_101_111_001_001,
    0b111_100_111_001_111,
    0b111_100_111_101_111,
    0b111_001_010_010_010,
    0b111_101_111_101_111,
    0b111_101_111_001_111,
    0b110_101_101_101_110,
];
/// Index of D (droite, right) in [`GLYPHS`].
pub(crate) const GLYPH_D: usize = 10;

/// Burns `number` into a frame of `columns` columns.
pub(crate) fn burn<T: Copy>(samples: &mut [T], columns: usize, number: u16, black: T, white: T) {
    let unit = columns / 64;
    let mut cells = [false; CELLS];
    cells[0] = true;
    for bit in 0..BITS {
        cells[2 + bit] = number >> (BITS - 1 - bit) & 1 == 1;
    }
    cells[2 + BITS] = number.count_ones() % 2 == 1;
    cells[CELLS - 1] = true;
    for (cell, &lit) in cells.iter().enumerate() {
        let colour = if lit { white } else { black };
        fill(samples, columns, [unit * (1 + cell), unit], unit, colour);
    }
    burn_digits(samples, columns, number, black, white);
}

fn burn_digits<T: Copy>(samples: &mut [T], columns: usize, number: u16, black: T, white: T) {
    let unit = columns / 64;
    let dot = (unit * 3 / 4).max(1);
    for (place, digit) in number.to_string().bytes().enumerate() {
        let at = [unit + place * 4 * dot, 3 * unit];
        let glyph = usize::from(digit - b'0');
        burn_glyph(samples, columns, at, dot, glyph, [black, white]);
    }
}

/// Draws one glyph with its top left corner at `at` (column, row).
pub(crate) fn burn_glyph<T: Copy>(
    samples: &mut [T],
    columns: usize,
    at: [usize; 2],
    dot: usize,
    glyph: usize,
    [black, white]: [T; 2],
) {
    for (index, mask) in (0..15).rev().enumerate() {
        let colour = if GLYPHS[glyph] >> mask & 1 == 1 { white } else { black };
        let [column, row] = [at[0] + index % 3 * dot, at[1] + index / 3 * dot];
        fill(samples, columns, [column, row], dot, colour);
    }
}

fn fill<T: Copy>(samples: &mut [T], columns: usize, at: [usize; 2], side: usize, colour: T) {
    for row in at[1]..at[1] + side {
        let start = row * columns + at[0];
        if let Some(cells) = samples.get_mut(start..start + side) {
            cells.fill(colour);
        }
    }
}

/// Reads the burnt-in number back: 1 for the first frame along the series' normal (the cross product of
/// its row and column directions), or the first frame of a loop. `None` where there is none.
///
/// Works on stored values, on grey levels read from a screen (also inverted ones, and lossy ones), as
/// long as `samples` is the whole frame at its own size, rows from the top.
#[must_use]
pub fn burnt_index<T: Copy + Into<f64>>(samples: &[T], columns: usize) -> Option<u16> {
    let unit = columns / 64;
    let cells: Option<Vec<f64>> = (0..CELLS)
        .map(|cell| {
            let column = unit * (1 + cell) + unit / 2;
            samples.get((unit + unit / 2) * columns + column).map(|&value| value.into())
        })
        .collect();
    let cells = cells.filter(|_| unit > 0)?;
    let (white, black) = (cells[0], cells[1]);
    let lit = |value: f64| (value - black).abs() > (value - white).abs();
    if white == black || !lit(cells[CELLS - 1]) {
        return None;
    }
    let number = cells[2..2 + BITS].iter().fold(0, |n: u16, &cell| n << 1 | u16::from(lit(cell)));
    (lit(cells[2 + BITS]) == (number.count_ones() % 2 == 1)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_at_every_size() {
        for columns in [64, 100, 512, 2048] {
            for number in [0, 1, 118, 300, 0xa5c3, u16::MAX] {
                let mut samples = vec![0_i16; columns * columns];
                burn(&mut samples, columns, number, -1000, 1000);
                assert_eq!(burnt_index(&samples, columns), Some(number), "{columns}");
                let inverted: Vec<i16> = samples.iter().map(|v| -v).collect();
                assert_eq!(burnt_index(&inverted, columns), Some(number), "{columns}");
            }
        }
    }

    #[test]
    fn a_frame_without_number_has_none() {
        assert_eq!(burnt_index(&[0_u8; 64 * 64], 64), None);
        assert_eq!(burnt_index(&[0_u8; 10], 64), None);
        assert_eq!(burnt_index::<u8>(&[], 0), None);
    }

    #[test]
    fn one_wrong_cell_is_noticed() {
        let mut samples = vec![0_u8; 64 * 64];
        burn(&mut samples, 64, 5, 0, 255);
        samples[64 + 1 + 10] = 255;
        assert_eq!(burnt_index(&samples, 64), None);
    }
}
