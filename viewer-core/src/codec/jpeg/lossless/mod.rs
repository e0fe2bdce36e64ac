//! Lossless JPEG, Huffman coded (T.81 annex H; process 14), 2 to 16 bits, all selection values.
//!
//! Our own because the libraries get restart intervals, point transforms or one scan per component
//! wrong, and this is the most common lossless encoding of exams.

mod huffman;
mod predict;

use self::huffman::{HuffmanTable, read_tables};
use super::super::bits::BitReader;
use super::super::entropy::{Intervals, Stuffing};
use super::super::interleave::interleave;
use super::super::reader::Reader;
use super::super::stored::{color_by_photometric, from_codestream};
use super::markers::{DRI, EOI, FrameHeader, SOS, ScanHeader, Segments};
use super::{CODEC, Headers, segment_error};
use crate::codec::{DecodeError, FrameSpec, StoredFrame};

/// Decodes all scans of a lossless codestream.
pub(super) fn decode(
    encoded: &[u8],
    headers: &Headers,
    spec: &FrameSpec,
) -> Result<StoredFrame, DecodeError> {
    let frame = &headers.frame;
    if !(2..=16).contains(&frame.precision) {
        return Err(DecodeError::corrupt(CODEC, format!("{}-bit lossless", frame.precision)));
    }
    if !frame.is_fully_sampled() {
        return Err(DecodeError::feature(CODEC, "lossless with subsampled components"));
    }
    let mut decoder = LosslessDecoder::new(frame, spec.layout.signed);
    decoder.read(encoded)?;
    let samples = from_codestream(decoder.samples, frame.precision, spec)
        .ok_or_else(|| DecodeError::feature(CODEC, "32-bit containers"))?;
    Ok(StoredFrame {
        columns: frame.columns,
        rows: frame.rows,
        samples,
        bits: frame.precision,
        color: color_by_photometric(spec.photometric),
        lossy: decoder.lossy,
    })
}

struct LosslessDecoder<'f> {
    frame: &'f FrameHeader,
    signed: bool,
    tables: [Option<HuffmanTable>; 4],
    /// MCUs between restart markers; 0 for none.
    restart_interval: usize,
    /// Interleaved by pixel.
    samples: Vec<u16>,
    /// Which components have been decoded.
    done: Vec<bool>,
    /// A point transform dropped low bits.
    lossy: bool,
}

/// One component of a scan with its table and line buffers.
struct ScanComponent<'t> {
    /// Position in the frame.
    index: usize,
    table: &'t HuffmanTable,
    line: Vec<u16>,
    above: Vec<u16>,
}

/// Parameters of a scan.
struct Scan {
    /// Predictor, 1 to 7.
    selection: u8,
    /// Low bits that were dropped.
    point_transform: u32,
    /// Lines between restarts, at least 1.
    restart_lines: usize,
}

impl<'f> LosslessDecoder<'f> {
    fn new(frame: &'f FrameHeader, signed: bool) -> Self {
        let components = frame.components.len();
        let count = frame.rows as usize * frame.columns as usize * components;
        Self {
            frame,
            signed,
            tables: [const { None }; 4],
            restart_interval: 0,
            samples: vec![0; count],
            done: vec![false; components],
            lossy: false,
        }
    }

    fn read(&mut self, encoded: &[u8]) -> Result<(), DecodeError> {
        let mut rest = encoded;
        while self.done.contains(&false) {
            rest = self.read_to_scan_end(rest)?;
        }
        Ok(())
    }

