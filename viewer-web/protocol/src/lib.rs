//! Messages between the viewer page and its decode workers.
//!
//! A message is `{ head, body }`: `head` is the JSON of [`Request`] or [`Reply`], `body` an
//! `ArrayBuffer` that is transferred, never copied: the HTTP body on the way in, the samples of one
//! frame (native endian, rows from the top, no padding) on the way out, followed by the overlay planes that
//! were asked for. A request whose colours need a profile has its number beside them, `profile`, and the
//! first such request to a worker the profile itself, `icc`, in base64.
#![forbid(unsafe_code)]

#[cfg(target_arch = "wasm32")]
pub mod json;

use serde::{Deserialize, Serialize};
use viewer_core::exam::{ImageFormat, Palette};
use viewer_core::pixel::{PixelKind, StoredRange};

/// Page → worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the page, returned with the reply.
    pub id: u32,
    /// `Content-Type` of the response whose body is transferred: `multipart/related; …` or a single part.
    pub content_type: String,
    /// How the samples are stored. The transfer syntax of the part wins over the one in here.
    pub format: ImageFormat,
    /// Palette of PALETTE COLOR images.
    pub palette: Option<Palette>,
    /// Bits of the pixel cells that hold overlay planes (retired; PS3.3-2004 C.9.2); mostly none.
    #[serde(default)]
    pub overlay_bits: Vec<u16>,
    /// Whether it is the only frame of its series, which goes to the screen at once: it is not packed.
    #[serde(default)]
    pub is_only: bool,
    /// Which frame of which video; `None` for images, whose body comes with the message.
    pub video: Option<VideoFrame>,
}

/// A frame of a video. The worker reads the stream itself: one stream for all frames, of which few
/// bytes may be needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFrame {
    /// Address of the stream; answers requests with a `Range`, or with the whole.
    pub url: String,
    /// Which frame, from 0.
    pub frame: u32,
    /// Number of Frames of the header.
    pub frames: u32,
}

/// Worker → page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The module is compiled and waits for requests (sent once, `body` empty).
    Ready,
    /// The frame; `body` holds its samples.
    Decoded {
        /// As in the request.
        id: u32,
        /// Columns of the decoded frame.
        columns: u32,
        /// Rows of the decoded frame.
        rows: u32,
        /// Layout of the samples.
        kind: PixelKind,
        /// Ranges of the samples (grey frames), for a window where the file has none.
        range: Option<StoredRange>,
        /// Whether the encoded frame was lossy.
        lossy: bool,
        /// How many overlay planes follow the samples: as many as were asked for, or none where the encoding
        /// did not keep them. Each takes `columns × rows` bits, packed as in Overlay Data, in whole bytes.
        #[serde(default)]
        overlay_planes: u32,
        /// Whether the samples are packed ([`viewer_core::pixel::packed`]); nothing follows them then.
        #[serde(default)]
        packed: bool,
        /// Milliseconds spent decoding.
        decode_ms: f64,
        /// Frames that a video really has, where the header says another number.
        stream_frames: Option<u32>,
    },
    /// The frame cannot be shown.
    Failed {
        /// As in the request.
        id: u32,
        /// Why.
        failure: Failure,
    },
}

/// Why a frame cannot be shown: enough for a sentence to the user and a line for support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which sentence the user gets.
    pub kind: FailureKind,
    /// Technical cause in English, without personal data.
    pub detail: String,
}

/// Kinds of failure that the user is told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No decoder for this transfer syntax.
    Unsupported {
        /// Name of the transfer syntax, or the UID again where unknown.
        name: String,
        /// Its UID.
        uid: String,
    },
    /// The data ends too early.
    Truncated,
    /// The data contradicts itself or its header.
    Corrupt,
    /// It would need more memory than allowed.
    TooLarge,
    /// The server did not deliver it to the worker that asked.
    Undelivered {
        /// HTTP status; 0 where there was no answer.
        status: u16,
    },
}
