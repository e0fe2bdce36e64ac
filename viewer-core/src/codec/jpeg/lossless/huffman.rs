//! Huffman tables of difference categories (T.81 annex C, F.2.2.3, H.1.2.2).

use super::super::super::bits::{BitReader, first_bits};
use super::super::super::reader::Reader;

const FAST_BITS: u32 = 9;
/// Categories of lossless coding go to 16.
const MAX_CATEGORY: u8 = 16;

/// One table of categories.
#[derive(Clone)]
pub(super) struct HuffmanTable {
    /// `length << 8 | category` of codes up to [`FAST_BITS`] bits, by the next bits; 0: longer.
    fast: Box<[u16; 1 << FAST_BITS]>,
    /// One past the last code of each length, left-aligned to 16 bits.
    limits: [u32; 17],
    /// Index of the first category of each length, less its first code.
    offsets: [i32; 17],
    categories: Vec<u8>,
}

impl HuffmanTable {
    /// Builds a table from the counts of codes of 1 to 16 bits and their categories in order.
    /// `None` if the counts do not make a prefix code or a category is above 16.
    fn new(counts: &[u8; 16], categories: &[u8]) -> Option<Self> {
        if categories.iter().any(|&category| category > MAX_CATEGORY) {
            return None;
        }
        let mut table = Self {
            fast: Box::new([0; 1 << FAST_BITS]),
            limits: [0; 17],
            offsets: [0; 17],
            categories: categories.to_vec(),
        };
        let (mut code, mut index) = (0u32, 0usize);
        for (length, &count) in (1u32..).zip(counts) {
            table.offsets[length as usize] = index as i32 - code as i32;
            for _ in 0..count {
                let category = *categories.get(index)?;
                table.fill_fast(code, length, category);
                (code, index) = (code + 1, index + 1);
            }
            if code > 1 << length {
                return None;
            }
            table.limits[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    fn fill_fast(&mut self, code: u32, length: u32, category: u8) {
        if length <= FAST_BITS {
            let first = (code << (FAST_BITS - length)) as usize;
            let count = 1 << (FAST_BITS - length);
            let entry = (length as u16) << 8 | u16::from(category);
            self.fast.iter_mut().skip(first).take(count).for_each(|slot| *slot = entry);
        }
    }

    /// The next difference, modulo 2^16; `None` for a code that the table does not have.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut BitReader<'_>) -> Option<u16> {
        // Code and value together have at most 31 bits.
        let window = bits.window();
        let fast = self.fast[(window >> (64 - FAST_BITS)) as usize & ((1 << FAST_BITS) - 1)];
        let entry = if fast == 0 { self.long_entry((window >> 48) as u32)? } else { fast };
        let (length, category) = (u32::from(entry >> 8), u32::from(entry & 0xFF));
        if category == 16 {
            // No bits follow: the one difference of category 16 is 32768 (H.1.2.2).
            bits.skip(length);
            return Some(0x8000);
        }
        bits.skip(length + category);
        Some(extend(first_bits(window << length, category), category))
    }

    /// As [`Self::fast`] has it, for codes that are longer.
    #[cold]
    fn long_entry(&self, next: u32) -> Option<u16> {
        let length = (1..=16).find(|&length| next < self.limits[length])?;
        let code = (next >> (16 - length)) as i32;
        let index = usize::try_from(code + self.offsets[length]).ok()?;
        let category = self.categories.get(index)?;
        Some((length as u16) << 8 | u16::from(*category))
    }
}

/// `EXTEND` (T.81 F.2.2.1), modulo 2^16: the lower half of the values of `length` bits is negative.
#[inline(always)]
fn extend(value: u32, length: u32) -> u16 {
    let lowest_positive = 1 << length >> 1;
    let offset = if value < lowest_positive { (1 << length) - 1 } else { 0 };
    value.wrapping_sub(offset) as u16
}

/// Reads the tables of a DHT segment into `tables` (DC class only; AC tables are not used here).
/// `None` if the segment is malformed.
pub(super) fn read_tables(payload: &[u8], tables: &mut [Option<HuffmanTable>; 4]) -> Option<()> {
    let mut reader = Reader::new(payload);
    while let Some(class_and_slot) = reader.u8() {
        let counts: &[u8; 16] = reader.take(16)?.try_into().ok()?;
        let total = counts.iter().map(|&count| usize::from(count)).sum();
        let categories = reader.take(total)?;
        if class_and_slot >> 4 == 0 {
            let slot = tables.get_mut(usize::from(class_and_slot & 15))?;
            *slot = Some(HuffmanTable::new(counts, categories)?);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(counts: &[(usize, u8)], categories: &[u8]) -> Option<HuffmanTable> {
        let mut all = [0; 16];
        counts.iter().for_each(|&(length, count)| all[length - 1] = count);
        HuffmanTable::new(&all, categories)
    }

    #[test]
    fn short_and_long_codes_and_signs() {
        // 0 → category 0; 10 → 2; 1100 0000 00 (10 bits) → 3.
        let table = table(&[(1, 1), (2, 1), (10, 1)], &[0, 2, 3]).expect("a prefix code");
        // 0 | 10 11 | 10 00 | 1100000000 100 | 1100000000 011 and padding
        let word = 0b0101_1100_0110_0000_0001_0011_0000_0000;
        let words = [word << 32 | 0b0110_0000 << 24, 0b0110_0000 << 56];
        let mut bits = BitReader::new(&words, 40);
        let differences: Vec<_> = (0..5).map(|_| table.difference(&mut bits)).collect();
        let minus = |v: u16| Some(v.wrapping_neg());
        assert_eq!(differences, [Some(0), Some(3), minus(3), Some(4), minus(4)]);
    }

    #[test]
    fn impossible_tables_are_refused() {
        assert!(table(&[(1, 3)], &[0, 1, 2]).is_none());
        assert!(table(&[(1, 1)], &[17]).is_none());
        assert!(table(&[(2, 3)], &[0, 1]).is_none());
        let mut slots = [const { None }; 4];
        assert_eq!(read_tables(&[0x04], &mut slots), None);
        assert_eq!(read_tables(&[0x00, 1], &mut slots), None);
    }

    #[test]
    fn an_unknown_code_is_no_difference() {
        let table = table(&[(1, 1)], &[0]).expect("a prefix code");
        assert_eq!(table.difference(&mut BitReader::new(&[0xFEFE_FEFE << 32], 32)), None);
    }

    #[test]
    fn category_16_has_no_bits() {
        let table = table(&[(1, 1), (2, 1)], &[16, 1]).expect("a prefix code");
        let mut bits = BitReader::new(&[0b0101_0000 << 56], 8);
        assert_eq!(table.difference(&mut bits), Some(0x8000));
        assert_eq!(table.difference(&mut bits), Some(1));
    }
}
