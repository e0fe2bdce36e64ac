use super::jpeg2000::{Ahead, decode_rest};
use super::{DecodeError, FrameSpec, StoredFrame, check_label, wavelet_family};
use crate::exam::ImageFormat;

/// A JPEG 2000 or HTJ2K frame that is decoded while it comes, as far as that can be: its code-blocks, which are most of
/// the work.
pub struct ArrivingFrame {
    transfer_syntax_uid: String,
    spec: FrameSpec,
    ahead: Ahead,
}

impl ArrivingFrame {
    /// A frame of which nothing is there; `None` where it is of another family, or its attributes contradict
    /// themselves: who decodes it will say so.
    #[must_use]
    pub fn new(transfer_syntax_uid: &str, format: &ImageFormat) -> Option<Self> {
        wavelet_family(transfer_syntax_uid).ok()?;
        Some(Self {
            transfer_syntax_uid: transfer_syntax_uid.to_owned(),
            spec: FrameSpec::from_format(format).ok()?,
            ahead: Ahead::default(),
        })
    }

    /// Decodes what has come. `encoded` is the beginning of the frame, and begins with what was given the last time.
    pub fn look(&mut self, encoded: &[u8]) {
        self.ahead.look(encoded, &self.spec);
    }

    /// How many code-blocks have been decoded.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.ahead.count()
    }

    /// Decodes the whole frame, as [`decode_stored`](super::decode_stored) would.
    ///
    /// # Errors
    /// Those of [`decode_stored`](super::decode_stored).
    pub fn finish(self, encoded: &[u8]) -> Result<StoredFrame, DecodeError> {
        check_label(wavelet_family(&self.transfer_syntax_uid)?, encoded, &self.spec)?;
        decode_rest(encoded, &self.spec, &self.ahead)
    }
}
