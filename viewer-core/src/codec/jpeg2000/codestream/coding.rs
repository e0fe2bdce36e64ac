//! COD and COC: how a tile is coded (ISO/IEC 15444-1 A.6.1, A.6.2; ISO/IEC 15444-15 A.4).

use super::{CODEC, corrupt, extension, truncated};
use crate::codec::DecodeError;
use crate::codec::reader::Reader;

/// Most decomposition levels.
const MAX_LEVELS: u8 = 32;
/// Scod: precinct sizes follow; SOP segments may be used; EPH markers are used.
const SCOD_PRECINCTS: u8 = 1;
const SCOD_SOP: u8 = 2;
const SCOD_EPH: u8 = 4;

/// Order of the packets of a tile (B.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) enum Progression {
    /// Layer, resolution, component, position.
    Lrcp,
    /// Resolution, layer, component, position.
    Rlcp,
    /// Resolution, position, component, layer.
    Rpcl,
    /// Position, component, resolution, layer.
    Pcrl,
    /// Component, position, resolution, layer.
    Cprl,
}

impl Progression {
    pub(super) fn from_code(code: u8) -> Result<Self, DecodeError> {
        Ok(match code {
            0 => Self::Lrcp,
            1 => Self::Rlcp,
            2 => Self::Rpcl,
            3 => Self::Pcrl,
            4 => Self::Cprl,
            _ => return Err(corrupt("progression order")),
        })
    }
}

/// What COD says for all components of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct PacketStyle {
    /// SOP segments may come before packets.
    pub(in crate::codec::jpeg2000) sop: bool,
    /// EPH markers end packet headers.
    pub(in crate::codec::jpeg2000) eph: bool,
    /// Order where no POC says otherwise.
    pub(in crate::codec::jpeg2000) progression: Progression,
    /// Quality layers, 1 to 65535.
    pub(in crate::codec::jpeg2000) layers: u16,
    /// RCT or ICT over the first three components.
    pub(in crate::codec::jpeg2000) component_transform: bool,
}

/// Which wavelet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) enum Wavelet {
    /// 5/3 on integers: loses nothing.
    Reversible,
    /// 9/7 on floating-point numbers.
    Irreversible,
}

/// Code-block style bits (table A.19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct BlockStyle(u8);

impl BlockStyle {
    const BYPASS: u8 = 0x01;
    const RESET: u8 = 0x02;
    const TERMINATE_ALL: u8 = 0x04;
    const VERTICALLY_CAUSAL: u8 = 0x08;
    const SEGMENTATION: u8 = 0x20;
    const HIGH_THROUGHPUT: u8 = 0x40;
    const MIXED: u8 = 0x80;

    /// Raw bits instead of the arithmetic coder in later passes.
    pub(in crate::codec::jpeg2000) fn bypass(self) -> bool {
        self.0 & Self::BYPASS != 0
    }

    /// Contexts start anew in each pass.
    pub(in crate::codec::jpeg2000) fn reset(self) -> bool {
        self.0 & Self::RESET != 0
    }

    /// Each pass is a codeword segment of its own.
    pub(in crate::codec::jpeg2000) fn terminate_all(self) -> bool {
        self.0 & Self::TERMINATE_ALL != 0
    }

    /// Contexts do not look at the next stripe.
    pub(in crate::codec::jpeg2000) fn vertically_causal(self) -> bool {
        self.0 & Self::VERTICALLY_CAUSAL != 0
    }

    /// Each clean-up pass ends with a known symbol.
    pub(in crate::codec::jpeg2000) fn segmentation_symbols(self) -> bool {
        self.0 & Self::SEGMENTATION != 0
    }

    /// HT code-blocks of Part 15.
    pub(in crate::codec::jpeg2000) fn high_throughput(self) -> bool {
        self.0 & Self::HIGH_THROUGHPUT != 0
    }
}

/// How one component of a tile is coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct CodingStyle {
    /// Decomposition levels, 0 to 32.
    pub(in crate::codec::jpeg2000) levels: u8,
    /// Base-2 logarithms of the code-block's width and height: 2 to 10, together at most 12.
    pub(in crate::codec::jpeg2000) block_size: [u8; 2],
    /// Options of the block decoder.
    pub(in crate::codec::jpeg2000) block_style: BlockStyle,
    /// Which wavelet.
    pub(in crate::codec::jpeg2000) wavelet: Wavelet,
    /// Base-2 logarithms of the precinct size by resolution level; empty: 2^15 each.
    precincts: Vec<[u8; 2]>,
}

impl CodingStyle {
    /// Reads the part that COD and COC share.
    pub(super) fn read(reader: &mut Reader<'_>, precincts: bool) -> Result<Self, DecodeError> {
        let mut byte = || reader.u8().ok_or_else(truncated);
        let [levels, width, height, style, wavelet] = [byte()?, byte()?, byte()?, byte()?, byte()?];
        if levels > MAX_LEVELS || width > 8 || height > 8 || width + height > 8 {
            return Err(corrupt("decomposition levels or code-block size"));
        }
        if style & BlockStyle::MIXED != 0 {
            return Err(DecodeError::feature(CODEC, "HT mixed with other code-blocks"));
        }
        let wavelet = match wavelet {
            0 => Wavelet::Irreversible,
            1 => Wavelet::Reversible,
            _ => return Err(extension("an arbitrary wavelet")),
        };
        let count = if precincts { usize::from(levels) + 1 } else { 0 };
        let precincts = (0..count).map(|_| byte().map(|size| [size & 0xF, size >> 4]));
        let precincts = precincts.collect::<Result<Vec<_>, _>>()?;
        // A precinct of one sample leaves none for the sub-bands of a higher resolution.
        if precincts.iter().skip(1).any(|size| size.contains(&0)) {
            return Err(corrupt("precinct size"));
        }
        let block_size = [width + 2, height + 2];
        Ok(Self { levels, block_size, block_style: BlockStyle(style), wavelet, precincts })
    }

    /// Base-2 logarithms of the precinct size at a resolution level.
    pub(in crate::codec::jpeg2000) fn precinct_size(&self, resolution: usize) -> [u8; 2] {
        self.precincts.get(resolution).copied().unwrap_or([15, 15])
    }
}

/// Reads the payload of COD.
pub(super) fn read_cod(payload: &[u8]) -> Result<(PacketStyle, CodingStyle), DecodeError> {
    let mut reader = Reader::new(payload);
    let mut byte = || reader.u8().ok_or_else(truncated);
    let [scod, progression, high, low, transform] = [byte()?, byte()?, byte()?, byte()?, byte()?];
    let layers = u16::from_be_bytes([high, low]);
    if layers == 0 {
        return Err(corrupt("no layer"));
    }
    if transform > 1 {
        return Err(extension("a multi-component transform"));
    }
    let packets = PacketStyle {
        sop: scod & SCOD_SOP != 0,
        eph: scod & SCOD_EPH != 0,
        progression: Progression::from_code(progression)?,
        layers,
        component_transform: transform == 1,
    };
    Ok((packets, CodingStyle::read(&mut reader, scod & SCOD_PRECINCTS != 0)?))
}

/// Reads the payload of COC from Scoc on.
pub(super) fn read_coc(reader: &mut Reader<'_>) -> Result<CodingStyle, DecodeError> {
    let scoc = reader.u8().ok_or_else(truncated)?;
    CodingStyle::read(reader, scoc & SCOD_PRECINCTS != 0)
}
