//! Frames over HTTP are the bytes of the file, or their samples.

use axum::http::StatusCode;
use negatoscope_phantom::{SeriesKind, burnt_index};
use viewer_core::codec::{COMPACT_UID, PACKED_UID, decode_stored, encode_packed};
use viewer_core::exam::{ExamSummary, ImageFormat};

use crate::setup::{file_of, get, instance_path, phantom_app, phantoms, pixel_data};

const STORED: &str = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;
const DECODED: &str = r#"multipart/related; type="application/octet-stream""#;
const LITTLE: &str = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1";

#[tokio::test(flavor = "multi_thread")]
async fn native_frames_are_the_bytes_of_the_file() {
    let (app, _opened) = phantom_app().await;
    for kind in [SeriesKind::Ct, SeriesKind::SharpCt, SeriesKind::Cr] {
        let path = format!("{}/frames/1", instance_path(kind, 0));
        for accept in [STORED, DECODED, "*/*"] {
            let answer = get(&app, &path, accept).await;
            assert_eq!(answer.status, StatusCode::OK);
            let expected = pixel_data(&file_of(kind, 0)).remove(0);
            assert_eq!(answer.parts(), [(LITTLE.to_owned(), expected)], "{kind:?} {accept}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn encapsulated_frames_are_their_codestreams() {
    let (app, _opened) = phantom_app().await;
    let fragments = pixel_data(&file_of(SeriesKind::Us, 0));
    let path = instance_path(SeriesKind::Us, 0);
    let jpeg = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.50";
    let answer = get(&app, &format!("{path}/frames/3,1,2"), STORED).await;
    let expected = [2, 0, 1].map(|index: usize| (jpeg.to_owned(), fragments[index].clone()));
    assert_eq!(answer.parts(), expected);

    let single = get(&app, &format!("{path}/frames/2"), "image/jpeg").await;
    assert_eq!(single.content_type(), "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50");
    assert_eq!(single.body, fragments[1]);
    assert_eq!(single.headers["content-length"], fragments[1].len().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_decoded_where_the_client_asks_for_samples() {
    let (app, _opened) = phantom_app().await;
    for number in 0..phantoms().exam.series(SeriesKind::Mr).unwrap().files.len() {
        let path = format!("{}/frames/1", instance_path(SeriesKind::Mr, number));
        let answer = get(&app, &path, DECODED).await;
        let [(content_type, bytes)] = &answer.parts()[..] else { panic!("one part") };
        assert_eq!(content_type, LITTLE);
        let samples: Vec<i16> =
            bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        assert_eq!(samples.len(), 64 * 64);
        assert_eq!(burnt_index(&samples, 64).map(usize::from), Some(number + 1));
        let stored = get(&app, &path, STORED).await.parts().remove(0);
        assert!(stored.0.ends_with("transfer-syntax=1.2.840.10008.1.2.5"));
    }
    let loop_path = format!("{}/frames/1,4", instance_path(SeriesKind::Us, 0));
    let parts = get(&app, &loop_path, DECODED).await.parts();
    assert_eq!(parts.iter().map(|part| part.1.len()).collect::<Vec<_>>(), [128 * 96 * 3; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_not_there_is_not_found() {
    let (app, _opened) = phantom_app().await;
    let path = instance_path(SeriesKind::Us, 0);
    for (list, status) in [
        ("5", StatusCode::NOT_FOUND),
        ("0", StatusCode::BAD_REQUEST),
        ("x", StatusCode::BAD_REQUEST),
        ("1,,2", StatusCode::BAD_REQUEST),
        ("1%2C2", StatusCode::OK),
    ] {
        let answer = get(&app, &format!("{path}/frames/{list}"), STORED).await;
        assert_eq!(answer.status, status, "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_cannot_be_had_is_refused_with_the_ones_that_can() {
    let (app, _opened) = phantom_app().await;
    let path = instance_path(SeriesKind::Us, 0);
    for accept in ["text/html", r#"multipart/related; type="image/jls""#, "image/jpeg;q=0"] {
        let answer = get(&app, &format!("{path}/frames/1"), accept).await;
        assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE, "{accept}");
        assert!(answer.detail().contains("image/jpeg"), "{}", answer.detail());
    }
    // A list does not fit into a single part.
    let answer = get(&app, &format!("{path}/frames/1,2"), "image/jpeg").await;
    assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_on_the_way_is_cut_not_completed() {
    let (app, _opened) = phantom_app().await;
    let path = format!("{}/frames/1,9", instance_path(SeriesKind::Us, 0));
    let request = axum::http::Request::get(path).header("accept", STORED);
    let request = request.body(axum::body::Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(app, request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(axum::body::to_bytes(response.into_body(), usize::MAX).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_many_instances_come_in_one_answer() {
    let (app, _opened) = phantom_app().await;
    let of = |number| instance_path(SeriesKind::Ct, number);
    let series = of(0).split_once("/instances/").unwrap().0.to_owned();
    let uid = |number| of(number).rsplit('/').next().unwrap().to_owned();
    let path = format!("{series}/frames?frames={}/1,{}/1,{}/1", uid(2), uid(0), uid(1));
    let answer = get(&app, &path, STORED).await;
    let expected = [2, 0, 1]
        .map(|number| (LITTLE.to_owned(), pixel_data(&file_of(SeriesKind::Ct, number)).remove(0)));
    assert_eq!(answer.parts(), expected);
    let head = String::from_utf8_lossy(&answer.body[..200]).into_owned();
    assert!(head.contains(&format!("Content-Length: {}\r\n", expected[0].1.len())), "{head}");

    for (list, status) in [
        (format!("{}/2", uid(0)), StatusCode::NOT_FOUND),
        ("1.2.3/1".to_owned(), StatusCode::NOT_FOUND),
        (uid(0), StatusCode::BAD_REQUEST),
        (String::new(), StatusCode::BAD_REQUEST),
    ] {
        let answer = get(&app, &format!("{series}/frames?frames={list}"), STORED).await;
        assert_eq!(answer.status, status, "{list}");
    }
}

/// As the page asks, on slow networks for compact frames, on others for packed ones.
fn smaller(syntax: &str) -> String {
    let octets = r#"multipart/related; type="application/octet-stream"; transfer-syntax="#;
    format!("{octets}{syntax}, {octets}*; q=0.5")
}

/// How the first images of a series are stored, by the summary that the page reads.
async fn format_of(app: &axum::Router, kind: SeriesKind) -> ImageFormat {
    let path = instance_path(kind, 0);
    let uid = path.split('/').nth(5).unwrap().to_owned();
    let answer = get(app, "/api/examen/1", "application/json").await;
    let exam: ExamSummary = serde_json::from_slice(&answer.body).unwrap();
    let series = exam.series.into_iter().find(|series| series.series_instance_uid == uid).unwrap();
    series.formats[usize::from(series.images[0].format)].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn native_frames_come_in_fewer_bytes_where_the_client_takes_them() {
    let (app, _opened) = phantom_app().await;
    for kind in [SeriesKind::Ct, SeriesKind::SharpCt, SeriesKind::Cr] {
        let path = instance_path(kind, 0);
        let format = format_of(&app, kind).await;
        let native = pixel_data(&file_of(kind, 0)).remove(0);
        let expected = decode_stored("1.2.840.10008.1.2.1", &native, &format).unwrap();
        let (series, uid) = path.split_once("/instances/").unwrap();
        for path in [format!("{path}/frames/1"), format!("{series}/frames?frames={uid}/1")] {
            let parts = get(&app, &path, &smaller(COMPACT_UID)).await.parts();
            let [(content_type, bytes)] = &parts[..] else { panic!("one part") };
            assert_eq!(*content_type, octets(COMPACT_UID), "{path}");
            assert!(bytes.len() < native.len(), "{} of {}", bytes.len(), native.len());
            assert_eq!(decode_stored(COMPACT_UID, bytes, &format).unwrap(), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn native_frames_come_packed_where_that_saves_a_quarter() {
    let (app, _opened) = phantom_app().await;
    let mut are_packed = Vec::new();
    for kind in [SeriesKind::Ct, SeriesKind::SharpCt, SeriesKind::Cr] {
        let path = instance_path(kind, 0);
        let format = format_of(&app, kind).await;
        let native = pixel_data(&file_of(kind, 0)).remove(0);
        let packed = encode_packed("1.2.840.10008.1.2.1", &native, &format);
        are_packed.push(packed.is_some());
        let expected = [match packed {
            Some(packed) => (octets(PACKED_UID), packed),
            None => (octets("1.2.840.10008.1.2.1"), native),
        }];
        let (series, uid) = path.split_once("/instances/").unwrap();
        for path in [format!("{path}/frames/1"), format!("{series}/frames?frames={uid}/1")] {
            assert_eq!(get(&app, &path, &smaller(PACKED_UID)).await.parts(), expected);
        }
    }
    // Slices of 64 pixels have two rows in a block.
    assert!(are_packed.contains(&true) && are_packed.contains(&false), "{are_packed:?}");
}

fn octets(syntax: &str) -> String {
    format!("application/octet-stream; transfer-syntax={syntax}")
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_encoded_already_come_as_they_are() {
    let (app, _opened) = phantom_app().await;
    for kind in [SeriesKind::Us, SeriesKind::Mr] {
        let path = format!("{}/frames/1", instance_path(kind, 0));
        let stored = get(&app, &path, STORED).await.parts();
        for syntax in [COMPACT_UID, PACKED_UID] {
            assert_eq!(get(&app, &path, &smaller(syntax)).await.parts(), stored);
        }
    }
    // Who takes nothing else is told so: not every frame can be had.
    for syntax in [COMPACT_UID, PACKED_UID] {
        let only = smaller(syntax).split(", ").next().unwrap().to_owned();
        let path = format!("{}/frames/1", instance_path(SeriesKind::Ct, 0));
        assert_eq!(get(&app, &path, &only).await.status, StatusCode::NOT_ACCEPTABLE);
    }
}
