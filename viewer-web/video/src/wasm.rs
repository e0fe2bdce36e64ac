//! What `video.js` calls. Errors are thrown as the JSON of a failure; positions in a stream are numbers
//! of JavaScript, exact up to 2⁵³.

use core::ops::Range;

use js_sys::Uint8Array;
use negatoscope_protocol::{Failure, FailureKind, Reply, Request, json};
use viewer_core::codec::DecodeError;
use viewer_core::codec::video::{Colour, Plane, PlaneFormat, Planes, VideoHeader, VideoStream};
use wasm_bindgen::prelude::*;

use crate::asked::{Asked, failure};

/// Makes a panic an exception with its message; the module must not be used after one.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

/// Head of the message that says the module is ready.
#[wasm_bindgen]
#[must_use]
pub fn ready() -> String {
    json(&Reply::Ready)
}

/// A request for a frame.
#[wasm_bindgen]
pub struct Job(Asked);

#[wasm_bindgen]
impl Job {
    /// Reads the head of a message.
    ///
    /// # Errors
    /// A head that is no request for a video.
    #[wasm_bindgen(constructor)]
    pub fn new(head: &str) -> Result<Self, JsError> {
        let request: Request = json::read(head)?;
        Asked::of(request).map(Self).ok_or_else(|| JsError::new("not a request for a video"))
    }

    /// Address of the stream.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn url(&self) -> String {
        self.0.video().url.clone()
    }

    /// Which frame, from 0.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn frame(&self) -> u32 {
        self.0.video().frame
    }

    /// The stream of `length` bytes.
    ///
    /// # Errors
    /// A failure where no browser decodes it.
    pub fn stream(&self, length: f64) -> Result<Stream, JsValue> {
        Ok(Stream(self.0.stream(length as u64).map_err(|failure| thrown(&failure))?))
    }

    /// Head of the reply where something stopped.
    #[must_use]
    pub fn stopped(&self, detail: &str) -> String {
        let failure = Failure { kind: FailureKind::Corrupt, detail: detail.to_owned() };
        json(&self.0.failed(failure))
    }

    /// Head of the reply for a thrown failure; `None` for anything else that was thrown.
    #[must_use]
    pub fn failed(&self, thrown: &str) -> Option<String> {
        let failure: Failure = json::read(thrown).ok()?;
        Some(json(&self.0.failed(failure)))
    }

    /// Head of the reply where the server did not deliver; `status` 0 for no answer.
    #[must_use]
    pub fn undelivered(&self, status: u16) -> String {
        let kind = FailureKind::Undelivered { status };
        json(&self.0.failed(Failure { kind, detail: format!("HTTP {status}") }))
    }

    /// Head of the reply where the browser has no decoder.
    #[must_use]
    pub fn no_decoder(&self) -> String {
        json(&self.0.failed(self.0.no_decoder()))
    }

    /// Converts a decoded picture. `shape` is its columns and rows, the matrix that the browser found
    /// and whether it found full range (1), then offset and stride of each plane.
    ///
    /// # Errors
    /// A failure.
    pub fn convert(
        &self,
        stream: &Stream,
        bytes: &[u8],
        format: &str,
        shape: &[u32],
        decode_ms: f64,
    ) -> Result<Answer, JsValue> {
        let header = stream.known_header()?;
        let [columns, rows, matrix, range, layout @ ..] = shape else {
            return Err(thrown_error(DecodeError::Truncated { codec: "video", at: "shape" }));
        };
        let (columns, rows) = (*columns, *rows);
        let size = [columns, rows];
        let drawn = if format == "RGBA" {
            self.0.placed(header, bytes.to_vec(), size)
        } else {
            let format = PlaneFormat::named(format)
                .ok_or_else(|| thrown(&failure(&unknown_format(format))))?;
            let planes: Vec<Plane> = layout
                .chunks_exact(2)
                .map(|pair| Plane { offset: pair[0] as usize, stride: pair[1] as usize })
                .collect();
            let planes = Planes { columns, rows, format, planes: &planes, bytes };
            let detected = Colour { matrix: *matrix, is_full_range: *range == 1 };
            self.0.converted(header, &planes, detected)
        };
        let drawn = drawn.map_err(|failure| thrown(&failure))?;
        let reply = self.0.decoded(drawn.size_px, stream.0.frames(), decode_ms);
        Ok(Answer { head: json(&reply), body: Uint8Array::from(drawn.rgba.as_slice()) })
    }
}

/// Head and body of a reply.
#[wasm_bindgen]
pub struct Answer {
    head: String,
    body: Uint8Array,
}

