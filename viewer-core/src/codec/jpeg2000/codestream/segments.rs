//! Marker codes and marker segments (ISO/IEC 15444-1 A.2, A.3).

use super::{corrupt, truncated};
use crate::codec::DecodeError;
use crate::codec::reader::Reader;

pub(super) const SOC: u16 = 0xFF4F;
pub(super) const SIZ: u16 = 0xFF51;
pub(super) const COD: u16 = 0xFF52;
pub(super) const COC: u16 = 0xFF53;
pub(super) const QCD: u16 = 0xFF5C;
pub(super) const QCC: u16 = 0xFF5D;
pub(super) const RGN: u16 = 0xFF5E;
pub(super) const POC: u16 = 0xFF5F;
pub(super) const PPM: u16 = 0xFF60;
pub(super) const PPT: u16 = 0xFF61;
pub(super) const SOT: u16 = 0xFF90;
pub(super) const SOD: u16 = 0xFF93;
pub(super) const EOC: u16 = 0xFFD9;

/// The payload of the segment whose marker has just been read.
pub(super) fn segment<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = reader.u16().ok_or_else(truncated)?;
    let length = usize::from(length).checked_sub(2).ok_or_else(|| corrupt("segment length"))?;
    reader.take(length).ok_or_else(truncated)
}

/// What a segment of Part 2 asks for that changes the decoded samples (ISO/IEC 15444-2 annex A).
pub(super) fn part_2_feature(marker: u16) -> Option<&'static str> {
    Some(match marker {
        0xFF70 => "variable DC offset",
        0xFF71 => "visual masking",
        0xFF72 => "downsampling factor styles",
        0xFF73 => "arbitrary decomposition styles",
        0xFF74 | 0xFF75 | 0xFF77 => "a multi-component transform",
        0xFF76 => "a non-linearity point transform",
        0xFF78 => "component bit depth of a multi-component transform",
        0xFF79 => "arbitrary transformation kernels",
        0xFF5A | 0xFF5B => "trellis-coded quantisation",
        _ => return None,
    })
}
