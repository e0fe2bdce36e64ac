//! Marker segments of JPEG-LS (T.87 annex C).

use super::super::jpeg::markers::{
    DRI, EOI, FrameHeader, SOS, ScanHeader, Segment, SegmentError, Segments, is_start_of_frame,
};
use super::super::reader::Reader;
use super::CODEC;
use super::parameters::{Parameters, Preset};
use crate::codec::DecodeError;

const SOF55: u8 = 0xF7;
const LSE: u8 = 0xF8;
const APP8: u8 = 0xE8;

/// What is known when a scan begins.
pub(super) struct Headers {
    /// Frame header; its components are fully sampled.
    pub(super) frame: FrameHeader,
    preset: Preset,
    /// Lines between restart markers; 0 for none.
    pub(super) restart_lines: usize,
    /// The scan that begins.
    pub(super) scan: Scan,
}

/// One scan.
pub(super) struct Scan {
    /// Positions of its components in the frame.
    pub(super) components: Vec<usize>,
    /// Its coding parameters.
    pub(super) parameters: Parameters,
    /// Interleaved by sample (ILV 2); otherwise by line, which is the same for one component.
    pub(super) by_sample: bool,
}

impl Headers {
    /// Reads on to the next SOS; `before` is what an earlier scan knew. Returns the scan's data too.
    pub(super) fn read_to_scan(
        bytes: &[u8],
        before: Option<Self>,
    ) -> Result<(Self, &[u8]), DecodeError> {
        let (mut frame, mut preset, mut restart_lines) = (None, Preset::default(), 0);
        if let Some(before) = before {
            frame = Some(before.frame);
            (preset, restart_lines) = (before.preset, before.restart_lines);
        }
        for segment in Segments::new(bytes) {
            let Segment { marker, payload, after } = segment.map_err(segment_error)?;
            match marker {
                SOF55 if frame.is_none() => frame = Some(read_frame(payload)?),
                LSE => preset = read_preset(payload)?.unwrap_or(preset),
                DRI => restart_lines = read_restart_interval(payload)?,
                APP8 => refuse_color_transform(payload)?,
                SOS => {
                    let frame: FrameHeader = frame.ok_or_else(|| corrupt("no frame header"))?;
                    let scan = read_scan(payload, &frame, preset)?;
                    return Ok((Self { frame, preset, restart_lines, scan }, after));
                }
                marker if is_start_of_frame(marker) => return Err(corrupt("two frame headers")),
                EOI => break,
                _ => {}
            }
        }
        Err(DecodeError::Truncated { codec: CODEC, at: "scans of all components" })
    }
}

fn corrupt(cause: &str) -> DecodeError {
    DecodeError::corrupt(CODEC, cause)
}

fn segment_error(error: SegmentError) -> DecodeError {
    match error {
        SegmentError::Truncated => DecodeError::Truncated { codec: CODEC, at: "header" },
        SegmentError::NotAMarker => corrupt("no marker where one must be"),
    }
}

fn read_frame(payload: &[u8]) -> Result<FrameHeader, DecodeError> {
    let frame = FrameHeader::read(payload).ok_or_else(|| corrupt("short frame header"))?;
    if !(2..=16).contains(&frame.precision) {
        return Err(corrupt("a precision outside of 2 to 16 bits"));
    }
    if !frame.is_fully_sampled() {
        return Err(DecodeError::feature(CODEC, "subsampled components"));
    }
    Ok(frame)
}

/// LSE segments (C.2.4): preset parameters are read, mapping tables passed over (a scan that uses one
/// is refused), everything else is refused.
fn read_preset(payload: &[u8]) -> Result<Option<Preset>, DecodeError> {
    let mut reader = Reader::new(payload);
    match reader.u8() {
        Some(1) => {
            let mut next = || reader.u16().ok_or_else(|| corrupt("short preset parameters"));
            let max_value = next()?;
            let thresholds = [next()?, next()?, next()?];
            Ok(Some(Preset { max_value, thresholds, reset: next()? }))
        }
        Some(2 | 3) => Ok(None),
        Some(4) => Err(DecodeError::feature(CODEC, "images of more than 65535 rows or columns")),
        _ => Err(DecodeError::feature(CODEC, "extended preset parameters")),
    }
}

/// Two, three or four bytes (C.2.5).
fn read_restart_interval(payload: &[u8]) -> Result<usize, DecodeError> {
    if !(2..=4).contains(&payload.len()) {
        return Err(corrupt("malformed restart interval"));
    }
    Ok(payload.iter().fold(0, |interval, &byte| interval << 8 | usize::from(byte)))
}

/// `mrfx` and a number other than 0: components were transformed by HP's encoder.
fn refuse_color_transform(payload: &[u8]) -> Result<(), DecodeError> {
    match payload {
        [b'm', b'r', b'f', b'x', transform, ..] if *transform != 0 => {
            Err(DecodeError::feature(CODEC, "the colour transform of an APP8 segment"))
        }
        _ => Ok(()),
    }
}

fn read_scan(payload: &[u8], frame: &FrameHeader, preset: Preset) -> Result<Scan, DecodeError> {
    let header = ScanHeader::read(payload).ok_or_else(|| corrupt("short scan header"))?;
    let [near, interleave, transform] = header.parameters;
    if transform & 15 != 0 {
        return Err(DecodeError::feature(CODEC, "a point transform"));
    }
    if header.components.iter().any(|&(_, table)| table != 0) {
        return Err(DecodeError::feature(CODEC, "a mapping table"));
    }
    let position = |id: u8| frame.components.iter().position(|component| component.id == id);
    let components: Option<Vec<usize>> =
        header.components.iter().map(|&(id, _)| position(id)).collect();
    let components = components.ok_or_else(|| corrupt("a scan of unknown components"))?;
    let by_sample = match (interleave, components.len()) {
        (0 | 1, 1) | (1, 2..) => false,
        (2, 1) => false,
        (2, 3) => true,
        (2, 2) => return Err(DecodeError::feature(CODEC, "two components interleaved by sample")),
        _ => return Err(corrupt("interleave mode and components of a scan")),
    };
    let parameters = Parameters::new(frame.precision, near, preset)
        .ok_or_else(|| corrupt("preset parameters that are not allowed"))?;
    Ok(Scan { components, parameters, by_sample })
}
