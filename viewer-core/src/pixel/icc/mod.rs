//! Colours by an ICC profile → sRGB, the colours of the screen (PS3.3 C.11.15, ICC.1).
//!
//! As Little CMS does it, to its rounding: tables are interpolated in tetrahedra, the black of the profile
//! becomes the black of the screen (docs/adr/0010).

mod curve;
mod named;
mod profile;
mod screen;
mod table;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

pub use named::named_profile;

use self::profile::Profile;
use self::screen::Screen;
use self::table::ToPcs;
use super::{FramePixels, PixelFrame};
use crate::exam::{IccProfile, MAX_ICC_PROFILE_BYTES, Palette};

/// Why a profile is of no use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IccError {
    /// Longer than is carried.
    #[error("an ICC profile of {0} bytes")]
    TooLarge(usize),
    /// It describes grey, CMYK or something else, not RGB.
    #[error("an ICC profile that is not of RGB")]
    NotRgb,
    /// Its text is not base64.
    #[error("an ICC profile that is not base64")]
    Text(#[from] base64::DecodeError),
    /// It contradicts itself, ends too early or lacks what a conversion needs.
    #[error("ICC profile: {0}")]
    Broken(&'static str),
}

/// A conversion of colours to sRGB.
pub struct ToSrgb {
    to_pcs: ToPcs,
    screen: Screen,
}

impl ToSrgb {
    /// Reads a profile and prepares the conversion, perceptual as C.11.15 recommends.
    ///
    /// # Errors
    /// [`IccError`] where the profile cannot be used.
    pub fn from_profile(bytes: &[u8]) -> Result<Self, IccError> {
        if bytes.len() > MAX_ICC_PROFILE_BYTES {
            return Err(IccError::TooLarge(bytes.len()));
        }
        let profile = Profile::read(bytes)?;
        let to_pcs = ToPcs::of(&profile)?;
        let screen = Screen::with_black_from(profile.black_xyz(&to_pcs));
        Ok(Self { to_pcs, screen })
    }

    /// The same of a profile as the exam summary carries it.
    ///
    /// # Errors
    /// [`IccError`] where the profile cannot be used.
    pub fn from_exam(profile: &IccProfile) -> Result<Self, IccError> {
        Self::from_profile(&STANDARD.decode(&profile.base64)?)
    }

    /// Converts the colours of a frame; a grey frame stays as it is.
    #[must_use]
    pub fn convert_frame(&self, frame: PixelFrame) -> PixelFrame {
        let converted = match frame.pixels() {
            FramePixels::Rgba8(rgba) => FramePixels::Rgba8(self.convert(rgba)),
            FramePixels::Rgba16(rgba) => FramePixels::Rgba16(self.convert(rgba)),
            _ => return frame,
        };
        PixelFrame::new(frame.columns(), frame.rows(), converted).unwrap_or(frame)
    }

    /// Converts R G B A of 8 or 16 bits each; A stays as it is, and so does a pixel that is not whole.
    #[must_use]
    pub fn convert<L: Level>(&self, rgba: &[L]) -> Vec<L> {
        let mut converted = rgba.to_vec();
        let inputs = self.to_pcs.input_tables(L::LARGEST);
        // Neighbours are often alike.
        let mut last = ([L::default(); 3], self.rgb([L::default(); 3], &inputs));
        for pixel in converted.as_chunks_mut::<4>().0 {
            let [r, g, b, _] = *pixel;
            if last.0 != [r, g, b] {
                last = ([r, g, b], self.rgb([r, g, b], &inputs));
            }
            pixel[..3].copy_from_slice(&last.1);
        }
        converted
    }

    fn rgb<L: Level>(&self, rgb: [L; 3], inputs: &[Vec<f32>; 3]) -> [L; 3] {
        let level = |channel: usize| {
            let index = usize::from(rgb[channel].into());
            inputs[channel].get(index).copied().unwrap_or(0.0)
        };
        let xyz = self.to_pcs.after_input([level(0), level(1), level(2)]);
        // `+ 0.5` and a cast round; both ends are within the range.
        self.screen.rgb(xyz).map(|v| L::saturating(v * f32::from(L::LARGEST) + 0.5))
    }

    /// Converts the colours of a palette; one whose tables differ in length keeps the shortest.
    #[must_use]
    pub fn convert_palette(&self, palette: &Palette) -> Palette {
        let [red, green, blue] = &palette.rgb;
        let rows = red.iter().zip(green).zip(blue);
        let rgba: Vec<u16> = rows.flat_map(|((&r, &g), &b)| [r, g, b, u16::MAX]).collect();
        let converted = if palette.bits > 8 {
            self.convert(&rgba)
        } else {
            let bytes: Vec<u8> = rgba.iter().map(|&entry| entry.min(255) as u8).collect();
            self.convert(&bytes).into_iter().map(u16::from).collect()
        };
        let channel = |channel: usize| converted.iter().skip(channel).step_by(4).copied().collect();
        Palette { rgb: [channel(0), channel(1), channel(2)], ..*palette }
    }

    /// Whether it leaves colours as they are, to the rounding of one level of 8 bits: sRGB by whatever name
    /// and in whatever form it is written down.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        let samples = probe();
        let converted = self.convert(&samples);
        samples.iter().zip(&converted).all(|(before, after)| before.abs_diff(*after) <= 1)
    }
}

/// A level of a colour channel.
pub trait Level: Copy + Default + PartialEq + Into<u16> {
    /// Full intensity.
    const LARGEST: u16;
    /// Cuts off what is behind the point, and what is out of range.
    fn saturating(value: f32) -> Self;
}

impl Level for u8 {
    const LARGEST: u16 = 255;

    fn saturating(value: f32) -> Self {
        value as Self
    }
}

impl Level for u16 {
    const LARGEST: u16 = Self::MAX;

    fn saturating(value: f32) -> Self {
        value as Self
    }
}

/// Every grey level, and a grid of colours.
fn probe() -> Vec<u8> {
    const STEPS: [u8; 9] = [0, 16, 48, 80, 112, 144, 176, 216, 255];
    let grays = (0..=u8::MAX).map(|level| [level, level, level, 255]);
    let grid = STEPS.into_iter().flat_map(|red| {
        let row = move |green| STEPS.into_iter().map(move |blue| [red, green, blue, 255]);
        STEPS.into_iter().flat_map(row)
    });
    grays.chain(grid).flatten().collect()
}
