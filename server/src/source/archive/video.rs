//! Parts of a video stream, read where its fragments lie.

use std::ops::Range;

use futures::stream::{self, StreamExt};
use viewer_core::dicom::ByteRange;
use viewer_core::exam::is_video;

use super::Archive;
use crate::source::{InstanceRef, SourceError, VideoPart};

pub(super) async fn video(
    archive: &Archive,
    at: &InstanceRef,
    start: u64,
    end: Option<u64>,
) -> Result<VideoPart, SourceError> {
    let place = archive.frame_place(at).await?;
    let layout = place.layout.as_ref().filter(|_| is_video(&place.frame_syntax));
    let found = layout.and_then(|layout| layout.frame(1)).ok_or(SourceError::NotFound)?;
    let total = found.ranges.iter().fold(0_u64, |sum, range| sum.saturating_add(range.length));
    let end = end.unwrap_or(total).min(total);
    let range = start.min(end)..end;
    let mut pieces = Vec::new();
    for part in within(&found.ranges, &range) {
        pieces.push(archive.pieces(&place.place, part.offset, part.length).await?);
    }
    Ok(VideoPart {
        transfer_syntax_uid: place.frame_syntax.clone(),
        range,
        total,
        bytes: stream::iter(pieces).flatten().boxed(),
    })
}

/// Where a range of the joined fragments lies.
pub(in crate::source) fn within(fragments: &[ByteRange], range: &Range<u64>) -> Vec<ByteRange> {
    let mut position = 0_u64;
    let mut parts = Vec::new();
    for fragment in fragments {
        let next = position.saturating_add(fragment.length);
        let (from, to) = (range.start.max(position), range.end.min(next));
        if from < to {
            let offset = fragment.offset + (from - position);
            parts.push(ByteRange { offset, length: to - from });
        }
        position = next;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_found_across_fragments() {
        let fragments =
            [(100, 10), (200, 4), (300, 6)].map(|(offset, length)| ByteRange { offset, length });
        let found = |range: Range<u64>| -> Vec<(u64, u64)> {
            within(&fragments, &range).iter().map(|part| (part.offset, part.length)).collect()
        };
        assert_eq!(found(0..20), [(100, 10), (200, 4), (300, 6)]);
        assert_eq!(found(8..11), [(108, 2), (200, 1)]);
        assert_eq!(found(10..14), [(200, 4)]);
        assert_eq!(found(15..99), [(301, 5)]);
        assert!(found(20..30).is_empty());
    }
}
