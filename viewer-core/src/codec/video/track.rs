//! One track of an MP4 file: what it is, how large, how it lies.

use super::super::DecodeError;
use super::super::reader::Reader;
use super::codec_string::{avc_codec, hevc_codec};
use super::colour::Colour;
use super::mp4::{boxes, child};
use super::picture::{CodedSize, NalKind};
use super::{Coding, Rotation, VIDEO, VideoHeader, avc::AvcHeaders, hevc::HevcHeaders};

/// Bytes of a visual sample entry before its boxes (14496-12 12.1.3).
const VISUAL_ENTRY_BYTES: usize = 78;
/// Bytes of `hvcC` before its arrays of NAL units (14496-15 8.3.3.1).
const HEVC_HEAD_BYTES: usize = 22;

/// A video track.
pub(super) struct Track<'a> {
    pub(super) header: VideoHeader,
    /// Content of its sample table box.
    pub(super) tables: &'a [u8],
}

/// Reads a track; `None` where it is not one of pictures.
pub(super) fn track(content: &[u8]) -> Option<Result<Track<'_>, DecodeError>> {
    let media = child(content, b"mdia")?;
    let handler = child(media, b"hdlr")?;
    if handler.get(8..12) != Some(b"vide") {
        return None;
    }
    let tables = child(child(media, b"minf")?, b"stbl")?;
    let (kind, entry) = boxes(child(tables, b"stsd")?.get(8..)?).next()?;
    let rotation = child(content, b"tkhd").and_then(rotation).unwrap_or_default();
    Some(header(kind, entry, rotation).map(|header| Track { header, tables }))
}

fn header(kind: [u8; 4], entry: &[u8], rotation: Rotation) -> Result<VideoHeader, DecodeError> {
    let inside = entry.get(VISUAL_ENTRY_BYTES..).unwrap_or_default();
    let (coding, record) = match &kind {
        b"avc1" | b"avc3" => (Coding::Avc, child(inside, b"avcC")),
        b"hvc1" | b"hev1" => (Coding::Hevc, child(inside, b"hvcC")),
        _ => {
            let name = String::from_utf8_lossy(&kind).into_owned();
            return Err(DecodeError::feature(VIDEO, format!("coding {name:?}")));
        }
    };
    let found = record.and_then(|record| match coding {
        Coding::Avc => Some((avc_size(record)?, avc_codec(record.get(1..4)?)?, record)),
        Coding::Hevc => Some((hevc_size(record)?, hevc_codec("hvc1", record.get(1..13)?)?, record)),
    });
    let (size, codec, record) =
        found.ok_or_else(|| DecodeError::corrupt(VIDEO, "decoder configuration"))?;
    Ok(VideoHeader {
        codec,
        description: record.to_vec(),
        columns: size.columns,
        rows: size.rows,
        colour: child(inside, b"colr").and_then(nclx).or(size.colour),
        rotation,
    })
}

/// Size of the first sequence parameter set (14496-15 5.3.3.1.2).
fn avc_size(record: &[u8]) -> Option<CodedSize> {
    let mut reader = Reader::new(record.get(5..)?);
    let count = reader.u8()? & 31;
    let length = reader.u16().filter(|_| count > 0)?;
    match AvcHeaders::default().read(reader.take(length.into())?)? {
        NalKind::Parameters(size) => size,
        _ => None,
    }
}

fn hevc_size(record: &[u8]) -> Option<CodedSize> {
    let mut reader = Reader::new(record.get(HEVC_HEAD_BYTES..)?);
    let mut headers = HevcHeaders::default();
    for _ in 0..reader.u8()? {
        reader.u8()?;
        for _ in 0..reader.u16()? {
            let length = reader.u16()?;
            let kind = headers.read(reader.take(length.into())?)?;
            if let NalKind::Parameters(Some(size)) = kind {
                return Some(size);
            }
        }
    }
    None
}

/// Colour information (14496-12 12.1.5).
fn nclx(content: &[u8]) -> Option<Colour> {
    let mut reader = Reader::new(content);
    if reader.take(4)? != b"nclx" {
        return None;
    }
    reader.take(4)?;
    let matrix = u32::from(reader.u16()?);
    Some(Colour { matrix, is_full_range: reader.u8()? & 0x80 != 0 })
}

/// Quarter turns in the matrix of a track header (14496-12 8.3.2); others are not made.
fn rotation(header: &[u8]) -> Option<Rotation> {
    let at = if header.first() == Some(&1) { 52 } else { 40 };
    let mut reader = Reader::new(header.get(at..)?);
    let mut signs = [0; 5];
    for sign in &mut signs {
        *sign = (reader.u32()?.cast_signed() >> 16).signum();
    }
    match signs {
        [0, 1, _, -1, 0] => Some(Rotation::Right),
        [-1, 0, _, 0, -1] => Some(Rotation::Half),
        [0, -1, _, 1, 0] => Some(Rotation::Left),
        _ => Some(Rotation::None),
    }
}
