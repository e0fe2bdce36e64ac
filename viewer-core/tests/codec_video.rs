//! Video streams taken apart: the pictures, in the order in which they are shown.
#![cfg(feature = "codecs-base")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use viewer_core::codec::DecodeError;
use viewer_core::codec::video::{Coding, Rotation, VideoStream};

/// Frames of each stream; see `xtask/phantom/streams/make.py`.
const FRAMES: u32 = 30;
const AVC_MP4: &[u8] = include_bytes!("../../xtask/phantom/streams/avc.mp4");
const AVC_TS: &[u8] = include_bytes!("../../xtask/phantom/streams/avc.ts");
const AVC_FULL: &[u8] = include_bytes!("../../xtask/phantom/streams/avc-full-601.h264");
const HEVC_MP4: &[u8] = include_bytes!("../../xtask/phantom/streams/hevc.mp4");
const HEVC_BYTES: &[u8] = include_bytes!("../../xtask/phantom/streams/hevc.h265");

/// Presentation time over duration of each packet in the order of decoding, as FFmpeg 9.0.2 says.
const AVC_ORDER: [u32; 30] = [
    0, 4, 2, 1, 3, 8, 6, 5, 7, 9, 10, 14, 12, 11, 13, 18, 16, 15, 17, 19, 20, 24, 22, 21, 23, 28,
    26, 25, 27, 29,
];
const HEVC_ORDER: [u32; 30] = [
    0, 4, 2, 1, 3, 8, 6, 5, 7, 10, 9, 14, 12, 11, 13, 18, 16, 15, 17, 20, 19, 24, 22, 21, 23, 28,
    26, 25, 27, 29,
];

fn opened(bytes: &[u8], coding: Coding) -> Result<VideoStream, DecodeError> {
    let mut stream = VideoStream::new(bytes.len() as u64, coding);
    while let Some(range) = stream.wanted(u32::MAX) {
        stream.read(&bytes[range.start as usize..range.end as usize])?;
    }
    Ok(stream)
}

fn order(stream: &VideoStream) -> Vec<u32> {
    let frame = |index| stream.unit(index).and_then(|unit| unit.frame).unwrap_or(u32::MAX);
    (0..stream.unit_count()).map(frame).collect()
}

/// All access units one after the other.
fn concatenated(stream: &VideoStream, bytes: &[u8]) -> Vec<u8> {
    let units = (0..stream.unit_count()).map(|index| stream.unit(index).expect("a unit"));
    units
        .flat_map(|unit| {
            let range = unit.bytes.start as usize..unit.bytes.end as usize;
            stream.access_unit(unit, &bytes[range]).expect("an access unit")
        })
        .collect()
}

#[test]
fn pictures_are_counted_in_the_order_they_are_shown() {
    for (bytes, coding, expected) in [
        (AVC_MP4, Coding::Avc, AVC_ORDER),
        (AVC_TS, Coding::Avc, AVC_ORDER),
        (HEVC_MP4, Coding::Hevc, HEVC_ORDER),
        (HEVC_BYTES, Coding::Hevc, HEVC_ORDER),
    ] {
        let stream = opened(bytes, coding).expect("a stream");
        assert_eq!(stream.frames(), Some(FRAMES));
        assert_eq!(order(&stream), expected, "{coding:?} of {} bytes", bytes.len());
    }
}

#[test]
fn headers_say_what_a_decoder_must_know() {
    let header = |bytes, coding| opened(bytes, coding).expect("a stream").header().cloned();
    let avc = header(AVC_MP4, Coding::Avc).expect("a header");
    assert_eq!((avc.codec.as_str(), avc.columns, avc.rows), ("avc1.64000c", 256, 192));
    assert_eq!((avc.length_bytes(), avc.rotation), (4, Rotation::None));
    let colour = avc.colour.expect("stated");
    assert_eq!((colour.matrix, colour.is_full_range), (1, false));
    let full = header(AVC_FULL, Coding::Avc).expect("a header");
    let colour = full.colour.expect("stated");
    assert_eq!((colour.matrix, colour.is_full_range), (6, true));
    assert_eq!((full.length_bytes(), full.description.len()), (0, 0));
    let hevc = header(HEVC_MP4, Coding::Hevc).expect("a header");
    assert_eq!((hevc.columns, hevc.rows), (256, 192));
    assert_eq!(hevc.codec, "hvc1.1.6.L60.90");
    let bytes = header(HEVC_BYTES, Coding::Hevc).expect("a header");
    assert_eq!(bytes.codec, "hev1.1.6.L60.90");
}

