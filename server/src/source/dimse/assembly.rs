//! Fragments → messages (PS3.8 annex E): a command set, then its data set, of one presentation context.
//! Objects are handed on piece by piece; whoever takes them counts and limits them.

use std::collections::VecDeque;

use dicom_ul::pdu::{PDataValue, PDataValueType};

use super::association::Context;
use super::elements::CommandSet;
use super::error::DimseError;
use super::requests::C_STORE_RQ;

/// Longest command set.
const MAX_COMMAND_BYTES: usize = 16 * 1024;
/// Longest identifier of a C-FIND response.
const MAX_IDENTIFIER_BYTES: usize = 1024 * 1024;
/// Command Data Set Type (0000,0800) of a message without data set.
pub(super) const NO_DATA_SET: u16 = 0x0101;

/// A message; that of a C-STORE request without its data set.
#[derive(Debug)]
pub(super) struct Message {
    /// Its presentation context.
    pub context: u8,
    pub command: CommandSet,
    /// Whether a data set belongs to it.
    pub has_data: bool,
    /// The data set, unless it is an object.
    pub data: Vec<u8>,
}

/// What comes in.
#[derive(Debug)]
pub(super) enum Event {
    /// A message. Where it is a C-STORE request, the pieces of its object follow.
    Message(Message),
    /// A piece of the object of the last C-STORE request.
    Piece {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it is the last one.
        is_last: bool,
    },
}

/// What is being put together.
#[derive(Default)]
pub(super) struct Assembly {
    command: Vec<u8>,
    data: Expected,
    events: VecDeque<Event>,
    /// Context of the message that is coming.
    context: Option<u8>,
}

/// Whose data set is coming.
#[derive(Default)]
enum Expected {
    #[default]
    Nothing,
    Identifier(Message),
    Object,
}

