//! Requests as the page sends them → replies as it gets them.

use negatoscope_protocol::{Failure, FailureKind, Reply, Request};
use negatoscope_worker::{ArrivingRequest, decode_request};
use viewer_core::codec::{PACKED_UID, encode_packed};
use viewer_core::exam::{ImageFormat, Palette, SampleKind};
use viewer_core::pixel::PixelKind;

const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
const RLE: &str = "1.2.840.10008.1.2.5";

fn format() -> ImageFormat {
    ImageFormat {
        transfer_syntax_uid: EXPLICIT_LITTLE.to_owned(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        rows: 1,
        columns: 3,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".to_owned(),
        bits_allocated: 16,
        bits_stored: 12,
        high_bit: 11,
        signed: true,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: None,
        aspect_ratio: None,
        lossy: None,
    }
}

fn request(content_type: &str, format: ImageFormat) -> Request {
    Request {
        id: 7,
        content_type: content_type.to_owned(),
        format,
        palette: None,
        overlay_bits: Vec::new(),
        is_only: false,
        video: None,
    }
}

fn failure(request: &Request, body: &[u8]) -> Failure {
    let outcome = decode_request(request, body, || 0.0);
    assert!(outcome.body().is_empty());
    match outcome.reply {
        Reply::Failed { id: 7, failure } => failure,
        other => panic!("{other:?}"),
    }
}

/// `-2048, 2047, 18` with garbage above Bits Stored.
const CELLS: [u8; 6] = [0x00, 0x38, 0xFF, 0x97, 0x12, 0x00];

#[test]
fn a_single_part_is_decoded_and_timed() {
    let clock = std::cell::Cell::new(100.0);
    let now_ms = || clock.replace(clock.get() + 2.5);
    let request = request("application/octet-stream", format());
    let outcome = decode_request(&request, &CELLS, now_ms);
    assert_eq!(
        outcome.reply,
        Reply::Decoded {
            id: 7,
            columns: 3,
            rows: 1,
            kind: PixelKind::GrayI16,
            range: Some([-2048.0, 2047.0].into()),
            lossy: false,
            overlay_planes: 0,
            packed: false,
            decode_ms: 2.5,
            stream_frames: None,
        }
    );
    let expected: Vec<u8> = [-2048i16, 2047, 18].iter().flat_map(|v| v.to_ne_bytes()).collect();
    assert_eq!(*outcome.body(), expected);
}

#[test]
fn overlay_planes_follow_the_samples() {
    let request =
        Request { overlay_bits: vec![12, 15], ..request("application/octet-stream", format()) };
    let outcome = decode_request(&request, &CELLS, || 0.0);
    assert!(matches!(outcome.reply, Reply::Decoded { overlay_planes: 2, .. }));
    // The middle cell is 0x97FF: bits 12 and 15 are set in it, and nowhere else but bit 12 of the first.
    let samples: Vec<u8> = [-2048i16, 2047, 18].iter().flat_map(|v| v.to_ne_bytes()).collect();
    assert_eq!(*outcome.body(), [samples, vec![0b011, 0b010]].concat());
}

#[test]
fn clean_cells_are_samples_already() {
    let request = request("application/octet-stream", format());
    let is_as_it_came = |cells: &[u8]| decode_request(&request, cells, || 0.0).is_as_it_came(cells);
    let clean: Vec<u8> = [-2048i16, 2047, 18].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(is_as_it_came(&clean), cfg!(target_endian = "little"));
    assert!(!is_as_it_came(&CELLS), "bits above Bits Stored are not samples");
    assert!(!is_as_it_came(&clean[..4]), "nor is what is not whole");
    let with_planes = Request { overlay_bits: vec![12], ..request.clone() };
    assert!(!decode_request(&with_planes, &clean, || 0.0).is_as_it_came(&clean), "planes follow");
}

#[test]
fn packed_frames_are_samples_already_and_others_are_packed() {
    let [columns, rows] = [128, 3];
    let format = ImageFormat { columns, rows, ..format() };
    let cells: Vec<u8> = (0..128 * 3_i16).flat_map(|at| (at % 90 - 45).to_le_bytes()).collect();
    let packed = encode_packed(EXPLICIT_LITTLE, &cells, &format).unwrap();
    for (syntax, body) in [(EXPLICIT_LITTLE, &cells), (PACKED_UID, &packed)] {
        let content_type = format!("application/octet-stream; transfer-syntax={syntax}");
        let request = request(&content_type, format.clone());
        let outcome = decode_request(&request, body, || 0.0);
        let Reply::Decoded { packed: true, range, kind, .. } = outcome.reply else {
            panic!("{:?}", outcome.reply);
        };
        assert_eq!((range, kind), (Some([-45.0, 44.0].into()), PixelKind::GrayI16));
        assert_eq!(*outcome.body(), packed);
        assert_eq!(outcome.is_as_it_came(body), syntax == PACKED_UID);
        // One that is alone is kept as it is, and planes follow samples that are not packed.
        let only = Request { is_only: true, ..request.clone() };
        let outcome = decode_request(&only, body, || 0.0);
        assert_eq!(*outcome.body(), *if syntax == PACKED_UID { body } else { &cells });
        let request = Request { overlay_bits: vec![12], ..request };
        let outcome = decode_request(&request, body, || 0.0);
        assert!(matches!(outcome.reply, Reply::Decoded { packed: false, overlay_planes: 1, .. }));
        assert_eq!(outcome.body()[..cells.len()], cells);
        assert!(!outcome.is_as_it_came(body));
    }
    let broken = request(&format!("x/y; transfer-syntax={PACKED_UID}"), format);
    assert_eq!(failure(&broken, &packed[1..]).kind, FailureKind::Corrupt);
}

#[test]
fn the_transfer_syntax_of_the_part_wins() {
    // RLE: two planes, high bytes first, each a literal of three bytes.
    let mut rle = vec![2, 0, 0, 0, 64, 0, 0, 0, 68, 0, 0, 0];
    rle.resize(64, 0);
    rle.extend([2, 0x38, 0x97, 0x00, 2, 0x00, 0xFF, 0x12]);
    let head = format!("--b\r\nContent-Type: image/dicom-rle; transfer-syntax={RLE}\r\n\r\n");
    let mut body = head.into_bytes();
    body.extend(&rle);
    body.extend(b"\r\n--b--\r\n");
    let request = request("multipart/related; type=\"image/dicom-rle\"; boundary=b", format());
    let outcome = decode_request(&request, &body, || 0.0);
    let expected: Vec<u8> = [-2048i16, 2047, 18].iter().flat_map(|v| v.to_ne_bytes()).collect();
    assert_eq!(*outcome.body(), expected);
}

#[test]
fn palette_colours_come_as_rgba() {
    let palette_format = ImageFormat {
        photometric_interpretation: "PALETTE COLOR".to_owned(),
        bits_allocated: 8,
        bits_stored: 8,
        high_bit: 7,
        signed: false,
        ..format()
    };
    let palette =
        Palette { first_mapped: 1, bits: 8, rgb: [vec![10, 11], vec![20, 21], vec![30, 31]] };
    let mut request = request("application/octet-stream", palette_format);
    let failed = failure(&request, &[1, 2, 1, 0]);
    assert_eq!(failed.kind, FailureKind::Corrupt);
    assert_eq!(failed.detail, "PALETTE COLOR without a usable palette");
    request.palette = Some(palette);
    let outcome = decode_request(&request, &[1, 2, 1, 0], || 0.0);
    assert_eq!(*outcome.body(), [10, 20, 30, 255, 11, 21, 31, 255, 10, 20, 30, 255]);
    assert!(matches!(outcome.reply, Reply::Decoded { kind: PixelKind::Rgba8, range: None, .. }));
}

#[test]
fn unsupported_transfer_syntaxes_are_named() {
    let request = request("video/mp4; transfer-syntax=1.2.840.10008.1.2.4.102", format());
    assert_eq!(
        failure(&request, &CELLS).kind,
        FailureKind::Unsupported {
            name: "MPEG-4 AVC/H.264 High Profile / Level 4.1".to_owned(),
            uid: "1.2.840.10008.1.2.4.102".to_owned(),
        }
    );
    let unknown = self::request("image/x; transfer-syntax=1.2.3", format());
    let failed = failure(&unknown, &CELLS);
    assert_eq!(failed.detail, "unsupported transfer syntax: unknown transfer syntax (1.2.3)");
}

#[test]
fn a_codestream_under_a_native_label_is_told() {
    let htj2k =
        [&[0xFF, 0x4F, 0xFF, 0x51, 0, 41][..], &[0; 39], &[0xFF, 0x50, 0, 8, 0, 2, 0, 0, 0, 0]]
            .concat();
    let failed = failure(&request("application/octet-stream", format()), &htj2k);
    assert_eq!(failed.kind, FailureKind::Corrupt);
    assert_eq!(failed.detail, "labelled native, but the data is HTJ2K");
}

#[test]
fn what_ends_early_is_truncated_and_what_is_too_large_is_refused() {
    let whole = request("application/octet-stream", format());
    assert_eq!(failure(&whole, &CELLS[..5]).kind, FailureKind::Truncated);
    let parts = request("multipart/related; boundary=b", format());
    assert_eq!(failure(&parts, b"--b\r\n\r\nabc").kind, FailureKind::Truncated);
    assert_eq!(failure(&parts, b"--b--").kind, FailureKind::Corrupt);
    let two = b"--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--";
    assert_eq!(failure(&parts, two).detail, "2 parts where one frame was asked for");
    let huge = request(
        "application/octet-stream",
        ImageFormat { rows: 32_768, columns: 32_768, ..format() },
    );
    assert_eq!(failure(&huge, &CELLS).kind, FailureKind::TooLarge);
}

/// Vectors of 37 × 29 pixels.
#[test]
fn a_frame_that_comes_in_pieces_is_answered_like_a_whole_one() {
    const GREY: &[u8] =
        include_bytes!("../../../viewer-core/tests/codec_vectors/jpeg2000/gray12u.j2k");
    const HTJ2K: &[u8] =
        include_bytes!("../../../viewer-core/tests/codec_vectors/jpeg2000/ht_gray12.j2c");
    let format = ImageFormat { rows: 29, columns: 37, signed: false, ..format() };
    for (uid, whole) in [("1.2.840.10008.1.2.4.90", GREY), ("1.2.840.10008.1.2.4.201", HTJ2K)] {
        // The part's own word counts, not the archive's.
        let content_type = format!("application/octet-stream; transfer-syntax={uid}");
        let request = request(&content_type, format.clone());
        for body in [whole, &whole[..whole.len() - 40]] {
            let mut arriving = ArrivingRequest::begin(request.clone(), body.len()).expect("J2K");
            body.chunks(100).for_each(|piece| arriving.push(piece, || 0.0));
            let outcome = decode_request(&request, body, || 0.0);
            assert_eq!(outcome.frame.is_some(), body.len() == whole.len());
            assert_eq!(arriving.finish(|| 0.0), outcome, "{uid}");
        }
    }
}

#[test]
fn what_has_to_be_whole_is_not_begun() {
    let begins = |content_type: &str, uid: &str| {
        let format = ImageFormat { transfer_syntax_uid: uid.to_owned(), ..format() };
        ArrivingRequest::begin(request(content_type, format), 10).is_some()
    };
    let (single, j2k) = ("application/octet-stream", "1.2.840.10008.1.2.4.90");
    assert!(begins(single, j2k));
    assert!(!begins(single, EXPLICIT_LITTLE));
    assert!(!begins(single, "1.2.840.10008.1.2.4.80"));
    assert!(!begins("multipart/related; boundary=x", j2k));
}
