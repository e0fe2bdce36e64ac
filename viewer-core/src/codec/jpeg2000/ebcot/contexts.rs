//! Contexts of coefficient bits (ISO/IEC 15444-1 D.3) by tables over a coefficient's neighbourhood.

use crate::codec::jpeg2000::tile::BandKind;

/// Neighbourhood bits: north-west, north, north-east, west, itself, east, south-west, south,
/// south-east.
const NORTH: usize = 1 << 1;
const WEST: usize = 1 << 3;
const EAST: usize = 1 << 5;
const SOUTH: usize = 1 << 7;
const DIAGONALS: usize = 1 | 1 << 2 | 1 << 6 | 1 << 8;

/// First context of signs.
const SIGN: u8 = 9;

/// Context of a coefficient's significance by its neighbourhood.
pub(super) type SignificanceTable = [u8; 512];

/// The table of a sub-band (table D.1).
pub(super) fn significance_table(kind: BandKind) -> &'static SignificanceTable {
    match kind {
        BandKind::Ll | BandKind::Lh => &VERTICAL_HIGH_PASS,
        BandKind::Hl => &HORIZONTAL_HIGH_PASS,
        BandKind::Hh => &DIAGONAL,
    }
}

static VERTICAL_HIGH_PASS: SignificanceTable = table(0);
static HORIZONTAL_HIGH_PASS: SignificanceTable = table(1);
static DIAGONAL: SignificanceTable = table(2);

const fn table(orientation: usize) -> SignificanceTable {
    let mut contexts = [0; 512];
    let mut neighbours = 0;
    while neighbours < 512 {
        let horizontal = (neighbours & (WEST | EAST)).count_ones();
        let vertical = (neighbours & (NORTH | SOUTH)).count_ones();
        let diagonal = (neighbours & DIAGONALS).count_ones();
        contexts[neighbours] = match orientation {
            0 => along_edges(horizontal, vertical, diagonal),
            1 => along_edges(vertical, horizontal, diagonal),
            _ => on_diagonals(horizontal + vertical, diagonal),
        };
        neighbours += 1;
    }
    contexts
}

const fn along_edges(along: u32, across: u32, diagonal: u32) -> u8 {
    match (along, across, diagonal) {
        (2, _, _) => 8,
        (1, 1.., _) => 7,
        (1, 0, 1..) => 6,
        (1, 0, 0) => 5,
        (_, 2, _) => 4,
        (_, 1, _) => 3,
        (_, _, 2..) => 2,
        (_, _, 1) => 1,
        _ => 0,
    }
}

const fn on_diagonals(edges: u32, diagonal: u32) -> u8 {
    match (edges, diagonal) {
        (_, 3..) => 8,
        (1.., 2) => 7,
        (0, 2) => 6,
        (2.., 1) => 5,
        (1, 1) => 4,
        (0, 1) => 3,
        (2.., _) => 2,
        (1, _) => 1,
        _ => 0,
    }
}

/// Context of a sign, and in the top bit whether it is flipped (tables D.2, D.3). Indexed by the
/// significance of north, west, east and south at their neighbourhood bits (1, 3, 5, 7) and by their
/// signs one bit below each.
pub(super) static SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut index = 0;
    while index < 256 {
        let horizontal = contribution(index, WEST) + contribution(index, EAST);
        let vertical = contribution(index, NORTH) + contribution(index, SOUTH);
        signs[index] = sign_context(clamp(horizontal), clamp(vertical));
        index += 1;
    }
    signs
};

const fn contribution(index: usize, neighbour: usize) -> i32 {
    if index & neighbour == 0 {
        0
    } else if index & (neighbour >> 1) == 0 {
        1
    } else {
        -1
    }
}

const fn clamp(sum: i32) -> i32 {
    if sum > 1 {
        1
    } else if sum < -1 {
        -1
    } else {
        sum
    }
}

const fn sign_context(horizontal: i32, vertical: i32) -> u8 {
    let is_flipped = horizontal < 0 || (horizontal == 0 && vertical < 0);
    let (horizontal, vertical) =
        if is_flipped { (-horizontal, -vertical) } else { (horizontal, vertical) };
    let context = match (horizontal, vertical) {
        (1, 1) => SIGN + 4,
        (1, 0) => SIGN + 3,
        (1, _) => SIGN + 2,
        (_, 1) => SIGN + 1,
        _ => SIGN,
    };
    context | (is_flipped as u8) << 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_table_d_3() {
        let positive_west = WEST;
        let negative_west = WEST | WEST >> 1;
        let negative_north = NORTH | NORTH >> 1;
        assert_eq!(SIGNS[0], 9);
        assert_eq!(SIGNS[positive_west | SOUTH], 13);
        assert_eq!(SIGNS[positive_west | negative_north], 11);
        assert_eq!(SIGNS[negative_west], 12 | 0x80);
        assert_eq!(SIGNS[negative_west | EAST | negative_north], 10 | 0x80);
    }

    #[test]
    fn significance_of_table_d_1() {
        assert_eq!(significance_table(BandKind::Ll)[WEST | EAST], 8);
        assert_eq!(significance_table(BandKind::Hl)[WEST | EAST], 4);
        assert_eq!(significance_table(BandKind::Lh)[WEST | NORTH], 7);
        assert_eq!(significance_table(BandKind::Hh)[DIAGONALS], 8);
        assert_eq!(significance_table(BandKind::Hh)[WEST | NORTH], 2);
    }
}
