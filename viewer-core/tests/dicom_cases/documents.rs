//! Objects without pictures: key images and structured reports.

use std::io::Cursor;

use dicom_object::InMemDicomObject;
use viewer_core::dicom::{key_images, read_part10, structured_report};
use viewer_core::exam::{ContentItem, ImageReference};

use crate::bytes::{DataSet, EXPLICIT};

const KEY_OBJECTS: &str = "1.2.840.10008.5.1.4.1.1.88.59";
const ENHANCED_SR: &str = "1.2.840.10008.5.1.4.1.1.88.22";

pub(crate) fn object(data_set: &DataSet) -> InMemDicomObject {
    let file = data_set.file(EXPLICIT);
    read_part10(Cursor::new(file)).expect("a file").object
}

fn code(value: &str, scheme: &str, meaning: &str) -> DataSet {
    DataSet::new().text(0x0008_0100, "SH", value).text(0x0008_0102, "SH", scheme).text(
        0x0008_0104,
        "LO",
        meaning,
    )
}

fn reference(uid: &str, frames: &str) -> DataSet {
    let item = DataSet::new().text(0x0008_1155, "UI", uid);
    if frames.is_empty() { item } else { item.text(0x0008_1160, "IS", frames) }
}

fn item(value_type: &str, name: &str) -> DataSet {
    DataSet::new()
        .text(0x0040_A010, "CS", "CONTAINS")
        .text(0x0040_A040, "CS", value_type)
        .items(0x0040_A043, vec![code(name, "DCM", name)])
}

fn document(class: &str, title: [&str; 3], content: Vec<DataSet>) -> DataSet {
    let [value, scheme, meaning] = title;
    DataSet::new()
        .text(0x0008_0005, "CS", "ISO_IR 192")
        .text(0x0008_0016, "UI", class)
        .items(0x0040_A043, vec![code(value, scheme, meaning)])
        .items(0x0040_A730, content)
}

fn image(uid: &str, frames: &str) -> DataSet {
    item("IMAGE", "x").items(0x0008_1199, vec![reference(uid, frames)])
}

#[test]
fn key_images_are_read_in_their_order_with_frames_and_words() {
    let about = item("TEXT", "113012").text(0x0040_A160, "UT", "À revoir");
    let content = vec![about, image("1.2.3", ""), image("1.2.4", "3\\1"), item("CODE", "x")];
    let found = document(KEY_OBJECTS, ["113000", "DCM", "Of Interest"], content);
    let found = key_images(&object(&found)).expect("key images");
    assert_eq!((found.title_code.as_str(), found.title.as_str()), ("113000", "Of Interest"));
    assert_eq!(found.description, "À revoir");
    let named = |uid: &str, frames: &[u32]| ImageReference {
        sop_instance_uid: uid.into(),
        frames: frames.into(),
    };
    assert_eq!(found.images, [named("1.2.3", &[]), named("1.2.4", &[3, 1])]);
}

#[test]
fn images_listed_as_evidence_only_are_key_images_too() {
    let series = DataSet::new().items(0x0008_1199, vec![reference("1.2.3", "")]);
    let study = DataSet::new().items(0x0008_1115, vec![series]);
    let found = document(KEY_OBJECTS, ["X1", "99ACME", "Chosen"], vec![]);
    let found = key_images(&object(&found.items(0x0040_A375, vec![study]))).expect("key images");
    assert_eq!((found.title_code.as_str(), found.title.as_str()), ("", "Chosen"));
    assert_eq!(found.images[0].sop_instance_uid, "1.2.3");
}

#[test]
fn manifests_and_rejections_and_other_objects_are_no_key_images() {
    let of = |class: &str, code: &str, scheme: &str| {
        key_images(&object(&document(class, [code, scheme, "x"], vec![image("1.2.3", "")])))
    };
    for code in ["113001", "113010", "113030", "113037", "113039"] {
        assert_eq!(of(KEY_OBJECTS, code, "DCM"), None, "{code}");
    }
    assert_eq!(of(KEY_OBJECTS, "MADOTEMP001", "99IHE"), None);
    assert_eq!(of(ENHANCED_SR, "113000", "DCM"), None);
    assert!(of(KEY_OBJECTS, "113001", "99ACME").is_some(), "a code of somebody else");
}

#[test]
fn frames_that_cannot_be_are_left_out() {
    let content = vec![image("1.2.4", "0\\2\\-1\\4000000000")];
    let found = key_images(&object(&document(KEY_OBJECTS, ["113000", "DCM", "x"], content)));
    assert_eq!(found.expect("key images").images[0].frames, [2]);
}

