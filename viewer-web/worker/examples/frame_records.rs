//! Reads DICOM files and writes each of their frames as a record, for the WebAssembly build of this crate
//! to decode (`e2e/wasm/stored.js`).
//!
//! `frame_records FILE…` writes to standard output, for each frame: the length of a JSON head (32 bits,
//! little endian), the head, the length of the encoded frame, the frame. The head is
//! `{ file, frame, request }`, or `{ file, failure }` where a file has no frames that could be read.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};

use negatoscope_protocol::Request;
use serde_json::{Value, json};
use viewer_core::dicom::{image_of, layout_of, read_frame, read_part10};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(io::stdout().lock());
    for path in std::env::args().skip(1) {
        if let Err(error) = write_frames(&path, &mut out) {
            let failure = json!({ "kind": "unreadable", "detail": error.to_string() });
            write_record(&mut out, &json!({ "file": path, "failure": failure }), &[])?;
        }
    }
    Ok(out.flush()?)
}

fn write_frames(path: &str, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut reader = BufReader::new(File::open(path)?);
    let file = read_part10(&mut reader)?;
    let layout = layout_of(&file, &mut reader)?;
    let content = image_of(&file);
    if layout.frame_count() < content.image.frames {
        return Err(format!("{} of {} frames", layout.frame_count(), content.image.frames).into());
    }
    for frame in 1..=layout.frame_count() {
        let encoded = read_frame(&mut reader, &layout, frame)?;
        let request = Request {
            id: frame,
            content_type: "application/octet-stream".to_owned(),
            format: content.format.clone(),
            palette: None,
            overlay_bits: Vec::new(),
            is_only: false,
            video: None,
        };
        write_record(out, &json!({ "file": path, "frame": frame, "request": request }), &encoded)?;
    }
    Ok(())
}

fn write_record(out: &mut impl Write, head: &Value, body: &[u8]) -> Result<(), Box<dyn Error>> {
    for part in [head.to_string().as_bytes(), body] {
        out.write_all(&u32::try_from(part.len())?.to_le_bytes())?;
        out.write_all(part)?;
    }
    Ok(())
}
