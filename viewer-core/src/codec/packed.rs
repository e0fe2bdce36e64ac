//! Native frames of 16-bit greys in fewer bytes, for the way from our server to our page: smaller by half, and read in less time than it
//! takes to receive what they are smaller by ([`crate::pixel::packed`]). No transfer syntax of the standard.

use super::stored::color_by_photometric;
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame, transfer_syntax};
use crate::exam::ImageFormat;
use crate::pixel::color::{ColorModel, Photometric};
use crate::pixel::packed::{pack, unpack};
use crate::pixel::samples::{Container, SampleLayout, StoredSamples};

const CODEC: &str = "packed frame";

/// Decoder of packed frames.
pub(super) struct Packed;

impl FrameDecoder for Packed {
    fn family(&self) -> Family {
        Family::Native
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        let layout = &spec.layout;
        if !is_packable(layout, spec.photometric) {
            return Err(DecodeError::corrupt(CODEC, "not of 16-bit greys"));
        }
        let mut samples = vec![0; layout.sample_count()];
        unpack(encoded, layout.columns as usize, &mut samples)
            .ok_or_else(|| DecodeError::corrupt(CODEC, "not whole"))?;
        if !are_clean(&samples, layout) {
            return Err(DecodeError::corrupt(CODEC, "values beyond Bits Stored"));
        }
        Ok(StoredFrame {
            columns: layout.columns,
            rows: layout.rows,
            samples: match layout.signed {
                true => StoredSamples::I16(samples.into_iter().map(u16::cast_signed).collect()),
                false => StoredSamples::U16(samples),
            },
            bits: layout.bits_stored,
            color: color_by_photometric(spec.photometric),
            lossy: false,
        })
    }
}

/// Packs a native frame; `None` where it is not native and little endian, has other samples than 16-bit greys, where not every bit of
/// its cells would come back, or where it would not be smaller by a quarter.
#[must_use]
pub fn encode_packed(
    transfer_syntax_uid: &str,
    cells: &[u8],
    format: &ImageFormat,
) -> Option<Vec<u8>> {
    let syntax = transfer_syntax(transfer_syntax_uid)?;
    let is_native = syntax.family == Family::Native && syntax.uid != "1.2.840.10008.1.2.2";
    let FrameSpec { layout, photometric } = FrameSpec::from_format(format).ok()?;
    if !is_native || !is_packable(&layout, photometric) || cells.len() != layout.native_bytes() {
        return None;
    }
    let cells = cells.as_chunks::<2>().0.iter();
    let samples: Vec<u16> = cells.map(|cell| u16::from_le_bytes(*cell)).collect();
    are_clean(&samples, &layout).then(|| pack(&samples, layout.columns as usize))?
}

fn is_packable(layout: &SampleLayout, photometric: Photometric) -> bool {
    layout.container == Container::Word
        && layout.low_bit == 0
        && layout.sample_count() == layout.pixel_count()
        && color_by_photometric(photometric) == ColorModel::Gray
}

/// Whether nothing but samples is in the cells: no overlay in their unused bits, and signs in all of them.
fn are_clean(samples: &[u16], layout: &SampleLayout) -> bool {
    let unused = 16 - layout.bits_stored;
    // Those that differ from what is read leave bits behind.
    let rest = match layout.signed {
        true => samples.iter().fold(0, |rest, &sample| {
            let read = (sample << unused).cast_signed() >> unused;
            rest | (sample ^ read.cast_unsigned())
        }),
        false => samples.iter().fold(0, |rest, sample| rest | sample) & !(u16::MAX >> unused),
    };
    rest == 0
}
