//! Decoded planes → RGBA: the matrix and range that the stream states (ITU-T H.273), not what a
//! browser would guess.

use super::super::DecodeError;
use super::VIDEO;

/// Colour of decoded samples (ITU-T H.273 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// MatrixCoefficients: 1 is BT.709, 5 and 6 BT.601, 9 BT.2020.
    pub matrix: u32,
    /// Whether luma takes 0 to 255, else 16 to 235.
    pub is_full_range: bool,
}

impl Colour {
    /// MatrixCoefficients where nothing is said.
    pub const UNSPECIFIED: u32 = 2;

    /// Weights of red and blue in luma. Where the stream does not say, BT.709 for the sizes of high
    /// definition and BT.601 below, as players do.
    fn weights(self, rows: u32) -> Option<[f64; 2]> {
        const HIGH_DEFINITION_ROWS: u32 = 720;
        match self.matrix {
            1 => Some([0.2126, 0.0722]),
            4 => Some([0.30, 0.11]),
            5 | 6 => Some([0.299, 0.114]),
            7 => Some([0.212, 0.087]),
            9 => Some([0.2627, 0.0593]),
            Self::UNSPECIFIED if rows >= HIGH_DEFINITION_ROWS => Some([0.2126, 0.0722]),
            Self::UNSPECIFIED => Some([0.299, 0.114]),
            _ => None,
        }
    }
}

/// How a browser lays decoded samples out (WebCodecs `VideoPixelFormat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaneFormat {
    /// Columns and rows of luma for one chroma sample.
    chroma: [u32; 2],
    /// Cb and Cr alternate in one plane.
    is_interleaved: bool,
    /// 8, or 10 and 12 in the low bits of 16, little endian.
    bits: u32,
}

impl PlaneFormat {
    /// The format of this name, e.g. `I420` or `NV12`; alpha is not drawn.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (chroma, bits) = match name {
            "NV12" => return Some(Self { chroma: [2, 2], is_interleaved: true, bits: 8 }),
            "I420" | "I420A" => ([2, 2], 8),
            "I422" | "I422A" => ([2, 1], 8),
            "I444" | "I444A" => ([1, 1], 8),
            "I420P10" | "I420AP10" => ([2, 2], 10),
            "I422P10" | "I422AP10" => ([2, 1], 10),
            "I444P10" | "I444AP10" => ([1, 1], 10),
            "I420P12" => ([2, 2], 12),
            "I422P12" => ([2, 1], 12),
            "I444P12" => ([1, 1], 12),
            _ => return None,
        };
        Some(Self { chroma, is_interleaved: false, bits })
    }
}

/// One plane of a decoded picture, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plane {
    /// Where its first row begins.
    pub offset: usize,
    /// From one row to the next.
    pub stride: usize,
}

/// A decoded picture as the browser hands it out.
#[derive(Clone, Copy, Debug)]
pub struct Planes<'a> {
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Layout of the samples.
    pub format: PlaneFormat,
    /// Y, then Cb and Cr (or both in one).
    pub planes: &'a [Plane],
    /// The samples.
    pub bytes: &'a [u8],
}

/// Fixed point of the conversion, bits.
const FRACTION: u32 = 16;

/// Y, Cb, Cr → R, G, B in fixed point.
struct Matrix {
    luma: i64,
    luma_zero: i64,
    red_cr: i64,
    green_cb: i64,
    green_cr: i64,
    blue_cb: i64,
}

impl Matrix {
    /// Equations of H.273 8.3, scaled to 8 bits.
    fn of(colour: Colour, bits: u32, rows: u32) -> Option<Self> {
        let [red, blue] = colour.weights(rows)?;
        let green = 1.0 - red - blue;
        let step = f64::from(1_u32 << (bits - 8));
        let full = f64::from((1_u32 << bits) - 1);
        let (luma_range, chroma_range, zero) = if colour.is_full_range {
            (full, full, 0)
        } else {
            (219.0 * step, 224.0 * step, 16 << (bits - 8))
        };
        let fixed = |factor: f64| (factor * 255.0 * f64::from(1_u32 << FRACTION)).round() as i64;
        let by_chroma = |factor: f64| fixed(2.0 * factor / chroma_range);
        Some(Self {
            luma: fixed(1.0 / luma_range),
            luma_zero: zero,
            red_cr: by_chroma(1.0 - red),
            green_cb: by_chroma((1.0 - blue) * blue / green),
            green_cr: by_chroma((1.0 - red) * red / green),
            blue_cb: by_chroma(1.0 - blue),
        })
    }

    /// `chroma` are Cb and Cr with their middle taken off, in quarters of eighths: ×8.
    fn rgba(&self, luma: u16, [cb, cr]: [i32; 2]) -> [u8; 4] {
        const EIGHTHS: u32 = 3;
        let [cb, cr] = [i64::from(cb), i64::from(cr)];
        let y = (self.luma * (i64::from(luma) - self.luma_zero)) << EIGHTHS;
        let level = |sum: i64| {
            let half = 1 << (FRACTION + EIGHTHS - 1);
            ((sum + half) >> (FRACTION + EIGHTHS)).clamp(0, 255) as u8
        };
        [
            level(y + self.red_cr * cr),
            level(y - self.green_cb * cb - self.green_cr * cr),
            level(y + self.blue_cb * cb),
            255,
        ]
    }
}

