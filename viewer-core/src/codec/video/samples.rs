//! Sample tables of an MP4 track (14496-12 8.6, 8.7) → access units.

use super::super::DecodeError;
use super::super::reader::Reader;
use super::VIDEO;
use super::mp4::child;
use super::units::{Unit, Units};
use crate::base::limits::MAX_FRAMES;

/// The tables, each entry as in the file.
pub(super) struct Tables {
    /// Bytes of each sample.
    sizes: Vec<u32>,
    /// Where each chunk begins.
    chunks: Vec<u64>,
    /// First chunk (from 1) and samples of each of the chunks from there on.
    runs: Vec<(u32, u32)>,
    /// Samples and time of each.
    durations: Vec<(u32, u32)>,
    /// Samples and how much later they are shown than decoded.
    delays: Vec<(u32, i32)>,
    /// Samples (from 1) at which decoding may begin; `None`: all.
    syncs: Option<Vec<u32>>,
}

impl Tables {
    /// Reads the content of a sample table box.
    pub(super) fn read(content: &[u8]) -> Option<Self> {
        let chunks = match child(content, b"stco") {
            Some(offsets) => entries(offsets, |r| r.u32().map(u64::from))?,
            None => entries(child(content, b"co64")?, |r| r.u64())?,
        };
        let run = |r: &mut Reader<'_>| {
            let run = (r.u32()?, r.u32()?);
            r.u32()?;
            Some(run)
        };
        let delays = match child(content, b"ctts") {
            Some(delays) => entries(delays, |r| Some((r.u32()?, r.u32()?.cast_signed())))?,
            None => Vec::new(),
        };
        let syncs = match child(content, b"stss") {
            Some(syncs) => Some(entries(syncs, |r| r.u32())?),
            None => None,
        };
        Some(Self {
            sizes: sizes(child(content, b"stsz")?)?,
            chunks,
            runs: entries(child(content, b"stsc")?, run)?,
            durations: entries(child(content, b"stts")?, |r| Some((r.u32()?, r.u32()?)))?,
            delays,
            syncs,
        })
    }

    /// Samples of each chunk.
    fn chunk_lengths(&self) -> Option<Vec<u32>> {
        let count = u32::try_from(self.chunks.len()).ok()?;
        let mut lengths = vec![0; self.chunks.len()];
        for (index, &(first, samples)) in self.runs.iter().enumerate() {
            let end = self.runs.get(index + 1).map_or(count + 1, |next| next.0).min(count + 1);
            let range = first.checked_sub(1)? as usize..end.checked_sub(1)? as usize;
            lengths.get_mut(range)?.fill(samples);
        }
        Some(lengths)
    }

    /// Offset of each sample.
    fn offsets(&self) -> Option<Vec<u64>> {
        let mut offsets = Vec::with_capacity(self.sizes.len());
        for (&start, length) in self.chunks.iter().zip(self.chunk_lengths()?) {
            let mut offset = start;
            for _ in 0..length {
                let Some(&size) = self.sizes.get(offsets.len()) else { return Some(offsets) };
                offsets.push(offset);
                offset = offset.checked_add(size.into())?;
            }
        }
        (offsets.len() == self.sizes.len()).then_some(offsets)
    }

    /// When each sample is shown, in units of the track.
    fn times(&self) -> Option<Vec<i64>> {
        let mut times = Vec::with_capacity(self.sizes.len());
        let mut now = 0_i64;
        for &(count, duration) in &self.durations {
            for _ in 0..(count as usize).min(self.sizes.len() - times.len()) {
                times.push(now);
                now += i64::from(duration);
            }
        }
        let mut at = times.iter_mut();
        for &(count, delay) in &self.delays {
            at.by_ref().take(count as usize).for_each(|time| *time += i64::from(delay));
        }
        (times.len() == self.sizes.len()).then_some(times)
    }
}

/// Access units in the order of decoding, and the order in which they are shown.
pub(super) fn units(tables: &Tables, length: u64, found: &mut Units) -> Result<(), DecodeError> {
    let contradiction = || DecodeError::corrupt(VIDEO, "sample tables contradict each other");
    let offsets = tables.offsets().ok_or_else(contradiction)?;
    let times = tables.times().ok_or_else(contradiction)?;
    let is_sync = |number: u32| {
        tables.syncs.as_ref().is_none_or(|syncs| syncs.binary_search(&number).is_ok())
    };
    for ((&offset, &size), number) in offsets.iter().zip(&tables.sizes).zip(1..) {
        let bytes = offset..offset.saturating_add(size.into());
        if bytes.end > length {
            return Err(DecodeError::Truncated { codec: VIDEO, at: "samples of the MP4 file" });
        }
        let is_sync = is_sync(number);
        found.push(Unit { bytes, skip: 0, length: size.into(), frame: None, is_sync })?;
    }
    let mut shown: Vec<(i64, u32)> = times.into_iter().zip(0..).collect();
    shown.sort_unstable();
    if shown.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(DecodeError::corrupt(VIDEO, "two pictures at one time"));
    }
    shown.into_iter().try_for_each(|(_, unit)| found.show(unit))
}

/// Entries behind version, flags and count.
fn entries<T>(
    content: &[u8],
    mut entry: impl FnMut(&mut Reader<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let mut reader = Reader::new(content);
    reader.u32()?;
    let count = reader.u32().filter(|&count| count <= MAX_FRAMES)?;
    (0..count).map(|_| entry(&mut reader)).collect()
}

/// `stsz`: one size for all, or one each.
fn sizes(content: &[u8]) -> Option<Vec<u32>> {
    let mut reader = Reader::new(content);
    reader.u32()?;
    let all = reader.u32()?;
    let count = reader.u32().filter(|&count| count <= MAX_FRAMES)?;
    if all != 0 {
        return Some(vec![all; count as usize]);
    }
    (0..count).map(|_| reader.u32()).collect()
}
