//! Decoded samples as they come, held against what a table says of them. Nothing of the code under test is
//! used: bytes are read by the columns of the table.

use sha2::{Digest, Sha256};

use super::manifest::Row;

/// Samples per row and column of the grid.
const GRID: u64 = 4;

/// What is kept of the samples of a file.
pub(super) struct Summary {
    hash: Sha256,
    /// Figures are only needed where bytes may differ.
    keeps_figures: bool,
    format: Format,
    /// Begun samples: a piece of input may end inside one.
    rest: Vec<u8>,
    count: u64,
    sum: f64,
    range: [f64; 2],
    /// Index of a sample of the first frame, and its value once it has come.
    grid: Vec<(u64, Option<f64>)>,
}

#[derive(Clone, Copy)]
struct Format {
    bytes: usize,
    signed: bool,
    float: bool,
}

/// How close the samples are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Closeness {
    /// The same bytes.
    Exact,
    /// Other bytes, within the tolerance of a lossy encoding.
    Within,
    /// Neither.
    Wrong(String),
}

impl Summary {
    pub(super) fn new(row: &Row) -> Self {
        let bits = row.number("bits_allocated");
        // Double Float has 64 bits, and Float no Bits Stored.
        let float = bits == 64 || (bits == 32 && row.get("bits_stored").is_empty());
        let bytes = usize::try_from(bits.div_ceil(8).clamp(1, 8)).unwrap_or(1);
        let format = Format { bytes, signed: row.get("signed") == "1", float };
        Self {
            hash: Sha256::new(),
            keeps_figures: tolerance(row).is_some(),
            format,
            rest: Vec::new(),
            count: 0,
            sum: 0.0,
            range: [f64::INFINITY, f64::NEG_INFINITY],
            grid: grid_places(row).map(|place| (place, None)).collect(),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        if !self.keeps_figures {
            return;
        }
        self.rest.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.rest);
        let mut samples = pending.chunks_exact(self.format.bytes);
        for sample in samples.by_ref() {
            self.add(self.format.value(sample));
        }
        self.rest = samples.remainder().to_vec();
    }

    fn add(&mut self, value: f64) {
        for (_, found) in self.grid.iter_mut().filter(|(place, _)| *place == self.count) {
            *found = Some(value);
        }
        self.count += 1;
        self.sum += value;
        self.range = [self.range[0].min(value), self.range[1].max(value)];
    }

    /// The digest in hexadecimal.
    pub(super) fn digest(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Compares with the expected columns of `row`.
    pub(super) fn closeness(&self, row: &Row) -> Closeness {
        if self.digest() == row.get("expected_pixels_sha256") {
            return Closeness::Exact;
        }
        match tolerance(row).map(|tolerance| self.beyond(row, tolerance)) {
            None => Closeness::Wrong("other samples".to_owned()),
            Some(Some(difference)) => Closeness::Wrong(difference),
            Some(None) => Closeness::Within,
        }
    }

    /// The first figure that is further away than the tolerance.
    fn beyond(&self, row: &Row, tolerance: f64) -> Option<String> {
        let [low, high] = self.range;
        let mean = self.sum / self.count as f64;
        let named = [("pixel_min", low), ("pixel_max", high), ("pixel_mean", mean)];
        let figures = named.into_iter().map(|(name, found)| (name, row.get(name), Some(found)));
        let grid = row.get("grid16").split(',').filter(|text| !text.is_empty());
        let places = self.grid.iter().map(|(_, found)| *found).chain(std::iter::repeat(None));
        let all = figures.chain(grid.zip(places).map(|(text, found)| ("grid16", text, found)));
        for (name, text, found) in all {
            let (Ok(expected), Some(found)) = (text.parse::<f64>(), found) else {
                return Some(format!("{name}: nothing to compare"));
            };
            // Tables give six digits.
            if (found - expected).abs() > tolerance.max(expected.abs() * 6e-6) {
                return Some(format!("{name} {found}, not {expected}"));
            }
        }
        None
    }
}

/// Samples 0 of the first frame at rows R(2i+1)/8 and columns C(2j+1)/8, row by row.
fn grid_places(row: &Row) -> impl Iterator<Item = u64> {
    let (rows, columns) = (row.number("rows"), row.number("columns"));
    let samples = row.number("samples_per_pixel").max(1);
    (0..GRID * GRID).map(move |index| {
        let (i, j) = (index / GRID, index % GRID);
        let (y, x) = (rows * (2 * i + 1) / 8, columns * (2 * j + 1) / 8);
        (y * columns + x) * samples
    })
}

impl Format {
    fn value(self, bytes: &[u8]) -> f64 {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let unsigned = u64::from_le_bytes(wide);
        let unused = 64 - 8 * self.bytes as u32;
        match (self.float, self.bytes, self.signed) {
            (true, 4, _) => f64::from(f32::from_bits(unsigned as u32)),
            (true, ..) => f64::from_bits(unsigned),
            (false, _, true) => (((unsigned << unused) as i64) >> unused) as f64,
            (false, _, false) => unsigned as f64,
        }
    }
}

/// Stored units a lossy encoding may be away from its reference; `None` where nothing may be lost.
fn tolerance(row: &Row) -> Option<f64> {
    const LOSSY_JPEG: [&str; 4] = ["50", "51", "53", "55"];
    const OTHER_LOSSY: [&str; 4] = ["91", "203", "111", "112"];
    let syntax = row.get("transfer_syntax").strip_prefix("1.2.840.10008.1.2.4.")?;
    let is_jpeg = LOSSY_JPEG.contains(&syntax);
    // Chroma is interpolated, and 12-bit transforms round more often.
    let rounds_more = row.number("bits_stored") > 8 || row.number("samples_per_pixel") > 1;
    let is_lossy = is_jpeg || OTHER_LOSSY.contains(&syntax);
    is_lossy.then_some(if is_jpeg && rounds_more { 2.0 } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(bytes: usize, signed: bool, float: bool) -> Summary {
        let format = Format { bytes, signed, float };
        Summary { format, keeps_figures: true, ..Summary::new(&Row::default()) }
    }

    #[test]
    fn values_are_read_by_their_width_and_sign() {
        let mut words = summary(2, true, false);
        words.update(&[0xFE]);
        words.update(&[0xFF, 0x10, 0x00]);
        assert_eq!((words.range, words.count, words.sum), ([-2.0, 16.0], 2, 14.0));
        let mut floats = summary(4, false, true);
        floats.update(&1.5_f32.to_le_bytes());
        assert_eq!(floats.range, [1.5, 1.5]);
        let mut bytes = summary(1, false, false);
        bytes.update(&[0, 255]);
        assert_eq!(bytes.range, [0.0, 255.0]);
    }

    #[test]
    fn the_digest_does_not_depend_on_the_pieces() {
        let (mut one, mut two) = (summary(2, false, false), summary(2, false, false));
        one.update(&[1, 2, 3, 4]);
        two.update(&[1, 2, 3]);
        two.update(&[4]);
        assert_eq!(one.digest(), two.digest());
        assert_eq!(one.count, two.count);
    }
}
