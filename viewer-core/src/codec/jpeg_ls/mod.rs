//! JPEG-LS (ISO/IEC 14495-1, ITU-T T.87): lossless and near-lossless, 2 to 16 bits, all three
//! interleave modes, restart intervals, preset parameters.
//!
//! Our own because no library in Rust decodes its colour. Not supported and said so: mapping tables,
//! point transforms, the colour transforms of HP and subsampled components.

mod bits;
mod context;
mod headers;
mod parameters;
mod scan;

use self::headers::Headers;
use self::scan::{Lines, ScanDecoder};
use super::stored::{color_by_photometric, from_codestream};
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};

const CODEC: &str = "JPEG-LS";

/// Decoder of JPEG-LS.
pub(super) struct JpegLs;

impl FrameDecoder for JpegLs {
    fn family(&self) -> Family {
        Family::JpegLs
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        let (mut headers, mut rest) = Headers::read_to_scan(encoded, None)?;
        let frame = headers.frame.clone();
        spec.check_size(frame.columns, frame.rows)?;
        spec.check_components(CODEC, frame.components.len() as u32)?;
        spec.check_depth(CODEC, frame.precision)?;
        let mut image = Image::new(&headers, spec);
        let mut lossy = false;
        loop {
            lossy |= headers.scan.parameters.near > 0;
            rest = image.decode_scan(&headers, rest)?;
            if !image.done.contains(&false) {
                break;
            }
            (headers, rest) = Headers::read_to_scan(rest, Some(headers))?;
        }
        let samples = from_codestream(image.samples, frame.precision, spec)
            .ok_or_else(|| DecodeError::feature(CODEC, "32-bit containers"))?;
        Ok(StoredFrame {
            columns: frame.columns,
            rows: frame.rows,
            samples,
            bits: frame.precision,
            color: color_by_photometric(spec.photometric),
            lossy,
        })
    }
}

/// The samples while scans fill them.
struct Image {
    columns: usize,
    rows: usize,
    /// Interleaved by pixel.
    samples: Vec<u16>,
    /// Which components have been decoded.
    done: Vec<bool>,
}

impl Image {
    fn new(headers: &Headers, spec: &FrameSpec) -> Self {
        Self {
            columns: spec.layout.columns as usize,
            rows: spec.layout.rows as usize,
            samples: vec![0; spec.layout.sample_count()],
            done: vec![false; headers.frame.components.len()],
        }
    }

    /// Decodes one scan; returns what follows it.
    fn decode_scan<'a>(
        &mut self,
        headers: &Headers,
        data: &'a [u8],
    ) -> Result<&'a [u8], DecodeError> {
        let scan = &headers.scan;
        for &component in &scan.components {
            if self.done.get(component) != Some(&false) {
                return Err(DecodeError::corrupt(CODEC, "a component is coded twice"));
            }
            self.done[component] = true;
        }
        let mut decoder = ScanDecoder::new(scan.parameters, data);
        let fresh = vec![Lines::new(self.columns); scan.components.len()];
        let mut lines = fresh.clone();
        for row in 0..self.rows {
            if row > 0 && headers.restart_lines > 0 && row % headers.restart_lines == 0 {
                restart(&mut decoder, row / headers.restart_lines - 1)?;
                lines.clone_from(&fresh);
            }
            decode_line(&mut decoder, &mut lines, scan.by_sample)?;
            for (lines, &component) in lines.iter().zip(&scan.components) {
                self.store(row, component, lines.samples());
            }
        }
        Ok(decoder.after_marker())
    }

    fn store(&mut self, row: usize, component: usize, line: &[u16]) {
        let stride = self.done.len();
        let first = row * self.columns * stride + component;
        let places = self.samples.iter_mut().skip(first).step_by(stride);
        places.zip(line).for_each(|(place, &sample)| *place = sample);
    }
}

/// Decodes the next line of all components of a scan.
fn decode_line(
    decoder: &mut ScanDecoder<'_>,
    lines: &mut [Lines],
    by_sample: bool,
) -> Result<(), DecodeError> {
    let decoded = if by_sample {
        decoder.sample_interleaved_line(lines)
    } else {
        lines.iter_mut().try_for_each(|lines| decoder.line(lines))
    };
    if decoder.is_past_end() {
        return Err(DecodeError::Truncated { codec: CODEC, at: "scan" });
    }
    decoded.ok_or_else(|| DecodeError::corrupt(CODEC, "a code that no encoder writes"))
}

/// Goes on behind restart marker `number` (counted from 0, modulo 8).
fn restart(decoder: &mut ScanDecoder<'_>, number: usize) -> Result<(), DecodeError> {
    match decoder.after_marker() {
        [0xFF, marker, data @ ..] if usize::from(*marker) == 0xD0 + number % 8 => {
            decoder.restart(data);
            Ok(())
        }
        [] => Err(DecodeError::Truncated { codec: CODEC, at: "restart interval" }),
        _ => Err(DecodeError::corrupt(CODEC, "another marker than the restart that is due")),
    }
}
