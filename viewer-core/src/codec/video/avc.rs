//! H.264: what the parameter sets and slice headers say of size, colour and order of the pictures.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::colour::Colour;
use super::picture::{CodedSize, NalKind, Picture};

/// Profiles whose sequence parameter set describes the chroma format (H.264 7.3.2.1.1).
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// Sequence parameter set, as far as it is needed.
#[derive(Clone, Copy, Debug)]
struct Sequence {
    size: CodedSize,
    frame_num_bits: u32,
    order: OrderKind,
    is_frames_only: bool,
    has_separate_planes: bool,
}

/// `pic_order_cnt_type`, without type 1.
#[derive(Clone, Copy, Debug)]
enum OrderKind {
    LowBits(u32),
    Decoding,
}

/// Reads the NAL units of one stream in order.
#[derive(Debug, Default)]
pub(super) struct AvcHeaders {
    sequences: BTreeMap<u32, Sequence>,
    /// Picture parameter set → its sequence parameter set.
    pictures: BTreeMap<u32, u32>,
    previous: Previous,
}

/// What the order of a picture is counted from (H.264 8.2.1).
#[derive(Clone, Copy, Debug, Default)]
struct Previous {
    high: i64,
    low: i64,
    frame_num: u32,
    frame_num_offset: i64,
    /// A first field that waits for its second one: parity and `frame_num`.
    field: Option<(bool, u32)>,
}

struct Slice {
    frame_num: u32,
    low: i64,
    is_idr: bool,
    is_reference: bool,
    /// `Some(is_bottom)` for a field.
    field: Option<bool>,
}

impl AvcHeaders {
    /// Takes a NAL unit from its header byte on; `None` where it cannot be read.
    pub(super) fn read(&mut self, nal: &[u8]) -> Option<NalKind> {
        let header = *nal.first()?;
        match header & 31 {
            1 | 5 => self.slice(nal),
            2..=4 => Some(NalKind::Inside),
            7 => {
                let (id, sequence) = sequence(nal)?;
                self.sequences.insert(id, sequence);
                Some(NalKind::Parameters(Some(sequence.size)))
            }
            8 => {
                let mut bits = Bits::of_nal(nal.get(1..)?);
                let id = bits.unsigned_to(255)?;
                self.pictures.insert(id, bits.unsigned_to(31)?);
                Some(NalKind::Parameters(None))
            }
            6 | 9 | 14..=18 => Some(NalKind::Before),
            _ => Some(NalKind::Inside),
        }
    }

    fn slice(&mut self, nal: &[u8]) -> Option<NalKind> {
        let mut bits = Bits::of_nal(nal.get(1..)?);
        let is_first_slice = bits.unsigned()? == 0;
        if !is_first_slice {
            return Some(NalKind::Inside);
        }
        bits.unsigned_to(9)?;
        let picture_set = bits.unsigned_to(255)?;
        let sequence = *self.sequences.get(self.pictures.get(&picture_set)?)?;
        let slice = slice_header(&mut bits, *nal.first()?, &sequence)?;
        if self.is_second_field(&slice) {
            return Some(NalKind::Inside);
        }
        let order = self.order(&slice, sequence.order);
        Some(NalKind::First(Picture {
            order,
            is_sync: slice.is_idr,
            restarts_order: slice.is_idr,
            is_shown: true,
        }))
    }

    /// Two fields of opposite parity with one `frame_num` are one frame (H.264 3.30).
    fn is_second_field(&mut self, slice: &Slice) -> bool {
        let first = self.previous.field.take();
        let Some(is_bottom) = slice.field else { return false };
        if first == Some((!is_bottom, slice.frame_num)) {
            return true;
        }
        self.previous.field = Some((is_bottom, slice.frame_num));
        false
    }

    /// PicOrderCnt (H.264 8.2.1.1, 8.2.1.3).
    fn order(&mut self, slice: &Slice, kind: OrderKind) -> i64 {
        let previous = &mut self.previous;
        if slice.is_idr {
            let field = previous.field;
            *previous = Previous { field, ..Previous::default() };
        }
        match kind {
            OrderKind::LowBits(bits) => {
                let high = high_part(slice.low, previous.low, previous.high, 1 << bits);
                if slice.is_reference {
                    (previous.high, previous.low) = (high, slice.low);
                }
                high + slice.low
            }
            OrderKind::Decoding => {
                if slice.frame_num < previous.frame_num {
                    previous.frame_num_offset += i64::from(u16::MAX) + 1;
                }
                previous.frame_num = slice.frame_num;
                let count = previous.frame_num_offset + i64::from(slice.frame_num);
                2 * count - i64::from(!slice.is_reference)
            }
        }
    }
}