    /// Reads tables up to the next scan and the scan itself; returns what follows it.
    fn read_to_scan_end<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], DecodeError> {
        for segment in Segments::new(bytes) {
            let segment = segment.map_err(segment_error)?;
            match segment.marker {
                0xC4 => read_tables(segment.payload, &mut self.tables)
                    .ok_or_else(|| DecodeError::corrupt(CODEC, "malformed Huffman table"))?,
                DRI => {
                    let interval = Reader::new(segment.payload).u16();
                    self.restart_interval = usize::from(interval.unwrap_or(0));
                }
                SOS => return self.read_scan(segment.payload, segment.after),
                EOI => break,
                _ => {}
            }
        }
        Err(DecodeError::Truncated { codec: CODEC, at: "scans of all components" })
    }

    fn read_scan<'a>(&mut self, header: &[u8], data: &'a [u8]) -> Result<&'a [u8], DecodeError> {
        let header = ScanHeader::read(header)
            .ok_or(DecodeError::Truncated { codec: CODEC, at: "scan header" })?;
        let scan = self.check_scan(&header)?;
        let tables = self.tables.clone();
        let mut components = self.scan_components(&header, &tables)?;
        let after = self.decode_lines(&scan, &mut components, data)?;
        self.lossy |= scan.point_transform > 0;
        components.iter().for_each(|c| self.done[c.index] = true);
        Ok(after)
    }

    fn check_scan(&self, header: &ScanHeader) -> Result<Scan, DecodeError> {
        let [selection, _, transform] = header.parameters;
        let point_transform = u32::from(transform & 15);
        if !(1..=7).contains(&selection) || point_transform >= self.frame.precision {
            let cause = format!("selection value {selection}, point transform {point_transform}");
            return Err(DecodeError::corrupt(CODEC, cause));
        }
        let (columns, rows) = (self.frame.columns as usize, self.frame.rows as usize);
        if !self.restart_interval.is_multiple_of(columns) {
            return Err(DecodeError::corrupt(CODEC, "a restart interval of broken lines"));
        }
        let restart_lines = match self.restart_interval / columns {
            0 => rows,
            lines => lines,
        };
        Ok(Scan { selection, point_transform, restart_lines })
    }

    fn scan_components<'t>(
        &self,
        header: &ScanHeader,
        tables: &'t [Option<HuffmanTable>; 4],
    ) -> Result<Vec<ScanComponent<'t>>, DecodeError> {
        let columns = self.frame.columns as usize;
        let mut found: Vec<ScanComponent<'t>> = Vec::new();
        for &(id, table) in &header.components {
            let index = self.frame.components.iter().position(|c| c.id == id);
            let index = index
                .filter(|&i| !self.done[i] && found.iter().all(|c| c.index != i))
                .ok_or_else(|| DecodeError::corrupt(CODEC, "a scan of unknown components"))?;
            let table = tables.get(usize::from(table >> 4)).and_then(Option::as_ref);
            let table = table.ok_or_else(|| DecodeError::corrupt(CODEC, "no Huffman table"))?;
            let (line, above) = (vec![0; columns], vec![0; columns]);
            found.push(ScanComponent { index, table, line, above });
        }
        if found.is_empty() {
            return Err(DecodeError::corrupt(CODEC, "a scan of no component"));
        }
        Ok(found)
    }

    fn decode_lines<'a>(
        &mut self,
        scan: &Scan,
        components: &mut [ScanComponent<'_>],
        data: &'a [u8],
    ) -> Result<&'a [u8], DecodeError> {
        let rows = self.frame.rows as usize;
        let intervals = Intervals::read(data, Stuffing::Byte, rows);
        let start = (1u32 << (self.frame.precision - scan.point_transform - 1)) as u16;
        for first in (0..rows).step_by(scan.restart_lines) {
            let bits = intervals.bits(first / scan.restart_lines);
            let mut bits = bits.ok_or_else(|| restart(&intervals))?;
            for row in first..rows.min(first + scan.restart_lines) {
                bits = read_differences(bits, components)?;
                for ScanComponent { line, above, .. } in components.iter_mut() {
                    let above = (row > first).then_some(above.as_slice());
                    predict::undo_line(line, above, scan.selection, start);
                }
                self.store(row, components, scan.point_transform)?;
                components.iter_mut().for_each(|c| core::mem::swap(&mut c.line, &mut c.above));
            }
        }
        Ok(intervals.rest)
    }

    /// Copies a decoded line of each component to its place; a value beyond the precision means
    /// damage (a negative one of signed samples may fill the container).
    fn store(
        &mut self,
        row: usize,
        components: &[ScanComponent<'_>],
        point_transform: u32,
    ) -> Result<(), DecodeError> {
        let (stride, columns) = (self.frame.components.len(), self.frame.columns as usize);
        let depth = self.frame.precision - point_transform;
        if !components.iter().all(|component| fits(&component.line, depth, self.signed)) {
            return Err(DecodeError::corrupt(CODEC, "a sample beyond the precision"));
        }
        let lines: Vec<&[u16]> = components.iter().map(|c| c.line.as_slice()).collect();
        let indices: Vec<usize> = components.iter().map(|c| c.index).collect();
        let place = self.samples.chunks_exact_mut(columns * stride).nth(row).unwrap_or_default();
        interleave(place, stride, &lines, &indices);
        if point_transform > 0 {
            let stored =
                indices.iter().flat_map(|&index| (index..columns * stride).step_by(stride));
            stored.for_each(|index| place[index] <<= point_transform);
        }
        Ok(())
    }
}

/// Whether samples are of `depth` bits, or negative ones that fill the container.
fn fits(line: &[u16], depth: u32, signed: bool) -> bool {
    let high_bits = !0u32 << depth;
    let used = line.iter().fold(0, |used, &value| used | u32::from(value));
    let lowest_negative = 0xFFFF << (depth - 1) & 0xFFFF;
    let is_negative = |value: u32| signed && value >= lowest_negative;
    used & high_bits == 0
        || line.iter().map(|&v| u32::from(v)).all(|v| v & high_bits == 0 || is_negative(v))
}

/// Reads a line of differences of each component, interleaved by sample.
fn read_differences<'w>(
    bits: BitReader<'w>,
    components: &mut [ScanComponent<'_>],
) -> Result<BitReader<'w>, DecodeError> {
    let (bits, is_whole) = match components {
        [ScanComponent { table, line, .. }] => {
            read_line(bits, line.iter_mut().map(|at| (*table, at)))
        }
        [first, second, third] => {
            let lines = first.line.iter_mut().zip(&mut second.line).zip(&mut third.line);
            let tables = [first.table, second.table, third.table];
            read_line(bits, lines.flat_map(|((a, b), c)| tables.into_iter().zip([a, b, c])))
        }
        _ => return Err(DecodeError::feature(CODEC, "two components interleaved by sample")),
    };
    if is_whole && !bits.is_past_end() {
        return Ok(bits);
    }
    Err(if bits.is_past_end() {
        DecodeError::Truncated { codec: CODEC, at: "lossless scan" }
    } else {
        DecodeError::corrupt(CODEC, "a Huffman code that no table has")
    })
}

/// Reads one difference by each table to its place; ends early at a code that the table does not have.
#[inline(always)]
fn read_line<'w, 't>(
    mut bits: BitReader<'w>,
    places: impl Iterator<Item = (&'t HuffmanTable, &'t mut u16)>,
) -> (BitReader<'w>, bool) {
    for (table, place) in places {
        match table.difference(&mut bits) {
            Some(difference) => *place = difference,
            None => return (bits, false),
        }
    }
    (bits, true)
}

/// Why there is no restart where one is due.
fn restart(intervals: &Intervals<'_>) -> DecodeError {
    if intervals.is_cut_off() {
        DecodeError::Truncated { codec: CODEC, at: "restart interval" }
    } else {
        DecodeError::corrupt(CODEC, "another marker than the restart that is due")
    }
}
