//! One request → one frame or the reason why not.

use std::borrow::Cow;

use negatoscope_protocol::{Failure, Reply, Request};
use viewer_core::base::multipart::{MediaType, parse_multipart};
use viewer_core::codec::{
    DecodedFrame, PACKED_UID, StoredFrame, decode_frame, decode_overlay_bits, decode_stored,
};
use viewer_core::pixel::PixelFrame;
use viewer_core::pixel::packed::pack_frame;

use crate::failure::{RequestError, failure_of};
use crate::home::{DecodeModule, module_to_ask};

/// A reply and, for [`Reply::Decoded`], the frame whose samples go with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the page is told.
    pub reply: Reply,
    /// The samples.
    pub frame: Option<PixelFrame>,
    /// Its samples packed, where they go in this form.
    pub packed: Option<Vec<u8>>,
    /// Overlay planes out of the pixel cells.
    pub overlay_planes: Vec<Vec<u8>>,
    /// Which module to ask instead, because this build does not have the decoder.
    pub ask: Option<DecodeModule>,
}

/// Why there is no frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What the page is told.
    pub failure: Failure,
    /// Which module to ask instead, because this build does not have the decoder.
    pub ask: Option<DecodeModule>,
}

impl Outcome {
    /// The body of the message: samples, native endian or packed, then overlay planes; empty for a failure.
    #[must_use]
    pub fn body(&self) -> Cow<'_, [u8]> {
        let plain = || self.frame.as_ref().map_or(&[][..], |frame| frame.pixels().as_bytes());
        let samples = self.packed.as_deref().unwrap_or_else(plain);
        if self.overlay_planes.is_empty() {
            return Cow::Borrowed(samples);
        }
        Cow::Owned([samples, &self.overlay_planes.concat()].concat())
    }

    /// Whether [`Self::body`] is what was decoded: packed frames, and native cells without anything to clear, are samples already.
    #[must_use]
    pub fn is_as_it_came(&self, encoded: &[u8]) -> bool {
        self.frame.is_some() && self.overlay_planes.is_empty() && is_same(&self.body(), encoded)
    }
}

/// As `==`, which WebAssembly takes byte by byte.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ((ones, one_rest), (others, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let pairs = ones.iter().zip(others);
    let difference = pairs.fold(0, |found, (one, other)| {
        found | (u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other))
    });
    one.len() == other.len() && difference == 0 && one_rest == other_rest
}

/// Decodes the one frame in `body`, the HTTP body that `request` describes.
///
/// `now_ms` is a clock in milliseconds, asked before and after.
pub fn decode_request(request: &Request, body: &[u8], now_ms: impl Fn() -> f64) -> Outcome {
    let started_ms = now_ms();
    let decoded = decode(request, body);
    outcome(request, decoded, now_ms() - started_ms)
}

/// What the page is told of a frame that took so long.
pub(crate) fn outcome(
    request: &Request,
    decoded: Result<Decoded, RequestError>,
    decode_ms: f64,
) -> Outcome {
    match decoded {
        Ok(Decoded { frame: decoded, packed, overlay_planes }) => {
            let reply = Reply::Decoded {
                id: request.id,
                columns: decoded.frame.columns(),
                rows: decoded.frame.rows(),
                kind: decoded.frame.pixels().kind(),
                range: decoded.range,
                lossy: decoded.lossy,
                overlay_planes: u32::try_from(overlay_planes.len()).unwrap_or(0),
                packed: packed.is_some(),
                decode_ms,
                stream_frames: None,
            };
            Outcome { reply, frame: Some(decoded.frame), packed, overlay_planes, ask: None }
        }
        Err(error) => {
            let Refusal { failure, ask } = refusal(request, &error);
            let reply = Reply::Failed { id: request.id, failure };
            Outcome { reply, frame: None, packed: None, overlay_planes: Vec::new(), ask }
        }
    }
}

/// Decodes the one frame in `body` to its stored samples, before any colour conversion: what the page never
/// asks for, and whoever holds this module against other decoders does.
///
/// # Errors
/// What the page would be told, and which module to ask.
pub fn decode_stored_request(request: &Request, body: &[u8]) -> Result<StoredFrame, Refusal> {
    let decoded = encoded_frame(request, body).and_then(|(transfer_syntax, encoded)| {
        Ok(decode_stored(&transfer_syntax, encoded, &request.format)?)
    });
    decoded.map_err(|error| refusal(request, &error))
}

fn refusal(request: &Request, error: &RequestError) -> Refusal {
    let failure = failure_of(error, &request.format.transfer_syntax_uid);
    let ask = match error {
        RequestError::Decode(error) => module_to_ask(error),
        _ => None,
    };
    Refusal { failure, ask }
}

/// A frame, its samples packed, and the overlay planes of its pixel cells.
pub(crate) struct Decoded {
    frame: DecodedFrame,
    packed: Option<Vec<u8>>,
    overlay_planes: Vec<Vec<u8>>,
}

impl Decoded {
    /// Packs the samples of one frame among others, where nothing is to follow them.
    pub(crate) fn new(
        frame: DecodedFrame,
        overlay_planes: Vec<Vec<u8>>,
        request: &Request,
    ) -> Self {
        let is_packed = overlay_planes.is_empty() && !request.is_only;
        let packed = is_packed.then(|| pack_frame(&frame.frame)).flatten();
        Self { frame, packed, overlay_planes }
    }
}

fn decode(request: &Request, body: &[u8]) -> Result<Decoded, RequestError> {
    let (transfer_syntax, encoded) = encoded_frame(request, body)?;
    let palette = request.palette.as_ref();
    let frame = decode_frame(&transfer_syntax, encoded, &request.format, palette)?;
    let overlay_planes = overlay_planes(request, &transfer_syntax, encoded);
    Ok(match transfer_syntax == PACKED_UID && overlay_planes.is_empty() {
        true => Decoded { frame, packed: Some(encoded.to_vec()), overlay_planes },
        false => Decoded::new(frame, overlay_planes, request),
    })
}

/// A picture whose overlay is lost is still a picture; the page says what is missing.
pub(crate) fn overlay_planes(
    request: &Request,
    transfer_syntax: &str,
    encoded: &[u8],
) -> Vec<Vec<u8>> {
    let bits = &request.overlay_bits;
    if bits.is_empty() {
        return Vec::new();
    }
    decode_overlay_bits(transfer_syntax, encoded, &request.format, bits).unwrap_or_default()
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
    Ok((transfer_syntax_of(request, &media_type), encoded))
}

/// The part knows best what it is in; the archive's word counts where it says nothing.
pub(crate) fn transfer_syntax_of(request: &Request, media_type: &MediaType) -> String {
    let own = media_type.transfer_syntax();
    own.unwrap_or_else(|| request.format.transfer_syntax_uid.clone())
}
