//! Lossless JPEG, Huffman coded (T.81 annex H; process 14), 2 to 16 bits, all selection values.
//!
//! Our own because the libraries get restart intervals, point transforms or one scan per component
//! wrong, and this is the most common lossless encoding of exams.

mod bits;
mod huffman;
mod predict;

use self::bits::BitReader;
use self::huffman::{HuffmanTable, read_tables};
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
        let mut bits = BitReader::new(data);
        let start = (1u32 << (self.frame.precision - scan.point_transform - 1)) as u16;
        for row in 0..self.frame.rows as usize {
            let is_first = row % scan.restart_lines == 0;
            if is_first && row > 0 {
                let expected = (row / scan.restart_lines - 1) % 8;
                bits = restart(bits, expected as u8)?;
            }
            read_differences(&mut bits, components)?;
            for component in components.iter_mut() {
                let above = (!is_first).then_some(component.above.as_slice());
                predict::undo_line(&mut component.line, above, scan.selection, start);
                self.store(row, component, scan.point_transform)?;
                core::mem::swap(&mut component.line, &mut component.above);
            }
        }
        Ok(bits.after_marker())
    }

    /// Copies a decoded line to its place; a value beyond the precision means damage (a negative
    /// one of signed samples may fill the container).
    fn store(
        &mut self,
        row: usize,
        component: &ScanComponent<'_>,
        point_transform: u32,
    ) -> Result<(), DecodeError> {
        let (stride, columns) = (self.frame.components.len(), self.frame.columns as usize);
        let depth = self.frame.precision - point_transform;
        let lowest_negative = if self.signed { 0xFFFF << (depth - 1) & 0xFFFF } else { 0x1_0000 };
        let fits = |v: u16| u32::from(v) >> depth == 0 || u32::from(v) >= lowest_negative;
        if !component.line.iter().all(|&value| fits(value)) {
            return Err(DecodeError::corrupt(CODEC, "a sample beyond the precision"));
        }
        let first = row * columns * stride + component.index;
        let places = self.samples.iter_mut().skip(first).step_by(stride);
        places.zip(&component.line).for_each(|(place, &v)| *place = v << point_transform);
        Ok(())
    }
}

fn read_differences(
    bits: &mut BitReader<'_>,
    components: &mut [ScanComponent<'_>],
) -> Result<(), DecodeError> {
    if let [component] = components {
        for sample in &mut component.line {
            *sample = component.table.difference(bits).ok_or_else(|| no_code(bits))?;
        }
    } else {
        let columns = components.first().map_or(0, |c| c.line.len());
        for column in 0..columns {
            for component in components.iter_mut() {
                let difference = component.table.difference(bits);
                component.line[column] = difference.ok_or_else(|| no_code(bits))?;
            }
        }
    }
    if bits.is_past_end() { Err(no_code(bits)) } else { Ok(()) }
}

fn no_code(bits: &BitReader<'_>) -> DecodeError {
    if bits.is_past_end() {
        DecodeError::Truncated { codec: CODEC, at: "lossless scan" }
    } else {
        DecodeError::corrupt(CODEC, "a Huffman code that no table has")
    }
}

/// Goes on behind restart marker `number`.
fn restart(bits: BitReader<'_>, number: u8) -> Result<BitReader<'_>, DecodeError> {
    match bits.after_marker() {
        [0xFF, marker, data @ ..] if *marker == 0xD0 + number => Ok(BitReader::new(data)),
        [] => Err(DecodeError::Truncated { codec: CODEC, at: "restart interval" }),
        _ => Err(DecodeError::corrupt(CODEC, "another marker than the restart that is due")),
    }
}
