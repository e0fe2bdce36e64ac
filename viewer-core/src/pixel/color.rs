//! Colour: Photometric Interpretation, YBR → RGB, palette → RGB, up to 8 bits → 8-bit RGBA, more → 16-bit RGBA.
//!
//! PS3.3 C.7.6.3.1.2 (photometric interpretations), C.7.6.3.1.5 (palettes).

mod ybr_bytes;

use super::FramePixels;
use super::samples::StoredSamples;
use crate::exam::Palette;

/// Photometric Interpretation (0028,0004) as far as this viewer draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Photometric {
    /// MONOCHROME1 or MONOCHROME2; which of them is a matter of display.
    Monochrome,
    /// PALETTE COLOR.
    Palette,
    /// RGB.
    Rgb,
    /// YBR_FULL.
    YbrFull,
    /// YBR_FULL_422.
    YbrFull422,
    /// YBR_PARTIAL_422 (retired).
    YbrPartial422,
    /// YBR_PARTIAL_420: of compressed video only.
    YbrPartial420,
    /// YBR_RCT or YBR_ICT: the codestream says how to get back to RGB (PS3.5 8.2.4).
    YbrWavelet,
    /// XYB, the colour space of JPEG XL: its codestream says how to get back to RGB (PS3.5 8.2.15).
    Xyb,
}

impl Photometric {
    /// Reads the defined term, spaces around it ignored. `None` for anything that is not drawn.
    #[must_use]
    pub fn parse(term: &str) -> Option<Self> {
        match term.trim() {
            "MONOCHROME1" | "MONOCHROME2" => Some(Self::Monochrome),
            "PALETTE COLOR" => Some(Self::Palette),
            "RGB" => Some(Self::Rgb),
            "YBR_FULL" => Some(Self::YbrFull),
            "YBR_FULL_422" => Some(Self::YbrFull422),
            "YBR_PARTIAL_422" => Some(Self::YbrPartial422),
            "YBR_PARTIAL_420" => Some(Self::YbrPartial420),
            "YBR_RCT" | "YBR_ICT" => Some(Self::YbrWavelet),
            "XYB" => Some(Self::Xyb),
            _ => None,
        }
    }

    /// Samples per Pixel that belong to it.
    #[must_use]
    pub const fn samples_per_pixel(self) -> u32 {
        match self {
            Self::Monochrome | Self::Palette => 1,
            _ => 3,
        }
    }
}

/// What decoded samples mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorModel {
    /// One grey sample.
    Gray,
    /// One index into a palette.
    Palette,
    /// Red, green, blue.
    Rgb,
    /// Luminance and chrominance over the full range (ITU-T T.871).
    YbrFull,
    /// Luminance 16 to 235 and chrominance 16 to 240 (ITU-R BT.601), scaled to the depth.
    YbrPartial,
}

/// `[luma of Y, Cr to R, Cb to G, Cr to G, Cb to B]` and the offset of Y, for 8-bit samples.
#[derive(Clone, Copy, Debug)]
struct Coefficients {
    y_offset: f32,
    y: f32,
    r_cr: f32,
    g_cb: f32,
    g_cr: f32,
    b_cb: f32,
}

const FULL: Coefficients = Coefficients {
    y_offset: 0.0,
    y: 1.0,
    r_cr: 1.402,
    g_cb: -0.344_136_3,
    g_cr: -0.714_136_3,
    b_cb: 1.772,
};

const PARTIAL: Coefficients = Coefficients {
    y_offset: 16.0,
    y: 1.164_383_6,
    r_cr: 1.596_026_8,
    g_cb: -0.391_762_3,
    g_cr: -0.812_967_6,
    b_cb: 2.017_232_2,
};

impl Coefficients {
    fn rgb(&self, [y, cb, cr]: [f32; 3]) -> [f32; 3] {
        let (y, cb, cr) = (self.y * (y - self.y_offset), cb - 128.0, cr - 128.0);
        [y + self.r_cr * cr, y + self.g_cb * cb + self.g_cr * cr, y + self.b_cb * cb]
    }
}

/// Colour samples interleaved by pixel → RGBA, of 8 bits where `bits` is at most 8, else of 16.
///
/// `bits` is the depth of the samples, which are scaled by their full range and rounded. `None` for
/// signed or float samples, which no colour photometric interpretation allows.
#[must_use]
pub fn to_rgba(samples: &StoredSamples, bits: u32, model: ColorModel) -> Option<FramePixels> {
    match samples {
        StoredSamples::U8(v) if bits == 8 => Some(FramePixels::Rgba8(rgba_from_bytes(v, model))),
        StoredSamples::U8(v) => Some(rgba_scaled(v, bits, model)),
        StoredSamples::U16(v) => Some(rgba_scaled(v, bits, model)),
        StoredSamples::U32(v) => Some(rgba_scaled(v, bits, model)),
        _ => None,
    }
}