/// Nothing is lost between access units, and each begins where decoding can.
#[test]
fn access_units_make_the_stream_again() {
    for (bytes, coding) in [(AVC_FULL, Coding::Avc), (HEVC_BYTES, Coding::Hevc)] {
        let stream = opened(bytes, coding).expect("a stream");
        assert_eq!(concatenated(&stream, bytes), bytes);
        let first = stream.unit(0).expect("a unit");
        let unit = stream.access_unit(first, &bytes[..first.bytes.end as usize]).expect("whole");
        assert!(coding.is_sync(&unit, 0));
    }
    let transported = opened(AVC_TS, Coding::Avc).expect("a stream");
    let found = concatenated(&transported, AVC_TS);
    let starts = found.windows(4).filter(|bytes| *bytes == [0, 0, 1, 9]).count();
    assert_eq!(starts, FRAMES as usize, "one delimiter each");
}

#[test]
fn decoding_begins_at_the_key_frame_before() {
    let avc = opened(AVC_TS, Coding::Avc).expect("a stream");
    let first = |stream: &VideoStream, frame| stream.start_of(frame).map(|start| start.first);
    let firsts: Vec<_> = [0, 9, 10, 19, 20, 29].map(|frame| first(&avc, frame)).to_vec();
    assert_eq!(firsts, [0, 0, 10, 10, 20, 20].map(Ok));
    // Frame 9 is decoded after the random access point 10, but refers to what is before.
    let hevc = opened(HEVC_BYTES, Coding::Hevc).expect("a stream");
    assert_eq!([9, 10, 11, 19, 20].map(|frame| first(&hevc, frame)), [0, 9, 9, 9, 19].map(Ok));
    assert!(matches!(first(&avc, 30), Err(DecodeError::Truncated { .. })));
}

/// A frame of a long stream is known before the stream is read to its end.
#[test]
fn only_what_is_needed_is_read() {
    let long = [AVC_FULL; 400].concat();
    let mut stream = VideoStream::new(long.len() as u64, Coding::Avc);
    while let Some(range) = stream.wanted(40) {
        stream.read(&long[range.start as usize..range.end as usize]).expect("readable");
    }
    assert_eq!(stream.start_of(40).map(|start| (start.first, start.own)), Ok((36, 40)));
    assert_eq!(stream.frames(), None);
    let read = stream.wanted(u32::MAX).expect("more").start;
    assert!(read < long.len() as u64 / 2, "{read} of {}", long.len());
}

#[test]
fn damage_is_found() {
    let cut = &AVC_MP4[..AVC_MP4.len() / 2];
    assert!(matches!(opened(cut, Coding::Avc), Err(DecodeError::Truncated { .. })));
    let mut lost = AVC_TS.to_vec();
    lost.drain(188 * 20..188 * 21);
    assert!(matches!(opened(&lost, Coding::Avc), Err(DecodeError::Corrupt { .. })));
    assert!(matches!(opened(&[7; 5000], Coding::Avc), Err(DecodeError::Corrupt { .. })));
    assert!(opened(&[], Coding::Avc).is_err());
    let mpeg_2 = include_bytes!("../../xtask/phantom/streams/mpeg2.mpg");
    assert!(opened(mpeg_2, Coding::Avc).is_err());
}

#[test]
fn transfer_syntaxes_are_told_apart() {
    let coding = |last: &str| Coding::of_transfer_syntax(&format!("1.2.840.10008.1.2.4.{last}"));
    for avc in ["102", "102.1", "103", "104", "105", "106.1"] {
        assert_eq!(coding(avc), Ok(Coding::Avc), "{avc}");
    }
    assert_eq!([coding("107"), coding("108")], [Ok(Coding::Hevc), Ok(Coding::Hevc)]);
    for other in ["100", "100.1", "101", "101.1", "10", "50", "110"] {
        assert!(matches!(coding(other), Err(DecodeError::Unsupported { .. })), "{other}");
    }
}

/// Mutated streams are read to their end or refused, and never loop.
#[test]
fn mutated_streams_do_no_harm() {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    for (bytes, coding) in [
        (AVC_MP4, Coding::Avc),
        (AVC_TS, Coding::Avc),
        (HEVC_MP4, Coding::Hevc),
        (HEVC_BYTES, Coding::Hevc),
    ] {
        for _ in 0..300 {
            let mut mutated = bytes.to_vec();
            for _ in 0..1 + random() % 8 {
                let at = random() % mutated.len();
                mutated[at] = random() as u8;
            }
            mutated.truncate(mutated.len() - random() % 2 * (random() % bytes.len()));
            let mut stream = VideoStream::new(mutated.len() as u64, coding);
            let mut reads = 0;
            while let Some(range) = stream.wanted(u32::MAX) {
                reads += 1;
                assert!(reads < 50, "reads on and on");
                if stream.read(&mutated[range.start as usize..range.end as usize]).is_err() {
                    break;
                }
            }
            for index in 0..stream.unit_count() {
                let unit = stream.unit(index).expect("counted").clone();
                let range = unit.bytes.start as usize..unit.bytes.end as usize;
                let _content = stream.access_unit(&unit, &mutated[range]);
            }
        }
    }
}
