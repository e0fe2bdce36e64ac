//! Native frames made smaller without loss, for clients on slow networks that say they take them: our page.

use std::time::Duration;

use bytes::Bytes;
use viewer_core::codec::{COMPACT_UID, encode_compact};

use super::accept::Accept;
use super::lookup;
use super::services::Services;
use super::transcode::{EXPLICIT_LITTLE_ENDIAN, frame_syntax};
use crate::source::{EncodedFrame, InstanceRef, Source};

/// A frame waits no longer for its turn: as it is it would be on its way.
const PATIENCE: Duration = Duration::from_millis(100);

/// Whether the client takes compact frames beside those as stored.
pub(super) fn is_wanted(accept: &Accept) -> bool {
    let takes =
        |syntax| accept.ranges().any(|range| range.transfer_syntax.as_deref() == Some(syntax));
    takes(COMPACT_UID) && takes("*")
}

/// The frame in fewer bytes; as it is where that is not possible, or other work keeps the processors busy.
pub(super) async fn smaller(
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
    let work = move || encode_compact(EXPLICIT_LITTLE_ENDIAN, &cells, &format);
    match services.spare_work(PATIENCE, work).await.flatten() {
        Some(bytes) => {
            EncodedFrame { transfer_syntax_uid: COMPACT_UID.to_owned(), bytes: Bytes::from(bytes) }
        }
        None => frame,
    }
}
