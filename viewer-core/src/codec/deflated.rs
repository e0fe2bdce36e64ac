//! Deflated Image Frame Compression (1.2.840.10008.1.2.8.1): each frame a raw deflate stream of the
//! native cells (PS3.5 A.4.13, RFC 1951).

use flate2::{Decompress, FlushDecompress, Status};

use super::native::decode_cells;
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};
use crate::pixel::native::ByteOrder;

const CODEC: &str = "deflate";

/// Decoder of deflated frames.
pub(super) struct DeflatedFrames;

impl FrameDecoder for DeflatedFrames {
    fn family(&self) -> Family {
        Family::DeflatedFrame
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        // Room for one byte of padding and one that tells that there is too much.
        let cells = inflate(encoded, spec.layout.native_bytes() + 2)?;
        decode_cells(&cells, spec, ByteOrder::Little)
    }
}

/// Inflates at most `limit` bytes; an unfinished stream with less than that is truncated.
fn inflate(encoded: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    let mut cells = Vec::with_capacity(limit);
    let status = Decompress::new(false)
        .decompress_vec(encoded, &mut cells, FlushDecompress::Finish)
        .map_err(|error| DecodeError::corrupt(CODEC, error.to_string()))?;
    if status != Status::StreamEnd && cells.len() < limit {
        return Err(DecodeError::Truncated { codec: CODEC, at: "deflate stream" });
    }
    Ok(cells)
}
