//! Native frames: pixel cells as they are in the file (PS3.5 8.1, 8.2).

use super::stored::color_by_photometric;
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};
use crate::pixel::color::Photometric;
use crate::pixel::native::{ByteOrder, read_samples};
use crate::pixel::samples::{SampleLayout, StoredSamples};

const CODEC: &str = "native";

/// Decoder of native frames.
pub(super) struct Native {
    order: ByteOrder,
}

/// Every native transfer syntax but one.
pub(super) const LITTLE_ENDIAN: Native = Native { order: ByteOrder::Little };
/// Explicit VR Big Endian: cells of 16 bits and more are swapped; smaller ones are a byte stream
/// (whoever cuts frames out of 8-bit OW data has put its bytes in order).
pub(super) const BIG_ENDIAN: Native = Native { order: ByteOrder::Big };

impl FrameDecoder for Native {
    fn family(&self) -> Family {
        Family::Native
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        decode_cells(encoded, spec, self.order)
    }
}

/// Reads the cells of one frame; one byte of padding to an even length is allowed.
pub(super) fn decode_cells(
    cells: &[u8],
    spec: &FrameSpec,
    order: ByteOrder,
) -> Result<StoredFrame, DecodeError> {
    let (layout, photometric) = (&spec.layout, spec.photometric);
    let expected = frame_bytes(spec);
    let mismatch = DecodeError::LengthMismatch {
        codec: CODEC,
        expected: expected as u64,
        found: cells.len() as u64,
    };
    if cells.len() < expected {
        return Err(DecodeError::Truncated { codec: CODEC, at: "pixel cells" });
    }
    let frame = cells.get(..expected).filter(|_| has_frame_length(cells.len(), spec));
    let frame = frame.ok_or(mismatch.clone())?;
    if photometric == Photometric::YbrPartial420 {
        // Rows share chroma, too, in an order that only video codecs define (PS3.3 C.7.6.3.1.2).
        return Err(DecodeError::feature(CODEC, "YBR_PARTIAL_420 without compression"));
    }
    let samples = if is_subsampled(photometric) {
        expand_422(frame, layout)?
    } else {
        read_samples(frame, layout, order).ok_or(mismatch)?
    };
    Ok(StoredFrame {
        columns: layout.columns,
        rows: layout.rows,
        samples,
        bits: layout.bits_stored,
        color: color_by_photometric(photometric),
        lossy: false,
    })
}

/// Whether `length` is that of one native frame, with or without padding to an even length.
pub(super) fn has_frame_length(length: usize, spec: &FrameSpec) -> bool {
    let expected = frame_bytes(spec);
    length == expected || length == expected.next_multiple_of(2)
}

fn is_subsampled(photometric: Photometric) -> bool {
    matches!(photometric, Photometric::YbrFull422 | Photometric::YbrPartial422)
}

fn frame_bytes(spec: &FrameSpec) -> usize {
    if is_subsampled(spec.photometric) {
        // Two pixels in four cells; an odd last column still takes a whole group.
        let columns = (spec.layout.columns as usize).next_multiple_of(2);
        spec.layout.rows as usize * columns * 2
    } else {
        spec.layout.native_bytes()
    }
}

/// `Y0 Y1 Cb Cr` of two neighbours → `Y Cb Cr` for each, chroma replicated (PS3.3 C.7.6.3.1.2).
fn expand_422(cells: &[u8], layout: &SampleLayout) -> Result<StoredSamples, DecodeError> {
    let is_bytes = layout.container.bits() == 8 && layout.bits_stored == 8 && !layout.signed;
    if !is_bytes || layout.planar || !layout.columns.is_multiple_of(2) {
        let feature = "4:2:2 chroma that is not 8-bit, interleaved and even in columns";
        return Err(DecodeError::feature(CODEC, feature));
    }
    let groups = cells.as_chunks::<4>().0.iter();
    Ok(StoredSamples::U8(groups.flat_map(|&[y0, y1, cb, cr]| [y0, cb, cr, y1, cb, cr]).collect()))
}
