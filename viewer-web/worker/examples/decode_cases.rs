//! Decodes the first and the last frame of DICOM files natively and writes down what came out, so that
//! the WebAssembly builds of this crate can be held against it: other instructions, same answers.
//!
//! `decode_cases OUT FOLDER…` writes `OUT/cases.json`, and for each case `OUT/N.body` (what is decoded)
//! and `OUT/N.samples` (what came out). Some codestreams of viewer-core's tests are always among them.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use negatoscope_protocol::Request;
use negatoscope_worker::{converted_body, decode_request};
use serde_json::json;
use viewer_core::dicom::{PixelDataLayout, image_of, index, read_frame};
use viewer_core::exam::{IccProfile, ImageFormat, SampleKind};
use viewer_core::pixel::icc::ToSrgb;

/// Larger files say nothing new and take long.
const MAX_FILE_BYTES: u64 = 40 << 20;

/// What a worker is given.
struct Case {
    name: String,
    request: Request,
    profile: Option<IccProfile>,
    body: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().ok_or("usage: decode_cases OUT FOLDER…")?;
    fs::create_dir_all(&out)?;
    let mut files = Vec::new();
    for folder in arguments {
        collect(&folder, &mut files)?;
    }
    files.sort();
    let mut written = Vec::new();
    let made = vectors()?;
    for case in made.into_iter().chain(files.iter().flat_map(|file| cases(file))) {
        let outcome = decode_request(&case.request, &case.body, || 0.0);
        let samples = match &case.profile {
            Some(profile) => {
                converted_body(&ToSrgb::from_exam(profile)?, &outcome.reply, &outcome.body())
            }
            None => outcome.body().into_owned(),
        };
        fs::write(out.join(format!("{}.body", written.len())), &case.body)?;
        fs::write(out.join(format!("{}.samples", written.len())), samples)?;
        let Case { name, request, profile, .. } = case;
        // The time it took is no part of the answer.
        written.push(
            json!({ "name": name, "request": request, "icc": profile, "reply": outcome.reply }),
        );
    }
    fs::write(out.join("cases.json"), serde_json::to_vec(&written)?)?;
    println!("{} cases of {} files", written.len(), files.len());
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

/// The first and the last frame; none for what is no DICOM or has no frames.
fn cases(path: &Path) -> Vec<Case> {
    let Ok(file) = File::open(path) else { return Vec::new() };
    let Ok(indexed) = index(&file) else { return Vec::new() };
    let Some(layout) = indexed.layout else { return Vec::new() };
    let content = image_of(&indexed.file);
    let mut frames = vec![1, layout.frame_count()];
    frames.dedup();
    let case = |frame: u32| {
        let body = frame_of(&file, &layout, frame)?;
        let palette = content.displays.first().and_then(|display| display.palette.clone());
        Some(Case {
            name: format!("{} frame {frame}", path.display()),
            request: request(frame, content.format.clone(), palette),
            profile: content.icc_profile.clone(),
            body,
        })
    };
    frames.into_iter().filter_map(case).collect()
}

fn request(id: u32, format: ImageFormat, palette: Option<viewer_core::exam::Palette>) -> Request {
    Request {
        id,
        content_type: "application/octet-stream".to_owned(),
        format,
        palette,
        overlay_bits: Vec::new(),
        is_only: false,
        video: None,
    }
}

fn frame_of(file: &File, layout: &PixelDataLayout, frame: u32) -> Option<Vec<u8>> {
    read_frame(file, layout, frame).ok()
}

const JPEG_XL: &str = "1.2.840.10008.1.2.4.112";
/// Codestream, columns, rows, samples per pixel, bits.
const VECTORS: [(&str, u32, u32, u16, u16); 6] = [
    ("gray8.jxl", 13, 7, 1, 8),
    ("ramp16.jxl", 256, 256, 1, 16),
    ("rgb8.jxl", 13, 7, 3, 8),
    ("rgb16.jxl", 13, 7, 3, 16),
    ("rgb8_jpeg420.jxl", 40, 24, 3, 8),
    ("rgb8_xyb.jxl", 40, 24, 3, 8),
];

/// JPEG XL, and colours by a profile: rare in the folders that a test can count on.
fn vectors() -> std::io::Result<Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../viewer-core/tests");
    let profile = fs::read(folder.join("icc_vectors/matrix.icc"))?;
    let profile = IccProfile { base64: STANDARD.encode(profile) };
    let case = |(name, columns, rows, samples, bits): (&str, u32, u32, u16, u16)| {
        let format = ImageFormat {
            transfer_syntax_uid: JPEG_XL.to_owned(),
            sop_class_uid: String::new(),
            rows,
            columns,
            samples_per_pixel: samples,
            photometric_interpretation: if samples == 1 { "MONOCHROME2" } else { "RGB" }.to_owned(),
            bits_allocated: if bits > 8 { 16 } else { 8 },
            bits_stored: bits,
            high_bit: bits - 1,
            signed: false,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        };
        Ok(Case {
            name: name.to_owned(),
            request: request(1, format, None),
            profile: (samples == 3).then(|| profile.clone()),
            body: fs::read(folder.join("codec_vectors").join(name))?,
        })
    };
    VECTORS.into_iter().map(case).collect()
}
