//! What an import changes in an object: a list, made before anything is written (IHE RAD TF Import Reconciliation Workflow).
//!
//! The patient and the order become the local ones. What they were before stays in the object: the former patient identifier in Other
//! Patient IDs Sequence, and every former value in Original Attributes Sequence (PS3.3 C.12.1). UIDs and pixel data are
//! not touched. A plan for an object that is reconciled already is empty.

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;
use serde::Serialize;

use super::charset::{Charset, UNICODE};
use super::error::Unwritable;
use super::header::{Header, dicom, text_of};
use super::local::Local;
use crate::data_set::elements::Tag;
use crate::data_set::encode::Writer;

pub(super) const CHARACTER_SET: Tag = 0x0008_0005;
const ACCESSION_NUMBER: Tag = 0x0008_0050;
const ACCESSION_ISSUER: Tag = 0x0008_0051;
pub(super) const INSTITUTION_NAME: Tag = 0x0008_0080;
const STUDY_DESCRIPTION: Tag = 0x0008_1030;
const SERIES_DESCRIPTION: Tag = 0x0008_103E;
const PATIENT_NAME: Tag = 0x0010_0010;
const PATIENT_ID: Tag = 0x0010_0020;
const PATIENT_ISSUER: Tag = 0x0010_0021;
const TYPE_OF_PATIENT_ID: Tag = 0x0010_0022;
const PATIENT_QUALIFIERS: Tag = 0x0010_0024;
const BIRTH_DATE: Tag = 0x0010_0030;
const SEX: Tag = 0x0010_0040;
const OTHER_PATIENT_IDS: Tag = 0x0010_1002;
const SERIES_UID: Tag = 0x0020_000E;
const UNIVERSAL_ID: Tag = 0x0040_0032;
const UNIVERSAL_ID_TYPE: Tag = 0x0040_0033;
pub(super) const ORIGINAL_ATTRIBUTES: Tag = 0x0400_0561;

/// Why an attribute changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The local patient.
    Patient,
    /// The local order.
    Order,
    /// A description of the local side.
    Description,
    /// New values need other signs than the object had.
    CharacterSet,
    /// What was there before is kept here.
    Kept,
}

/// One attribute that changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Change {
    /// `GGGGEEEE`
    pub tag: String,
    /// Keyword of the standard.
    pub keyword: &'static str,
    /// Value before; none where there is no such attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Value afterwards; none where the attribute goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// The value of an element that is written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum New {
    Text([u8; 2], Vec<u8>),
    Items(Vec<u8>),
    Removed,
}

#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub tag: Tag,
    pub new: New,
}

/// What changes in one object.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    changes: Vec<Change>,
    /// By ascending tag, without Original Attributes Sequence.
    pub(super) edits: Vec<Edit>,
}

impl Plan {
    /// For an object that becomes the local patient's.
    ///
    /// # Errors
    /// [`Unwritable`] where a value cannot be written into it.
    pub fn new(header: &Header<'_>, local: &Local) -> Result<Self, Unwritable> {
        let wishes = wishes(header, local);
        let values: Vec<&str> = wishes.iter().filter_map(|wish| wish.value.as_deref()).collect();
        let stated = stated_charset(header)?;
        let charset =
            Charset::for_values(stated.as_deref().unwrap_or_default(), header.object, &values)?;
        let mut plan = Self::default();
        for wish in &wishes {
            plan.push(header, wish, &charset)?;
        }
        if charset.becomes_unicode {
            let new = New::Text(*b"CS", UNICODE.as_bytes().to_vec());
            plan.add(CHARACTER_SET, new, [stated, Some(UNICODE.to_owned())], Reason::CharacterSet);
        }
        plan.keep_patient_id(header)?;
        plan.edits.sort_by_key(|edit| edit.tag);
        if !plan.edits.is_empty() {
            let (from, to) = counted(header, ORIGINAL_ATTRIBUTES);
            plan.changes.push(change(ORIGINAL_ATTRIBUTES, [from, to], Reason::Kept));
        }
        plan.changes.sort_by(|a, b| a.tag.cmp(&b.tag));
        Ok(plan)
    }

    /// Every attribute that changes, by ascending tag.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    fn push(
        &mut self,
        header: &Header<'_>,
        wish: &Wish,
        charset: &Charset,
    ) -> Result<(), Unwritable> {
        let Wish { tag, vr, ref value, reason } = *wish;
        let from = if vr == *b"SQ" { entity(header, tag) } else { header.text(tag) };
        if from.as_deref().unwrap_or_default() == value.as_deref().unwrap_or_default() {
            return Ok(());
        }
        let new = match value {
            None => New::Removed,
            Some(oid) if vr == *b"SQ" => New::Items(entity_item(header, oid)?),
            Some(text) => New::Text(vr, charset.encode(text)?),
        };
        self.add(tag, new, [from, value.clone()], reason);
        Ok(())
    }

    fn add(&mut self, tag: Tag, new: New, values: [Option<String>; 2], reason: Reason) {
        self.edits.push(Edit { tag, new });
        self.changes.push(change(tag, values, reason));
    }

    fn changes_any(&self, tags: &[Tag]) -> bool {
        self.edits.iter().any(|edit| tags.contains(&edit.tag))
    }

    /// The former identifier becomes one of Other Patient IDs Sequence, with its issuer, unless it is there.
    fn keep_patient_id(&mut self, header: &Header<'_>) -> Result<(), Unwritable> {
        let id = header.text(PATIENT_ID).unwrap_or_default();
        if id.is_empty() || !self.changes_any(&[PATIENT_ID, PATIENT_ISSUER, PATIENT_QUALIFIERS]) {
            return Ok(());
        }
        let issuer = header.text(PATIENT_ISSUER).unwrap_or_default();
        let others = header.object.get(dicom(OTHER_PATIENT_IDS)).and_then(|it| it.items());
        let is_known = others.into_iter().flatten().any(|item| {
            text_of(item, PATIENT_ID).as_ref() == Some(&id)
                && text_of(item, PATIENT_ISSUER).unwrap_or_default() == issuer
        });
        if is_known {
            return Ok(());
        }
        let mut item = Writer::new(header.encoding);
        item.raw(header.raw(PATIENT_ID)?.unwrap_or_default());
        item.raw(header.raw(PATIENT_ISSUER)?.unwrap_or_default());
        item.text(TYPE_OF_PATIENT_ID, *b"CS", b"TEXT")?;
        item.raw(header.raw(PATIENT_QUALIFIERS)?.unwrap_or_default());
        let mut items = header.items(OTHER_PATIENT_IDS)?;
        items.extend(item.into_item()?);
        let (from, to) = counted(header, OTHER_PATIENT_IDS);
        self.add(OTHER_PATIENT_IDS, New::Items(items), [from, to], Reason::Kept);
        Ok(())
    }
}

