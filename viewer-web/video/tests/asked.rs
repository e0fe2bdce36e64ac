//! What is asked of the video module and what it replies, without a browser.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use negatoscope_protocol::{FailureKind, Reply, Request, VideoFrame};
use negatoscope_video::asked::Asked;
use viewer_core::codec::video::{Colour, Plane, PlaneFormat, Planes, Rotation, VideoHeader};
use viewer_core::exam::{ImageFormat, SampleKind};

const DETECTED: Colour = Colour { matrix: 6, is_full_range: false };

fn asked(transfer_syntax: &str, [columns, rows]: [u32; 2]) -> Asked {
    let format = ImageFormat {
        transfer_syntax_uid: format!("1.2.840.10008.1.2.4.{transfer_syntax}"),
        sop_class_uid: String::new(),
        rows,
        columns,
        samples_per_pixel: 3,
        photometric_interpretation: "YBR_PARTIAL_420".into(),
        bits_allocated: 8,
        bits_stored: 8,
        high_bit: 7,
        signed: false,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: None,
        aspect_ratio: None,
        lossy: None,
    };
    let video = VideoFrame { url: "/stream".into(), frame: 3, frames: 50 };
    let content_type = String::new();
    let (palette, overlay_bits) = (None, Vec::new());
    let request = Request {
        id: 7,
        content_type,
        format,
        palette,
        overlay_bits,
        is_only: false,
        video: Some(video),
    };
    Asked::of(request).expect("a request for a video")
}

fn header(rotation: Rotation, colour: Option<Colour>) -> VideoHeader {
    let (codec, description) = ("avc1.640029".to_owned(), Vec::new());
    VideoHeader { codec, description, columns: 4, rows: 2, colour, rotation }
}

/// A grey picture of 4 × 2 pixels, brighter to the right.
const BYTES: [u8; 16] =
    [16, 64, 128, 235, 16, 64, 128, 235, 128, 128, 128, 128, 128, 128, 128, 128];

fn convert(
    asked: &Asked,
    header: &VideoHeader,
) -> Result<negatoscope_video::asked::Drawable, FailureKind> {
    let planes = [(0, 4), (8, 2), (10, 2)].map(|(offset, stride)| Plane { offset, stride });
    let format = PlaneFormat::named("I420").expect("known");
    let planes = Planes { columns: 4, rows: 2, format, planes: &planes, bytes: &BYTES };
    asked.converted(header, &planes, DETECTED).map_err(|failure| failure.kind)
}

fn reds(rgba: &[u8]) -> Vec<u8> {
    rgba.chunks(4).map(|pixel| pixel[0]).collect()
}

#[test]
fn the_streams_own_colour_counts_before_what_the_browser_found() {
    let asked = asked("102", [4, 2]);
    let found = convert(&asked, &header(Rotation::None, None)).expect("converted");
    assert_eq!(reds(&found.rgba)[..4], [0, 56, 130, 255]);
    let full = Some(Colour { matrix: 6, is_full_range: true });
    let stated = convert(&asked, &header(Rotation::None, full)).expect("converted");
    assert_eq!(reds(&stated.rgba)[..4], [16, 64, 128, 235]);
}

#[test]
fn rows_and_columns_decide_whether_a_turn_was_made_already() {
    let turned = convert(&asked("102", [2, 4]), &header(Rotation::Right, None)).expect("turned");
    assert_eq!(
        (turned.size_px, reds(&turned.rgba)),
        ([2, 4], vec![0, 0, 56, 56, 130, 130, 255, 255])
    );
    let kept = convert(&asked("102", [4, 2]), &header(Rotation::Right, None)).expect("kept");
    assert_eq!(kept.size_px, [4, 2]);
    let other = convert(&asked("102", [4, 4]), &header(Rotation::Right, None));
    assert_eq!(other, Err(FailureKind::Corrupt));
}

#[test]
fn replies_say_how_many_frames_there_are_where_the_header_says_others() {
    let asked = asked("102", [4, 2]);
    for (stream, told) in [(None, None), (Some(50), None), (Some(48), Some(48))] {
        let reply = asked.decoded([4, 2], stream, 1.5);
        let Reply::Decoded { id: 7, lossy: true, stream_frames, .. } = reply else {
            unreachable!("{reply:?}")
        };
        assert_eq!(stream_frames, told);
    }
}

#[test]
fn what_no_browser_decodes_is_named() {
    let failure = asked("100", [4, 2]).stream(1000).err().expect("refused");
    let FailureKind::Unsupported { name, uid } = failure.kind else { unreachable!("{failure:?}") };
    assert_eq!(name, "MPEG2 Main Profile / Main Level");
    assert_eq!(uid, "1.2.840.10008.1.2.4.100");
    let absent = asked("107", [4, 2]).no_decoder();
    let FailureKind::Unsupported { name, .. } = absent.kind else { unreachable!("{absent:?}") };
    assert_eq!(name, "HEVC/H.265 Main Profile / Level 5.1");
    assert!(asked("107", [4, 2]).stream(1000).is_ok());
}
