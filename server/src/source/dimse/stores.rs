//! C-STORE requests of the PACS (PS3.4 annex B), on whatever association they come.

use async_trait::async_trait;

use super::assembly::{Event, Message};
use super::association::Association;
use super::error::DimseError;
use super::part10;
use super::requests::{C_ECHO_RQ, C_STORE_RQ, echo_response, field, store_response};
use crate::source::received::Incoming;

/// Refused: Out of resources.
pub(super) const OUT_OF_RESOURCES: u16 = 0xA700;
/// Error: Cannot understand.
const CANNOT_UNDERSTAND: u16 = 0xC000;
/// Refused: Not authorized (PS3.7 C.5.24): nobody asked for it.
pub(super) const NOT_AUTHORIZED: u16 = 0x0124;

/// Takes objects; refuses with the status of the response.
#[async_trait]
pub(super) trait Depot: Send {
    /// An object begins.
    async fn begin(&mut self, instance: &str) -> Result<Incoming, u16>;
    /// It is whole.
    async fn put(&mut self, instance: &str, object: Incoming) -> u16;
    /// It was given up.
    fn give_up(&mut self, cause: crate::source::SourceError);
}

/// The C-STORE requests of one association, one after the other.
#[derive(Default)]
pub(super) struct Stores {
    open: Option<Open>,
}

struct Open {
    message: Message,
    instance: String,
    object: Result<Incoming, u16>,
}

impl Stores {
    /// Takes an event; a message that has to do with none of this comes back.
    pub(super) async fn event(
        &mut self,
        event: Event,
        association: &mut Association,
        depot: &mut dyn Depot,
    ) -> Result<Option<Message>, DimseError> {
        match event {
            Event::Message(message) => match field(&message) {
                Some(C_STORE_RQ) => {
                    self.begin(message, association, depot).await?;
                    Ok(None)
                }
                Some(C_ECHO_RQ) => {
                    association.send(message.context, &echo_response(&message), None).await?;
                    Ok(None)
                }
                _ => Ok(Some(message)),
            },
            Event::Piece { bytes, is_last } => {
                self.piece(&bytes, depot).await;
                if is_last {
                    self.end(association, depot).await?;
                }
                Ok(None)
            }
        }
    }

    async fn begin(
        &mut self,
        message: Message,
        association: &mut Association,
        depot: &mut dyn Depot,
    ) -> Result<(), DimseError> {
        let text = |element| message.command.text(element).unwrap_or_default().to_owned();
        let (class, instance) = (text(0x0002), text(0x1000));
        if !message.has_data {
            let response = store_response(&message, CANNOT_UNDERSTAND);
            return association.send(message.context, &response, None).await;
        }
        let object = depot.begin(&instance).await;
        let syntax = association.transfer_syntax(message.context);
        let head = part10::head(&class, &instance, syntax);
        self.open = Some(Open { message, instance, object });
        self.piece(&head, depot).await;
        Ok(())
    }

    async fn piece(&mut self, bytes: &[u8], depot: &mut dyn Depot) {
        let Some(open) = &mut self.open else { return };
        if let Ok(object) = &mut open.object
            && let Err(cause) = object.push(bytes).await
        {
            open.object = Err(OUT_OF_RESOURCES);
            depot.give_up(cause);
        }
    }

    async fn end(
        &mut self,
        association: &mut Association,
        depot: &mut dyn Depot,
    ) -> Result<(), DimseError> {
        let Some(Open { message, instance, object }) = self.open.take() else { return Ok(()) };
        let status = match object {
            Ok(object) => depot.put(&instance, object).await,
            Err(status) => status,
        };
        association.send(message.context, &store_response(&message, status), None).await
    }
}
