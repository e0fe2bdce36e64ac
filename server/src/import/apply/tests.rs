//! What a plan lists is what changes, in whatever encoding, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use dicom_object::InMemDicomObject;
use proptest::prelude::*;
use viewer_core::dicom::{DicomFile, read_part10};

use super::*;
use crate::data_set::elements::Encoding;
use crate::import::header::{dicom, text_of};
use crate::import::local::{Local, LocalAccession, LocalPatient};
use crate::source::dimse::part10;

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const SYNTAXES: [&str; 4] = [IMPLICIT, EXPLICIT, BIG_ENDIAN, JPEG_LS];

const STUDY_UID: Tag = 0x0020_000D;
const UIDS: [Tag; 3] = [0x0008_0018, STUDY_UID, 0x0020_000E];

/// What an object is made of.
#[derive(Clone, Debug)]
struct Made {
    syntax: &'static str,
    charset: &'static str,
    texts: BTreeMap<Tag, ([u8; 2], Vec<u8>)>,
    with_others: bool,
    with_lengths: bool,
    pixels: Vec<u8>,
}

impl Made {
    fn file(&self) -> Vec<u8> {
        let how = Encoding::of(self.syntax);
        let mut elements: BTreeMap<Tag, ([u8; 2], Vec<u8>)> = self.texts.clone();
        if !self.charset.is_empty() {
            elements.insert(0x0008_0005, (*b"CS", self.charset.as_bytes().to_vec()));
        }
        elements.insert(0x0008_0016, (*b"UI", b"1.2.840.10008.5.1.4.1.1.7".to_vec()));
        for (number, tag) in UIDS.into_iter().enumerate() {
            elements.insert(tag, (*b"UI", format!("1.2.{number}").into_bytes()));
        }
        // Private, with bytes that are no text of any kind.
        elements.insert(0x0009_1001, (*b"OB", vec![0xC3, 0, 0xFF, 0x1B]));
        elements.insert(0x0009_0010, (*b"LO", b"MAKER".to_vec()));
        if self.with_others {
            let mut item = Writer::new(how);
            item.text(0x0010_0020, *b"LO", b"FORMER").unwrap();
            elements.insert(0x0010_1002, (*b"SQ", item.into_item().unwrap()));
        }
        let mut file = part10::head("1.2.840.10008.5.1.4.1.1.7", "1.2.0", self.syntax);
        let mut group = Vec::new();
        for number in [0x0008, 0x0009, 0x0010, 0x0020, 0x0028, 0x0032, 0x0040] {
            group.clear();
            let mut writer = Writer::new(how);
            for (tag, (vr, value)) in elements.range(number << 16..(number + 1) << 16) {
                writer.text(*tag, *vr, value).unwrap();
            }
            group.extend(writer.finish());
            if self.with_lengths && !group.is_empty() {
                let mut length = Writer::new(how);
                let bytes = how.u32(u32::try_from(group.len()).unwrap());
                length.element(number << 16, *b"UL", &bytes).unwrap();
                file.extend(length.finish());
            }
            file.extend(&group);
        }
        file.extend(self.pixel_element(how));
        file
    }

    fn pixel_element(&self, how: Encoding) -> Vec<u8> {
        let mut writer = Writer::new(how);
        if self.syntax != JPEG_LS {
            writer.element(0x7FE0_0010, *b"OW", &self.pixels).unwrap();
            return writer.finish();
        }
        let mut bytes =
            b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\0\0\0\0\xFE\xFF\x00\xE0"
                .to_vec();
        bytes.extend(u32::try_from(self.pixels.len()).unwrap().to_le_bytes());
        bytes.extend(&self.pixels);
        bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
        bytes
    }
}

fn record() -> Record {
    Record { at: "20261127120000+0000".to_owned(), source: "vi1.test".to_owned() }
}

fn read(bytes: &[u8]) -> DicomFile {
    read_part10(Cursor::new(bytes)).unwrap()
}

/// The plan, and the file after it.
fn reconcile(bytes: &[u8], local: &Local) -> Result<(Plan, Vec<u8>), Unwritable> {
    let file = read(bytes);
    let header = Header::new(bytes, &file)?;
    let plan = Plan::new(&header, local)?;
    let applied = plan.apply(&header, &record())?;
    Ok((plan, applied))
}

/// Elements up to the pixel data, as they stand there, and everything from there on.
fn parts(bytes: &[u8]) -> (BTreeMap<Tag, Vec<u8>>, Vec<u8>) {
    let file = read(bytes);
    let header = Header::new(bytes, &file).unwrap();
    let element = |span: &Span| (span.tag, bytes[span.start..span.end].to_vec());
    let end = header.spans.last().unwrap().end;
    (header.spans.iter().map(element).collect(), bytes[end..].to_vec())
}

fn tag(change: &crate::import::plan::Change) -> Tag {
    Tag::from_str_radix(&change.tag, 16).unwrap()
}

fn item(object: &InMemDicomObject, tag: Tag) -> &InMemDicomObject {
    object.get(dicom(tag)).unwrap().items().unwrap().last().unwrap()
}

