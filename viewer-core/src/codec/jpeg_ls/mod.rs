//! placeholder
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};
pub(super) struct JpegLs;
impl FrameDecoder for JpegLs {
    fn family(&self) -> Family {
        Family::JpegLs
    }
    fn decode(&self, _e: &[u8], _s: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        Err(DecodeError::feature("JPEG-LS", "everything"))
    }
}
