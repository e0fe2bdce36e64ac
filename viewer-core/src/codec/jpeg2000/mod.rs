//! JPEG 2000 (ISO/IEC 15444-1) and high-throughput JPEG 2000 (ISO/IEC 15444-15): our own decoder,
//! because no library in Rust reads both, keeps signs and clamps, and keeps up.
//!
//! The stages in their order, one module each: `jp2` finds the codestream in its wrapper;
//! `codestream` reads its headers and tile-parts; `tile` lays out sub-bands, precincts and
//! code-blocks; `packets` finds the bytes of each code-block; `ebcot` or `ht` decodes them;
//! `coefficients` scales them; `wavelet` puts the sub-bands together; `output` undoes the component
//! transform and stores samples.
//!
//! Not supported and said so: the extensions of Part 2 (multi-component transforms, other
//! wavelets …), subsampled components, HT mixed with other code-blocks, and code-blocks with more
//! bit-planes than a 32-bit number holds.

mod ahead;
mod codestream;
mod coefficients;
mod decode;
mod ebcot;
mod ht;
mod jp2;
mod output;
mod packets;
mod rect;
mod strips;
mod tile;
mod wavelet;

pub(super) use self::ahead::Ahead;
pub(super) use self::decode::{decode_prefix, decode_reduced, decode_rest};

use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};

const CODEC: &str = "JPEG 2000";

/// Decoder of both families: the codestream says which kind of code-blocks it has, whatever its
/// label.
pub(super) struct Jpeg2000;

/// The same under the transfer syntaxes of HTJ2K.
pub(super) struct Htj2k;

impl FrameDecoder for Jpeg2000 {
    fn family(&self) -> Family {
        Family::Jpeg2000
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        decode_reduced(encoded, spec, 0)
    }
}

impl FrameDecoder for Htj2k {
    fn family(&self) -> Family {
        Family::Htj2k
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        decode_reduced(encoded, spec, 0)
    }
}

/// A header that ends early.
fn truncated() -> DecodeError {
    DecodeError::Truncated { codec: CODEC, at: "codestream" }
}

/// Packets that end early.
fn cut_packet() -> DecodeError {
    DecodeError::Truncated { codec: CODEC, at: "packet" }
}

fn corrupt(cause: &str) -> DecodeError {
    DecodeError::corrupt(CODEC, cause)
}