fn number(value: &str, [unit, scheme]: [&str; 2]) -> DataSet {
    let measured = DataSet::new()
        .items(0x0040_08EA, vec![code(unit, scheme, "meaning of the unit")])
        .text(0x0040_A30A, "DS", value);
    item("NUM", "Length").items(0x0040_A300, vec![measured])
}

fn in_row(items: &[ContentItem]) -> Vec<String> {
    let line = |one: &ContentItem| {
        let ContentItem { depth, kind, name, value, unit, .. } = one;
        format!("{depth} {kind:?} {name}: {value} {unit}").trim_end().to_owned()
    };
    items.iter().map(line).collect()
}

#[test]
fn a_report_is_read_as_a_row_of_items_with_their_depths() {
    let nested = vec![
        item("TEXT", "Finding").text(0x0040_A160, "UT", "Nodule <b>\\n"),
        number("12.5", ["mm", "UCUM"]),
        number("3", ["1", "UCUM"]),
        number("4", ["{beats}", "UCUM"]),
        number("5", ["X", "99ACME"]),
        image("1.2.3", "2"),
    ];
    let missing = item("NUM", "Area")
        .items(0x0040_A300, vec![])
        .items(0x0040_A301, vec![code("114007", "DCM", "Measurement not attempted")]);
    let content = vec![
        item("CONTAINER", "Findings").items(0x0040_A730, nested),
        item("CODE", "Conclusion").items(0x0040_A168, vec![code("1", "SCT", "Suspected")]),
        item("PNAME", "Person").text(0x0040_A123, "PN", "MARTIN^Anne"),
        item("DATE", "Date").text(0x0040_A121, "DA", "20261104"),
        item("UIDREF", "Uid").text(0x0040_A124, "UI", "1.2"),
        item("SCOORD", "Region").text(0x0070_0023, "CS", "CIRCLE"),
        missing,
        item("NEW", "Something"),
    ];
    let observer = DataSet::new().text(0x0040_A075, "PN", "DURAND^Luc");
    let document = document(ENHANCED_SR, ["1", "LN", "Compte rendu"], content)
        .text(0x0008_0023, "DA", "20261104")
        .text(0x0008_0033, "TM", "1015")
        .text(0x0040_A491, "CS", "PARTIAL")
        .text(0x0040_A493, "CS", "VERIFIED")
        .items(0x0040_A073, vec![observer]);
    let report = structured_report(&object(&document)).expect("a report");
    assert_eq!((report.title.as_str(), report.date.as_deref()), ("Compte rendu", Some("20261104")));
    assert_eq!((report.is_complete, report.is_verified), (Some(false), true));
    assert_eq!(report.verified_by, ["DURAND Luc"]);
    assert!(!report.is_cut);
    let expected = [
        "0 Container Findings:",
        "1 Text Finding: Nodule <b>\\n",
        "1 Number Length: 12.5 mm",
        "1 Number Length: 3",
        "1 Number Length: 4 meaning of the unit",
        "1 Number Length: 5 meaning of the unit",
        "1 Image x:",
        "0 Code Conclusion: Suspected",
        "0 Person Person: MARTIN Anne",
        "0 Date Date: 20261104",
        "0 Identifier Uid: 1.2",
        "0 Place Region: CIRCLE",
        "0 Number Area: Measurement not attempted",
        "0 Other Something:",
    ];
    assert_eq!(in_row(&report.items), expected);
    let image = report.items[6].image.as_ref().expect("an image");
    assert_eq!((image.sop_instance_uid.as_str(), image.frames.as_slice()), ("1.2.3", &[2][..]));
    assert_eq!(structured_report(&object(&document.text(0x0008_0016, "UI", "1.2"))), None);
}

#[test]
fn a_report_is_cut_at_its_limits_and_says_so() {
    let many = vec![item("CODE", "x"); 20_001];
    let report = structured_report(&object(&document(ENHANCED_SR, ["1", "LN", "x"], many)));
    let report = report.expect("a report");
    assert_eq!((report.items.len(), report.is_cut), (20_000, true));
    let long = item("TEXT", "x").text(0x0040_A160, "UT", &"é".repeat(70_000));
    let report = structured_report(&object(&document(ENHANCED_SR, ["1", "LN", "x"], vec![long])));
    assert_eq!(report.expect("a report").items[0].value.chars().count(), 65_536);
}