fn sex() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop_oneof!["M", "F", "O"])
}

prop_compose! {
    fn made()(
        syntax in proptest::sample::select(SYNTAXES.to_vec()),
        charset in proptest::sample::select(vec!["", "ISO_IR 100", "ISO_IR 192", "ISO_IR 144"]),
        texts in proptest::collection::btree_map(
            proptest::sample::select(vec![
                (0x0008_0050, *b"SH"), (0x0008_1030, *b"LO"), (0x0008_103E, *b"LO"), (0x0010_0010, *b"PN"),
                (0x0010_0020, *b"LO"), (0x0010_0021, *b"LO"), (0x0010_0030, *b"DA"), (0x0010_0040, *b"CS"),
                (0x0010_4000, *b"LT"), (0x0008_0080, *b"LO"), (0x0040_0275, *b"SQ"),
            ]),
            "[A-Z]{0,9}", 0..11),
        with_others: bool, with_lengths: bool,
        pixels in proptest::collection::vec(any::<u16>(), 1..40),
    ) -> Made {
        let text = |((tag, vr), text): ((Tag, [u8; 2]), String)| {
            let value = match &vr {
                b"DA" => b"19740312".to_vec(),
                b"SQ" => Vec::new(),
                _ => text.into_bytes(),
            };
            (tag, (vr, value))
        };
        let pixels = pixels.into_iter().flat_map(u16::to_le_bytes).collect();
        let texts = texts.into_iter().map(text).collect();
        Made { syntax, charset, texts, with_others, with_lengths, pixels }
    }
}

prop_compose! {
    fn local()(
        id in "[A-Z0-9]{1,9}", name in "[A-ZÉÈ]{1,9}\\^[A-ZÉ]{1,9}",
        issuer in proptest::option::of("[A-Z]{1,9}"), issuer_oid in proptest::option::of("1\\.2\\.[1-9]{1,5}"),
        sex in sex(), number in proptest::option::of("[A-Z0-9]{1,9}"),
        description in proptest::option::of("[A-Z]{1,9}"), of_series in proptest::option::of("[A-Z]{1,9}"),
    ) -> Local {
        let birth_date = Some("19740312".to_owned());
        let accession = number.map(|number| LocalAccession { number, issuer_oid: issuer_oid.clone() });
        Local {
            patient: LocalPatient { id, issuer, issuer_oid, name, birth_date, sex },
            accession,
            study_description: description,
            series_descriptions: of_series.map(|text| ("1.2.2".to_owned(), text)).into_iter().collect(),
        }
    }
}

proptest! {
    /// Only what the plan lists differs, byte for byte; pixel data and UIDs are what they were; once more changes nothing.
    #[test]
    fn what_is_listed_changes_and_nothing_else(made in made(), local in local()) {
        let before = made.file();
        let (plan, after) = reconcile(&before, &local).unwrap();
        let ((old, old_rest), (new, new_rest)) = (parts(&before), parts(&after));
        prop_assert!(old_rest == new_rest, "from the pixel data on");
        let listed: BTreeSet<Tag> = plan.changes().iter().map(tag).collect();
        let all: BTreeSet<Tag> = old.keys().chain(new.keys()).copied().collect();
        let changed: BTreeSet<Tag> = all.into_iter()
            .filter(|tag| tag & 0xFFFF != 0 && old.get(tag) != new.get(tag)).collect();
        prop_assert_eq!(&changed, &listed);
        prop_assert!(UIDS.iter().all(|uid| !listed.contains(uid)));
        prop_assert!(new.keys().is_sorted());
        let (again, same) = reconcile(&after, &local).unwrap();
        prop_assert_eq!(again.changes(), &[]);
        prop_assert!(same == after);
    }

    /// What another reader finds in the result is the local identity, and every former value.
    #[test]
    fn former_values_are_kept(made in made(), local in local()) {
        let before = made.file();
        let (plan, after) = reconcile(&before, &local).unwrap();
        let (old, new) = (read(&before), read(&after));
        let text = |file: &DicomFile, tag| text_of(&file.object, tag).unwrap_or_default();
        prop_assert_eq!(text(&new, 0x0010_0020), local.patient.id);
        prop_assert_eq!(text(&new, 0x0010_0010), local.patient.name);
        if plan.changes().is_empty() {
            return Ok(());
        }
        let original = item(&new.object, ORIGINAL_ATTRIBUTES);
        prop_assert_eq!(text_of(original, REASON).unwrap(), "COERCE");
        let former = item(original, MODIFIED_ATTRIBUTES);
        for change in plan.changes().iter().filter(|change| tag(change) != ORIGINAL_ATTRIBUTES) {
            prop_assert!(former.get(dicom(tag(change))).is_some(), "{}", change.tag);
            let value = text_of(former, tag(change)).unwrap_or_default();
            let sequence = former.get(dicom(tag(change))).unwrap().items().is_some();
            // Our reader makes every text Unicode, and says so wherever a character set is stated.
            let is_charset = tag(change) == 0x0008_0005;
            let expected = if is_charset { "ISO_IR 192".to_owned() } else { text(&old, tag(change)) };
            prop_assert!(sequence || value == expected, "{}: {value}", change.tag);
        }
        let former_id = text(&old, 0x0010_0020);
        if !former_id.is_empty() && plan.changes().iter().any(|change| tag(change) == 0x0010_0020) {
            prop_assert_eq!(text_of(item(&new.object, 0x0010_1002), 0x0010_0020).unwrap(), former_id);
        }
    }

    /// Group lengths are true before and after.
    #[test]
    fn group_lengths_stay_true(made in made(), local in local()) {
        let (_, after) = reconcile(&made.file(), &local).unwrap();
        let file = read(&after);
        let header = Header::new(&after, &file).unwrap();
        for length in header.spans.iter().filter(|span| span.tag & 0xFFFF == 0) {
            let of_group = |span: &&Span| span.tag >> 16 == length.tag >> 16 && span.tag != length.tag;
            let bytes: usize = header.spans.iter().filter(of_group).map(|span| span.end - span.start).sum();
            let stated = header.encoding.u32(u32::try_from(bytes).unwrap());
            prop_assert_eq!(&after[length.value..length.value_end], &stated);
        }
    }

    #[test]
    fn damaged_objects_are_refused_or_written(
        made in made(), local in local(), at in 132_usize.., byte: u8, cut in 0_usize..40,
    ) {
        let mut bytes = made.file();
        let at = 132 + at % (bytes.len() - 132);
        bytes[at] = byte;
        bytes.truncate(bytes.len() - cut.min(bytes.len() - 200));
        if let Ok(file) = read_part10(Cursor::new(&bytes)) {
            let header = Header::new(&bytes, &file);
            let _answered = header.and_then(|header| Plan::new(&header, &local)?.apply(&header, &record()));
        }
    }
}

