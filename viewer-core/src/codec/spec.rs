//! What the image pixel attributes promise about every frame of an image.

use super::DecodeError;
use crate::exam::ImageFormat;
use crate::pixel::color::Photometric;
use crate::pixel::samples::SampleLayout;

/// Checked image pixel attributes: what a decoded frame must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSpec {
    /// Size, container and bits.
    pub layout: SampleLayout,
    /// Colour of the decoded or native samples.
    pub photometric: Photometric,
}

impl FrameSpec {
    /// Reads and checks the attributes.
    ///
    /// # Errors
    /// [`DecodeError::Layout`], [`DecodeError::Photometric`], [`DecodeError::SamplesPerPixel`].
    pub fn from_format(format: &ImageFormat) -> Result<Self, DecodeError> {
        let layout = SampleLayout::from_format(format)?;
        let term = format.photometric_interpretation.as_str();
        let photometric =
            Photometric::parse(term).ok_or_else(|| DecodeError::Photometric(term.to_owned()))?;
        if photometric.samples_per_pixel() != layout.samples_per_pixel {
            return Err(DecodeError::SamplesPerPixel {
                photometric: term.to_owned(),
                samples_per_pixel: layout.samples_per_pixel,
            });
        }
        Ok(Self { layout, photometric })
    }

    /// Refuses a codestream of another size.
    pub(super) fn check_size(&self, columns: u32, rows: u32) -> Result<(), DecodeError> {
        if (columns, rows) == (self.layout.columns, self.layout.rows) {
            return Ok(());
        }
        Err(DecodeError::SizeMismatch {
            header_columns: self.layout.columns,
            header_rows: self.layout.rows,
            columns,
            rows,
        })
    }

    /// Refuses a codestream with another number of components.
    pub(super) fn check_components(
        &self,
        codec: &'static str,
        components: u32,
    ) -> Result<(), DecodeError> {
        let samples_per_pixel = self.layout.samples_per_pixel;
        if components == samples_per_pixel {
            Ok(())
        } else {
            Err(DecodeError::ComponentMismatch { codec, components, samples_per_pixel })
        }
    }

    /// Refuses a codestream whose samples do not fit Bits Allocated.
    pub(super) fn check_depth(
        &self,
        codec: &'static str,
        precision: u32,
    ) -> Result<(), DecodeError> {
        let bits_allocated = self.layout.container.bits();
        if (1..=bits_allocated).contains(&precision) {
            return Ok(());
        }
        let bits_stored = self.layout.bits_stored;
        Err(DecodeError::DepthMismatch { codec, precision, bits_stored, bits_allocated })
    }
}
