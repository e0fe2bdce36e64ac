//! C-MOVE (PS3.4 C.4.2): the PACS stores to our own storage SCP, see `listener`; what comes there is
//! brought here, so that objects are taken in one place whichever way they come.

use super::assembly::Event;
use super::association::Association;
use super::c_get::{Order, ended};
use super::error::DimseError;
use super::moves::UnderWay;
use super::requests::{C_MOVE_RQ, request};
use super::stores::Depot;
use super::syntaxes::STUDY_ROOT_MOVE;

/// Has the PACS send to `destination`, an AE title it knows; returns how many it says it could not.
pub(super) async fn move_to(
    association: &mut Association,
    order: &Order<'_>,
    destination: &str,
    under_way: &mut UnderWay,
    depot: &mut dyn Depot,
) -> Result<u16, DimseError> {
    let context = association.context(STUDY_ROOT_MOVE).ok_or(DimseError::NotAccepted("C-MOVE"))?;
    let command = request(C_MOVE_RQ, STUDY_ROOT_MOVE, Some(destination));
    association.send(context, &command, Some(&order.identifier())).await?;
    loop {
        let event = tokio::select! {
            errand = under_way.next() => {
                errand.run(depot).await;
                continue;
            }
            event = association.receive() => event?.ok_or(DimseError::Closed)?,
        };
        let Event::Message(message) = event else {
            return Err(DimseError::Protocol("an object nobody asked for".to_owned()));
        };
        if let Some(failed) = ended(&message, C_MOVE_RQ, "C-MOVE")? {
            return Ok(failed);
        }
    }
}
