//! JPEG-LS (ISO/IEC 14495-1, ITU-T T.87): lossless and near-lossless, 2 to 16 bits, all three
//! interleave modes, restart intervals, preset parameters.
//!
//! Our own because no library in Rust decodes its colour. Not supported and said so: mapping tables,
//! point transforms, the colour transforms of HP and subsampled components.

mod bit_writer;
mod context;
mod encode;
mod headers;
mod lines;
mod parameters;
mod scan;

pub use self::encode::encode_jpeg_ls;
use self::headers::Headers;
use self::lines::Lines;
use self::scan::ScanDecoder;
use super::entropy::{Intervals, Stuffing};
use super::interleave::interleave;
use super::jpeg::markers::with_number_of_lines;
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
        if frame.rows == 0
            && let Some(complete) = with_number_of_lines(encoded)
        {
            return self.decode(&complete, spec);
        }
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
        let restart_lines = match headers.restart_lines {
            0 => self.rows,
            lines => lines,
        };
        let intervals = Intervals::read(data, Stuffing::Bit, self.rows);
        let mut decoder = ScanDecoder::new(scan.parameters);
        for first in (0..self.rows).step_by(restart_lines) {
            let bits = intervals.bits(first / restart_lines).ok_or_else(|| restart(&intervals))?;
            decoder.restart(bits);
            let mut lines = vec![Lines::new(self.columns); scan.components.len()];
            for row in first..self.rows.min(first + restart_lines) {
                decode_line(&mut decoder, &mut lines, scan.by_sample)?;
                self.store(row, &lines, &scan.components);
            }
        }
        Ok(intervals.rest)
    }

    /// Copies a decoded line of each component to its place.
    fn store(&mut self, row: usize, lines: &[Lines], components: &[usize]) {
        let stride = self.done.len();
        let place = self.samples.chunks_exact_mut(self.columns * stride).nth(row);
        let lines: Vec<&[u16]> = lines.iter().map(Lines::samples).collect();
        interleave(place.unwrap_or_default(), stride, &lines, components);
    }
}

/// Decodes the next line of all components of a scan.
fn decode_line(
    decoder: &mut ScanDecoder<'_>,
    lines: &mut [Lines],
    by_sample: bool,
) -> Result<(), DecodeError> {
    let decoded = match lines.as_mut_array::<3>() {
        Some(all) if by_sample => decoder.sample_interleaved_line(all),
        _ => lines.iter_mut().try_for_each(|lines| decoder.line(lines)),
    };
    if decoder.is_past_end() {
        return Err(DecodeError::Truncated { codec: CODEC, at: "scan" });
    }
    decoded.ok_or_else(|| DecodeError::corrupt(CODEC, "a code that no encoder writes"))
}

/// Why there is no restart where one is due.
fn restart(intervals: &Intervals<'_>) -> DecodeError {
    if intervals.is_cut_off() {
        DecodeError::Truncated { codec: CODEC, at: "restart interval" }
    } else {
        DecodeError::corrupt(CODEC, "another marker than the restart that is due")
    }
}
