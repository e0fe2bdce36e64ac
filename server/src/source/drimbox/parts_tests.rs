//! Bodies cut at every place, and bodies that are none.

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use viewer_core::base::multipart::MediaType;

use super::parts::{Event, Parts};
use crate::source::SourceError;

const UNQUOTED: &str = r#"multipart/related;start="<1>";transfer-syntax=1.2.840.10008.1.2.1;type="application/dicom"; boundary=xyz"#;

/// The parts that are complete, and how the body ended.
async fn read(
    content_type: &str,
    text: &[u8],
    piece: usize,
    limit: u64,
) -> (Vec<Vec<u8>>, Result<(), SourceError>) {
    let pieces: Vec<_> = text.chunks(piece).map(|p| Ok(Bytes::copy_from_slice(p))).collect();
    let body = stream::iter(pieces).boxed();
    let (mut found, mut part) = (Vec::new(), Vec::new());
    let mut parts = match Parts::new(&MediaType::parse(content_type), body, limit) {
        Ok(parts) => parts,
        Err(error) => return (found, Err(error)),
    };
    loop {
        match parts.next().await {
            Ok(Some(Event::Begin)) => part.clear(),
            Ok(Some(Event::Piece(piece))) => part.extend_from_slice(&piece),
            Ok(Some(Event::End)) => found.push(part.clone()),
            Ok(None) => return (found, Ok(())),
            Err(error) => return (found, Err(error)),
        }
    }
}

const BODY: &[u8] =
    b"--xyz\r\nContent-Type: application/dicom\r\nContent-ID: <1>\r\n\r\nA\r\n--xyB\r\n\
    \r\n--xyz  \r\n\r\nno headers\r\n--xyz\r\nContent-Length: 0\r\n\r\n\r\n--xyz--\r\nepilogue";

#[tokio::test]
async fn parts_come_out_whole_wherever_the_body_is_cut_into_pieces() {
    for body in [BODY.to_vec(), [b"preamble\r\n", BODY].concat(), [b"\r\n", BODY].concat()] {
        for piece in 1..body.len() {
            let (parts, end) = read(UNQUOTED, &body, piece, 1000).await;
            end.unwrap();
            let expected = [&b"A\r\n--xyB\r\n"[..], b"no headers", b""];
            assert_eq!(parts, expected, "pieces of {piece}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_cut_off_gives_its_whole_parts_and_an_error() {
    let end = BODY.windows(7).position(|bytes| bytes == b"--xyz--").unwrap() + 7;
    for cut in 0..end {
        let (parts, end) = read(UNQUOTED, &BODY[..cut], 5, 1000).await;
        assert!(matches!(end, Err(SourceError::Unavailable(_))), "{cut}: {end:?}");
        assert!(
            parts.iter().zip([&b"A\r\n--xyB\r\n"[..], b"no headers", b""]).all(|(a, b)| a == b)
        );
    }
}

#[tokio::test]
async fn what_is_no_multipart_body_or_too_large_is_refused() {
    let quoted = r#"Multipart/Related; type="application/dicom"; boundary="xyz""#;
    assert!(read(quoted, BODY, 9, 1000).await.1.is_ok());
    for wrong in ["", "application/dicom", "multipart/related", "multipart/related; boundary="] {
        assert!(read(wrong, BODY, 9, 1000).await.1.is_err(), "{wrong}");
    }
    let long = format!("multipart/related; boundary={}", "x".repeat(300));
    assert!(read(&long, BODY, 9, 1000).await.1.is_err());
    let too_large = read(UNQUOTED, BODY, 9, 60).await;
    assert!(matches!(too_large.1, Err(SourceError::TooLarge("series"))));
    let preamble = vec![b'a'; 20_000];
    assert!(read(UNQUOTED, &preamble, 999, 100_000).await.1.is_err());
    let head = [b"--xyz\r\n", vec![b'a'; 20_000].as_slice(), b"\r\n\r\nA\r\n--xyz--"].concat();
    assert!(read(UNQUOTED, &head, 999, 100_000).await.1.is_err());
    assert!(read(UNQUOTED, &head, 30_000, 100_000).await.1.is_err());
    let glued = b"--xyzzy\r\n\r\nA\r\n--xyz--";
    assert!(read(UNQUOTED, glued, 9, 1000).await.1.is_err());
}
