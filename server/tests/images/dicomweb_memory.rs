//! A series of 2 GB goes through in less than 64 MB.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

use axum::body::Body;
use axum::http::Request;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use futures::StreamExt;
use tower::ServiceExt;

use crate::setup::{app, open_folder};

const CHILD: &str = "NEGATOSCOPE_MEMORY_CHILD";
const STUDY: &str = "2.25.100";
const SERIES: &str = "2.25.101";
const INSTANCES: u64 = 7;
const FRAMES: u32 = 600;
const PIXEL_BYTES: u64 = FRAMES as u64 * 512 * 512 * 2;
const MAX_GROWTH_KIB: u64 = 64 * 1024;

/// The measurement needs a process of its own, so this test starts itself again.
#[test]
fn two_gigabytes_stream_in_little_memory() {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    if !Path::new("/proc/self/clear_refs").exists() {
        println!("skipped: no /proc to measure memory by");
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "dicomweb_memory::child", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{text}\n{}", String::from_utf8_lossy(&child.stderr));
    let measured = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim().parse::<u64>().unwrap()
    };
    assert!(measured("sent bytes:") > INSTANCES * PIXEL_BYTES);
    let growth = measured("growth KiB:");
    println!("{growth} KiB at most while streaming");
    assert!(growth < MAX_GROWTH_KIB, "{growth} KiB");
}

/// What the process above runs; nothing in an ordinary run.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(stream_series());
    }
}

async fn stream_series() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..INSTANCES {
        write_sparse(&folder.path().join(number.to_string()), number);
    }
    let opened = open_folder(folder.path()).await;
    let app = app(opened.archive.clone(), &[STUDY]);
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    let request = Request::get(format!("/dicomweb/studies/{STUDY}/series/{SERIES}"));
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert!(response.status().is_success());
    let mut body = response.into_body().into_data_stream();
    let mut sent = 0;
    while let Some(piece) = body.next().await {
        sent += piece.unwrap().len();
    }
    println!("\nsent bytes: {sent}");
    println!("growth KiB: {}", status("VmHWM:").saturating_sub(before));
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// An explicit little endian multi-frame whose pixel data is a hole in the file.
fn write_sparse(path: &Path, number: u64) {
    let text = |tag: Tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let short = |tag: Tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    let uid = format!("2.25.2{number}");
    let object = InMemDicomObject::from_element_iter([
        text(
            tags::SOP_CLASS_UID,
            VR::UI,
            uids::MULTI_FRAME_GRAYSCALE_WORD_SECONDARY_CAPTURE_IMAGE_STORAGE,
        ),
        text(tags::SOP_INSTANCE_UID, VR::UI, &uid),
        text(tags::MODALITY, VR::CS, "OT"),
        text(tags::STUDY_INSTANCE_UID, VR::UI, STUDY),
        text(tags::SERIES_INSTANCE_UID, VR::UI, SERIES),
        text(tags::NUMBER_OF_FRAMES, VR::IS, &FRAMES.to_string()),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        short(tags::SAMPLES_PER_PIXEL, 1),
        short(tags::ROWS, 512),
        short(tags::COLUMNS, 512),
        short(tags::BITS_ALLOCATED, 16),
        short(tags::BITS_STORED, 16),
        short(tags::HIGH_BIT, 15),
        short(tags::PIXEL_REPRESENTATION, 0),
    ]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(
            uids::MULTI_FRAME_GRAYSCALE_WORD_SECONDARY_CAPTURE_IMAGE_STORAGE,
        )
        .media_storage_sop_instance_uid(&*uid);
    object.with_meta(meta).unwrap().write_to_file(path).unwrap();
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    let end = file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(b"\xE0\x7F\x10\x00OW\0\0").unwrap();
    file.write_all(&u32::try_from(PIXEL_BYTES).unwrap().to_le_bytes()).unwrap();
    file.set_len(end + 12 + PIXEL_BYTES).unwrap();
}
