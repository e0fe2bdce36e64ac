//! Look-up tables of the clean-up pass, built from the code words of the standard when compiling.

use super::code_words::{FIRST_ROW, OTHER_ROWS};

/// What a code word says of a quad:
///
/// | bits | what |
/// |---|---|
/// | 0-2 | length of the code word |
/// | 3 | u_off: an exponent follows |
/// | 4-7 | rho: significance of the samples, upper left, lower left, upper right, lower right |
/// | 8-11 | e_1 of the samples |
/// | 12-15 | e_k of the samples |
/// | 16-18 | what it adds to the context of its neighbour on the right |
/// | 19 | only one of the samples is significant |
pub(super) type QuadTable = [u32; 1024];

/// "An exponent follows".
pub(super) const U_OFF: u32 = 1 << 3;
/// Significance of the samples.
pub(super) const RHO: u32 = 0xF << 4;
/// Samples whose highest bit is a 1 without being coded, among those of [`E_K`].
pub(super) const E_1: u32 = 0xF << 8;
/// Samples whose highest bit is not coded.
pub(super) const E_K: u32 = 0xF << 12;
/// "Only one of the samples is significant".
pub(super) const ONE_SAMPLE: u32 = 1 << 19;

/// By context × 128 + next seven bits; quads of the first row. Contexts are those of the standard.
pub(super) static FIRST_ROW_QUADS: QuadTable = quads(&FIRST_ROW, true);
/// The same for all other rows; the highest bit of the context is the one that looks to the left.
pub(super) static OTHER_QUADS: QuadTable = quads(&OTHER_ROWS, false);

const fn quads(rows: &[u32], is_first: bool) -> QuadTable {
    let mut table = [0; 1024];
    let mut index = 0;
    while index < rows.len() {
        let row = rows[index];
        let [context, rho, u_off] = [row >> 28, row >> 24 & 0xF, row >> 20 & 0xF];
        let [e_k, e_1, length] = [row >> 16 & 0xF, row >> 12 & 0xF, row & 0xF];
        let (context, to_the_right) = if is_first {
            (context, (rho | rho >> 1) & 1 | rho >> 1 & 6)
        } else {
            (context & 1 | context >> 1 & 2 | context << 1 & 4, (rho | rho >> 1) & 4)
        };
        let mut entry = to_the_right << 16 | e_k << 12 | e_1 << 8 | rho << 4 | u_off << 3 | length;
        if rho.is_power_of_two() {
            entry |= ONE_SAMPLE;
        }
        let mut code = row >> 4 & 0xFF;
        while code < 128 {
            table[(context << 7 | code) as usize] = entry;
            code += 1 << length;
        }
        index += 1;
    }
    table
}

/// What the next bits say of the exponents of a pair of quads (7.3.6):
///
/// | bits | what |
/// |---|---|
/// | 0-2 | length of both prefixes |
/// | 3-7 | length of everything |
/// | 8-10 | length of the first quad's suffix |
/// | 11-14 | length of both suffixes |
/// | 15-17 | first quad's value without suffix |
/// | 18-20 | second quad's value without suffix |
pub(super) type ExponentTable = [u32; 512];

/// Row of [`EXPONENTS`] where both quads of the first row have an exponent; where moreover both are
/// large, it is the next one.
pub(super) const BOTH_IN_FIRST_ROW: usize = 4;

/// By row × 64 + next six bits: row 1 where the first quad alone has an exponent, 2 the second, 3 both
/// (in all rows of quads but the first).
pub(super) static EXPONENTS: ExponentTable = {
    let mut table = [0; 512];
    let mut bits = 0;
    while bits < 64 {
        let first = prefix(bits);
        let second = prefix(bits >> first.length);
        table[64 | bits] = exponents(first, NONE);
        table[2 << 6 | bits] = exponents(NONE, first);
        table[3 << 6 | bits] = exponents(first, second);
        let short = Prefix { length: 1, suffix: 0, value: (bits >> first.length & 1) as u32 + 1 };
        // After a large first value the second one is 1 or 2.
        let second_in_first_row = if first.length == 3 { short } else { second };
        table[BOTH_IN_FIRST_ROW << 6 | bits] = exponents(first, second_in_first_row);
        let [first, second] = [first.plus_2(), second.plus_2()];
        table[(BOTH_IN_FIRST_ROW + 1) << 6 | bits] = exponents(first, second);
        bits += 1;
    }
    table
};

/// Prefix of an exponent: its own length, its suffix's, its value.
#[derive(Clone, Copy)]
struct Prefix {
    length: u32,
    suffix: u32,
    value: u32,
}

const NONE: Prefix = Prefix { length: 0, suffix: 0, value: 0 };

impl Prefix {
    const fn plus_2(self) -> Self {
        Self { length: self.length, suffix: self.suffix, value: self.value + 2 }
    }
}

/// The prefix that the lowest bits start with (table 3).
const fn prefix(bits: usize) -> Prefix {
    match bits & 7 {
        0b000 => Prefix { length: 3, suffix: 5, value: 5 },
        0b100 => Prefix { length: 3, suffix: 1, value: 3 },
        0b010 | 0b110 => Prefix { length: 2, suffix: 0, value: 2 },
        _ => Prefix { length: 1, suffix: 0, value: 1 },
    }
}

const fn exponents(first: Prefix, second: Prefix) -> u32 {
    let (prefixes, suffixes) = (first.length + second.length, first.suffix + second.suffix);
    prefixes
        | (prefixes + suffixes) << 3
        | first.suffix << 8
        | suffixes << 11
        | first.value << 15
        | second.value << 18
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In every context each sequence of bits starts with exactly one code word.
    #[test]
    fn code_words_are_complete_and_prefix_free() {
        for rows in [&FIRST_ROW[..], &OTHER_ROWS[..]] {
            for context in 0..8 {
                let own = rows.iter().filter(|&row| row >> 28 == context);
                let covered: u32 = own.clone().map(|row| 128 >> (row & 0xF)).sum();
                assert_eq!(covered, 128, "context {context}");
            }
        }
        assert!(FIRST_ROW_QUADS.iter().chain(&OTHER_QUADS).all(|entry| entry & 7 != 0));
    }

    /// A quad whose samples are known to reach the exponent has them among the significant ones.
    #[test]
    fn known_exponents_belong_to_significant_samples() {
        for entry in FIRST_ROW_QUADS.iter().chain(&OTHER_QUADS) {
            let [rho, e_1, e_k] = [entry >> 4 & 0xF, entry >> 8 & 0xF, entry >> 12 & 0xF];
            assert_eq!((e_1 & !e_k, e_k & !rho), (0, 0), "{entry:#06x}");
        }
    }
}
