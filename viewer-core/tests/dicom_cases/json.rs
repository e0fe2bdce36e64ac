//! Metadata of a DICOMweb server.

use std::io::Cursor;

use serde_json::{Value, json};
use viewer_core::dicom::{Instance, from_json, read_part10};
use viewer_core::exam::Content;

use crate::bytes::{DataSet, EXPLICIT, PIXEL_DATA, slice};

/// A slice with something of everything that is written differently in JSON.
fn rich() -> DataSet {
    let lut =
        DataSet::new().words(0x0028_3002, "US", &[2, 0, 8]).words(0x0028_3006, "OW", &[1, 255]);
    slice()
        .text(0x0008_0005, "CS", "ISO_IR 192")
        .text(0x0010_0010, "PN", "LEFÈVRE^Élise=山田^太郎")
        .text(0x0020_0032, "DS", "-10.5\\20\\3")
        .text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
        .text(0x0028_0030, "DS", "0.5\\0.25")
        .us(0x0028_0120, 63)
        .text(0x0028_1050, "DS", "40\\50")
        .text(0x0028_1051, "DS", "400\\350")
        .text(0x0028_1052, "DS", "-1024")
        .text(0x0028_1053, "DS", "1")
        .items(0x0028_3010, vec![lut])
}

fn rich_json() -> Value {
    json!({
        "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
        "00080018": {"vr": "UI", "Value": ["1.2.3.4"]},
        "00080050": {"vr": "SH"},
        "00080060": {"vr": "CS", "Value": ["CT"]},
        "00083002": {"vr": "UI", "Value": ["1.2.840.10008.1.2.1"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "LEFÈVRE^Élise", "Ideographic": "山田^太郎"}]},
        "00100020": {"vr": "LO", "Value": ["P1"]},
        "00100030": {"vr": "DA", "Value": ["19740312"]},
        "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
        "0020000E": {"vr": "UI", "Value": ["1.2.3.1"]},
        "00200013": {"vr": "IS", "Value": [7]},
        "00200032": {"vr": "DS", "Value": [-10.5, 20, 3]},
        "00200037": {"vr": "DS", "Value": ["1", "0", "0", "0", "1", "0"]},
        "00280002": {"vr": "US", "Value": [1]},
        "00280004": {"vr": "CS", "Value": ["MONOCHROME2"]},
        "00280010": {"vr": "US", "Value": [2]},
        "00280011": {"vr": "US", "Value": [4]},
        "00280030": {"vr": "DS", "Value": [0.5, 0.25]},
        "00280100": {"vr": "US", "Value": [16]},
        "00280101": {"vr": "US", "Value": [12]},
        "00280102": {"vr": "US", "Value": [11]},
        "00280103": {"vr": "US", "Value": [0]},
        "00280120": {"vr": "US", "Value": [63]},
        "00281050": {"vr": "DS", "Value": [40, 50]},
        "00281051": {"vr": "DS", "Value": [400, 350]},
        "00281052": {"vr": "DS", "Value": [-1024]},
        "00281053": {"vr": "DS", "Value": [1]},
        "00283010": {"vr": "SQ", "Value": [{
            "00283002": {"vr": "US", "Value": [2, 0, 8]},
            "00283006": {"vr": "OW", "InlineBinary": "AQD/AA=="}
        }]},
        "7FE00010": {"vr": "OW", "BulkDataURI": "http://pacs/bulk"}
    })
}

#[test]
fn metadata_gives_the_same_instance_as_the_file() {
    let file = read_part10(Cursor::new(rich().file(EXPLICIT))).expect("readable");
    let from_file = Instance::from_file(&file).expect("an instance");
    let found = from_json(&rich_json(), None).expect("an instance");
    assert_eq!(found.instance, from_file);
    assert_eq!(found.unreadable, []);
    assert_eq!(found.bulk_data.len(), 1);
    let (tag, uri) = &found.bulk_data[0];
    assert_eq!(
        (u32::from(tag.0) << 16 | u32::from(tag.1), uri.as_str()),
        (PIXEL_DATA, "http://pacs/bulk")
    );
    let Content::Image(content) = &from_file.content else { panic!("no image") };
    assert_eq!(
        (content.displays[0].voi_luts[0].entries.as_slice(), content.image.planes.len()),
        (&[1, 255][..], 1)
    );
}

#[test]
fn one_malformed_attribute_costs_only_itself() {
    let mut metadata = rich_json();
    metadata["00281050"] = json!({"vr": "DS", "Value": [{"not": "a number"}]});
    metadata["00280120"] = json!({"Value": [63]});
    metadata["nonsense"] = json!({"vr": "CS"});
    metadata["00101010"] = json!({"vr": "AS", "Value": [null]});
    let found = from_json(&metadata, None).expect("an instance");
    assert_eq!(found.unreadable.len(), 2);
    let Content::Image(content) = &found.instance.content else { panic!("no image") };
    assert!(content.displays[0].windows.is_empty());
    assert_eq!(content.format.padding, None);
    assert_eq!(found.instance.patient.birth_name, "LEFÈVRE");
}

#[test]
fn the_syntax_frames_will_come_in_can_be_given() {
    let syntax = |given| {
        let found = from_json(&rich_json(), given).expect("an instance");
        let Content::Image(content) = found.instance.content else { panic!("no image") };
        content.format.transfer_syntax_uid
    };
    assert_eq!(syntax(None), EXPLICIT);
    assert_eq!(syntax(Some("1.2.840.10008.1.2")), EXPLICIT);
    assert_eq!(syntax(Some("1.2.840.10008.1.2.4.80")), "1.2.840.10008.1.2.4.80");
}

#[test]
fn what_is_no_metadata_is_refused() {
    for (value, expected) in [
        (json!([]), "no DICOM JSON object"),
        (json!("text"), "no DICOM JSON object"),
        (json!({}), "Study Instance UID missing or malformed"),
    ] {
        assert_eq!(from_json(&value, None).expect_err("refused").to_string(), expected);
    }
}
