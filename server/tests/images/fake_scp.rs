//! A storage and query SCP that answers by a script, rightly or not.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries::{
    EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN,
};
use dicom_ul::pdu::{
    AssociationAC, PDataValue, PDataValueType, Pdu, PresentationContextResult,
    PresentationContextResultReason, UserVariableItem, read_pdu, write_pdu,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::dimse_commands::{command_bytes, command_field, command_set, implicit, number, short};
use crate::setup::phantoms;

const MOST: u32 = 1 << 20;
const CT: &str = "1.2.840.10008.5.1.4.1.1.2";

/// What it does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// A PDU whose length says more than was agreed on.
    HugePdu,
    /// A fragment whose length is longer than its PDU.
    WrongLength,
    /// An association that is never answered.
    Silence,
    /// A-ABORT after this many objects, as often as this.
    Abort { after: usize, times: usize },
    /// Objects of another study before those asked for.
    Foreign,
    /// A C-GET that is refused.
    Refuse,
    /// Waits before the second object until it may go on.
    Stall,
    /// Leaves the second object out of a retrieve of the series.
    Forget,
    /// More answers than anybody can hold.
    EndlessAnswers,
    /// A context that was not agreed on.
    StrangeContext,
}

/// What it saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) associations: AtomicUsize,
    pub(crate) aborts: AtomicUsize,
    /// Levels of the C-GET requests.
    pub(crate) gets: Mutex<Vec<String>>,
    /// Statuses of the C-STORE responses.
    pub(crate) statuses: Mutex<Vec<u16>>,
    faults: AtomicUsize,
}

pub(crate) struct FakeScp {
    pub(crate) port: u16,
    pub(crate) fault: Fault,
    pub(crate) seen: Arc<Seen>,
    pub(crate) go_on: Arc<Notify>,
}

/// The phantom's CT, by SOP Instance UID, as data sets in Explicit VR Little Endian.
type Objects = BTreeMap<String, (InMemDicomObject, Vec<u8>)>;

impl FakeScp {
    pub(crate) async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, go_on) = (Arc::new(Seen::default()), Arc::new(Notify::new()));
        let objects = Arc::new(objects());
        let fake = Self { port, fault, seen: Arc::clone(&seen), go_on: Arc::clone(&go_on) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.associations.fetch_add(1, Ordering::SeqCst);
                let peer = Peer {
                    stream,
                    buffer: Vec::new(),
                    fault,
                    seen: Arc::clone(&seen),
                    go_on: Arc::clone(&go_on),
                    objects: Arc::clone(&objects),
                    contexts: BTreeMap::new(),
                };
                tokio::spawn(peer.serve());
            }
        });
        fake
    }
}