impl Planes<'_> {
    /// Converts to RGBA, rows from the top. Chroma is interpolated between its samples, which lie on
    /// the left column of their pixels and between their rows (H.264 E.2.1, chroma type 0).
    ///
    /// # Errors
    /// [`DecodeError::UnsupportedFeature`] for a matrix that is not one of Y, Cb and Cr;
    /// [`DecodeError::Truncated`] where the planes are shorter than their size.
    pub fn to_rgba(&self, colour: Colour) -> Result<Vec<u8>, DecodeError> {
        let matrix = Matrix::of(colour, self.format.bits, self.rows).ok_or_else(|| {
            DecodeError::feature(VIDEO, format!("colour matrix {}", colour.matrix))
        })?;
        let truncated = DecodeError::Truncated { codec: VIDEO, at: "decoded planes" };
        self.convert(&matrix).ok_or(truncated)
    }

    fn convert(&self, matrix: &Matrix) -> Option<Vec<u8>> {
        let columns = self.columns as usize;
        let chroma_columns = self.columns.div_ceil(self.format.chroma[0]) as usize;
        let mut rgba = vec![0; columns.checked_mul(self.rows as usize)?.checked_mul(4)?];
        let mut luma = vec![0; columns];
        let mut blended = vec![[0_i32; 2]; chroma_columns];
        for (row, line) in (0_u32..).zip(rgba.chunks_exact_mut(columns * 4)) {
            self.samples(0, row, 0, 1, &mut luma)?;
            self.blend_rows(row, &mut blended)?;
            let is_halved = self.format.chroma[0] == 2;
            for (column, (pixel, &y)) in line.chunks_exact_mut(4).zip(&luma).enumerate() {
                let chroma = across(&blended, column, is_halved);
                pixel.copy_from_slice(&matrix.rgba(y, chroma));
            }
        }
        Some(rgba)
    }

    /// Cb and Cr at the height of a row of luma, middle taken off, ×4.
    fn blend_rows(&self, row: u32, blended: &mut [[i32; 2]]) -> Option<()> {
        let middle = 1_i32 << (self.format.bits - 1);
        let [near, far] = self.chroma_rows(row);
        let mut samples = vec![0; blended.len()];
        for part in 0..2 {
            for (line, weight) in [(near, 3), (far, 1)] {
                let (plane, first, step) =
                    if self.format.is_interleaved { (1, part, 2) } else { (1 + part, 0, 1) };
                self.samples(plane, line, first, step, &mut samples)?;
                for (sum, &sample) in blended.iter_mut().zip(&samples) {
                    let value = weight * (i32::from(sample) - middle);
                    sum[part] = if weight == 3 { value } else { sum[part] + value };
                }
            }
        }
        Some(())
    }

    /// The two rows of chroma around a row of luma, the nearer one first.
    fn chroma_rows(&self, row: u32) -> [u32; 2] {
        if self.format.chroma[1] == 1 {
            return [row; 2];
        }
        let near = row / 2;
        let last = self.rows.div_ceil(2) - 1;
        let far = if row.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
        [near, far]
    }

    fn samples(
        &self,
        plane: usize,
        row: u32,
        first: usize,
        step: usize,
        out: &mut [u16],
    ) -> Option<()> {
        let Plane { offset, stride } = *self.planes.get(plane)?;
        let start = offset.checked_add(stride.checked_mul(row as usize)?)?;
        let width = if self.format.bits > 8 { 2 } else { 1 };
        let last = first + (out.len().checked_sub(1)?).checked_mul(step)?;
        let end = start.checked_add(last.checked_add(1)?.checked_mul(width)?)?;
        let line = self.bytes.get(start..end)?;
        if width == 1 {
            let from = line.iter().skip(first).step_by(step);
            out.iter_mut().zip(from).for_each(|(to, &from)| *to = u16::from(from));
        } else {
            let from = line.chunks_exact(2).skip(first).step_by(step);
            out.iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to = u16::from_le_bytes([from[0], from[1]]));
        }
        Some(())
    }
}