fn rgba_from_bytes(samples: &[u8], model: ColorModel) -> Vec<u8> {
    let pixels = samples.as_chunks::<3>().0;
    match coefficients(model) {
        None => map_to_rgba(pixels, |[r, g, b]| [r, g, b, 255]),
        Some(c) => ybr_bytes::to_rgba(pixels, &ybr_bytes::Scaled::new(c)),
    }
}

/// Through levels of 0 … 255, of which a 32-bit float keeps 16 bits behind the point.
fn rgba_scaled<T: Copy + Into<u32>>(samples: &[T], bits: u32, model: ColorModel) -> FramePixels {
    let largest = f64::from(u32::MAX >> (32 - bits.clamp(1, 32)));
    let level = |v: T| (f64::from(v.into()) * (255.0 / largest)) as f32;
    let rgb = |pixel: [T; 3]| {
        let levels = pixel.map(level);
        coefficients(model).map_or(levels, |c| c.rgb(levels))
    };
    let pixels = samples.as_chunks::<3>().0;
    if bits <= 8 {
        FramePixels::Rgba8(map_to_rgba(pixels, |pixel| opaque(rgb(pixel))))
    } else {
        FramePixels::Rgba16(map_to_rgba(pixels, |pixel| opaque_16(rgb(pixel))))
    }
}

/// One R G B A for each input.
fn map_to_rgba<T: Copy, C: Copy + Default>(inputs: &[T], rgba: impl Fn(T) -> [C; 4]) -> Vec<C> {
    let mut pixels = vec![[C::default(); 4]; inputs.len()];
    pixels.iter_mut().zip(inputs).for_each(|(pixel, &input)| *pixel = rgba(input));
    pixels.into_flattened()
}

fn coefficients(model: ColorModel) -> Option<&'static Coefficients> {
    match model {
        ColorModel::YbrFull => Some(&FULL),
        ColorModel::YbrPartial => Some(&PARTIAL),
        ColorModel::Gray | ColorModel::Palette | ColorModel::Rgb => None,
    }
}

fn opaque([r, g, b]: [f32; 3]) -> [u8; 4] {
    // `as u8` saturates: below 0 is 0, above 255 is 255.
    [(r + 0.5) as u8, (g + 0.5) as u8, (b + 0.5) as u8, 255]
}

fn opaque_16(levels: [f32; 3]) -> [u16; 4] {
    let [r, g, b] = levels.map(|level| (f64::from(level) * 257.0 + 0.5) as u16);
    [r, g, b, u16::MAX]
}

/// Palette indices → RGBA, of 16 bits where the palette's entries are. Inputs below the first mapped
/// value take the first entry, inputs beyond the last take the last one.
///
/// `None` when the palette holds no entries, its tables differ in length, or the samples are floats.
#[must_use]
pub fn palette_to_rgba(samples: &StoredSamples, palette: &Palette) -> Option<FramePixels> {
    let table = rgba_table(palette)?;
    if palette.bits > 8 {
        return through_table(samples, palette.first_mapped, &table).map(FramePixels::Rgba16);
    }
    let bytes: Vec<[u8; 4]> = table.iter().map(|entry| entry.map(|v| v.min(255) as u8)).collect();
    through_table(samples, palette.first_mapped, &bytes).map(FramePixels::Rgba8)
}

fn through_table<C: Copy + Default>(
    samples: &StoredSamples,
    first_mapped: i32,
    table: &[[C; 4]],
) -> Option<Vec<C>> {
    let entry = |stored: i64| {
        let index = usize::try_from(stored - i64::from(first_mapped)).unwrap_or(0);
        table.get(index.min(table.len() - 1)).copied().unwrap_or_default()
    };
    match samples {
        StoredSamples::U8(v) => Some(map_to_rgba(v, |x| entry(x.into()))),
        StoredSamples::I8(v) => Some(map_to_rgba(v, |x| entry(x.into()))),
        StoredSamples::U16(v) => Some(map_to_rgba(v, |x| entry(x.into()))),
        StoredSamples::I16(v) => Some(map_to_rgba(v, |x| entry(x.into()))),
        StoredSamples::U32(v) => Some(map_to_rgba(v, |x| entry(x.into()))),
        StoredSamples::I32(v) => Some(map_to_rgba(v, |x| entry(x.into()))),
        StoredSamples::F32(_) | StoredSamples::F64(_) => None,
    }
}

