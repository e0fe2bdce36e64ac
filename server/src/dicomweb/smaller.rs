//! Native frames made smaller without loss, for clients that say they take them: our page.

use std::time::Duration;

use bytes::Bytes;
use viewer_core::codec::{COMPACT_UID, PACKED_UID, encode_compact, encode_packed};
use viewer_core::exam::ImageFormat;

use super::accept::Accept;
use super::lookup;
use super::services::Services;
use super::transcode::{EXPLICIT_LITTLE_ENDIAN, frame_syntax};
use crate::source::{EncodedFrame, InstanceRef, Source};

/// A frame waits no longer for its turn: as it is it would be on its way.
const PATIENCE: Duration = Duration::from_millis(100);

/// How a native frame is made smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Smaller {
    /// As JPEG-LS, for slow networks: a third of a CT's bytes (docs/adr/0029).
    Compact,
    /// Packed, for fast ones: half of them, in less time (docs/adr/0047).
    Packed,
}

impl Smaller {
    /// What the client takes beside frames as stored, the smallest first.
    pub(super) fn wanted(accept: &Accept) -> Option<Self> {
        let takes =
            |syntax| accept.ranges().any(|range| range.transfer_syntax.as_deref() == Some(syntax));
        let wanted = [Self::Compact, Self::Packed].into_iter().find(|way| takes(way.uid()));
        wanted.filter(|_| takes("*"))
    }

    const fn uid(self) -> &'static str {
        match self {
            Self::Compact => COMPACT_UID,
            Self::Packed => PACKED_UID,
        }
    }

    /// In no more memory than it takes, which it keeps until the client has it.
    fn encode(self, cells: &[u8], format: &ImageFormat) -> Option<Box<[u8]>> {
        let bytes = match self {
            Self::Compact => encode_compact(EXPLICIT_LITTLE_ENDIAN, cells, format),
            Self::Packed => encode_packed(EXPLICIT_LITTLE_ENDIAN, cells, format),
        };
        bytes.map(Vec::into_boxed_slice)
    }
}

/// The frame in fewer bytes; as it is where that is not possible, or other work keeps the processors busy.
pub(super) async fn smaller(
    way: Smaller,
    services: &Services,
    source: &dyn Source,
    at: &InstanceRef,
    frame: EncodedFrame,
) -> EncodedFrame {
    if frame_syntax(&frame.transfer_syntax_uid) != EXPLICIT_LITTLE_ENDIAN {
        return frame;
    }
    let Ok(found) = lookup::image(source, at).await else { return frame };
    let Ok(format) = found.format().cloned() else { return frame };
    let cells = frame.bytes.clone();
    let work = move || way.encode(&cells, &format);
    match services.spare_work(PATIENCE, work).await.flatten() {
        Some(bytes) => {
            EncodedFrame { transfer_syntax_uid: way.uid().to_owned(), bytes: Bytes::from(bytes) }
        }
        None => frame,
    }
}
