//! Command sets of the DIMSE services we use (PS3.7 9.3, annex E).

use super::assembly::{Message, NO_DATA_SET};
use super::elements::Writer;
use super::error::DimseError;

pub(super) const C_STORE_RQ: u16 = 0x0001;
pub(super) const C_GET_RQ: u16 = 0x0010;
pub(super) const C_FIND_RQ: u16 = 0x0020;
pub(super) const C_MOVE_RQ: u16 = 0x0021;
pub(super) const C_ECHO_RQ: u16 = 0x0030;
/// Set in the command field of a response.
const RESPONSE: u16 = 0x8000;
/// Requests of one association follow each other: none is told from another by its number.
const MESSAGE_ID: u16 = 1;
const MEDIUM: u16 = 0;
/// Any other value than [`NO_DATA_SET`].
const DATA_SET: u16 = 0x0001;

const COMMAND_FIELD: u16 = 0x0100;
const STATUS: u16 = 0x0900;

/// A request with an identifier as its data set, except C-ECHO; `destination` is for C-MOVE.
pub(super) fn request(field: u16, class: &str, destination: Option<&str>) -> Vec<u8> {
    let has_data = field != C_ECHO_RQ;
    let mut command = Writer::default();
    command.uid(0x0002, class).u16(0x0100, field).u16(0x0110, MESSAGE_ID);
    if let Some(title) = destination {
        command.text(0x0600, title, b' ');
    }
    if has_data {
        command.u16(0x0700, MEDIUM);
    }
    command.u16(0x0800, if has_data { DATA_SET } else { NO_DATA_SET });
    command.command()
}

/// A C-STORE request, whose object follows.
pub(super) fn store_request(class: &str, instance: &str) -> Vec<u8> {
    let mut command = Writer::default();
    command
        .uid(0x0002, class)
        .u16(0x0100, C_STORE_RQ)
        .u16(0x0110, MESSAGE_ID)
        .u16(0x0700, MEDIUM)
        .u16(0x0800, DATA_SET)
        .uid(0x1000, instance);
    command.command()
}

/// The answer to a C-STORE request.
pub(super) fn store_response(message: &Message, status: u16) -> Vec<u8> {
    let text = |element| message.command.text(element).unwrap_or_default();
    let mut command = Writer::default();
    command
        .uid(0x0002, text(0x0002))
        .u16(0x0100, C_STORE_RQ | RESPONSE)
        .u16(0x0120, message.command.u16(0x0110).unwrap_or_default())
        .u16(0x0800, NO_DATA_SET)
        .u16(0x0900, status)
        .uid(0x1000, text(0x1000));
    command.command()
}

/// The answer to a C-ECHO request, which anybody may send on an open association.
pub(super) fn echo_response(message: &Message) -> Vec<u8> {
    let mut command = Writer::default();
    command
        .uid(0x0002, message.command.text(0x0002).unwrap_or_default())
        .u16(0x0100, C_ECHO_RQ | RESPONSE)
        .u16(0x0120, message.command.u16(0x0110).unwrap_or_default())
        .u16(0x0800, NO_DATA_SET)
        .u16(0x0900, 0);
    command.command()
}

/// The command field of a message.
pub(super) fn field(message: &Message) -> Option<u16> {
    message.command.u16(COMMAND_FIELD)
}

/// The status of the response to a request.
pub(super) fn response(message: &Message, request: u16) -> Result<u16, DimseError> {
    if field(message) != Some(request | RESPONSE) {
        return Err(DimseError::Protocol("the response to another request".to_owned()));
    }
    let status = message.command.u16(STATUS);
    status.ok_or_else(|| DimseError::Protocol("a response without status".to_owned()))
}

/// Whether more responses follow (PS3.7 annex C).
pub(super) const fn is_pending(status: u16) -> bool {
    matches!(status, 0xFF00 | 0xFF01)
}