/// A value that an attribute shall have.
struct Wish {
    tag: Tag,
    vr: [u8; 2],
    /// Of a sequence of issuers: the OID. None: the attribute goes.
    value: Option<String>,
    reason: Reason,
}

fn wishes(header: &Header<'_>, local: &Local) -> Vec<Wish> {
    let patient = &local.patient;
    let wish = |tag, vr: &[u8; 2], value: Option<&str>, reason| Wish {
        tag,
        vr: *vr,
        value: value.map(str::to_owned),
        reason,
    };
    let mut wishes = vec![
        wish(PATIENT_NAME, b"PN", Some(&patient.name), Reason::Patient),
        wish(PATIENT_ID, b"LO", Some(&patient.id), Reason::Patient),
    ];
    let other =
        |tag, new: Option<&str>| new.is_some_and(|new| header.text(tag).as_deref() != Some(new));
    let is_other_id =
        other(PATIENT_ID, Some(&patient.id)) || other(PATIENT_ISSUER, patient.issuer.as_deref());
    // An issuer belongs to its identifier: with another identifier it goes, where the local one is not told.
    if is_other_id || patient.issuer_oid.is_some() {
        wishes.push(wish(
            PATIENT_QUALIFIERS,
            b"SQ",
            patient.issuer_oid.as_deref(),
            Reason::Patient,
        ));
    }
    if is_other_id {
        wishes.push(wish(PATIENT_ISSUER, b"LO", patient.issuer.as_deref(), Reason::Patient));
    }
    if let Some(date) = &patient.birth_date {
        wishes.push(wish(BIRTH_DATE, b"DA", Some(date), Reason::Patient));
    }
    if let Some(sex) = &patient.sex {
        wishes.push(wish(SEX, b"CS", Some(sex), Reason::Patient));
    }
    if let Some(accession) = &local.accession {
        let is_other = other(ACCESSION_NUMBER, Some(&accession.number));
        wishes.push(wish(ACCESSION_NUMBER, b"SH", Some(&accession.number), Reason::Order));
        if is_other || accession.issuer_oid.is_some() {
            let oid = accession.issuer_oid.as_deref();
            wishes.push(wish(ACCESSION_ISSUER, b"SQ", oid, Reason::Order));
        }
    }
    if let Some(text) = &local.study_description {
        wishes.push(wish(STUDY_DESCRIPTION, b"LO", Some(text), Reason::Description));
    }
    let series = header.text(SERIES_UID).unwrap_or_default();
    if let Some(text) = local.series_descriptions.get(&series) {
        wishes.push(wish(SERIES_DESCRIPTION, b"LO", Some(text), Reason::Description));
    }
    wishes
}

/// The OID of a sequence of one issuer (HL7v2 Hierarchic Designator macro, PS3.3 10.14); empty text where it tells something else.
fn entity(header: &Header<'_>, tag: Tag) -> Option<String> {
    let items = header.object.get(dicom(tag))?.items()?;
    let first = items.first()?;
    let oid = text_of(first, UNIVERSAL_ID);
    Some(oid.unwrap_or_else(|| "?".to_owned()))
}

fn entity_item(header: &Header<'_>, oid: &str) -> Result<Vec<u8>, Unwritable> {
    let mut item = Writer::new(header.encoding);
    item.text(UNIVERSAL_ID, *b"UT", oid.as_bytes())?;
    item.text(UNIVERSAL_ID_TYPE, *b"CS", b"ISO")?;
    item.into_item()
}

/// Specific Character Set as it is written: what was read of the object says Unicode.
fn stated_charset(header: &Header<'_>) -> Result<Option<String>, Unwritable> {
    let value = header.raw_value(CHARACTER_SET)?;
    let text = |value| String::from_utf8_lossy(value).trim_matches(['\0', ' ']).to_owned();
    Ok(value.map(text))
}

/// How many items a sequence has, and that it gets one more.
fn counted(header: &Header<'_>, tag: Tag) -> (Option<String>, Option<String>) {
    let items = header.object.get(dicom(tag)).and_then(|element| element.items());
    let items = items.map(<[_]>::len);
    let tell = |count: usize| format!("[{count}]");
    (items.map(tell), Some(tell(items.unwrap_or(0) + 1)))
}

fn change(tag: Tag, [from, to]: [Option<String>; 2], reason: Reason) -> Change {
    let entry = StandardDataDictionary.by_tag(dicom(tag));
    let keyword = entry.map_or("", |entry| entry.alias());
    Change { tag: format!("{tag:08X}"), keyword, from, to, reason }
}