/// The part above the low bits, next to the picture before (H.264 8.2.1.1, H.265 8.3.1).
pub(super) fn high_part(low: i64, previous_low: i64, previous_high: i64, modulus: i64) -> i64 {
    if low < previous_low && previous_low - low >= modulus / 2 {
        previous_high + modulus
    } else if low > previous_low && low - previous_low > modulus / 2 {
        previous_high - modulus
    } else {
        previous_high
    }
}

/// From `colour_plane_id` on (H.264 7.3.3).
fn slice_header(bits: &mut Bits, header: u8, sequence: &Sequence) -> Option<Slice> {
    if sequence.has_separate_planes {
        bits.skip(2)?;
    }
    let frame_num = bits.bits(sequence.frame_num_bits)?;
    let mut field = None;
    if !sequence.is_frames_only && bits.flag()? {
        field = Some(bits.flag()?);
    }
    let is_idr = header & 31 == 5;
    if is_idr {
        bits.unsigned_to(65535)?;
    }
    let low = match sequence.order {
        OrderKind::LowBits(count) => i64::from(bits.bits(count)?),
        OrderKind::Decoding => 0,
    };
    Some(Slice { frame_num, low, is_idr, is_reference: header >> 5 & 3 != 0, field })
}

fn sequence(nal: &[u8]) -> Option<(u32, Sequence)> {
    let mut bits = Bits::of_nal(nal.get(1..)?);
    let profile = bits.bits(8)?;
    bits.skip(16)?;
    let id = bits.unsigned_to(31)?;
    let mut chroma = 1;
    let mut has_separate_planes = false;
    if HIGH_PROFILES.contains(&profile) {
        chroma = bits.unsigned_to(3)?;
        has_separate_planes = chroma == 3 && bits.flag()?;
        bits.unsigned_to(6)?;
        bits.unsigned_to(6)?;
        bits.skip(1)?;
        skip_scaling_matrix(&mut bits, chroma)?;
    }
    let frame_num_bits = bits.unsigned_to(12)? + 4;
    let order = match bits.unsigned_to(2)? {
        0 => OrderKind::LowBits(bits.unsigned_to(12)? + 4),
        2 => OrderKind::Decoding,
        _ => return None,
    };
    bits.unsigned_to(16)?;
    bits.skip(1)?;
    let widths = bits.unsigned_to(4095)? + 1;
    let heights = bits.unsigned_to(4095)? + 1;
    let is_frames_only = bits.flag()?;
    if !is_frames_only {
        bits.skip(1)?;
    }
    bits.skip(1)?;
    let rows = heights * 16 * if is_frames_only { 1 } else { 2 };
    let units = match (chroma, is_frames_only) {
        (0 | 3, true) => [1, 1],
        (0 | 3, false) => [1, 2],
        (2, true) => [2, 1],
        (1, false) => [2, 4],
        _ => [2, 2],
    };
    let mut size = cropped(&mut bits, [widths * 16, rows], units)?;
    size.colour = if bits.flag()? { colour(&mut bits)? } else { None };
    Some((id, Sequence { size, frame_num_bits, order, is_frames_only, has_separate_planes }))
}

fn skip_scaling_matrix(bits: &mut Bits, chroma: u32) -> Option<()> {
    if !bits.flag()? {
        return Some(());
    }
    for list in 0..if chroma == 3 { 12 } else { 8 } {
        let entries = if list < 6 { 16 } else { 64 };
        let mut next = 8;
        let is_there = bits.flag()?;
        for _ in 0..if is_there { entries } else { 0 } {
            if next != 0 {
                next = (next + bits.signed()?) & 255;
            }
        }
    }
    Some(())
}

/// The cropping rectangle: left, right, top, bottom, where there is one.
pub(super) fn cropped(bits: &mut Bits, size: [u32; 2], units: [u32; 2]) -> Option<CodedSize> {
    let [mut columns, mut rows] = size;
    if bits.flag()? {
        for (index, unit) in [units[0], units[0], units[1], units[1]].into_iter().enumerate() {
            let cut = bits.unsigned_to(65535)? * unit;
            let side = if index < 2 { &mut columns } else { &mut rows };
            *side = side.checked_sub(cut).filter(|left| *left > 0)?;
        }
    }
    Some(CodedSize { columns, rows, colour: None })
}

/// The beginning of the video usability information (H.264 E.1.1, H.265 E.2.1).
pub(super) fn colour(bits: &mut Bits) -> Option<Option<Colour>> {
    const EXTENDED_SAR: u32 = 255;
    if bits.flag()? && bits.bits(8)? == EXTENDED_SAR {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.skip(1)?;
    }
    if !bits.flag()? {
        return Some(None);
    }
    bits.skip(3)?;
    let is_full_range = bits.flag()?;
    let mut matrix = Colour::UNSPECIFIED;
    if bits.flag()? {
        bits.skip(16)?;
        matrix = bits.bits(8)?;
    }
    Some(Some(Colour { matrix, is_full_range }))
}
