//! One request whose body is still on its way → one frame, decoded meanwhile.

use negatoscope_protocol::Request;
use viewer_core::base::multipart::MediaType;
use viewer_core::codec::ArrivingFrame;

use crate::request::{Decoded, Outcome, outcome, overlay_planes, transfer_syntax_of};

/// A request and what has come for it.
pub struct ArrivingRequest {
    request: Request,
    transfer_syntax: String,
    frame: ArrivingFrame,
    body: Vec<u8>,
    work_ms: f64,
}

impl ArrivingRequest {
    /// Begins a frame whose body will have `length` bytes and is the one frame itself; `None` where nothing can be
    /// decoded before it is whole.
    #[must_use]
    pub fn begin(request: Request, length: usize) -> Option<Self> {
        let media_type = MediaType::parse(&request.content_type);
        if media_type.is_multipart() {
            return None;
        }
        let transfer_syntax = transfer_syntax_of(&request, &media_type);
        let frame = ArrivingFrame::new(&transfer_syntax, &request.format)?;
        let mut body = Vec::new();
        body.try_reserve_exact(length).ok()?;
        Some(Self { request, transfer_syntax, frame, body, work_ms: 0.0 })
    }

    /// Takes the next bytes of the body and decodes what can be; `now_ms` is a clock in milliseconds.
    pub fn push(&mut self, bytes: &[u8], now_ms: impl Fn() -> f64) {
        let started_ms = now_ms();
        self.body.extend_from_slice(bytes);
        self.frame.look(&self.body);
        self.work_ms += now_ms() - started_ms;
    }

    /// The same outcome as of [`decode_request`](crate::decode_request) with the whole body.
    #[must_use]
    pub fn finish(self, now_ms: impl Fn() -> f64) -> Outcome {
        let Self { request, transfer_syntax, frame, body, work_ms } = self;
        let started_ms = now_ms();
        let palette = request.palette.as_ref();
        let drawable = frame
            .finish(&body)
            .and_then(|stored| stored.into_drawable(palette, request.format.padding));
        let overlay_planes = || overlay_planes(&request, &transfer_syntax, &body);
        let decoded = drawable
            .map(|frame| Decoded::new(frame, overlay_planes(), &request))
            .map_err(Into::into);
        outcome(&request, decoded, work_ms + now_ms() - started_ms)
    }
}
