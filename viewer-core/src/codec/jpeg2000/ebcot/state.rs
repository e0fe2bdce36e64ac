//! State of a code-block's coefficients while bit-planes reveal them.
//!
//! Coefficients are visited in stripes of four rows, column by column. One word holds all that is
//! known about the four coefficients of a stripe's column and their neighbours:
//!
//! | bits | what |
//! |---|---|
//! | 0-17 | significance of 3 × 6 coefficients: three columns (west, own, east) of the row above the stripe, its four rows, the row below |
//! | 18-23 | sign of the six coefficients of the own column |
//! | 24-27 | refined before |
//! | 28-31 | visited in this bit-plane |
//!
//! The neighbourhood of row `r` is thus the nine bits from `3 r` on.

/// Columns of all stripes of the largest code-blocks (1024 × 4 up to 4 × 1024), with a border.
/// A power of two: indices are masked instead of checked.
const SIZE: usize = 4096;
const MASK: usize = SIZE - 1;

/// "Significant" of row 0; that of row `r` is `3 r` bits higher.
pub(super) const SIGNIFICANT: u32 = 1 << 4;
/// "Significant" of all rows.
pub(super) const ALL_SIGNIFICANT: u32 =
    SIGNIFICANT | SIGNIFICANT << 3 | SIGNIFICANT << 6 | SIGNIFICANT << 9;
/// "Refined before" of row 0; that of row `r` is `r` bits higher, as with the next two.
pub(super) const REFINED: u32 = 1 << 24;
/// "Visited in this bit-plane" of row 0.
pub(super) const VISITED: u32 = 1 << 28;
/// "Visited" of all rows.
pub(super) const ALL_VISITED: u32 = 0xF << 28;
/// Significance of all neighbourhoods.
pub(super) const ANY_SIGNIFICANT: u32 = 0x3_FFFF;
/// Sign of row 0.
const SIGN: u32 = 19;

/// Coefficients of one code-block.
pub(super) struct Coefficients {
    /// Words as above; one column of border left and right, one stripe above and below.
    words: Box<[u32; SIZE]>,
    /// Magnitudes in halves, four to a column.
    magnitudes: Box<[[u32; 4]; SIZE]>,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Coefficients {
    pub(super) fn new() -> Self {
        Self {
            words: Box::new([0; SIZE]),
            magnitudes: Box::new([[0; 4]; SIZE]),
            width: 0,
            height: 0,
        }
    }

    /// Starts anew for a block of `width × height` (at most 4096 together, 1024 each).
    pub(super) fn clear(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        let used = (self.pitch() * (self.stripes() + 2)).min(SIZE);
        self.words[..used].fill(0);
        self.magnitudes[..used].fill([0; 4]);
        let missing = self.missing_rows(self.stripes() - 1);
        let last = self.column(self.stripes() - 1, 0);
        (last..last + width).for_each(|at| self.words[at & MASK] = missing);
    }

    /// Distance between a column of a stripe and that of the next stripe.
    pub(super) fn pitch(&self) -> usize {
        self.width + 2
    }

    /// Stripes, the last one perhaps with less than four rows.
    pub(super) fn stripes(&self) -> usize {
        self.height.div_ceil(4)
    }

    /// Index of a column of a stripe.
    pub(super) fn column(&self, stripe: usize, x: usize) -> usize {
        (stripe + 1) * self.pitch() + 1 + x
    }

    /// Rows that the stripe does not have, marked as visited: so no pass ever touches them.
    pub(super) fn missing_rows(&self, stripe: usize) -> u32 {
        let rows = (self.height - stripe * 4).min(4) as u32;
        ALL_VISITED & (ALL_VISITED << rows)
    }

    #[inline(always)]
    pub(super) fn word(&self, column: usize) -> u32 {
        self.words[column & MASK]
    }

    #[inline(always)]
    pub(super) fn set_word(&mut self, column: usize, word: u32) {
        self.words[column & MASK] = word;
    }

    #[inline(always)]
    pub(super) fn magnitude(&mut self, column: usize, row: usize) -> &mut u32 {
        &mut self.magnitudes[column & MASK][row & 3]
    }

    /// Index into the table of signs for row `row` of a column, whose word is `word`.
    #[inline(always)]
    pub(super) fn sign_neighbours(&self, column: usize, word: u32, row: u32) -> usize {
        let significant = (word >> (3 * row)) & 0xAA;
        let north = (word >> (SIGN - 1 + row)) & 1;
        let south = ((word >> (SIGN + 1 + row)) & 1) << 6;
        let west = ((self.word(column - 1) >> (SIGN + row)) & 1) << 2;
        let east = ((self.word(column + 1) >> (SIGN + row)) & 1) << 4;
        (significant | north | south | west | east) as usize
    }

    /// Makes row `row` of a column significant; its own word is `word` and written by the caller.
    #[inline(always)]
    pub(super) fn make_significant(
        &mut self,
        column: usize,
        word: &mut u32,
        row: u32,
        sign: u32,
        vertically_causal: bool,
    ) {
        *word |= SIGNIFICANT << (3 * row) | sign << (SIGN + row);
        self.words[(column - 1) & MASK] |= 1 << (3 * row + 5);
        self.words[(column + 1) & MASK] |= 1 << (3 * row + 3);
        if row == 0 && !vertically_causal {
            let above = column.wrapping_sub(self.pitch());
            self.words[above & MASK] |= 1 << 16 | sign << 23;
            self.words[(above - 1) & MASK] |= 1 << 17;
            self.words[(above + 1) & MASK] |= 1 << 15;
        }
        if row == 3 {
            let below = column + self.pitch();
            self.words[below & MASK] |= 1 << 1 | sign << 18;
            self.words[(below - 1) & MASK] |= 1 << 2;
            self.words[(below + 1) & MASK] |= 1;
        }
    }

    /// One row: what `dequantise` makes of signed coefficients in halves.
    pub(super) fn copy_row<S>(&self, y: usize, row: &mut [S], dequantise: impl Fn(i32) -> S) {
        let first = self.column(y / 4, 0);
        let columns = first..first + self.width;
        let places = self.words[columns.clone()].iter().zip(&self.magnitudes[columns]);
        for (value, (word, magnitudes)) in row.iter_mut().zip(places) {
            let magnitude = magnitudes[y % 4] as i32;
            let is_negative = word >> (SIGN as usize + y % 4) & 1 != 0;
            *value = dequantise(if is_negative { -magnitude } else { magnitude });
        }
    }
}
