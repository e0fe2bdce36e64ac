//! Splitting of multipart bodies: what peers send, what they should not, and anything at all.

use proptest::prelude::*;
use viewer_core::base::multipart::{MediaType, MultipartError, Part, parse_multipart};

fn split<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, MultipartError> {
    parse_multipart(&MediaType::parse(content_type), body, 4)
}

#[test]
fn the_misquoted_type_of_orthanc_is_understood() {
    let outer = "multipart/related; type=\"image/jls; transfer-syntax=1.2.840.10008.1.2.4.80\"; \
                 boundary=0b1e-7d";
    let media_type = MediaType::parse(outer);
    assert!(media_type.is_multipart());
    assert_eq!(media_type.transfer_syntax().as_deref(), Some("1.2.840.10008.1.2.4.80"));
    let body = b"--0b1e-7d\r\nContent-Type: image/jls;transfer-syntax=1.2.840.10008.1.2.4.80\r\n\
                 Content-Length: 5\r\nMIME-Version: 1.0\r\n\r\nab\r\nc\r\n--0b1e-7d--\r\n";
    let parts = split(outer, body).expect("whole");
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].body, b"ab\r\nc");
    let part_type = parts[0].media_type();
    assert_eq!(part_type.essence, "image/jls");
    assert_eq!(part_type.transfer_syntax().as_deref(), Some("1.2.840.10008.1.2.4.80"));
}

#[test]
fn boundaries_come_quoted_and_unquoted() {
    let body = b"--a b;c\r\n\r\nx\r\n--a b;c--";
    for name in ["boundary", "BOUNDARY", " Boundary "] {
        let quoted = format!("Multipart/Related;{name}=\"a b;c\"; type=\"application/dicom\"");
        assert_eq!(split(&quoted, body).expect("whole")[0].body, b"x");
    }
    let body = b"--a=b/c\r\n\r\nx\r\n--a=b/c--";
    assert_eq!(split("multipart/related; boundary=a=b/c", body).expect("whole")[0].body, b"x");
    let escaped = MediaType::parse("multipart/related; boundary=\"a\\\"b\"");
    assert_eq!(escaped.parameter("boundary"), Some("a\"b"));
}

#[test]
fn a_wrong_content_length_does_not_cut_the_part() {
    for length in ["0", "2", "999999999999999999999", "-1", "x"] {
        let body = format!("--b\r\nContent-Length: {length}\r\n\r\nhello\r\n--b--");
        let parts = split("multipart/related; boundary=b", body.as_bytes()).expect("whole");
        assert_eq!(parts[0].body, b"hello", "Content-Length: {length}");
    }
}

#[test]
fn content_may_look_like_a_delimiter() {
    let body = b"pre\r\n--b \r\nX: 1\r\n\r\n--b\r\r\n--\r\n-b\r\n--b\r\n\r\n\r\n--b--epilogue";
    let parts = split("multipart/related; boundary=b", body).expect("whole");
    let bodies: Vec<&[u8]> = parts.iter().map(|part| part.body).collect();
    assert_eq!(bodies, [&b"--b\r\r\n--\r\n-b"[..], b""]);
    assert_eq!(parts[0].header("x"), Some("1"));
}

#[test]
fn the_root_part_comes_first() {
    let body = b"--b\r\nContent-ID: <1>\r\n\r\none\r\n--b\r\nContent-ID: <2>\r\n\r\ntwo\r\n\
                 --b\r\nContent-ID: <3>\r\n\r\nthree\r\n--b--";
    let bodies = |content_type: &str| -> Vec<&[u8]> {
        split(content_type, body).expect("whole").iter().map(|part| part.body).collect()
    };
    let third = "multipart/related; boundary=b; start=\"<3>\"";
    assert_eq!(bodies(third), [&b"three"[..], b"one", b"two"]);
    let absent = "multipart/related; boundary=b; start=\"<9>\"";
    assert_eq!(bodies(absent), [&b"one"[..], b"two", b"three"]);
}

#[test]
fn cut_bodies_are_truncated_wherever_they_are_cut() {
    let body = b"--b\r\nContent-Type: image/jls\r\n\r\nhello\r\n--b--";
    // The last `-` may be missing without anything being lost; nothing else may.
    for length in 4..body.len() - 2 {
        let error = split("multipart/related; boundary=b", &body[..length]);
        assert_eq!(error, Err(MultipartError::Truncated), "cut at {length}");
    }
}

#[test]
fn what_is_no_multipart_is_said_so() {
    let error = |content_type: &str, body: &[u8]| split(content_type, body).expect_err("broken");
    assert_eq!(error("multipart/related", b"--b\r\n"), MultipartError::NoBoundary);
    assert_eq!(error("multipart/related; boundary=\"\"", b"----"), MultipartError::NoBoundary);
    assert_eq!(error("multipart/related; boundary=b", b"\xFF\x4F"), MultipartError::NoDelimiter);
    assert_eq!(error("multipart/related; boundary=b", b""), MultipartError::NoDelimiter);
    let endless = [&b"--b\r\n"[..], &[b'x'; 20_000]].concat();
    assert_eq!(error("multipart/related; boundary=b", &endless), MultipartError::Headers);
    let many = b"--b\r\n\r\n\r\n".repeat(6);
    let many = [&many[..], b"--b--"].concat();
    let result = split("multipart/related; boundary=b", &many);
    assert_eq!(result, Err(MultipartError::TooManyParts(4)));
}

proptest! {
    #[test]
    fn any_content_comes_back(contents in prop::collection::vec(any::<Vec<u8>>(), 1..4)) {
        // A delimiter that random content does not hold.
        let mut body = Vec::new();
        for content in &contents {
            body.extend(b"\r\n--0123456789abcdef\r\nContent-Type: a/b\r\n\r\n");
            body.extend(content);
        }
        body.extend(b"\r\n--0123456789abcdef--");
        let parts = split("multipart/related; boundary=0123456789abcdef", &body).expect("whole");
        let bodies: Vec<&[u8]> = parts.iter().map(|part| part.body).collect();
        prop_assert_eq!(bodies, contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_panics(content_type in ".{0,60}", body in "[-ab\r\n:]{0,80}") {
        let forced = format!("{content_type}; boundary=a");
        _ = split(&content_type, body.as_bytes());
        _ = split(&forced, body.as_bytes());
    }
}
