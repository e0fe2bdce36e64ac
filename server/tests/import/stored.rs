//! What a local PACS holds after an import: the pixel data bit for bit, the listed changes and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use dicom_core::value::Value;
use dicom_object::mem::InMemElement;
use dicom_object::{InMemDicomObject, from_reader};
use negatoscope_phantom::SeriesKind;
use negatoscope_server::audit::Event;
use negatoscope_server::import::{Choice, ImportError, State, Step, dry_run};

use crate::dcmtk::{self, Dcmtk};
use crate::orthanc::{Orthanc, TITLE};
use crate::setup::{Stand, by_dimse, by_web, dimse_of, files, local, phantom, taken, uid};

/// Tags that may differ: those that the dry run lists.
pub(crate) async fn listed(stand: &Stand) -> BTreeSet<String> {
    let chosen = stand.chosen(&Choice::default()).await;
    let runner = &stand.runner;
    let told = dry_run(&*runner.source, &runner.target, &chosen, &local()).await.unwrap();
    assert_eq!((told.instances, told.duplicates), (phantom().instances().len(), 0));
    assert!(told.impossible.is_empty() && !told.other_patient, "{:?}", told.impossible);
    let of_all: usize = told.changes.iter().map(|changes| changes.instances).sum();
    assert_eq!(of_all, told.instances);
    let attributes = told.changes.into_iter().flat_map(|changes| changes.attributes);
    attributes.map(|change| change.tag).collect()
}

fn elements(object: &InMemDicomObject) -> BTreeMap<String, Vec<u8>> {
    let tell = |element: &InMemElement| {
        let tag = element.header().tag;
        (format!("{:04X}{:04X}", tag.group(), tag.element()), content(element.value()))
    };
    object.iter().map(tell).collect()
}

/// What a value says: the same however long a PACS says that sequences and items are.
fn content(value: &Value<InMemDicomObject>) -> Vec<u8> {
    match value {
        Value::Primitive(value) => value.to_bytes().into_owned(),
        Value::Sequence(items) => {
            format!("{:?}", items.items().iter().map(elements).collect::<Vec<_>>()).into_bytes()
        }
        Value::PixelSequence(pixels) => {
            let lengths = pixels.fragments().iter().map(Vec::len).collect::<Vec<_>>();
            let mut content = format!("{lengths:?}").into_bytes();
            content.extend(pixels.fragments().concat());
            content
        }
    }
}

pub(crate) fn originals() -> BTreeMap<String, Vec<u8>> {
    let files = phantom().exam.series.iter().flat_map(|series| &series.files);
    let files = files.map(|file| std::fs::read(file).unwrap());
    files.map(|bytes| (uid(&bytes), bytes)).collect()
}

/// By dicom-rs; pydicom says the same where it is there.
pub(crate) async fn is_as_listed(stand: &Stand, orthanc: &Orthanc, listed: &BTreeSet<String>) {
    let originals = originals();
    let stored = files(orthanc).await;
    let found: BTreeSet<String> = stored.iter().map(|file| uid(file)).collect();
    assert_eq!(found, phantom().instances());
    let mut changed = BTreeSet::new();
    for file in &stored {
        let (old, new) =
            (from_reader(&originals[&uid(file)][..]).unwrap(), from_reader(&file[..]).unwrap());
        assert_eq!(old.meta().transfer_syntax(), new.meta().transfer_syntax());
        let (old, new) = (elements(&old), elements(&new));
        assert_eq!(old["7FE00010"], new["7FE00010"], "pixel data");
        let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        changed.extend(all.into_iter().filter(|tag| old.get(*tag) != new.get(*tag)).cloned());
    }
    assert_eq!(&changed, listed);
    by_pydicom(stand, &stored, listed);
}