#[wasm_bindgen]
impl Answer {
    /// JSON of the reply.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn head(&self) -> String {
        self.head.clone()
    }

    /// Samples in a buffer of their own, to be transferred.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn body(&self) -> Uint8Array {
        self.body.clone()
    }
}

/// A stream, read by ranges.
#[wasm_bindgen]
pub struct Stream(VideoStream);

#[wasm_bindgen]
impl Stream {
    /// Bytes to read before a frame is known: start and end; `None` where it is.
    #[must_use]
    pub fn wanted(&self, frame: u32) -> Option<Vec<f64>> {
        self.0.wanted(frame).map(pair)
    }

    /// Bytes to read before a unit and its frame are known.
    #[must_use]
    pub fn wanted_for_unit(&self, unit: u32) -> Option<Vec<f64>> {
        self.0.wanted_for_unit(unit).map(pair)
    }

    /// Takes the bytes that were wanted.
    ///
    /// # Errors
    /// A failure; the stream is of no use then.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.0.read(bytes).map_err(thrown_error)
    }

    /// Name of the coding, for the decoder.
    ///
    /// # Errors
    /// A failure where nothing was read yet.
    pub fn codec(&self) -> Result<String, JsValue> {
        Ok(self.known_header()?.codec.clone())
    }

    /// Configuration of the decoder; empty where there is none.
    ///
    /// # Errors
    /// A failure where nothing was read yet.
    pub fn description(&self) -> Result<Vec<u8>, JsValue> {
        Ok(self.known_header()?.description.clone())
    }

    /// Columns and rows of a picture before it is turned.
    ///
    /// # Errors
    /// A failure where nothing was read yet.
    pub fn size(&self) -> Result<Vec<u32>, JsValue> {
        let header = self.known_header()?;
        Ok(vec![header.columns, header.rows])
    }

    /// The unit at which decoding begins for a frame, and the unit that is the frame.
    ///
    /// # Errors
    /// A failure where there is no such frame.
    pub fn start_of(&self, frame: u32) -> Result<Vec<u32>, JsValue> {
        let start = self.0.start_of(frame).map_err(thrown_error)?;
        Ok(vec![start.first, start.own])
    }

    /// The last unit before `below` at which decoding can begin for a frame.
    #[must_use]
    pub fn sync_before(&self, below: u32, frame: u32) -> Option<u32> {
        self.0.sync_before(below, frame)
    }

    /// Start and end of the bytes of a unit, and the frame it is (−1: never shown); `None` behind the
    /// last unit.
    #[must_use]
    pub fn unit(&self, index: u32) -> Option<Vec<f64>> {
        let unit = self.0.unit(index)?;
        let frame = unit.frame.map_or(-1.0, f64::from);
        Some(vec![unit.bytes.start as f64, unit.bytes.end as f64, frame])
    }

    /// The access unit in the bytes of a unit.
    ///
    /// # Errors
    /// A failure where bytes are missing.
    pub fn access_unit(&self, index: u32, bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
        let none = || DecodeError::Truncated { codec: "video", at: "unit" };
        let unit = self.0.unit(index).ok_or_else(|| thrown_error(none()))?;
        self.0.access_unit(unit, bytes).map_err(thrown_error)
    }

    /// Whether a decoder accepts an access unit as its first.
    ///
    /// # Errors
    /// A failure where nothing was read yet.
    pub fn is_sync(&self, access_unit: &[u8]) -> Result<bool, JsValue> {
        let header = self.known_header()?;
        Ok(header.coding().is_sync(access_unit, header.length_bytes()))
    }
}

impl Stream {
    fn known_header(&self) -> Result<&VideoHeader, JsValue> {
        let none = || DecodeError::Truncated { codec: "video", at: "headers" };
        self.0.header().ok_or_else(|| thrown_error(none()))
    }
}

fn unknown_format(format: &str) -> DecodeError {
    let feature = format!("decoded pictures in {format}");
    DecodeError::UnsupportedFeature { codec: "video", feature }
}

fn pair(range: Range<u64>) -> Vec<f64> {
    vec![range.start as f64, range.end as f64]
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn thrown_error(error: DecodeError) -> JsValue {
    thrown(&failure(&error))
}

fn thrown(failure: &Failure) -> JsValue {
    JsValue::from_str(&json::write(failure).unwrap_or_default())
}

/// Replies are plain values, which are always written.
fn json(reply: &Reply) -> String {
    json::write(reply).unwrap_or_default()
}