fn objects() -> Objects {
    let series = phantoms().exam.series(negatoscope_phantom::SeriesKind::Ct).unwrap();
    let read = |file: &std::path::PathBuf| {
        let object = dicom_object::open_file(file).unwrap().into_inner();
        let mut bytes = Vec::new();
        object.write_dataset_with_ts(&mut bytes, &EXPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap();
        let uid = text(&object, tags::SOP_INSTANCE_UID);
        (uid, (object, bytes))
    };
    series.files.iter().map(read).collect()
}

fn text(object: &InMemDicomObject, tag: Tag) -> String {
    let text = object.get(tag).and_then(|element| element.to_str().ok());
    text.map(|text| text.trim_end_matches(['\0', ' ']).to_owned()).unwrap_or_default()
}

struct Peer {
    stream: TcpStream,
    buffer: Vec<u8>,
    fault: Fault,
    seen: Arc<Seen>,
    go_on: Arc<Notify>,
    objects: Arc<Objects>,
    /// Abstract and transfer syntax by context.
    contexts: BTreeMap<u8, (String, String)>,
}

impl Peer {
    async fn serve(mut self) {
        let Some(Pdu::AssociationRQ(request)) = self.next().await else { return };
        if self.fault == Fault::Silence {
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
        let mut results = Vec::new();
        for proposed in request.presentation_contexts {
            let syntax = proposed.transfer_syntaxes[0].clone();
            results.push(PresentationContextResult {
                id: proposed.id,
                reason: PresentationContextResultReason::Acceptance,
                transfer_syntax: syntax.clone(),
            });
            self.contexts.insert(proposed.id, (proposed.abstract_syntax, syntax));
        }
        let mut user_variables = vec![UserVariableItem::MaxLength(MOST)];
        let roles = request.user_variables.into_iter();
        user_variables.extend(
            roles.filter(|item| matches!(item, UserVariableItem::ScuScpRoleSelectionSubItem(..))),
        );
        let answer = AssociationAC {
            protocol_version: 1,
            calling_ae_title: request.calling_ae_title,
            called_ae_title: request.called_ae_title,
            application_context_name: request.application_context_name,
            presentation_contexts: results,
            user_variables,
        };
        self.send(&Pdu::AssociationAC(answer)).await;
        while let Some((context, command, data)) = self.message().await {
            let mut is_open = true;
            match command_field(&command) {
                0x0020 => self.find(context, &data).await,
                0x0010 => is_open = self.get(context, &data).await,
                0x0030 => self.respond(context, 0x8030, 0, None).await,
                _ => {}
            }
            if !is_open {
                return;
            }
        }
    }

    async fn next(&mut self) -> Option<Pdu> {
        loop {
            let mut unread = Cursor::new(&self.buffer[..]);
            if let Some(pdu) = read_pdu(&mut unread, MOST, true).unwrap() {
                let end = unread.position() as usize;
                self.buffer.drain(..end);
                return Some(pdu);
            }
            if self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// Context, command set and data set.
    async fn message(&mut self) -> Option<(u8, InMemDicomObject, Vec<u8>)> {
        let (mut command, mut data, mut whole) = (Vec::new(), Vec::new(), None);
        loop {
            match self.next().await? {
                Pdu::PData { data: values } => {
                    for value in values {
                        let id = value.presentation_context_id;
                        match value.value_type {
                            PDataValueType::Command => {
                                command.extend(value.data);
                                let read = value.is_last.then(|| command_set(&command));
                                whole = read.map(|command| (id, command));
                            }
                            PDataValueType::Data => data.extend(value.data),
                        }
                        if let Some((id, command)) = &whole {
                            let has_data = number(command, tags::COMMAND_DATA_SET_TYPE) != 0x0101;
                            if !has_data || (value.is_last && !data.is_empty()) {
                                return Some((*id, command.clone(), data));
                            }
                        }
                    }
                }
                Pdu::ReleaseRQ => {
                    self.send(&Pdu::ReleaseRP).await;
                    return None;
                }
                Pdu::AbortRQ { .. } => {
                    self.seen.aborts.fetch_add(1, Ordering::SeqCst);
                    return None;
                }
                _ => return None,
            }
        }
    }

    async fn send(&mut self, pdu: &Pdu) {
        let mut bytes = Vec::new();
        write_pdu(&mut bytes, pdu).unwrap();
        let _gone = self.stream.write_all(&bytes).await;
    }

    async fn parts(&mut self, context: u8, value_type: PDataValueType, bytes: &[u8]) {
        let mut pieces = bytes.chunks(16_000).peekable();
        while let Some(piece) = pieces.next() {
            let value = PDataValue {
                presentation_context_id: context,
                value_type: value_type.clone(),
                is_last: pieces.peek().is_none(),
                data: piece.to_vec(),
            };
            self.send(&Pdu::PData { data: vec![value] }).await;
        }
    }

    async fn respond(&mut self, context: u8, field: u16, status: u16, data: Option<&[u8]>) {
        let kind = if data.is_some() { 1 } else { 0x0101 };
        let command = [
            short(tags::COMMAND_FIELD, field),
            short(tags::MESSAGE_ID_BEING_RESPONDED_TO, 1),
            short(tags::COMMAND_DATA_SET_TYPE, kind),
            short(tags::STATUS, status),
        ];
        self.parts(context, PDataValueType::Command, &command_bytes(command)).await;
        if let Some(data) = data {
            self.parts(context, PDataValueType::Data, data).await;
        }
    }

    async fn find(&mut self, context: u8, identifier: &[u8]) {
        let asked = implicit(identifier);
        let level = text(&asked, tags::QUERY_RETRIEVE_LEVEL);
        let found: Vec<InMemDicomObject> =
            self.objects.values().map(|(one, _)| one.clone()).collect();
        let is_known = text(&asked, tags::STUDY_INSTANCE_UID) == phantoms().exam.study_instance_uid;
        let mut many = if level == "IMAGE" { found } else { vec![found[0].clone()] };
        if self.fault == Fault::EndlessAnswers {
            many = many.iter().cycle().take(5000).cloned().collect();
        }
        for object in many.into_iter().filter(|_| is_known) {
            let mut answer = InMemDicomObject::new_empty();
            for element in &asked {
                let tag = element.header().tag;
                if let Some(found) = object.get(tag) {
                    answer.put(found.clone());
                }
            }
            let mut bytes = Vec::new();
            answer.write_dataset_with_ts(&mut bytes, &IMPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap();
            self.respond(context, 0x8020, 0xFF00, Some(&bytes)).await;
        }
        self.respond(context, 0x8020, 0, None).await;
    }

    /// False where the association is over.
    async fn get(&mut self, context: u8, identifier: &[u8]) -> bool {
        let asked = implicit(identifier);
        let level = text(&asked, tags::QUERY_RETRIEVE_LEVEL);
        self.seen.gets.lock().unwrap().push(level.clone());
        if self.fault == Fault::Refuse {
            self.respond(context, 0x8010, 0xA701, None).await;
            return true;
        }
        let list = text(&asked, tags::SOP_INSTANCE_UID);
        let listed: Vec<&str> = list.split('\\').collect();
        let objects = Arc::clone(&self.objects);
        let wanted =
            objects.iter().filter(|(uid, _)| level == "SERIES" || listed.contains(&uid.as_str()));
        if self.fault == Fault::Foreign {
            for bytes in foreign(&objects) {
                self.store("1.2.3.4", &bytes).await;
            }
            // Another patient's object under the name of one that was asked for.
            let (uid, _) = objects.iter().next().unwrap();
            self.store(uid, &foreign(&objects)[0]).await;
        }
        for (number, (uid, (_, bytes))) in wanted.enumerate() {
            match self.fault {
                Fault::Abort { after, times }
                    if number == after
                        && self.seen.faults.fetch_add(1, Ordering::SeqCst) < times =>
                {
                    let abort = dicom_ul::pdu::AbortRQSource::ServiceUser;
                    self.send(&Pdu::AbortRQ { source: abort }).await;
                    return false;
                }
                Fault::Forget if number == 1 && level == "SERIES" => continue,
                Fault::Stall if number == 1 => {
                    let go_on = Arc::clone(&self.go_on);
                    tokio::select! {
                        () = go_on.notified() => {}
                        _ended = self.message() => return false,
                    }
                }
                Fault::HugePdu if number == 1 => {
                    let _gone = self.stream.write_all(&[4, 0, 0x7F, 0xFF, 0xFF, 0xFF]).await;
                    return self.wait_for_abort().await;
                }
                Fault::WrongLength if number == 1 => {
                    let _gone =
                        self.stream.write_all(&[4, 0, 0, 0, 0, 8, 0, 1, 0, 0, 1, 3, 0, 0]).await;
                    return self.wait_for_abort().await;
                }
                Fault::StrangeContext if number == 1 => {
                    self.parts(255, PDataValueType::Command, &[0; 8]).await;
                    return self.wait_for_abort().await;
                }
                _ => {}
            }
            self.store(uid, bytes).await;
        }
        self.respond(context, 0x8010, 0, None).await;
        true
    }

    async fn wait_for_abort(&mut self) -> bool {
        let _ended = self.message().await;
        false
    }

    async fn store(&mut self, uid: &str, data: &[u8]) {
        let context = self
            .contexts
            .iter()
            .find(|(_, (class, syntax))| class == CT && syntax == "1.2.840.10008.1.2.1");
        let context = *context.unwrap().0;
        let name = |tag, uid: &str| DataElement::new(tag, VR::UI, PrimitiveValue::from(uid));
        let command = [
            name(tags::AFFECTED_SOP_CLASS_UID, CT),
            short(tags::COMMAND_FIELD, 1),
            short(tags::MESSAGE_ID, 7),
            short(tags::COMMAND_DATA_SET_TYPE, 1),
            name(tags::AFFECTED_SOP_INSTANCE_UID, uid),
        ];
        self.parts(context, PDataValueType::Command, &command_bytes(command)).await;
        self.parts(context, PDataValueType::Data, data).await;
        if let Some((_, response, _)) = self.message().await {
            self.seen.statuses.lock().unwrap().push(number(&response, tags::STATUS));
        }
    }
}

/// Objects of the CT filed under another study.
fn foreign(objects: &Objects) -> Vec<Vec<u8>> {
    let of_another = |(object, _): &(InMemDicomObject, Vec<u8>)| {
        let mut object = object.clone();
        let study = PrimitiveValue::from("1.2.3");
        object.put(DataElement::new(tags::STUDY_INSTANCE_UID, VR::UI, study));
        let mut bytes = Vec::new();
        object.write_dataset_with_ts(&mut bytes, &EXPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap();
        bytes
    };
    objects.values().take(2).map(of_another).collect()
}
