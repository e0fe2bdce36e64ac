//! Colours by an ICC profile → sRGB, the colours of the screen (PS3.3 C.11.15, ICC.1).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, RenderingIntent, Transform8BitExecutor,
    TransformOptions,
};
use thiserror::Error;

use super::{FramePixels, PixelFrame};
use crate::exam::{IccProfile, MAX_ICC_PROFILE_BYTES};

/// Why a profile is of no use.
#[derive(Debug, Error)]
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
    /// It contradicts itself or lacks what a conversion needs.
    #[error("ICC profile: {0}")]
    Broken(#[from] CmsError),
}

/// A conversion of 8-bit colours to sRGB.
pub struct ToSrgb {
    transform: Arc<Transform8BitExecutor>,
}

impl ToSrgb {
    /// Reads a profile and prepares the conversion, perceptual as DICOM's profiles are meant.
    ///
    /// # Errors
    /// [`IccError`] where the profile cannot be used.
    pub fn from_profile(bytes: &[u8]) -> Result<Self, IccError> {
        if bytes.len() > MAX_ICC_PROFILE_BYTES {
            return Err(IccError::TooLarge(bytes.len()));
        }
        let profile = ColorProfile::new_from_slice(bytes)?;
        if profile.color_space != DataColorSpace::Rgb {
            return Err(IccError::NotRgb);
        }
        let options = TransformOptions {
            rendering_intent: RenderingIntent::Perceptual,
            // The curves of the profile count, as in every other reader of it.
            allow_use_cicp_transfer: false,
            prefer_fixed_point: false,
            ..TransformOptions::default()
        };
        let screen = ColorProfile::new_srgb();
        let transform =
            profile.create_transform_8bit(Layout::Rgba, &screen, Layout::Rgba, options)?;
        Ok(Self { transform })
    }

    /// The same of a profile as the exam summary carries it.
    ///
    /// # Errors
    /// [`IccError`] where the profile cannot be used.
    pub fn from_exam(profile: &IccProfile) -> Result<Self, IccError> {
        Self::from_profile(&STANDARD.decode(&profile.base64)?)
    }

    /// Converts the colours of a frame; a grey frame stays as it is.
    ///
    /// # Errors
    /// As [`Self::convert`].
    pub fn convert_frame(&self, frame: PixelFrame) -> Result<PixelFrame, IccError> {
        let FramePixels::Rgba8(rgba) = frame.pixels() else { return Ok(frame) };
        let converted = FramePixels::Rgba8(self.convert(rgba)?);
        Ok(PixelFrame::new(frame.columns(), frame.rows(), converted).unwrap_or(frame))
    }

    /// Converts R G B A, 8 bits each; A stays as it is.
    ///
    /// # Errors
    /// [`IccError::Broken`] where `rgba` does not hold whole pixels.
    pub fn convert(&self, rgba: &[u8]) -> Result<Vec<u8>, IccError> {
        let mut converted = vec![0; rgba.len()];
        self.transform.transform(rgba, &mut converted)?;
        Ok(converted)
    }

    /// Whether it leaves colours as they are, to the rounding of one level: sRGB by whatever name and
    /// in whatever form it is written down.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        let samples = probe();
        self.convert(&samples).is_ok_and(|converted| {
            samples.iter().zip(&converted).all(|(before, after)| before.abs_diff(*after) <= 1)
        })
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
