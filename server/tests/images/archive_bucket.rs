//! An archive in a bucket: a small stand-in for S3 on loopback, reached by its address.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use negatoscope_phantom::SeriesKind;
use negatoscope_server::source::archive::{Archive, Bucket, Location};
use negatoscope_server::source::{Scope, Source};

use crate::setup::{file_of, options, phantoms, pixel_data};

#[derive(Default)]
struct FakeS3 {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// GET requests for objects to refuse.
    refuse: Mutex<u32>,
    /// Bytes sent of objects.
    sent: Mutex<usize>,
}

/// ListObjectsV2, HeadObject and GetObject with a range, as far as they are needed here.
async fn s3(State(s3): State<Arc<FakeS3>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/images").trim_matches('/').to_owned();
    assert!(request.headers()[header::AUTHORIZATION].to_str().unwrap().contains("Credential=KEY/"));
    if path.is_empty() {
        return s3.list(request.uri().query().unwrap_or_default()).into_response();
    }
    let objects = s3.objects.lock().unwrap();
    let Some(object) = objects.get(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let mut refuse = s3.refuse.lock().unwrap();
    if request.method() == Method::GET && *refuse > 0 {
        *refuse -= 1;
        return StatusCode::FORBIDDEN.into_response();
    }
    let range = request.headers().get(header::RANGE).map(|range| {
        let range = range.to_str().unwrap().trim_start_matches("bytes=");
        let (from, to) = range.split_once('-').unwrap();
        from.parse().unwrap()..to.parse::<usize>().unwrap() + 1
    });
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let range = range.unwrap_or(0..object.len());
    *s3.sent.lock().unwrap() += range.len();
    let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, object.len());
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_RANGE, content_range)
        .header(header::ETAG, format!("\"{}\"", object.len()))
        .header(header::LAST_MODIFIED, "Mon, 05 Jan 2026 10:00:00 GMT");
    response.body(Body::from(object[range].to_vec())).unwrap()
}

impl FakeS3 {
    fn list(&self, query: &str) -> String {
        let prefix =
            url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "prefix");
        let prefix = prefix.map(|(_, value)| value.into_owned()).unwrap_or_default();
        let objects = self.objects.lock().unwrap();
        let contents: String = objects
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix))
            .map(|(key, object)| {
                let size = object.len();
                format!("<Contents><Key>{key}</Key><LastModified>2026-01-05T10:00:00.000Z</LastModified><ETag>\"{size}\"</ETag><Size>{size}</Size></Contents>")
            })
            .collect();
        format!(
            "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_behind_an_address_is_an_archive() {
    let s3 = Arc::new(FakeS3::default());
    let file = file_of(SeriesKind::Us, 0);
    let content = std::fs::read(&file).unwrap();
    for key in ["exams/a/loop", "elsewhere/loop"] {
        s3.objects.lock().unwrap().insert(key.to_owned(), content.clone());
    }
    *s3.refuse.lock().unwrap() = 1;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(self::s3).with_state(Arc::clone(&s3));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let bucket = Bucket {
        url: "s3://images/exams".to_owned(),
        endpoint: Some(endpoint),
        region: Some("fr-1".to_owned()),
        keys: Some(("KEY".to_owned(), "secret".to_owned())),
    };
    let state = tempfile::tempdir().unwrap();
    let archive = Archive::open(&options(Location::Bucket(bucket), state.path())).await.unwrap();

    // A store that refuses says nothing about the file: it is tried again.
    let first = archive.scan().await.unwrap();
    assert_eq!((first.listed, first.read, first.postponed), (1, 1, 1));
    assert!(archive.broken_files().await.unwrap().is_empty());
    let second = archive.scan().await.unwrap();
    assert_eq!((second.listed, second.read, second.postponed), (1, 1, 0));

    let study = phantoms().exam.study_instance_uid.clone();
    let scope = Scope { study, series: None, instance: None };
    let at = archive.instances(&scope).await.unwrap().remove(0);
    *s3.sent.lock().unwrap() = 0;
    let frame = archive.frame(&at, 3).await.unwrap();
    let expected = &pixel_data(&file)[2];
    assert_eq!(frame.bytes, expected);
    assert_eq!(*s3.sent.lock().unwrap(), expected.len(), "one ranged read of the frame");
}
