//! One association over a stream: PDUs with limits and time-outs (PS3.8), put together to messages
//! (PS3.7 6.3). The PDUs themselves are read and written by `dicom-ul`.

use std::io::Cursor;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use dicom_ul::pdu::{AbortRQSource, PDataValue, PDataValueType, Pdu, read_pdu, write_pdu};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::assembly::{Assembly, Event, Message};
use super::error::DimseError;
use super::requests::{C_STORE_RQ, field};

/// Largest PDU taken, without its head; a longer one ends the association before it is read.
pub(super) const MAX_PDU_BYTES: u32 = 128 * 1024;
/// Largest PDU sent, also where the PACS takes more.
const MAX_SENT_PDU_BYTES: u32 = 16 * 1024;
/// Head of a presentation data value: length, context and control header (PS3.8 9.3.5.1).
const VALUE_HEAD_BYTES: u32 = 6;
/// Time to get rid of an association in order.
const FAREWELL: Duration = Duration::from_secs(2);

/// A TCP or TLS connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A presentation context both sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub id: u8,
    pub abstract_syntax: String,
    pub transfer_syntax: String,
}

/// An open association; aborted where it is dropped without [`Self::release`].
pub(super) struct Association {
    /// `None` once there is nothing left to abort.
    stream: Option<Box<dyn Stream>>,
    buffer: BytesMut,
    assembly: Assembly,
    pub(super) contexts: Vec<Context>,
    /// Largest PDU the other side takes.
    pub(super) peer_max_pdu_bytes: u32,
    /// Time for a PDU to come whole, and for one to be taken.
    patience: Duration,
}

impl Association {
    /// Around a stream on which nothing has been agreed yet.
    pub(super) fn new(stream: Box<dyn Stream>, patience: Duration) -> Self {
        Self {
            stream: Some(stream),
            buffer: BytesMut::new(),
            assembly: Assembly::default(),
            contexts: Vec::new(),
            peer_max_pdu_bytes: MAX_SENT_PDU_BYTES,
            patience,
        }
    }

    /// The accepted context for an abstract syntax.
    pub(super) fn context(&self, abstract_syntax: &str) -> Option<u8> {
        let is_it = |context: &&Context| context.abstract_syntax == abstract_syntax;
        self.contexts.iter().find(is_it).map(|context| context.id)
    }

    /// The transfer syntax of a context.
    pub(super) fn transfer_syntax(&self, id: u8) -> &str {
        let found = self.contexts.iter().find(|context| context.id == id);
        found.map_or("", |context| &context.transfer_syntax)
    }

    /// The next PDU. Nothing is lost where the future is dropped.
    pub(super) async fn next_pdu(&mut self, what: &'static str) -> Result<Pdu, DimseError> {
        let patience = self.patience;
        timeout(patience, self.read_pdu()).await.map_err(|_elapsed| DimseError::Timeout(what))?
    }

    async fn read_pdu(&mut self) -> Result<Pdu, DimseError> {
        let stream = self.stream.as_mut().ok_or(DimseError::Closed)?;
        loop {
            let mut unread = Cursor::new(&self.buffer[..]);
            let pdu = read_pdu(&mut unread, MAX_PDU_BYTES, true)
                .map_err(|error| DimseError::Protocol(error.to_string()))?;
            if let Some(pdu) = pdu {
                let read = usize::try_from(unread.position()).unwrap_or(usize::MAX);
                self.buffer.advance(read.min(self.buffer.len()));
                return Ok(pdu);
            }
            self.buffer.reserve(MAX_PDU_BYTES as usize / 2);
            if stream.read_buf(&mut self.buffer).await.map_err(DimseError::Broken)? == 0 {
                return Err(DimseError::Closed);
            }
        }
    }

    pub(super) async fn send_pdu(&mut self, pdu: &Pdu) -> Result<(), DimseError> {
        let stream = self.stream.as_mut().ok_or(DimseError::Closed)?;
        let sent = timeout(self.patience, write(stream, pdu)).await;
        sent.map_err(|_elapsed| DimseError::Timeout("sending"))?
    }

    /// What comes next; `None` where the other side released the association (which is answered).
    pub(super) async fn receive(&mut self) -> Result<Option<Event>, DimseError> {
        loop {
            if let Some(event) = self.assembly.next() {
                return Ok(Some(event));
            }
            match self.next_pdu("message").await? {
                Pdu::PData { data } => {
                    for value in data {
                        self.assembly.push(value, &self.contexts)?;
                    }
                }
                Pdu::ReleaseRQ => {
                    self.send_pdu(&Pdu::ReleaseRP).await?;
                    self.stream = None;
                    return Ok(None);
                }
                other => {
                    if matches!(other, Pdu::AbortRQ { .. }) {
                        self.stream = None;
                    }
                    return Err(unexpected(&other));
                }
            }
        }
    }