/// Chroma at a column of luma, ×8.
fn across(blended: &[[i32; 2]], column: usize, is_halved: bool) -> [i32; 2] {
    let at = |index: usize| blended.get(index).or(blended.last()).copied().unwrap_or_default();
    let (left, right) = if is_halved {
        (at(column / 2), at(column / 2 + column % 2))
    } else {
        (at(column), at(column))
    };
    [left[0] + right[0], left[1] + right[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITED_601: Colour = Colour { matrix: 6, is_full_range: false };

    fn flat(format: &str, [y, cb, cr]: [u8; 3], colour: Colour) -> [u8; 4] {
        let bytes = [&[y; 4][..], &[cb], &[cr]].concat();
        let planes = [(0, 2), (4, 1), (5, 1)].map(|(offset, stride)| Plane { offset, stride });
        let format = PlaneFormat::named(format).unwrap();
        let planes = Planes { columns: 2, rows: 2, format, planes: &planes, bytes: &bytes };
        let rgba = planes.to_rgba(colour).unwrap();
        assert_eq!(rgba.chunks(4).filter(|pixel| *pixel == &rgba[..4]).count(), 4);
        [rgba[0], rgba[1], rgba[2], rgba[3]]
    }

    #[test]
    fn limited_range_is_stretched_and_full_range_is_not() {
        assert_eq!(flat("I420", [16, 128, 128], LIMITED_601), [0, 0, 0, 255]);
        assert_eq!(flat("I420", [235, 128, 128], LIMITED_601), [255; 4]);
        let full = Colour { is_full_range: true, ..LIMITED_601 };
        assert_eq!(flat("I420", [16, 128, 128], full), [16, 16, 16, 255]);
        assert_eq!(flat("I420", [235, 128, 128], full), [235, 235, 235, 255]);
    }

    /// Pure red of each matrix (H.273 8.3 with 219 and 224 steps).
    #[test]
    fn red_is_red_by_the_matrix_it_was_made_with() {
        assert_eq!(flat("I420", [81, 90, 240], LIMITED_601), [254, 0, 0, 255]);
        let bt_709 = Colour { matrix: 1, is_full_range: false };
        assert_eq!(flat("I420", [63, 102, 240], bt_709), [255, 1, 0, 255]);
        let unspecified = Colour { matrix: Colour::UNSPECIFIED, is_full_range: false };
        assert_eq!(flat("I420", [81, 90, 240], unspecified), [254, 0, 0, 255]);
    }

    #[test]
    fn what_is_no_luma_and_chroma_is_refused() {
        let planes = [Plane { offset: 0, stride: 1 }; 3];
        let format = PlaneFormat::named("I444").unwrap();
        let planes = Planes { columns: 1, rows: 1, format, planes: &planes, bytes: &[9] };
        let identity = Colour { matrix: 0, is_full_range: true };
        assert!(matches!(planes.to_rgba(identity), Err(DecodeError::UnsupportedFeature { .. })));
        let short = Planes { bytes: &[], ..planes };
        assert!(matches!(short.to_rgba(LIMITED_601), Err(DecodeError::Truncated { .. })));
    }

    /// Chroma lies on even columns and between rows: column 1 is half-way, rows 1 and 2 lean 1 to 3.
    #[test]
    fn chroma_is_interpolated_where_it_lies() {
        let luma = [128_u8; 16];
        let bytes = [&luma[..], &[128; 4], &[128, 168, 128, 168]].concat();
        let planes = [(0, 4), (16, 2), (20, 2)].map(|(offset, stride)| Plane { offset, stride });
        let format = PlaneFormat::named("I420").unwrap();
        let full = Colour { matrix: 6, is_full_range: true };
        let rgba = Planes { columns: 4, rows: 4, format, planes: &planes, bytes: &bytes }
            .to_rgba(full)
            .unwrap();
        let reds: Vec<u8> = rgba.chunks(4).take(4).map(|pixel| pixel[0]).collect();
        assert_eq!(reds, [128, 156, 184, 184]);
        let bytes = [&luma[..], &[128; 4], &[128, 128, 168, 168]].concat();
        let rgba = Planes { columns: 4, rows: 4, format, planes: &planes, bytes: &bytes }
            .to_rgba(full)
            .unwrap();
        let reds: Vec<u8> = rgba.chunks(16).map(|row| row[0]).collect();
        assert_eq!(reds, [128, 142, 170, 184]);
    }

    #[test]
    fn ten_bits_and_interleaved_chroma() {
        let ten = |value: u16| value.to_le_bytes();
        let bytes = [[ten(940); 4].concat(), ten(512).to_vec(), ten(512).to_vec()].concat();
        let planes = [(0, 4), (8, 2), (10, 2)].map(|(offset, stride)| Plane { offset, stride });
        let format = PlaneFormat::named("I420P10").unwrap();
        let planes = Planes { columns: 2, rows: 2, format, planes: &planes, bytes: &bytes };
        assert_eq!(planes.to_rgba(LIMITED_601).unwrap(), [255; 16]);
        let bytes = [81, 81, 81, 81, 90, 240];
        let planes = [(0, 2), (4, 2)].map(|(offset, stride)| Plane { offset, stride });
        let format = PlaneFormat::named("NV12").unwrap();
        let planes = Planes { columns: 2, rows: 2, format, planes: &planes, bytes: &bytes };
        assert_eq!(planes.to_rgba(LIMITED_601).unwrap()[..4], [254, 0, 0, 255]);
    }
}