/// As pydicom reads them, where it is there.
pub(crate) fn by_pydicom(stand: &Stand, stored: &[Vec<u8>], listed: &BTreeSet<String>) {
    let Some(packages) = std::env::var_os("NEGATOSCOPE_REPORT_CHECKERS") else {
        return println!("skipped: no NEGATOSCOPE_REPORT_CHECKERS");
    };
    let folder = stand.folder.path().join("stored");
    std::fs::create_dir_all(&folder).unwrap();
    for (number, file) in stored.iter().enumerate() {
        std::fs::write(folder.join(number.to_string()), file).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/reconciled.py");
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", PathBuf::from(packages)).arg(script);
    command.arg(phantom().folder()).arg(folder).args(listed);
    let output = command.output().unwrap();
    let (text, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}\n{errors}");
    assert_eq!(text, format!("{} objects as listed\n", stored.len()));
}

async fn arrives(stand: &Stand, orthanc: &Orthanc) {
    let listed = listed(stand).await;
    assert_eq!(taken(orthanc).await, 0, "a dry run sends nothing");
    let progress = stand.import_all().await;
    let count = phantom().instances().len() as u64;
    assert_eq!((progress.state, progress.count(Step::Confirmed)), (State::Done, count));
    is_as_listed(stand, orthanc, &listed).await;
    // Once more: all of it is recognised, and nothing is sent.
    let progress = stand.import_all().await;
    assert_eq!((progress.state, progress.count(Step::Duplicate)), (State::Done, count));
    assert_eq!(taken(orthanc).await as u64, count);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exam_arrives_by_c_store_as_the_dry_run_lists() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let stand = Stand::new(&dimse_of(&orthanc)).await;
    arrives(&stand, &orthanc).await;
    if let Some(found) = dcmtk::found_in(orthanc.dicom_port(), TITLE) {
        assert_eq!(found, phantom().instances());
    }
    let lines = stand.journal();
    let of = |event| lines.iter().filter(|line| line.event == event).collect::<Vec<_>>();
    let (exported, imported) = (of(Event::Exported), of(Event::Imported));
    // The second time nothing left.
    assert_eq!((exported.len(), imported.len()), (1, 2));
    let count = phantom().instances().len();
    assert_eq!(exported[0].instances, Some(count as u64));
    let reason = format!("target=PACS confirmed={count} duplicates=0 failed=0");
    assert_eq!(imported[0].reason.as_deref(), Some(reason.as_str()));
    assert_eq!(imported[0].subject.as_deref(), Some("psc:899700000001"));
    assert_eq!(imported[0].studies, [phantom().exam.study_instance_uid.clone()]);
    let message = negatoscope_server::audit::message(imported[0], "here");
    for part in [
        r#"csd-code="110107""#,
        r#"EventActionCode="C""#,
        r#"UserID="target""#,
        r#"csd-code="110152""#,
    ] {
        let part = part.replace("\"target\"", "\"PACS\"");
        assert!(message.contains(&part), "{part}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exam_arrives_by_stow_as_the_dry_run_lists() {
    let Some(orthanc) = Orthanc::start().await else { return };
    let stand = Stand::new(&by_web(&orthanc.url())).await;
    arrives(&stand, &orthanc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn series_and_key_images_are_chosen_and_nothing_else() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let stand = Stand::new(&dimse_of(&orthanc)).await;
    let exam = &phantom().exam;
    let (us, ct) = (exam.series(SeriesKind::Us).unwrap(), exam.series(SeriesKind::Ct).unwrap());
    let choice = Choice {
        series: vec![us.series_instance_uid.clone()],
        instances: vec![ct.sop_instance_uids[1].clone()],
    };
    let job = stand.put(&stand.chosen(&choice).await).await;
    assert_eq!(stand.runner.run(&job).await.unwrap().state, State::Done);
    let found: BTreeSet<String> = files(&orthanc).await.iter().map(|file| uid(file)).collect();
    let expected = us.sop_instance_uids.iter().chain(&ct.sop_instance_uids[1..2]);
    assert_eq!(found, expected.cloned().collect());
    let unknown = Choice { instances: vec!["1.2.3".to_owned()], ..Choice::default() };
    let refused = unknown.of(&*stand.runner.source, &exam.study_instance_uid).await;
    assert!(matches!(refused, Err(ImportError::Invalid(_))));
    // What the local side is asked: whom it knows by what was imported.
    for target in [dimse_of(&orthanc), by_web(&orthanc.url())] {
        is_known(&target).await;
    }
}

/// The imported patient is a candidate, as the target tells it.
async fn is_known(target: &str) {
    use negatoscope_server::source::dimse::Asked;
    let stand = Stand::new(target).await;
    let target = stand.imports.target("PACS").unwrap();
    for asked in [Asked::Patient("LOCAL-1"), Asked::Accession("L-ACN-1")] {
        let known = target.candidates(asked).await.unwrap();
        assert_eq!(known.len(), 1, "{asked:?}");
        assert_eq!((known[0].id.as_str(), known[0].name.as_str()), ("LOCAL-1", "LEFÈVRE^ÉLISE"));
        assert_eq!(known[0].description.as_deref(), Some("Relecture"));
    }
    assert_eq!(target.candidates(Asked::Patient("LOCAL*")).await.unwrap(), []);
    assert_eq!(target.candidates(Asked::Patient("LOCAL-2")).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worklist_is_asked_for_patients_and_orders() {
    use negatoscope_server::source::dimse::Asked;
    let Some(worklist) = Dcmtk::start_worklist() else { return };
    let by_worklist = by_dimse(worklist.port, dcmtk::TITLE).replace("dimse =", "worklist =");
    let stand =
        Stand::new(&format!("{by_worklist}pacs = {{ url = \"http://127.0.0.1:9/x\" }}\n")).await;
    let target = stand.imports.target("PACS").unwrap();
    for asked in [Asked::Patient("L7"), Asked::Accession("L-ACN-7")] {
        let known = target.candidates(asked).await.unwrap();
        assert_eq!(known.len(), 1, "{asked:?}");
        let order = &known[0];
        assert_eq!((order.id.as_str(), order.name.as_str()), ("L7", "DUPONT^JEAN"));
        assert_eq!(order.accession.as_deref(), Some("L-ACN-7"));
        assert_eq!(order.description.as_deref(), Some("Scanner"));
        assert_eq!(
            (order.birth_date.as_deref(), order.sex.as_deref()),
            (Some("19600102"), Some("M"))
        );
    }
    assert_eq!(target.candidates(Asked::Patient("L8")).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_that_lies_there_under_another_patient_is_left_alone() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    orthanc.store(&phantom().exam.series[0].files[0]).await;
    let stand = Stand::new(&dimse_of(&orthanc)).await;
    let chosen = stand.chosen(&Choice::default()).await;
    let runner = &stand.runner;
    let told = dry_run(&*runner.source, &runner.target, &chosen, &local()).await.unwrap();
    assert!(told.other_patient && told.duplicates == 1);
    let progress = stand.import_all().await;
    assert_eq!(progress.state, State::Partial);
    assert_eq!(progress.failures.keys().collect::<Vec<_>>(), ["other_patient"]);
    assert_eq!(taken(&orthanc).await, 1);
}