    /// The next message, where no object may come.
    pub(super) async fn message(&mut self) -> Result<Message, DimseError> {
        match self.receive().await?.ok_or(DimseError::Closed)? {
            Event::Message(message) if field(&message) != Some(C_STORE_RQ) => Ok(message),
            _ => Err(DimseError::Protocol("an object nobody asked for".to_owned())),
        }
    }

    /// Sends a command set and its data set, cut as the other side takes them.
    pub(super) async fn send(
        &mut self,
        context: u8,
        command: &[u8],
        data: Option<&[u8]>,
    ) -> Result<(), DimseError> {
        self.send_part(context, &PDataValueType::Command, command, true).await?;
        match data {
            Some(data) => self.send_data(context, data, true).await,
            None => Ok(()),
        }
    }

    /// Sends a piece of a data set; the last one says so, and is not empty.
    pub(super) async fn send_data(
        &mut self,
        context: u8,
        piece: &[u8],
        is_last: bool,
    ) -> Result<(), DimseError> {
        self.send_part(context, &PDataValueType::Data, piece, is_last).await
    }

    async fn send_part(
        &mut self,
        context: u8,
        value_type: &PDataValueType,
        bytes: &[u8],
        is_last: bool,
    ) -> Result<(), DimseError> {
        let most = self.peer_max_pdu_bytes.min(MAX_SENT_PDU_BYTES).saturating_sub(VALUE_HEAD_BYTES);
        if most == 0 {
            return Err(DimseError::Protocol("no PDU is small enough".to_owned()));
        }
        let mut pieces = bytes.chunks(most as usize).peekable();
        while let Some(piece) = pieces.next() {
            let value = PDataValue {
                presentation_context_id: context,
                value_type: value_type.clone(),
                is_last: is_last && pieces.peek().is_none(),
                data: piece.to_vec(),
            };
            self.send_pdu(&Pdu::PData { data: vec![value] }).await?;
        }
        Ok(())
    }

    /// Ends the association in order; the connection is closed in any case.
    pub(super) async fn release(mut self) {
        let farewell = async {
            self.send_pdu(&Pdu::ReleaseRQ).await?;
            // What was on its way passes.
            while let Pdu::PData { .. } = self.next_pdu("release").await? {}
            Ok::<_, DimseError>(())
        };
        if matches!(timeout(FAREWELL, farewell).await, Ok(Ok(()))) {
            self.stream = None;
        }
    }
}

impl Drop for Association {
    /// A-ABORT, in the background: nobody waits for it.
    fn drop(&mut self) {
        let (Some(mut stream), Ok(runtime)) =
            (self.stream.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        runtime.spawn(async move {
            let abort = Pdu::AbortRQ { source: AbortRQSource::ServiceUser };
            let _gone = timeout(FAREWELL, write(&mut stream, &abort)).await;
            let _closed = timeout(FAREWELL, stream.shutdown()).await;
        });
    }
}

async fn write(stream: &mut Box<dyn Stream>, pdu: &Pdu) -> Result<(), DimseError> {
    let mut bytes = Vec::new();
    write_pdu(&mut bytes, pdu).map_err(|error| DimseError::Protocol(error.to_string()))?;
    stream.write_all(&bytes).await.map_err(DimseError::Broken)?;
    stream.flush().await.map_err(DimseError::Broken)
}

/// Another PDU than the state allows.
pub(super) fn unexpected(pdu: &Pdu) -> DimseError {
    let name = match pdu {
        Pdu::AssociationRQ(_) => "A-ASSOCIATE-RQ",
        Pdu::AssociationAC(_) => "A-ASSOCIATE-AC",
        Pdu::AssociationRJ(_) => "A-ASSOCIATE-RJ",
        Pdu::PData { .. } => "P-DATA-TF",
        Pdu::ReleaseRQ => "A-RELEASE-RQ",
        Pdu::ReleaseRP => "A-RELEASE-RP",
        Pdu::AbortRQ { .. } => return DimseError::Aborted,
        Pdu::Unknown { .. } => "unknown",
    };
    DimseError::Protocol(format!("unexpected PDU {name}"))
}
