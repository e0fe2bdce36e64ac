//! Manifests as the network's boxes write them, and documents that are none.

use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use serde_json::json;

use super::*;
use crate::consultation::timeline::{Refused, Taken, Timeline, skeleton};

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const CT: &str = "1.2.840.10008.5.1.4.1.1.2";

fn value(vr: &str, value: &str) -> Value {
    json!({ "vr": vr, "Value": [value] })
}

fn sequence(items: &[Value]) -> Value {
    json!({ "vr": "SQ", "Value": items })
}

fn code(value_of: &str) -> Value {
    sequence(&[json!({ "00080100": value("SH", value_of), "00080102": value("SH", "DCM") })])
}

fn image(instance: &str, number: i32) -> Value {
    json!({
        "00081150": value("UI", CT),
        "00081155": value("UI", instance),
        "00200013": { "vr": "IS", "Value": [number] },
    })
}

/// What the published manifests look like: the accession number in the request, modality and description in the free
/// text, line breaks around addresses, a key image nested in its reference.
fn document() -> Value {
    let mut picked = image("1.2.3.1.2", 2);
    picked["00081199"] = sequence(&[json!({
        "00081150": value("UI", KEY_OBJECT_SELECTION),
        "00081155": value("UI", "1.2.3.9.1"),
        "0040A043": code("113000"),
        "0040A160": value("UT", "Nodule"),
    })]);
    json!({
        "00080005": value("CS", "ISO_IR 100"),
        "00080016": value("UI", KEY_OBJECT_SELECTION),
        "00080018": value("UI", "1.2.9.1"),
        "00080020": value("DA", "20240611"),
        "00080030": value("TM", "101500"),
        "00080050": { "vr": "SH" },
        "00080060": value("CS", "KO"),
        "00080080": value("LO", "CLINIQUE DU PARC^^^^^^^^^1750000001"),
        "00100010": { "vr": "PN", "Value": [{ "Alphabetic": "LEFEVRE^ANNE-MARIE" }] },
        "00100020": value("LO", "274031234567890 "),
        "00100021": value("LO", "ASIP-SANTE-INS-NIR"),
        "00100024": sequence(&[json!({ "00400032": value("UT", "1.2.250.1.213.1.4.10") })]),
        "00100030": value("DA", "19740312"),
        "00100040": value("CS", "F"),
        "0020000D": value("UI", "1.2.3"),
        "0020000E": value("UI", "1.2.9"),
        "00200013": { "vr": "IS", "Value": [1] },
        "0040A043": code("113030"),
        "0040A370": sequence(&[json!({
            "0020000D": value("UI", "1.2.3"),
            "00080050": value("SH", "ACN103 "),
        })]),
        "0040A375": sequence(&[json!({
            "0020000D": value("UI", "1.2.3"),
            "00081115": sequence(&[
                json!({
                    "0020000E": value("UI", "1.2.3.1"),
                    "00200011": { "vr": "IS", "Value": [3] },
                    "00081190": value("UR", "https://db1.349.example.fr/dicom-web-rs/studies/1.2.3/series/1.2.3.1\n      "),
                    "00081199": sequence(&[image("1.2.3.1.1", 1), picked]),
                }),
                json!({ "0020000E": value("UI", "1.2.3.2"), "00081199": sequence(&[image("1.2.3.2.1", 1)]) }),
            ]),
        })]),
        "0040A730": sequence(&[json!({
            "0040A040": value("CS", "TEXT"),
            "0040A043": code("113012"),
            "0040A160": value("UT", "Examen : TDM thorax\nActe = ZBQK001\nSérie-1.2.3.1 : CT @ : Parenchyme\nSérie-1.2.3.2 : CT @ : Médiastin"),
        })]),
    })
}

fn bytes(document: &Value, syntax: &str) -> Vec<u8> {
    let object: InMemDicomObject = dicom_json::from_value(document.clone()).unwrap();
    let meta = FileMetaTableBuilder::new()
        .media_storage_sop_class_uid(KEY_OBJECT_SELECTION)
        .media_storage_sop_instance_uid("1.2.9.1")
        .transfer_syntax(syntax);
    let mut bytes = Vec::new();
    object.with_meta(meta).unwrap().write_all(&mut bytes).unwrap();
    bytes
}

