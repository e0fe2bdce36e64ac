//! H.265: what the parameter sets and slice headers say of size, colour and order of the pictures.

use std::collections::BTreeMap;

use super::avc::{cropped, high_part};
use super::bits::Bits;
use super::picture::{CodedSize, NalKind, Picture};

/// Types of NAL units (H.265 table 7-1).
const RADL_N: u8 = 6;
const RASL_N: u8 = 8;
const RASL_R: u8 = 9;
const BLA_W_LP: u8 = 16;
const BLA_N_LP: u8 = 18;
const IDR_W_RADL: u8 = 19;
const IDR_N_LP: u8 = 20;
const CRA: u8 = 21;
const LAST_IRAP: u8 = 23;

#[derive(Clone, Copy, Debug)]
struct Sequence {
    size: CodedSize,
    low_bits: u32,
    has_separate_planes: bool,
}

#[derive(Clone, Copy, Debug)]
struct PictureSet {
    sequence: u32,
    has_output_flag: bool,
    extra_slice_bits: u32,
}

/// Reads the NAL units of one stream in order.
#[derive(Debug, Default)]
pub(super) struct HevcHeaders {
    sequences: BTreeMap<u32, Sequence>,
    pictures: BTreeMap<u32, PictureSet>,
    /// Low bits and high part of the picture that others count from (H.265 8.3.1).
    previous: (i64, i64),
    /// Whether a picture came already.
    has_begun: bool,
    /// Leading pictures that refer to what is before the last random access point are not shown.
    drops_leading: bool,
}

impl HevcHeaders {
    /// Takes a NAL unit from its header byte on; `None` where it cannot be read.
    pub(super) fn read(&mut self, nal: &[u8]) -> Option<NalKind> {
        let [first, second, ..] = *nal else { return None };
        let kind = first >> 1 & 63;
        let layer = (first & 1) << 5 | second >> 3;
        if layer != 0 {
            return Some(NalKind::Inside);
        }
        match kind {
            0..=9 | 16..=21 => self.slice(nal, kind, second & 7),
            33 => {
                let (id, sequence) = sequence(nal)?;
                self.sequences.insert(id, sequence);
                Some(NalKind::Parameters(Some(sequence.size)))
            }
            34 => {
                let (id, set) = picture_set(nal)?;
                self.pictures.insert(id, set);
                Some(NalKind::Parameters(None))
            }
            32 => Some(NalKind::Parameters(None)),
            35 | 39 | 41..=44 | 48..=55 => Some(NalKind::Before),
            _ => Some(NalKind::Inside),
        }
    }

    fn slice(&mut self, nal: &[u8], kind: u8, temporal_id_plus1: u8) -> Option<NalKind> {
        let mut bits = Bits::of_nal(nal.get(2..)?);
        if !bits.flag()? {
            return Some(NalKind::Inside);
        }
        let is_irap = (BLA_W_LP..=LAST_IRAP).contains(&kind);
        if is_irap {
            bits.skip(1)?;
        }
        let set = *self.pictures.get(&bits.unsigned_to(63)?)?;
        let sequence = *self.sequences.get(&set.sequence)?;
        bits.skip(set.extra_slice_bits as usize)?;
        bits.unsigned_to(2)?;
        let mut is_shown = true;
        if set.has_output_flag {
            is_shown = bits.flag()?;
        }
        if sequence.has_separate_planes {
            bits.skip(2)?;
        }
        let is_idr = matches!(kind, IDR_W_RADL | IDR_N_LP);
        let low = if is_idr { 0 } else { i64::from(bits.bits(sequence.low_bits)?) };
        let is_bla = (BLA_W_LP..=BLA_N_LP).contains(&kind);
        let restarts = is_idr || is_bla || (kind == CRA && !self.has_begun);
        self.has_begun = true;
        if is_irap {
            self.drops_leading = restarts && !is_idr;
        }
        if matches!(kind, RASL_N | RASL_R) && self.drops_leading {
            is_shown = false;
        }
        let order = self.order(low, restarts, kind, temporal_id_plus1, 1 << sequence.low_bits);
        Some(NalKind::First(Picture {
            order,
            is_sync: is_irap,
            restarts_order: restarts,
            is_shown,
        }))
    }

    fn order(
        &mut self,
        low: i64,
        restarts: bool,
        kind: u8,
        temporal_id_plus1: u8,
        modulus: i64,
    ) -> i64 {
        let (previous_low, previous_high) = self.previous;
        let high = if restarts { 0 } else { high_part(low, previous_low, previous_high, modulus) };
        let is_leading = (RADL_N..=RASL_R).contains(&kind);
        let is_sub_layer_non_reference = kind < 16 && kind.is_multiple_of(2);
        if temporal_id_plus1 == 1 && !is_leading && !is_sub_layer_non_reference {
            self.previous = (low, high);
        }
        high + low
    }
}

fn picture_set(nal: &[u8]) -> Option<(u32, PictureSet)> {
    let mut bits = Bits::of_nal(nal.get(2..)?);
    let id = bits.unsigned_to(63)?;
    let sequence = bits.unsigned_to(15)?;
    bits.skip(1)?;
    let has_output_flag = bits.flag()?;
    Some((id, PictureSet { sequence, has_output_flag, extra_slice_bits: bits.bits(3)? }))
}

fn sequence(nal: &[u8]) -> Option<(u32, Sequence)> {
    let mut bits = Bits::of_nal(nal.get(2..)?);
    bits.skip(4)?;
    let sub_layers = bits.bits(3)?;
    bits.skip(1)?;
    skip_profile(&mut bits, sub_layers)?;
    let id = bits.unsigned_to(15)?;
    let chroma = bits.unsigned_to(3)?;
    let has_separate_planes = chroma == 3 && bits.flag()?;
    let size = [bits.unsigned_to(65535)?, bits.unsigned_to(65535)?];
    let units = match chroma {
        1 => [2, 2],
        2 => [2, 1],
        _ => [1, 1],
    };
    let size = cropped(&mut bits, size, units)?;
    bits.unsigned_to(8)?;
    bits.unsigned_to(8)?;
    let low_bits = bits.unsigned_to(12)? + 4;
    Some((id, Sequence { size, low_bits, has_separate_planes }))
}

/// `profile_tier_level` (H.265 7.3.3).
fn skip_profile(bits: &mut Bits, sub_layers: u32) -> Option<()> {
    bits.skip(96)?;
    let mut there = Vec::new();
    for _ in 0..sub_layers {
        there.push((bits.flag()?, bits.flag()?));
    }
    if sub_layers > 0 {
        bits.skip(2 * (8 - sub_layers as usize))?;
    }
    for (has_profile, has_level) in there {
        bits.skip(if has_profile { 88 } else { 0 } + if has_level { 8 } else { 0 })?;
    }
    Some(())
}
