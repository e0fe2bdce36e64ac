//! Phantom exams, archives over them, and requests to the routes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Extension, Router};
use bytes::Bytes;
use futures::TryStreamExt;
use negatoscope_phantom::SeriesKind;
use negatoscope_server::access::Access;
use negatoscope_server::source::archive::{Archive, ArchiveOptions, Location};
use negatoscope_server::source::{ElementPath, InstanceRef, Source};
use negatoscope_server::{dicomweb, documents, exam};
use tempfile::TempDir;
use tower::ServiceExt;
use viewer_core::base::multipart::{MediaType, parse_multipart};

pub(crate) use crate::phantoms::phantoms;

/// An archive with its own state folder, scanned once.
pub(crate) struct Opened {
    pub(crate) archive: Arc<Archive>,
    pub(crate) state: TempDir,
}

pub(crate) fn options(location: Location, state: &Path) -> ArchiveOptions {
    ArchiveOptions::new("vi1.test", location, state.to_owned())
}

pub(crate) async fn open(location: Location) -> Opened {
    let state = tempfile::tempdir().unwrap();
    let archive = Archive::open(&options(location, state.path())).await.unwrap();
    archive.scan().await.unwrap();
    Opened { archive, state }
}

pub(crate) async fn open_folder(folder: &Path) -> Opened {
    open(Location::Folder(folder.to_owned())).await
}

/// The routes for a visitor with these studies as visit 1.
pub(crate) fn app(source: Arc<dyn Source>, studies: &[&str]) -> Router {
    let studies = studies.iter().map(|study| (*study).to_owned()).collect();
    let access = Access {
        site: "vi1.test".into(),
        login: "login".into(),
        source,
        visits: Arc::from([(1, studies)]),
    };
    Router::new()
        .merge(dicomweb::routes())
        .merge(exam::routes())
        .merge(documents::routes())
        .layer(Extension(access))
}

/// The routes over the phantom archive; the exam is granted, the other one is not.
pub(crate) async fn phantom_app() -> (Router, Opened) {
    let opened = open_folder(phantoms().folder()).await;
    let app = app(opened.archive.clone(), &[&phantoms().exam.study_instance_uid]);
    (app, opened)
}

/// Overlay Data of a group of the phantom's enhanced MR, as a source has it.
pub(crate) async fn overlay_data(source: &dyn Source, group: u32) -> Vec<u8> {
    let series = phantoms().exam.series(SeriesKind::MultiFrame).unwrap();
    let at = InstanceRef {
        study: phantoms().exam.study_instance_uid.clone(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[0].clone(),
    };
    let element = ElementPath { items: Vec::new(), tag: group << 16 | 0x3000 };
    let pieces: Vec<Bytes> =
        source.bulk(&at, &element).await.unwrap().bytes.try_collect().await.unwrap();
    pieces.concat()
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn content_type(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Content-Type and body of each part.
    pub(crate) fn parts(&self) -> Vec<(String, Vec<u8>)> {
        let media_type = MediaType::parse(self.content_type());
        assert_eq!(media_type.essence, "multipart/related");
        let parts = parse_multipart(&media_type, &self.body, 10_000).unwrap();
        let part = |part: &viewer_core::base::multipart::Part<'_>| {
            (part.header("content-type").unwrap_or_default().to_owned(), part.body.to_vec())
        };
        parts.iter().map(part).collect()
    }

    /// The words of a refusal.
    pub(crate) fn detail(&self) -> String {
        assert_eq!(self.content_type(), "application/problem+json");
        self.json()["detail"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn get(app: &Router, path: &str, accept: &str) -> Answer {
    let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap();
    send(app, request).await
}

/// The path of an instance of the phantom, by kind of series and burnt-in number.
pub(crate) fn instance_path(kind: SeriesKind, number: usize) -> String {
    let exam = &phantoms().exam;
    let series = exam.series(kind).unwrap();
    format!(
        "/dicomweb/studies/{}/series/{}/instances/{}",
        exam.study_instance_uid, series.series_instance_uid, series.sop_instance_uids[number]
    )
}

pub(crate) fn file_of(kind: SeriesKind, number: usize) -> PathBuf {
    phantoms().exam.series(kind).unwrap().files[number].clone()
}

/// Pixel data of a phantom file as dicom-rs reads it: one piece when native, else the fragments.
pub(crate) fn pixel_data(file: &Path) -> Vec<Vec<u8>> {
    use dicom_core::DicomValue;
    let object = dicom_object::open_file(file).unwrap();
    let element = object.element_by_name("PixelData").unwrap();
    match element.value() {
        DicomValue::Primitive(value) => vec![value.to_bytes().into_owned()],
        DicomValue::PixelSequence(sequence) => {
            sequence.fragments().iter().map(|fragment| fragment.to_vec()).collect()
        }
        DicomValue::Sequence(_) => panic!("pixel data is no sequence"),
    }
}

pub(crate) fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