fn read(document: &Value) -> Result<Manifest, ManifestError> {
    Manifest::read(&bytes(document, EXPLICIT))
}

#[test]
fn a_manifest_gives_the_skeleton_of_its_exam() {
    let manifest = read(&document()).unwrap();
    let expected = json!({
        "study": {
            "study_instance_uid": "1.2.3", "date": "20240611", "time": "101500",
            "description": "TDM thorax", "accession_number": "ACN103", "institution": "CLINIQUE DU PARC",
        },
        "images": 3,
        "series": [
            {
                "series_instance_uid": "1.2.3.1", "number": 3, "modality": "CT", "description": "Parenchyme",
                "images": 2, "key_images": [{ "sop_instance_uid": "1.2.3.1.2", "text": "Nodule" }],
            },
            {
                "series_instance_uid": "1.2.3.2", "number": null, "modality": "CT", "description": "Médiastin",
                "images": 1, "key_images": [],
            },
        ],
    });
    assert_eq!(skeleton(&manifest), expected);
    let patient = &manifest.patient;
    assert_eq!(
        (patient.id.as_str(), patient.authority.as_str()),
        ("274031234567890", "1.2.250.1.213.1.4.10")
    );
    assert_eq!(
        (patient.birth_name.as_str(), patient.given_names.as_str()),
        ("LEFEVRE", "ANNE-MARIE")
    );
    let addresses =
        manifest.series.iter().map(|series| series.addresses.clone()).collect::<Vec<_>>();
    let here = "https://db1.349.example.fr/dicom-web-rs/studies/1.2.3/series/1.2.3.1".to_owned();
    assert_eq!(addresses, [vec![here], vec![]]);
}

#[test]
fn however_it_is_encoded_it_is_the_same() {
    let expected = read(&document()).unwrap();
    let implicit = bytes(&document(), IMPLICIT);
    assert_eq!(Manifest::read(&implicit).unwrap(), expected);
    // Meta information that says explicit over a data set that is implicit: seen in published ones.
    let stated = [IMPLICIT.as_bytes(), b"\0"].concat();
    let place = implicit.windows(stated.len()).position(|window| window == stated).unwrap();
    let mut lying = implicit.clone();
    // 1.2.840.10008.1.3 is no syntax of its own; whatever is stated, what is written counts.
    lying[place + IMPLICIT.len() - 1] = b'3';
    assert_eq!(Manifest::read(&lying).unwrap(), expected);
    let mut bare = document();
    bare["00100024"] = json!({ "vr": "SQ" });
    assert_eq!(read(&bare).unwrap().patient.authority, "ASIP-SANTE-INS-NIR");
}

#[test]
fn a_series_may_be_had_in_several_places() {
    let mut several = document();
    let series = &mut several["0040A375"]["Value"][0]["00081115"]["Value"];
    series[0]["00081190"] =
        value("UR", "https://a.example.fr/x \\ https://b.example.fr/x\\https://a.example.fr/x");
    let mut again = series[0].clone();
    again["00081190"] = value("UR", "https://c.example.fr/x");
    series.as_array_mut().unwrap().push(again);
    let manifest = read(&several).unwrap();
    let [first, _] = manifest.series.as_slice() else { panic!("two series") };
    let expected = ["a", "b", "c"].map(|host| format!("https://{host}.example.fr/x"));
    assert_eq!(first.addresses, expected);
    assert_eq!(manifest.count(), 3, "and is the same series");
}

type Change = dyn Fn(&mut Value);

