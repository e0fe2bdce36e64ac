//! One request → one frame or the reason why not.

use negatoscope_protocol::{Failure, Reply, Request};
use viewer_core::base::multipart::{MediaType, parse_multipart};
use viewer_core::codec::{DecodedFrame, StoredFrame, decode_frame, decode_stored};
use viewer_core::pixel::PixelFrame;

use crate::failure::{RequestError, failure_of};

/// A reply and, for [`Reply::Decoded`], the frame whose samples go with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the page is told.
    pub reply: Reply,
    /// The samples.
    pub frame: Option<PixelFrame>,
}

impl Outcome {
    /// The body of the message: samples, native endian; empty for a failure.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.frame.as_ref().map_or(&[], |frame| frame.pixels().as_bytes())
    }
}

/// Decodes the one frame in `body`, the HTTP body that `request` describes.
///
/// `now_ms` is a clock in milliseconds, asked before and after.
pub fn decode_request(request: &Request, body: &[u8], now_ms: impl Fn() -> f64) -> Outcome {
    let started_ms = now_ms();
    match decode(request, body) {
        Ok(decoded) => {
            let reply = Reply::Decoded {
                id: request.id,
                columns: decoded.frame.columns(),
                rows: decoded.frame.rows(),
                kind: decoded.frame.pixels().kind(),
                range: decoded.range,
                lossy: decoded.lossy,
                decode_ms: now_ms() - started_ms,
            };
            Outcome { reply, frame: Some(decoded.frame) }
        }
        Err(error) => {
            let reply = Reply::Failed { id: request.id, failure: failure_of(&error) };
            Outcome { reply, frame: None }
        }
    }
}

/// Decodes the one frame in `body` to its stored samples, before any colour conversion: what the page never
/// asks for, and whoever holds this module against other decoders does.
///
/// # Errors
/// What the page would be told.
pub fn decode_stored_request(request: &Request, body: &[u8]) -> Result<StoredFrame, Failure> {
    let decoded = encoded_frame(request, body).and_then(|(transfer_syntax, encoded)| {
        Ok(decode_stored(&transfer_syntax, encoded, &request.format)?)
    });
    decoded.map_err(|error| failure_of(&error))
}

fn decode(request: &Request, body: &[u8]) -> Result<DecodedFrame, RequestError> {
    let (transfer_syntax, encoded) = encoded_frame(request, body)?;
    Ok(decode_frame(&transfer_syntax, encoded, &request.format, request.palette.as_ref())?)
}

/// The transfer syntax and the bytes of the one frame in `body`.
fn encoded_frame<'a>(
    request: &Request,
    body: &'a [u8],
) -> Result<(String, &'a [u8]), RequestError> {
    let outer = MediaType::parse(&request.content_type);
    let (media_type, encoded) = if outer.is_multipart() {
        let parts = parse_multipart(&outer, body, 2)?;
        let [part] = parts.as_slice() else {
            return Err(RequestError::Parts(parts.len()));
        };
        (part.media_type(), part.body)
    } else {
        (outer, body)
    };
    // The part knows best what it is in; the archive's word counts where it says nothing.
    let own = media_type.transfer_syntax();
    Ok((own.unwrap_or_else(|| request.format.transfer_syntax_uid.clone()), encoded))
}
