//! What lies over a rendered picture: the bits of its overlays, fetched, and put together.

use futures::TryStreamExt;
use viewer_core::base::limits::MAX_VALUE_BYTES;
use viewer_core::codec::decode_overlay_bits;
use viewer_core::display::cover::CoverPlane;
use viewer_core::exam::{Cover, ImageFormat, OverlayPlane};

use crate::source::{ElementPath, EncodedFrame, InstanceRef, Source, SourceError};

/// Element number of Overlay Data in its group.
const OVERLAY_DATA: u32 = 0x3000;

/// The cover of one frame with the bits that are kept apart from it.
pub(super) struct Covering {
    cover: Cover,
    /// Counted from 0.
    frame: u32,
    /// Overlay Data by group.
    data: Vec<(u16, Vec<u8>)>,
}

impl Covering {
    /// Fetches what covers `frame` (from 1). An overlay that cannot be had is left out of the picture.
    pub(super) async fn fetch(
        source: &dyn Source,
        at: &InstanceRef,
        cover: &Cover,
        frame: u32,
    ) -> Self {
        let frame = frame.saturating_sub(1);
        let mut data = Vec::new();
        let wanted = cover.overlays_of(frame).chain(cover.bitmap());
        for group in wanted.filter(|plane| plane.bit.is_none()).map(|plane| plane.group) {
            match overlay_data(source, at, group).await {
                Ok(bits) => data.push((group, bits)),
                Err(error) => tracing::warn!(%error, "an overlay is left out of a picture"),
            }
        }
        Self { cover: cover.clone(), frame, data }
    }

    /// The plane over the frame; `pixel_aspect` is the height of a pixel over its width.
    pub(super) fn compose(
        &self,
        encoded: &EncodedFrame,
        format: &ImageFormat,
        pixel_aspect: f64,
    ) -> CoverPlane {
        let bits = self.cover.pixel_bits();
        let syntax = &encoded.transfer_syntax_uid;
        let in_pixels = if bits.is_empty() {
            Vec::new()
        } else {
            decode_overlay_bits(syntax, &encoded.bytes, format, &bits).unwrap_or_default()
        };
        let size = [format.columns, format.rows];
        CoverPlane::compose(&self.cover, self.frame, size, pixel_aspect, |plane: &OverlayPlane| {
            let found = match plane.bit {
                Some(bit) => {
                    let index = bits.iter().position(|known| *known == bit)?;
                    in_pixels.get(index)
                }
                None => self.data.iter().find(|(group, _)| *group == plane.group).map(|(_, b)| b),
            };
            found.map(Vec::as_slice)
        })
    }
}

async fn overlay_data(
    source: &dyn Source,
    at: &InstanceRef,
    group: u16,
) -> Result<Vec<u8>, SourceError> {
    let element = ElementPath { items: Vec::new(), tag: u32::from(group) << 16 | OVERLAY_DATA };
    let mut bulk = source.bulk(at, &element).await?;
    let mut bits = Vec::new();
    while let Some(piece) = bulk.bytes.try_next().await? {
        bits.extend_from_slice(&piece);
        if bits.len() as u64 > MAX_VALUE_BYTES {
            return Err(SourceError::TooLarge("overlay"));
        }
    }
    Ok(bits)
}