impl Assembly {
    pub(super) fn next(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Takes one fragment.
    pub(super) fn push(
        &mut self,
        value: PDataValue,
        contexts: &[Context],
    ) -> Result<(), DimseError> {
        let id = value.presentation_context_id;
        if !contexts.iter().any(|context| context.id == id) {
            return Err(wrong("a presentation context that was not agreed on"));
        }
        if *self.context.get_or_insert(id) != id {
            return Err(wrong("fragments of two presentation contexts in one message"));
        }
        match (value.value_type, &mut self.data) {
            (PDataValueType::Command, Expected::Nothing) => {
                self.push_command(&value.data, value.is_last, id)
            }
            (PDataValueType::Command, _) => Err(wrong("a command inside a data set")),
            (PDataValueType::Data, Expected::Nothing) => Err(wrong("a data set without command")),
            (PDataValueType::Data, Expected::Identifier(message)) => {
                if message.data.len() + value.data.len() > MAX_IDENTIFIER_BYTES {
                    return Err(DimseError::TooLarge("an answer of the PACS"));
                }
                message.data.extend_from_slice(&value.data);
                if value.is_last {
                    self.finish();
                }
                Ok(())
            }
            (PDataValueType::Data, Expected::Object) => {
                self.events.push_back(Event::Piece { bytes: value.data, is_last: value.is_last });
                if value.is_last {
                    self.finish();
                }
                Ok(())
            }
        }
    }

    fn push_command(&mut self, data: &[u8], is_last: bool, context: u8) -> Result<(), DimseError> {
        if self.command.len() + data.len() > MAX_COMMAND_BYTES {
            return Err(DimseError::TooLarge("a command of the PACS"));
        }
        self.command.extend_from_slice(data);
        if !is_last {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.command);
        let command = CommandSet::parse(&bytes).ok_or_else(|| wrong("a malformed command"))?;
        let has_data = command.u16(0x0800).is_some_and(|kind| kind != NO_DATA_SET);
        let is_object = command.u16(0x0100) == Some(C_STORE_RQ);
        let message = Message { context, command, has_data, data: Vec::new() };
        match (has_data, is_object) {
            (true, false) => self.data = Expected::Identifier(message),
            (true, true) => {
                self.data = Expected::Object;
                self.events.push_back(Event::Message(message));
            }
            (false, _) => {
                self.context = None;
                self.events.push_back(Event::Message(message));
            }
        }
        Ok(())
    }

    fn finish(&mut self) {
        self.context = None;
        if let Expected::Identifier(message) = std::mem::take(&mut self.data) {
            self.events.push_back(Event::Message(message));
        }
    }
}

fn wrong(what: &str) -> DimseError {
    DimseError::Protocol(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::dimse::elements::Writer;

    const FIND_RSP: u16 = 0x8020;

    fn contexts() -> Vec<Context> {
        let context = |id| Context {
            id,
            abstract_syntax: "1.2".to_owned(),
            transfer_syntax: "1.2.840.10008.1.2".to_owned(),
        };
        vec![context(1), context(3)]
    }

    fn value(id: u8, value_type: PDataValueType, is_last: bool, data: &[u8]) -> PDataValue {
        PDataValue { presentation_context_id: id, value_type, is_last, data: data.to_vec() }
    }

    fn command(field: u16, kind: u16) -> Vec<u8> {
        Writer::default().u16(0x0000_0100, field).u16(0x0000_0800, kind).command()
    }

    #[test]
    fn fragments_become_a_message_wherever_they_are_cut() {
        let command = command(FIND_RSP, 1);
        for cut in 1..command.len() {
            let mut assembly = Assembly::default();
            let (head, tail) = command.split_at(cut);
            for piece in [
                value(3, PDataValueType::Command, false, head),
                value(3, PDataValueType::Command, true, tail),
                value(3, PDataValueType::Data, false, b"ab"),
                value(3, PDataValueType::Data, true, b"c"),
            ] {
                assert!(assembly.next().is_none());
                assembly.push(piece, &contexts()).unwrap();
            }
            let Some(Event::Message(message)) = assembly.next() else { panic!("a message") };
            assert_eq!((message.context, &message.data[..]), (3, &b"abc"[..]));
        }
    }

    #[test]
    fn an_object_is_handed_on_as_it_comes() {
        let mut assembly = Assembly::default();
        let store = value(1, PDataValueType::Command, true, &command(C_STORE_RQ, 1));
        assembly.push(store, &contexts()).unwrap();
        let Some(Event::Message(message)) = assembly.next() else { panic!("a message") };
        assert!(message.has_data && message.data.is_empty());
        for (bytes, is_last) in [(b"ab", false), (b"cd", true)] {
            assembly.push(value(1, PDataValueType::Data, is_last, bytes), &contexts()).unwrap();
            let Some(Event::Piece { bytes: found, is_last: last }) = assembly.next() else {
                panic!("a piece")
            };
            assert_eq!((&found[..], last), (&bytes[..], is_last));
        }
        let echo = value(3, PDataValueType::Command, true, &command(0x0030, NO_DATA_SET));
        assembly.push(echo, &contexts()).unwrap();
        assert!(matches!(assembly.next(), Some(Event::Message(Message { has_data: false, .. }))));
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let find = command(FIND_RSP, 1);
        let refused = |value_: PDataValue| {
            let mut assembly = Assembly::default();
            assembly.push(value(1, PDataValueType::Command, true, &find), &contexts()).unwrap();
            assembly.push(value_, &contexts()).unwrap_err().to_string()
        };
        for (value, expected) in [
            (value(1, PDataValueType::Command, true, &find), "inside a data set"),
            (value(3, PDataValueType::Data, true, b""), "two presentation contexts"),
            (value(5, PDataValueType::Data, true, b""), "not agreed on"),
            (
                value(1, PDataValueType::Data, true, &[0; MAX_IDENTIFIER_BYTES + 1]),
                "exceeds a limit",
            ),
        ] {
            let error = refused(value);
            assert!(error.contains(expected), "{error}");
        }
        let mut assembly = Assembly::default();
        let early = value(1, PDataValueType::Data, true, b"1");
        assert!(assembly.push(early, &contexts()).unwrap_err().to_string().contains("without"));
        let endless = value(1, PDataValueType::Command, false, &[0; MAX_COMMAND_BYTES + 1]);
        let refused = Assembly::default().push(endless, &contexts());
        assert!(matches!(refused, Err(DimseError::TooLarge(_))));
    }
}
