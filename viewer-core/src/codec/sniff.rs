//! What a frame really is, by its first bytes. Labels lie: a server may send an HTJ2K codestream as
//! native pixel data, and a picture drawn from it would be noise.

use super::Family;
use super::jpeg::markers::{Segments, is_start_of_frame};

const JPEG_SOI: [u8; 3] = [0xFF, 0xD8, 0xFF];
const J2K_SOC_SIZ: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
const JP2_SIGNATURE: &[u8] = b"\0\0\0\x0CjP  \r\n\x87\n";
const JXL_SIGNATURE: &[u8] = b"\0\0\0\x0CJXL \r\n\x87\n";
const MPEG2_SEQUENCE: [u8; 4] = [0, 0, 1, 0xB3];

/// The family whose signature `bytes` starts with; `None` where there is none (native samples,
/// RLE and deflated data have no signature).
///
/// A native frame may start with any bytes, these too: compare lengths before believing this.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<Family> {
    if bytes.starts_with(&JPEG_SOI) {
        Some(jpeg_family(bytes))
    } else if bytes.starts_with(&J2K_SOC_SIZ) {
        Some(wavelet_family(bytes))
    } else if bytes.starts_with(JP2_SIGNATURE) {
        let start = bytes.windows(4).position(|window| window == J2K_SOC_SIZ);
        let codestream = start.and_then(|start| bytes.get(start..));
        Some(codestream.map_or(Family::Jpeg2000, wavelet_family))
    } else if bytes.starts_with(JXL_SIGNATURE) || bytes.starts_with(&[0xFF, 0x0A]) {
        Some(Family::JpegXl)
    } else if is_video(bytes) {
        Some(Family::Video)
    } else {
        None
    }
}

/// MPEG-2, an MP4 file, a transport stream, or parameter sets of H.264 or H.265 behind a start code.
fn is_video(bytes: &[u8]) -> bool {
    const TRANSPORT_PACKET: usize = 188;
    let is_transport = || {
        let syncs = bytes.iter().step_by(TRANSPORT_PACKET).take(3);
        bytes.len() >= 2 * TRANSPORT_PACKET && syncs.into_iter().all(|byte| *byte == 0x47)
    };
    let is_header = |byte: u8| matches!(byte & 31, 6..=9) || matches!(byte >> 1 & 63, 32..=35);
    bytes.starts_with(&MPEG2_SEQUENCE)
        || bytes.get(4..8) == Some(b"ftyp")
        || matches!(bytes, [0, 0, 0, 1, header, ..] if *header < 0x80 && is_header(*header))
        || is_transport()
}

/// JPEG and JPEG-LS share their markers: the frame header tells.
fn jpeg_family(bytes: &[u8]) -> Family {
    let frame = Segments::new(bytes).flatten().find(|segment| is_start_of_frame(segment.marker));
    match frame {
        Some(segment) if segment.marker == 0xF7 => Family::JpegLs,
        _ => Family::Jpeg,
    }
}

/// HTJ2K announces itself by a CAP marker with the bit of Part 15 (ISO/IEC 15444-15 A.3).
fn wavelet_family(codestream: &[u8]) -> Family {
    const CAP: [u8; 2] = [0xFF, 0x50];
    const PART_15: u32 = 1 << (32 - 15);
    let length = codestream.get(4..6).map_or(0, |b| usize::from(b[0]) << 8 | usize::from(b[1]));
    match codestream.get(4 + length..) {
        Some([a, b, _, _, p0, p1, p2, p3, ..])
            if [*a, *b] == CAP && u32::from_be_bytes([*p0, *p1, *p2, *p3]) & PART_15 != 0 =>
        {
            Family::Htj2k
        }
        _ => Family::Jpeg2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SOC, SIZ of one component, then `rest`.
    fn codestream(rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41];
        bytes.extend([0; 39]);
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn htj2k_is_told_from_jpeg_2000_by_its_capabilities() {
        let part_15 = [0xFF, 0x50, 0, 8, 0, 2, 0, 0, 0, 0];
        let part_2 = [0xFF, 0x50, 0, 8, 0x40, 0, 0, 0, 0, 0];
        assert_eq!(sniff(&codestream(&part_15)), Some(Family::Htj2k));
        assert_eq!(sniff(&codestream(&part_2)), Some(Family::Jpeg2000));
        assert_eq!(sniff(&codestream(&[0xFF, 0x52])), Some(Family::Jpeg2000));
        let wrapped = [JP2_SIGNATURE, b"\0\0\0\0jp2c", &codestream(&part_15)].concat();
        assert_eq!(sniff(&wrapped), Some(Family::Htj2k));
    }

    #[test]
    fn jpeg_and_jpeg_ls_are_told_by_the_frame_header() {
        let app = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2];
        let ls = [&app[..], &[0xFF, 0xF7, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]].concat();
        let lossless = [&app[..], &[0xFF, 0xC3, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]].concat();
        assert_eq!(sniff(&ls), Some(Family::JpegLs));
        assert_eq!(sniff(&lossless), Some(Family::Jpeg));
        assert_eq!(sniff(&app), Some(Family::Jpeg));
    }

    #[test]
    fn videos_are_known_in_their_containers() {
        assert_eq!(sniff(b"\0\0\0\x20ftypisom"), Some(Family::Video));
        assert_eq!(sniff(&[0, 0, 0, 1, 0x67, 100]), Some(Family::Video));
        assert_eq!(sniff(&[0, 0, 0, 1, 0x40, 1]), Some(Family::Video));
        let mut packets = vec![0; 3 * 188];
        packets.iter_mut().step_by(188).for_each(|sync| *sync = 0x47);
        assert_eq!(sniff(&packets), Some(Family::Video));
        packets[188] = 0;
        assert_eq!(sniff(&packets), None);
    }

    #[test]
    fn samples_have_no_signature() {
        assert_eq!(sniff(&[0, 0, 0, 0x0C, 1, 2, 3]), None);
        assert_eq!(sniff(&[0xFF, 0xD8]), None);
        assert_eq!(sniff(&[]), None);
        assert_eq!(sniff(&[0xFF, 0x0A, 0]), Some(Family::JpegXl));
    }
}
