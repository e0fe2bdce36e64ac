//! What the fuzz targets share: image attributes from the first bytes of the input.
#![forbid(unsafe_code)]

use viewer_core::codec::{ArrivingFrame, decode_frame, decode_stored};
use viewer_core::exam::{ImageFormat, SampleKind};

/// Attributes chosen by the first bytes of `data`, and the rest of it. Frames stay small, so that
/// the time goes into parsing.
pub fn format_from(data: &[u8]) -> Option<(ImageFormat, &[u8])> {
    let ([rows, columns, kind, bits], rest) = data.split_first_chunk::<4>()?;
    let photometrics = ["MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT"];
    let photometric = photometrics[usize::from(kind & 7) % photometrics.len()];
    let allocated = [1, 8, 16, 32][usize::from(bits >> 6)];
    let stored = u16::from(bits & 31).clamp(1, allocated);
    let format = ImageFormat {
        transfer_syntax_uid: String::new(),
        sop_class_uid: String::new(),
        rows: u32::from(*rows),
        columns: u32::from(*columns),
        samples_per_pixel: if photometric == "MONOCHROME2" { 1 } else { 3 },
        photometric_interpretation: photometric.to_owned(),
        bits_allocated: allocated,
        bits_stored: stored,
        high_bit: stored - 1,
        signed: kind & 8 != 0,
        planar: kind & 16 != 0,
        samples: SampleKind::Integer,
        padding: None,
        spacing: None,
        aspect_ratio: None,
        lossy: None,
    };
    Some((format, rest))
}

/// Decodes and checks that a frame which is given out is whole.
pub fn decode(transfer_syntax_uid: &str, encoded: &[u8], format: &ImageFormat) {
    if let Ok(decoded) = decode_frame(transfer_syntax_uid, encoded, format, None) {
        assert_eq!(decoded.frame.rows(), format.rows);
        assert_eq!(decoded.frame.columns(), format.columns);
    }
}

/// Decodes `encoded`, a codestream that states its own size at `columns_at` and `rows_at`, with
/// attributes that agree with it: otherwise hardly an input would get past the first check.
pub fn decode_own_size(transfer_syntax_uid: &str, encoded: &[u8], size: Option<[u32; 2]>) {
    let Some([columns, rows]) = size else { return };
    if columns > 256 || rows > 256 {
        return;
    }
    for (kind, bits) in [(0, 0b1000_1100), (8, 0b1001_0000), (1, 0b0100_1000), (2, 0b0100_1000)] {
        if let Some((format, _)) = format_from(&[1, 1, kind, bits]) {
            let format = ImageFormat { columns, rows, ..format };
            decode(transfer_syntax_uid, encoded, &format);
            decode_in_pieces(transfer_syntax_uid, encoded, &format);
        }
    }
}

/// Decodes the same while it comes, where that can be: with the same result.
fn decode_in_pieces(transfer_syntax_uid: &str, encoded: &[u8], format: &ImageFormat) {
    let Some(mut frame) = ArrivingFrame::new(transfer_syntax_uid, format) else { return };
    for part in [4, 2, 1] {
        frame.look(&encoded[..encoded.len() / part]);
    }
    assert_eq!(frame.finish(encoded), decode_stored(transfer_syntax_uid, encoded, format));
}

/// Width and height of the first JPEG or JPEG-LS frame header in `bytes`.
pub fn jpeg_size(bytes: &[u8]) -> Option<[u32; 2]> {
    let header = bytes
        .windows(9)
        .find(|w| w[0] == 0xFF && matches!(w[1], 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCF | 0xF7))?;
    let word = |at: usize| u32::from(u16::from_be_bytes([header[at], header[at + 1]]));
    Some([word(7), word(5)])
}

/// An RLE image of 2 × 2 bytes in `frames` frames, with this extended offset table and these items in its
/// pixel data element.
pub fn encapsulated_file(frames: u8, extended_offsets: &[u8], items: &[u8]) -> Vec<u8> {
    let mut file = [&[0; 128], b"DICM".as_slice()].concat();
    let mut put = |group: u16, element: u16, vr: &[u8; 2], value: &[u8]| {
        file.extend([group.to_le_bytes(), element.to_le_bytes()].concat());
        file.extend(vr);
        if matches!(vr, b"OV") {
            file.extend([0; 2]);
            file.extend((value.len() as u32).to_le_bytes());
        } else {
            file.extend((value.len() as u16).to_le_bytes());
        }
        file.extend(value);
    };
    let number = |value: u16| value.to_le_bytes();
    put(0x0002, 0x0010, b"UI", b"1.2.840.10008.1.2.5\0");
    put(0x0028, 0x0002, b"US", &number(1));
    put(0x0028, 0x0004, b"CS", b"MONOCHROME2 ");
    put(0x0028, 0x0008, b"IS", format!("{frames:04}").as_bytes());
    for (element, value) in [(0x0010, 2), (0x0011, 2), (0x0100, 8), (0x0101, 8), (0x0102, 7)] {
        put(0x0028, element, b"US", &number(value));
    }
    if !extended_offsets.is_empty() {
        put(0x7FE0, 0x0001, b"OV", extended_offsets);
    }
    file.extend(b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF");
    file.extend(items);
    file
}

/// Columns and rows of a wavelet codestream: in SIZ, which follows SOC, Xsiz and Ysiz less XOsiz and
/// YOsiz.
pub fn codestream_size(bytes: &[u8]) -> Option<[u32; 2]> {
    let word = |at: usize| {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    Some([word(8)?.checked_sub(word(16)?)?, word(12)?.checked_sub(word(20)?)?])
}
