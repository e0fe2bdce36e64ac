//! Decodes the first and the last frame of DICOM files natively and writes down what came out, so that
//! the WebAssembly build of this crate can be held against it: other instructions, same answers.
//!
//! `decode_cases OUT FOLDER…` writes `OUT/cases.json`, and for each case `OUT/N.body` (what is decoded)
//! and `OUT/N.samples` (what came out).

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use negatoscope_protocol::Request;
use negatoscope_worker::decode_request;
use serde_json::json;
use viewer_core::dicom::{PixelDataLayout, image_of, index, read_frame};

/// Larger files say nothing new and take long.
const MAX_FILE_BYTES: u64 = 40 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().ok_or("usage: decode_cases OUT FOLDER…")?;
    fs::create_dir_all(&out)?;
    let mut files = Vec::new();
    for folder in arguments {
        collect(&folder, &mut files)?;
    }
    files.sort();
    let mut cases = Vec::new();
    for file in &files {
        for (frame, request, body) in requests(file) {
            let name = format!("{} frame {frame}", file.display());
            let outcome = decode_request(&request, &body, || 0.0);
            fs::write(out.join(format!("{}.body", cases.len())), &body)?;
            fs::write(out.join(format!("{}.samples", cases.len())), outcome.body())?;
            // The time it took is no part of the answer.
            cases.push(json!({ "name": name, "request": request, "reply": outcome.reply }));
        }
    }
    fs::write(out.join("cases.json"), serde_json::to_vec(&cases)?)?;
    println!("{} cases of {} files", cases.len(), files.len());
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else if entry.metadata()?.len() <= MAX_FILE_BYTES {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Requests for the first and the last frame; none for what is no DICOM or has no frames.
fn requests(path: &Path) -> Vec<(u32, Request, Vec<u8>)> {
    let Ok(file) = File::open(path) else { return Vec::new() };
    let Ok(indexed) = index(&file) else { return Vec::new() };
    let Some(layout) = indexed.layout else { return Vec::new() };
    let content = image_of(&indexed.file);
    let mut frames = vec![1, layout.frame_count()];
    frames.dedup();
    let request = |frame: u32| {
        let body = frame_of(&file, &layout, frame)?;
        let request = Request {
            id: frame,
            content_type: "application/octet-stream".to_owned(),
            format: content.format.clone(),
            palette: content.displays.first().and_then(|display| display.palette.clone()),
            overlay_bits: Vec::new(),
            video: None,
        };
        Some((frame, request, body))
    };
    frames.into_iter().filter_map(request).collect()
}

fn frame_of(file: &File, layout: &PixelDataLayout, frame: u32) -> Option<Vec<u8>> {
    read_frame(file, layout, frame).ok()
}
