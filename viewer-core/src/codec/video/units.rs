//! The access units of a stream, and which of them is which frame.

use core::ops::Range;

use super::super::DecodeError;
use super::VIDEO;
use crate::base::limits::MAX_FRAMES;

/// One access unit: what a decoder takes at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Bytes of the stream that hold it.
    pub bytes: Range<u64>,
    /// Bytes to pass over in what is taken out of `bytes`.
    pub(super) skip: u64,
    /// Bytes of the unit in what is taken out of `bytes`.
    pub(super) length: u64,
    /// Which frame it is, from 0, in the order they are shown; `None` where it is not known yet, or
    /// where it is never shown.
    pub frame: Option<u32>,
    /// Whether decoding may begin here.
    pub is_sync: bool,
}

/// Units in the order of decoding, frames in the order of showing.
#[derive(Debug, Default)]
pub(super) struct Units {
    units: Vec<Unit>,
    /// Frame → unit.
    shown: Vec<u32>,
}

impl Units {
    pub(super) fn push(&mut self, mut unit: Unit) -> Result<(), DecodeError> {
        if self.units.len() >= MAX_FRAMES as usize {
            return Err(too_many());
        }
        let index = self.units.len() as u32;
        // A picture may be due before the last byte of its access unit has come in.
        if self.shown.last() == Some(&index) {
            unit.frame = Some(self.frames() - 1);
        }
        self.units.push(unit);
        Ok(())
    }

    /// This unit is the next frame.
    pub(super) fn show(&mut self, unit: u32) -> Result<(), DecodeError> {
        if self.shown.len() >= MAX_FRAMES as usize {
            return Err(too_many());
        }
        if let Some(unit) = self.units.get_mut(unit as usize) {
            unit.frame = Some(self.shown.len() as u32);
        }
        self.shown.push(unit);
        Ok(())
    }

    pub(super) fn get(&self, index: u32) -> Option<&Unit> {
        self.units.get(index as usize)
    }

    pub(super) fn count(&self) -> u32 {
        self.units.len() as u32
    }

    pub(super) fn frames(&self) -> u32 {
        self.shown.len() as u32
    }

    /// The unit of a frame.
    pub(super) fn of_frame(&self, frame: u32) -> Option<u32> {
        self.shown.get(frame as usize).copied()
    }

    /// The last unit before `below` from which this frame can be decoded. A picture shown before the
    /// one at which decoding begins may refer to what was not decoded.
    pub(super) fn sync_before(&self, below: u32, frame: u32) -> Option<u32> {
        let candidates = self.units.get(..below as usize)?;
        let is_start = |unit: &Unit| unit.is_sync && unit.frame.is_some_and(|shown| shown <= frame);
        candidates.iter().rposition(is_start).map(|index| index as u32)
    }
}

fn too_many() -> DecodeError {
    let limit = u64::from(MAX_FRAMES);
    DecodeError::TooLarge { codec: VIDEO, what: "pictures", actual: limit + 1, limit }
}
