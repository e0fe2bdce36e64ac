//! JPEG (ISO/IEC 10918-1): the frame header decides which process decodes it, not the label.

#[cfg(feature = "codecs-common")]
mod dct;
mod lossless;
pub(super) mod markers;
#[cfg(feature = "codecs-common")]
mod planes;
#[cfg(feature = "codecs-common")]
mod scans;
#[cfg(feature = "codecs-common")]
mod upsample;

use self::markers::{
    EOI, FrameHeader, SOS, Segment, SegmentError, Segments, is_start_of_frame, with_number_of_lines,
};
use super::{DecodeError, Family, FrameDecoder, FrameSpec, StoredFrame};
#[cfg(feature = "codecs-common")]
use crate::pixel::color::{ColorModel, Photometric};

const CODEC: &str = "JPEG";
/// Marker of frames with progressive coding.
const PROGRESSIVE: u8 = 0xC2;
/// Define hierarchical progression: several frames, each refined by the next.
const DHP: u8 = 0xDE;

/// Decoder of the sequential, progressive and lossless processes with Huffman coding.
pub(super) struct Jpeg;

impl FrameDecoder for Jpeg {
    fn family(&self) -> Family {
        Family::Jpeg
    }

    fn decode(&self, encoded: &[u8], spec: &FrameSpec) -> Result<StoredFrame, DecodeError> {
        let headers = Headers::read(encoded)?;
        if headers.frame.rows == 0
            && let Some(complete) = with_number_of_lines(encoded)
        {
            return self.decode(&complete, spec);
        }
        spec.check_size(headers.frame.columns, headers.frame.rows)?;
        let components = headers.frame.components.len() as u32;
        spec.check_components(CODEC, components)?;
        spec.check_depth(CODEC, headers.frame.precision)?;
        match headers.process {
            #[cfg(feature = "codecs-common")]
            0xC0 | 0xC1 | PROGRESSIVE => dct::decode(encoded, &headers, spec),
            // Asked for again in the build that has it (see the worker).
            #[cfg(not(feature = "codecs-common"))]
            0xC0 | 0xC1 | PROGRESSIVE => Err(DecodeError::Unsupported {
                name: process_name(headers.process).to_owned(),
                uid: String::new(),
            }),
            0xC3 => lossless::decode(encoded, &headers, spec),
            other => Err(DecodeError::feature(CODEC, process_name(other))),
        }
    }
}

/// Refuses a codestream of a process that no build decodes. JPEG-LS under the wrong label is another matter.
pub(super) fn check_process(encoded: &[u8]) -> Result<(), DecodeError> {
    match Headers::read(encoded)?.process {
        0xC0 | 0xC1 | PROGRESSIVE | 0xC3 | 0xF7 => Ok(()),
        other => Err(DecodeError::feature(CODEC, process_name(other))),
    }
}

/// What the headers before the first scan say.
#[cfg_attr(
    not(feature = "codecs-common"),
    expect(dead_code, reason = "for the decoder of lossy frames")
)]
struct Headers {
    /// Marker of the frame header: which process.
    process: u8,
    frame: FrameHeader,
    /// Color transform of an APP14 `Adobe` segment.
    adobe_transform: Option<u8>,
    /// An APP0 `JFIF` segment is there.
    jfif: bool,
}

impl Headers {
    fn read(encoded: &[u8]) -> Result<Self, DecodeError> {
        let (mut process, mut frame, mut adobe_transform, mut jfif) = (0, None, None, false);
        for segment in Segments::new(encoded) {
            let Segment { marker, payload, .. } = segment.map_err(segment_error)?;
            match marker {
                0xE0 if payload.starts_with(b"JFIF\0") => jfif = true,
                0xEE if payload.starts_with(b"Adobe") => {
                    adobe_transform = payload.get(11).copied();
                }
                DHP => return Err(DecodeError::feature(CODEC, "a hierarchical process (DHP)")),
                EOI => return Err(DecodeError::corrupt(CODEC, "no scan")),
                SOS if frame.is_none() => {
                    return Err(DecodeError::corrupt(CODEC, "a scan before the frame header"));
                }
                marker if is_start_of_frame(marker) => {
                    let header = FrameHeader::read(payload);
                    let header = header.ok_or_else(|| segment_error(SegmentError::Truncated))?;
                    if frame.replace(header).is_some() {
                        return Err(DecodeError::corrupt(CODEC, "two frame headers"));
                    }
                    process = marker;
                }
                _ => {}
            }
        }
        let frame = frame.ok_or_else(|| DecodeError::corrupt(CODEC, "no frame header"))?;
        Ok(Self { process, frame, adobe_transform, jfif })
    }

    /// What the three components of a lossy frame are.
    ///
    /// The codestream's own word counts more than the photometric interpretation, which transcoders
    /// often leave wrong: APP14, then JFIF (always YCbCr), then components named `R`, `G`, `B`, then
    /// chroma subsampling (never done to RGB).
    #[cfg(feature = "codecs-common")]
    fn color_of_dct(&self, photometric: Photometric) -> ColorModel {
        let ids: Vec<u8> = self.frame.components.iter().map(|component| component.id).collect();
        if photometric == Photometric::Palette {
            return ColorModel::Palette;
        }
        if ids.len() == 1 {
            return ColorModel::Gray;
        }
        let is_rgb = match self.adobe_transform {
            Some(transform) => transform == 0,
            None if self.jfif => false,
            None if ids == *b"RGB" => true,
            None => photometric == Photometric::Rgb && self.frame.is_fully_sampled(),
        };
        if is_rgb { ColorModel::Rgb } else { ColorModel::YbrFull }
    }
}

fn segment_error(error: SegmentError) -> DecodeError {
    match error {
        SegmentError::Truncated => DecodeError::Truncated { codec: CODEC, at: "header" },
        SegmentError::NotAMarker => DecodeError::corrupt(CODEC, "no marker where one must be"),
    }
}

/// The process that a frame header is of (T.81 table B.1).
fn process_name(marker: u8) -> &'static str {
    match marker {
        0xC0 => "the baseline process (SOF0)",
        0xC1 => "the extended sequential process (SOF1)",
        PROGRESSIVE => "the progressive process (SOF2)",
        0xC5 => "the hierarchical sequential process (SOF5)",
        0xC6 => "the hierarchical progressive process (SOF6)",
        0xC7 => "the hierarchical lossless process (SOF7)",
        0xC9 => "the extended sequential process with arithmetic coding (SOF9)",
        0xCA => "the progressive process with arithmetic coding (SOF10)",
        0xCB => "the lossless process with arithmetic coding (SOF11)",
        0xCD => "the hierarchical sequential process with arithmetic coding (SOF13)",
        0xCE => "the hierarchical progressive process with arithmetic coding (SOF14)",
        0xCF => "the hierarchical lossless process with arithmetic coding (SOF15)",
        0xF7 => "JPEG-LS under a JPEG label",
        _ => "this process",
    }
}