fn known() -> Made {
    let texts = [
        (0x0008_0080, (*b"LO", b"CHU ANGERS".to_vec())),
        (0x0010_0010, (*b"PN", b"LEF\xC8VRE^\xC9LISE".to_vec())),
        (0x0010_0020, (*b"LO", b"274034910101032".to_vec())),
        (0x0010_0021, (*b"LO", b"ASIP-SANTE-INS-NIR".to_vec())),
    ];
    Made {
        syntax: EXPLICIT,
        charset: "ISO_IR 100",
        texts: texts.into_iter().collect(),
        with_others: true,
        with_lengths: false,
        pixels: vec![1, 2],
    }
}

fn to(id: &str, name: &str) -> Local {
    let patient = LocalPatient { id: id.into(), name: name.into(), ..LocalPatient::default() };
    Local { patient, ..Local::default() }
}

#[test]
fn a_plan_is_told_in_words() {
    let (plan, after) = reconcile(&known().file(), &to("L1", "LEFÈVRE^ÉLISE")).unwrap();
    let told: Vec<_> = plan
        .changes()
        .iter()
        .map(|it| {
            format!(
                "{} {:?} {:?} {:?}",
                it.keyword,
                it.from.as_deref(),
                it.to.as_deref(),
                it.reason
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "PatientID Some(\"274034910101032\") Some(\"L1\") Patient",
            "IssuerOfPatientID Some(\"ASIP-SANTE-INS-NIR\") None Patient",
            "OtherPatientIDsSequence Some(\"[1]\") Some(\"[2]\") Kept",
            "OriginalAttributesSequence None Some(\"[1]\") Kept",
        ]
    );
    let file = read(&after);
    let other = item(&file.object, 0x0010_1002);
    assert_eq!(text_of(other, 0x0010_0021).unwrap(), "ASIP-SANTE-INS-NIR");
    let original = item(&file.object, ORIGINAL_ATTRIBUTES);
    assert_eq!(text_of(original, SOURCE_OF_VALUES).unwrap(), "CHU ANGERS");
}

#[test]
fn a_sign_that_the_object_cannot_have_is_refused_and_ascii_becomes_unicode() {
    let polish = to("L1", "ŁUKASZ");
    assert_eq!(reconcile(&known().file(), &polish).unwrap_err(), Unwritable::CharacterSet);
    let mut ascii = known();
    ascii.texts.insert(0x0010_0010, (*b"PN", b"LEFEVRE".to_vec()));
    let (plan, after) = reconcile(&ascii.file(), &polish).unwrap();
    assert_eq!(plan.changes()[0].keyword, "SpecificCharacterSet");
    assert_eq!(text_of(&read(&after).object, 0x0010_0010).unwrap(), "ŁUKASZ");
    // As a reader tells it that leaves character sets as they are.
    let after = dicom_object::from_reader(&after[..]).unwrap();
    assert_eq!(text_of(&after, 0x0008_0005).unwrap(), "ISO_IR 192");
    let former = item(item(&after, ORIGINAL_ATTRIBUTES), MODIFIED_ATTRIBUTES);
    assert_eq!(text_of(former, 0x0008_0005).unwrap(), "ISO_IR 100");
    assert_eq!(text_of(former, 0x0010_0010).unwrap(), "LEFEVRE");
}
