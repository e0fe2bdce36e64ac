//! Videos: the stream joined and in parts, a neutral picture for the strip, never a picture of a frame.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use image::ImageReader;
use negatoscope_phantom::{Exam, generate_videos};
use tempfile::TempDir;

use crate::setup::{Answer, Opened, app, get, open_folder, send};

const TRANSPORT: &[u8] = include_bytes!("../../../xtask/phantom/streams/avc.ts");

struct Stand {
    app: Router,
    exam: Exam,
    _folder: TempDir,
    _opened: Opened,
}

async fn stand() -> Stand {
    let folder = tempfile::tempdir().unwrap();
    let exam = generate_videos(folder.path()).unwrap();
    let opened = open_folder(folder.path()).await;
    let app = app(opened.archive.clone(), &[&exam.study_instance_uid]);
    Stand { app, exam, _folder: folder, _opened: opened }
}

impl Stand {
    fn path(&self, description: &str) -> String {
        let series = self.exam.series.iter().find(|s| s.description == description).unwrap();
        format!(
            "/dicomweb/studies/{}/series/{}/instances/{}",
            self.exam.study_instance_uid, series.series_instance_uid, series.sop_instance_uids[0]
        )
    }

    async fn part(&self, range: &str) -> Answer {
        let path = format!("{}/bulkdata/7FE00010", self.path("H.264 TS, fragments"));
        let request = Request::get(path).header(header::ACCEPT, "video/*");
        send(&self.app, request.header(header::RANGE, range).body(Body::empty()).unwrap()).await
    }
}

fn text(answer: &Answer, name: header::HeaderName) -> &str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_are_joined_to_the_stream() {
    let stand = stand().await;
    let path = format!("{}/bulkdata/7FE00010", stand.path("H.264 TS, fragments"));
    let whole = get(&stand.app, &path, "video/*").await;
    assert_eq!((whole.status, whole.content_type()), (StatusCode::OK, "video/mp4"));
    assert_eq!(text(&whole, header::ACCEPT_RANGES), "bytes");
    assert_eq!(whole.body, TRANSPORT);
    let as_frame = format!("{}/frames/1", stand.path("H.264 TS, fragments"));
    let stored = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
    let parts = get(&stand.app, &as_frame, stored).await.parts();
    assert_eq!(parts[0].1, TRANSPORT);
    assert!(parts[0].0.ends_with("1.2.840.10008.1.2.4.102.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_what_they_say() {
    let stand = stand().await;
    let total = TRANSPORT.len();
    for (range, bytes) in [
        ("bytes=0-99", 0..100),
        ("bytes=990-2009", 990..2010),
        ("bytes=16000-99999999", 16000..total),
        ("bytes=500-", 500..total),
    ] {
        let answer = stand.part(range).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        let said = format!("bytes {}-{}/{total}", bytes.start, bytes.end - 1);
        assert_eq!(text(&answer, header::CONTENT_RANGE), said);
        assert_eq!(text(&answer, header::CONTENT_LENGTH), bytes.len().to_string());
        assert_eq!(answer.body, &TRANSPORT[bytes]);
    }
    let behind = stand.part(&format!("bytes={total}-")).await;
    assert_eq!(behind.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(text(&behind, header::CONTENT_RANGE), format!("bytes */{total}"));
    assert_eq!(stand.part("bytes=-5").await.body, TRANSPORT, "a form that may be ignored");
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_are_those_of_the_coding() {
    let stand = stand().await;
    for (description, expected) in
        [("H.264 MP4", "video/mp4"), ("H.265 MP4", "video/h265"), ("MPEG-2", "video/mpeg2")]
    {
        let path = format!("{}/bulkdata/7FE00010", stand.path(description));
        assert_eq!(get(&stand.app, &path, "video/*").await.content_type(), expected);
    }
    let mpeg_2 = format!("{}/bulkdata/7FE00010", stand.path("MPEG-2"));
    assert_eq!(get(&stand.app, &mpeg_2, "video/mp4").await.status, StatusCode::NOT_ACCEPTABLE);
    let elsewhere = format!("{}/bulkdata/00080060", stand.path("MPEG-2"));
    assert_eq!(get(&stand.app, &elsewhere, "video/*").await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neutral_picture_stands_for_a_video() {
    let stand = stand().await;
    let path = stand.path("H.264 MP4");
    let thumbnail = get(&stand.app, &format!("{path}/thumbnail?viewport=96,64"), "image/png").await;
    assert_eq!(thumbnail.status, StatusCode::OK);
    let reader = ImageReader::new(std::io::Cursor::new(thumbnail.body));
    let picture = reader.with_guessed_format().unwrap().decode().unwrap().into_luma8();
    assert_eq!(picture.dimensions(), (96, 64));
    assert!(picture.get_pixel(48, 32).0[0] > picture.get_pixel(4, 4).0[0] + 50);
    for picture in ["rendered", "frames/3/rendered"] {
        let answer = get(&stand.app, &format!("{path}/{picture}"), "image/png").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.detail().contains("video"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_lists_the_frames_of_the_header() {
    let stand = stand().await;
    let summary = get(&stand.app, "/api/examen/1", "application/json").await.json();
    let series = summary["series"].as_array().unwrap();
    assert_eq!(series.len(), stand.exam.series.len());
    for one in series {
        let image = &one["images"][0];
        assert!(image["defect"].is_null(), "{image}");
        assert_eq!(image["cine"]["frame_time_ms"], 40.0);
    }
    assert_eq!(series[3]["images"][0]["frames"], 32);
}