#[test]
fn whom_and_what_it_is_about_must_be_certain() {
    let changed = |change: &Change| {
        let mut document = document();
        change(&mut document);
        read(&document)
    };
    let cases: [(ManifestError, &Change); 12] = [
        (ManifestError::NoPatient, &|it| it["00100010"] = json!({ "vr": "PN" })),
        (ManifestError::NoPatient, &|it| it["00100030"] = json!({ "vr": "DA" })),
        (ManifestError::NotOneStudy, &|it| it["0040A375"] = sequence(&[])),
        (ManifestError::NotOneStudy, &|it| {
            let mut other = it["0040A375"]["Value"][0].clone();
            other["0020000D"] = value("UI", "1.2.4");
            it["0040A375"]["Value"].as_array_mut().unwrap().push(other);
        }),
        (ManifestError::OtherStudy, &|it| it["0020000D"] = value("UI", "1.2.4")),
        (ManifestError::Uid, &|it| it["00080018"] = json!({ "vr": "UI" })),
        (ManifestError::Uid, &|it| it["0040A375"]["Value"][0]["0020000D"] = value("UI", "1.2/3")),
        (ManifestError::Uid, &|it| {
            it["0040A375"]["Value"][0]["00081115"]["Value"][1]["0020000E"] = value("UI", "../x");
        }),
        (ManifestError::Empty, &|it| it["0040A375"]["Value"][0]["00081115"] = sequence(&[])),
        (ManifestError::Twice, &|it| {
            it["0040A375"]["Value"][0]["00081115"]["Value"][1]["00081199"] =
                sequence(&[image("1.2.3.1.1", 1)]);
        }),
        (ManifestError::NotAManifest, &|it| it["0040A043"] = code("113001")),
        (ManifestError::NotAManifest, &|it| it["00080016"] = value("UI", CT)),
    ];
    for (expected, change) in cases {
        assert_eq!(changed(change), Err(expected));
    }
}

#[test]
fn what_is_cut_off_is_no_smaller_exam() {
    for syntax in [EXPLICIT, IMPLICIT] {
        let whole = bytes(&document(), syntax);
        let expected = Manifest::read(&whole).unwrap();
        for end in (0..whole.len()).step_by(7) {
            match Manifest::read(&whole[..end]) {
                // Behind the last value of interest nothing is missing.
                Ok(read) => assert_eq!(read, expected, "{syntax} {end}"),
                Err(error) => assert!(
                    !matches!(
                        error,
                        ManifestError::TooMany | ManifestError::Twice | ManifestError::TooLarge
                    ),
                    "{syntax} {end} {error:?}"
                ),
            }
        }
        for place in (132..whole.len()).step_by(11) {
            let mut broken = whole.clone();
            broken[place] ^= 0xff;
            let _no_panic = Manifest::read(&broken);
        }
    }
}

#[test]
fn several_manifests_of_one_patient_are_one_timeline() {
    let of = |study: &str, kos: &str, number: i32, day: &str| {
        let mut manifest = read(&document()).unwrap();
        manifest.study.study_instance_uid = study.to_owned();
        manifest.study.date = Some(day.to_owned());
        (manifest.kos, manifest.number) = (kos.to_owned(), Some(number));
        manifest
    };
    let mut timeline = Timeline::default();
    assert_eq!(timeline.add(of("1", "1.1", 1, "20230101"), 3), Ok(Taken::Added));
    assert_eq!(timeline.add(of("2", "2.1", 2, "20250101"), 3), Ok(Taken::Added));
    assert_eq!(timeline.add(of("3", "3.1", 1, "20240101"), 3), Ok(Taken::Added));
    let order = |timeline: &Timeline| -> Vec<String> {
        timeline.exams().iter().map(|exam| exam.study.study_instance_uid.clone()).collect()
    };
    assert_eq!(order(&timeline), ["2", "3", "1"]);
    assert_eq!(timeline.add(of("2", "2.1", 2, "20250101"), 3), Ok(Taken::Known));
    assert_eq!(timeline.add(of("2", "2.0", 1, "20250101"), 3), Ok(Taken::Older));
    assert_eq!(timeline.add(of("1", "1.2", 2, "20260101"), 3), Ok(Taken::Replaced));
    assert_eq!(order(&timeline), ["1", "2", "3"]);
    assert_eq!(timeline.add(of("4", "4.1", 1, "20240101"), 3), Err(Refused::Full));
    let mut stranger = of("5", "5.1", 1, "20240101");
    stranger.patient.id = "274031234567891".to_owned();
    assert_eq!(timeline.add(stranger, 9), Err(Refused::OtherPatient));
    assert_eq!(order(&timeline), ["1", "2", "3"]);
    let told = timeline.told();
    assert_eq!(told["patient"]["birth_name"], "LEFEVRE");
    assert_eq!(told["exams"].as_array().unwrap().len(), 3);
}

#[test]
fn real_manifests_are_read() {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/kos");
    let Ok(file) = std::fs::read(shared.join("MADO_KOS_A.dcm")) else {
        println!("skipped: no ../shared");
        return;
    };
    let manifest = Manifest::read(&file).unwrap();
    assert!(manifest.count() > 0 && manifest.patient.birth_date.is_some());
}
