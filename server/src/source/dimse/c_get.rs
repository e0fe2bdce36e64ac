//! C-GET (PS3.4 C.4.3): the PACS stores on the association that asked.

use super::assembly::Message;
use super::association::Association;
use super::elements::Writer;
use super::error::DimseError;
use super::requests::{C_GET_RQ, is_pending, request, response};
use super::stores::{Depot, Stores};
use super::syntaxes::STUDY_ROOT_GET;

/// What to retrieve: a series, or some of its instances.
pub(super) struct Order<'a> {
    pub study: &'a str,
    pub series: &'a str,
    pub instances: Option<&'a [String]>,
}

impl Order<'_> {
    /// The identifier of C-GET and C-MOVE (PS3.4 C.4.2.1.4).
    pub(super) fn identifier(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        if let Some(instances) = self.instances {
            writer.uid(0x0008_0018, &instances.join("\\")).text(0x0008_0052, "IMAGE", b' ');
        } else {
            writer.text(0x0008_0052, "SERIES", b' ');
        }
        writer.uid(0x0020_000D, self.study).uid(0x0020_000E, self.series);
        writer.bytes()
    }
}

/// Retrieves; returns how many objects the PACS says it could not send.
pub(super) async fn get(
    association: &mut Association,
    order: &Order<'_>,
    depot: &mut dyn Depot,
) -> Result<u16, DimseError> {
    let context = association.context(STUDY_ROOT_GET).ok_or(DimseError::NotAccepted("C-GET"))?;
    let command = request(C_GET_RQ, STUDY_ROOT_GET, None);
    association.send(context, &command, Some(&order.identifier())).await?;
    let mut stores = Stores::default();
    loop {
        let event = association.receive().await?.ok_or(DimseError::Closed)?;
        if let Some(message) = stores.event(event, association, depot).await?
            && let Some(failed) = ended(&message, C_GET_RQ, "C-GET")?
        {
            return Ok(failed);
        }
    }
}

/// How many sub-operations failed or ended with a warning, by a last response; `None` where it is not
/// the last one. That some failed is no failure of the whole: they may be asked for again.
pub(super) fn ended(
    message: &Message,
    request: u16,
    operation: &'static str,
) -> Result<Option<u16>, DimseError> {
    const SOME_FAILED: u16 = 0xB000;
    let status = response(message, request)?;
    let count = |element| message.command.u16(element).unwrap_or_default();
    match status {
        _ if is_pending(status) => Ok(None),
        0 | SOME_FAILED => Ok(Some(count(0x1022).saturating_add(count(0x1023)))),
        status => Err(DimseError::Status { operation, status }),
    }
}