fn rgba_table(palette: &Palette) -> Option<Vec<[u16; 4]>> {
    let [red, green, blue] = &palette.rgb;
    if red.is_empty() || red.len() != green.len() || red.len() != blue.len() {
        return None;
    }
    let rows = red.iter().zip(green).zip(blue);
    Some(rows.map(|((&r, &g), &b)| [r, g, b, u16::MAX]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgba(samples: Vec<u8>, model: ColorModel) -> Vec<u8> {
        match to_rgba(&StoredSamples::U8(samples), 8, model) {
            Some(FramePixels::Rgba8(bytes)) => bytes,
            other => panic!("{other:?} are no bytes"),
        }
    }

    #[test]
    fn ybr_full_gives_the_primaries_of_the_standard() {
        // BT.601 red, green, blue and white over the full range, rounded.
        let ybr = vec![76, 85, 255, 150, 44, 21, 29, 255, 107, 255, 128, 128];
        let expected = [254, 0, 0, 255, 0, 255, 1, 255, 0, 0, 254, 255, 255, 255, 255, 255];
        assert_eq!(rgba(ybr, ColorModel::YbrFull), expected);
    }

    #[test]
    fn ybr_partial_stretches_16_to_235() {
        let ybr = vec![16, 128, 128, 235, 128, 128, 126, 128, 128];
        let expected = [0, 0, 0, 255, 255, 255, 255, 255, 128, 128, 128, 255];
        assert_eq!(rgba(ybr, ColorModel::YbrPartial), expected);
    }

    #[test]
    fn deep_colour_keeps_16_bits() {
        let rgb = |samples, bits| to_rgba(&samples, bits, ColorModel::Rgb);
        let deep = |r, g, b| Some(FramePixels::Rgba16(vec![r, g, b, 65535]));
        assert_eq!(rgb(StoredSamples::U16(vec![0, 32769, 65535]), 16), deep(0, 32769, 65535));
        assert_eq!(rgb(StoredSamples::U32(vec![0, 1 << 31, u32::MAX]), 32), deep(0, 32768, 65535));
        assert_eq!(rgb(StoredSamples::U16(vec![4095, 2048, 1]), 12), deep(65535, 32776, 16));
        assert_eq!(rgb(StoredSamples::I16(vec![1, 2, 3]), 16), None);
        let shallow = rgb(StoredSamples::U8(vec![31, 16, 0]), 5);
        assert_eq!(shallow, Some(FramePixels::Rgba8(vec![255, 132, 0, 255])));
    }

    #[test]
    fn every_16_bit_level_is_kept() {
        let all: Vec<u16> = (0..=u16::MAX).flat_map(|v| [v, v ^ 0x5555, !v]).collect();
        let Some(FramePixels::Rgba16(found)) =
            to_rgba(&StoredSamples::U16(all.clone()), 16, ColorModel::Rgb)
        else {
            panic!("16 bits make a 16-bit frame");
        };
        let channels: Vec<u16> = found.chunks(4).flat_map(|pixel| &pixel[..3]).copied().collect();
        assert_eq!(channels, all);
    }

    #[test]
    fn palette_inputs_are_clamped_to_the_table() {
        let palette = Palette {
            first_mapped: -10,
            bits: 16,
            rgb: [vec![0x0100, 0xFF01], vec![0x0200, 0x8042], vec![0x0300, 0x0001]],
        };
        let samples = StoredSamples::I8(vec![-128, -10, -9, 100]);
        let (low, high) = ([0x100, 0x200, 0x300, 65535], [0xFF01, 0x8042, 1, 65535]);
        let expected = FramePixels::Rgba16([low, low, high, high].concat());
        assert_eq!(palette_to_rgba(&samples, &palette), Some(expected));
        let broken = Palette { rgb: [vec![1], vec![], vec![1]], ..palette };
        assert_eq!(palette_to_rgba(&samples, &broken), None);
    }

    #[test]
    fn palettes_of_8_bits_give_bytes() {
        let palette = Palette { first_mapped: 5, bits: 8, rgb: [vec![1], vec![200], vec![255]] };
        let expected = Some(FramePixels::Rgba8(vec![1, 200, 255, 255]));
        assert_eq!(palette_to_rgba(&StoredSamples::U16(vec![5]), &palette), expected);
    }

    #[test]
    fn terms_are_trimmed_and_unknown_ones_refused() {
        assert_eq!(Photometric::parse("RGB "), Some(Photometric::Rgb));
        assert_eq!(Photometric::parse("YBR_ICT"), Some(Photometric::YbrWavelet));
        assert_eq!(Photometric::parse("ARGB"), None);
        assert_eq!(Photometric::parse(""), None);
    }
}
