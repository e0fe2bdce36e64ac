use super::EDGE_TOLERANCE;
use crate::exam::{LookupTable, Palette};

/// Colours in a row, to be looked up by a grey ([`Self::at`]) or a palette index ([`Self::entry`]).
///
/// Red, green and blue entries of equal number, never none, 65535 being full intensity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourTable([Vec<u16>; 3]);

impl ColourTable {
    /// `None` where there are no entries, or not as many of each.
    #[must_use]
    pub fn new(rgb: [Vec<u16>; 3]) -> Option<Self> {
        let [red, green, blue] = &rgb;
        let is_whole = !red.is_empty() && red.len() == green.len() && red.len() == blue.len();
        is_whole.then_some(Self(rgb))
    }

    /// The colours of a palette; `None` as for [`Self::new`].
    #[must_use]
    pub fn of_palette(palette: &Palette) -> Option<Self> {
        Self::new(palette.rgb.each_ref().map(|entries| full_scale(entries, palette.bits)))
    }

    /// The greys of a Presentation LUT (PS3.3 C.11.6): its first entry is for black, its last for
    /// white. `None` for one without entries.
    #[must_use]
    pub fn of_presentation_lut(lut: &LookupTable) -> Option<Self> {
        let grey = full_scale(&lut.entries, lut.bits);
        Self::new([grey.clone(), grey.clone(), grey])
    }

    /// This table of greys (of which red is taken), then `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let greys = &self.0[0];
        let through = |channel: &Vec<u16>| {
            let entry = |&grey: &u16| channel.get(next.index(f64::from(grey) / 65_535.0)).copied();
            greys.iter().map(|grey| entry(grey).unwrap_or(0)).collect()
        };
        Self(next.0.each_ref().map(through))
    }

    /// The colour of a grey 0 … 1: entry `floor(grey · (entries − 1) + 0.5 + EDGE_TOLERANCE)`.
    #[must_use]
    pub fn at(&self, grey: f64) -> [f64; 3] {
        self.entry(self.index(grey))
    }

    /// Red, green and blue, 0 … 1, of an entry; of the last one beyond it.
    #[must_use]
    pub fn entry(&self, index: usize) -> [f64; 3] {
        let index = index.min(self.last());
        self.0
            .each_ref()
            .map(|channel| f64::from(channel.get(index).copied().unwrap_or(0)) / 65_535.0)
    }

    /// Index of the last entry.
    #[must_use]
    pub fn last(&self) -> usize {
        self.0[0].len() - 1
    }

    /// Red, green and blue entries.
    #[must_use]
    pub fn rgb(&self) -> &[Vec<u16>; 3] {
        &self.0
    }

    /// The cast saturates: below 0 is 0.
    fn index(&self, grey: f64) -> usize {
        let last = self.last();
        ((grey * last as f64 + (0.5 + EDGE_TOLERANCE)) as usize).min(last)
    }
}

/// Entries of `bits` bits over 0 … 65535.
fn full_scale(entries: &[u16], bits: u16) -> Vec<u16> {
    let largest = (1_u32 << bits.clamp(1, 16)) - 1;
    let scaled = |&entry: &u16| (u32::from(entry).min(largest) * 65_535 + largest / 2) / largest;
    entries.iter().map(|entry| scaled(entry) as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_as_many_entries_of_each() {
        assert_eq!(ColourTable::new([vec![], vec![], vec![]]), None);
        assert_eq!(ColourTable::new([vec![1, 2], vec![1, 2], vec![1]]), None);
        assert!(ColourTable::new([vec![1], vec![2], vec![3]]).is_some());
    }

    #[test]
    fn palettes_of_any_depth_reach_full_intensity() {
        let palette = Palette { first_mapped: 0, bits: 8, rgb: [vec![255], vec![1], vec![0]] };
        let table = ColourTable::of_palette(&palette).expect("a whole palette");
        assert_eq!(table.rgb(), &[vec![65_535], vec![257], vec![0]]);
        assert_eq!(full_scale(&[1023, 512, 9999], 10), [65_535, 32_800, 65_535]);
    }

    fn greys(entries: &[u16]) -> ColourTable {
        ColourTable::new([entries.to_vec(), entries.to_vec(), entries.to_vec()]).expect("entries")
    }

    #[test]
    fn greys_take_the_nearest_entry() {
        let table = greys(&[0, 65_535, 13_107]);
        let found: Vec<f64> =
            [-1.0, 0.0, 0.24, 0.25, 0.74, 0.75, 1.0, 2.0].map(|y| table.at(y)[1]).into();
        assert_eq!(found, [0.0, 0.0, 0.0, 1.0, 1.0, 0.2, 0.2, 0.2]);
    }

    #[test]
    fn one_table_after_the_other() {
        let lut = LookupTable {
            first_mapped: 0,
            bits: 10,
            entries: vec![1023, 0, 512],
            explanation: String::new(),
        };
        let inverse = ColourTable::of_presentation_lut(&lut).expect("entries");
        let colours =
            ColourTable::new([vec![1, 2, 3], vec![4, 5, 6], vec![7, 8, 9]]).expect("whole");
        let both = inverse.then(&colours);
        assert_eq!(both.rgb(), &[vec![3, 1, 2], vec![6, 4, 5], vec![9, 7, 8]]);
    }
}
