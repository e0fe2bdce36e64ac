//! C-STORE as an SCU (PS3.4 annex B): an object that is read while it is sent.

use bytes::Bytes;
use futures::stream::{BoxStream, TryStreamExt};

use super::association::Association;
use super::error::DimseError;
use super::requests::{C_STORE_RQ, response, store_request};
use super::storing::StoreError;
use crate::source::SourceError;

/// An object on its way: what names it, and its data set without meta information.
pub(super) struct Outgoing<'a> {
    pub class: &'a str,
    pub instance: &'a str,
    pub context: u8,
    /// The beginning of the data set.
    pub head: &'a [u8],
    /// What follows.
    pub rest: BoxStream<'static, Result<Bytes, SourceError>>,
}

/// Sends an object; the status of the answer. Where it fails, the association is of no more use: dropping it
/// aborts it, and the PACS forgets the object it had begun to take.
pub(super) async fn store(
    association: &mut Association,
    object: Outgoing<'_>,
) -> Result<u16, StoreError> {
    let Outgoing { class, instance, context, head, mut rest } = object;
    association.send(context, &store_request(class, instance), None).await?;
    // One piece waits: the last one must say that it is.
    let mut waiting = Bytes::copy_from_slice(head);
    while let Some(piece) = rest.try_next().await.map_err(StoreError::Source)? {
        if piece.is_empty() {
            continue;
        }
        association.send_data(context, &waiting, false).await?;
        waiting = piece;
    }
    if waiting.is_empty() {
        return Err(DimseError::Protocol("an object without elements".to_owned()).into());
    }
    association.send_data(context, &waiting, true).await?;
    Ok(response(&association.message().await?, C_STORE_RQ)?)
}
