//! Images from trusted boxes: whole, in the professional's name, and nothing else's.

use std::sync::Arc;
use std::time::Duration;

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use negatoscope_phantom::Exam;
use negatoscope_server::source::received::SeriesProgress;
use negatoscope_server::source::{InstanceRef, Source as _, SourceError};
use viewer_core::exam::ExamSummary;

use crate::manifest::Manifest;
use crate::network::{KOS, Network, TOKEN, kos, phantoms, port, with_first_file};
use crate::peer::Quirks;

fn study() -> &'static str {
    &phantoms().exam.study_instance_uid
}

fn at(series: usize, number: usize) -> InstanceRef {
    let of = &phantoms().exam.series[series];
    InstanceRef {
        study: study().to_owned(),
        series: of.series_instance_uid.clone(),
        instance: of.sop_instance_uids[number].clone(),
    }
}

/// How many images of an exam are listed, and how many of them shown.
fn shown(summary: &ExamSummary) -> (usize, usize) {
    let images = || summary.series.iter().flat_map(|series| &series.images);
    (images().count(), images().filter(|image| image.defect.is_none()).count())
}

/// A series with more than two images, so that something can be missing of it.
pub(crate) fn long_series() -> usize {
    let series = phantoms().exam.series.iter();
    let (place, _) = series.enumerate().max_by_key(|(_, series)| series.files.len()).unwrap();
    place
}

fn of_series(all: &[SeriesProgress], series: usize) -> &SeriesProgress {
    let uid = &phantoms().exam.series[series].series_instance_uid;
    all.iter().find(|one| one.series_instance_uid == *uid).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_of_a_listed_box_brings_its_exam_in_the_professionals_name() {
    let network = Network::new();
    let quirks = Quirks { authorization: Some(format!("Bearer {TOKEN}")), ..Quirks::default() };
    let peer = network.peer(&[&phantoms().exam], quirks);
    let manifest = kos(&peer.url);
    let source = network.consulted(network.keeper().await, &[port(&peer.url)], &[manifest]);
    assert_eq!(source.progress(study()), [], "nobody has asked yet");
    let summary = source.summary(study()).await.unwrap();
    let (listed, whole) = shown(&summary);
    assert_eq!(listed, whole);
    for (number, series) in phantoms().exam.series.iter().enumerate() {
        let stored = std::fs::read(&series.files[0]).unwrap();
        let frame = source.frame(&at(number, 0), 1).await.unwrap();
        assert!(
            stored.windows(frame.bytes.len()).any(|bytes| bytes == frame.bytes),
            "{:?}",
            series.kind
        );
    }
    let asked = peer.asked();
    assert_eq!(asked.len(), phantoms().exam.series.len(), "one request for each series");
    for one in asked {
        assert_eq!((one.kos.as_str(), one.authorization), (KOS, format!("Bearer {TOKEN}")));
        let lossless = r#"multipart/related; type="application/dicom";transfer-syntax=1.2.840.10008.1.2.4.70;q=0.9;boundary=**"#;
        assert!(one.accept.starts_with(lossless), "{}", one.accept);
    }
    for series in source.progress(study()) {
        assert_eq!((series.state, series.arrived), ("whole", series.listed));
        assert!(series.bytes > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_list_nobody_is_asked_and_then_it_goes_on() {
    let network = Network::new();
    let peer = network.peer(&[&phantoms().exam], Quirks::default());
    let keeper = network.publisher.keeper();
    let source = network.consulted(Arc::clone(&keeper), &[port(&peer.url)], &[kos(&peer.url)]);
    let nothing = source.summary(study()).await;
    assert!(matches!(nothing, Err(SourceError::Unavailable(_))), "{nothing:?}");
    assert!(peer.asked().is_empty());
    keeper.round().await.unwrap();
    // As the page does it; whoever waits ten seconds need not.
    source.resume(study());
    let (listed, whole) = shown(&source.summary(study()).await.unwrap());
    assert_eq!(listed, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_was_cut_goes_on_where_it_was() {
    let network = Network::new();
    let long = long_series();
    let count = phantoms().exam.series[long].files.len();
    assert!(count > 2, "{count}");
    let peer = network
        .peer(&[&phantoms().exam], Quirks { cut: Some((count - 1, 1)), ..Quirks::default() });
    let keeper = network.keeper().await;
    let source = network.consulted(keeper, &[port(&peer.url)], &[kos(&peer.url)]);
    for number in 0..count {
        source.frame(&at(long, number), 1).await.unwrap();
    }
    let uid = &phantoms().exam.series[long].series_instance_uid;
    let asked: Vec<String> =
        peer.asked().into_iter().map(|one| one.path).filter(|path| path.contains(uid)).collect();
    let last = &phantoms().exam.series[long].sop_instance_uids[count - 1];
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[1].ends_with(&format!("/instances/{last}")), "only what was missing: {asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_place_is_asked_where_the_first_does_not_have_it() {
    let network = Network::new();
    let empty = network.peer(&[&phantoms().other], Quirks::default());
    let broken =
        network.peer(&[&phantoms().exam], Quirks { status: Some(503), ..Quirks::default() });
    let good = network.peer(&[&phantoms().exam], Quirks::default());
    let ports = [&empty, &broken, &good].map(|peer| port(&peer.url));
    let exam = &phantoms().exam;
    // One manifest that lists every series at three places.
    let mut tripled = exam.clone();
    tripled.series = exam.series.iter().flat_map(|series| vec![series.clone(); 3]).collect();
    let mut manifest = Manifest::new(&tripled, KOS, "");
    for (place, address) in manifest.addresses.iter_mut().enumerate() {
        *address = [&empty, &broken, &good][place % 3].url.clone();
    }
    let source = network.consulted(network.keeper().await, &ports, &[manifest.write()]);
    let summary = source.summary(study()).await.unwrap();
    let (listed, whole) = shown(&summary);
    assert_eq!(listed, whole);
    assert_eq!(good.asked().len(), exam.series.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_foreign_or_not_listed_is_counted_and_not_shown() {
    let network = Network::new();
    let (exam, other) = (&phantoms().exam, &phantoms().other);
    let stray = std::fs::read(&other.series[0].files[0]).unwrap();
    let quirks = Quirks { strays: vec![stray, b"no object".to_vec()], ..Quirks::default() };
    let peer = network.peer(&[exam], quirks);
    let long = long_series();
    let unlisted = exam.series[long].sop_instance_uids[1].clone();
    let mut manifest = Manifest::new(exam, KOS, &peer.url);
    manifest.without = vec![unlisted.clone()];
    let source = network.consulted(network.keeper().await, &[port(&peer.url)], &[manifest.write()]);
    let summary = source.summary(study()).await.unwrap();
    let text = serde_json::to_string(&*summary).unwrap();
    assert!(!text.contains(&unlisted) && !text.contains(&other.series[0].sop_instance_uids[0]));
    let progress = source.progress(study());
    let left_out = of_series(&progress, long).left_out;
    assert_eq!((left_out.other_study, left_out.unreadable, left_out.not_listed), (1, 1, 1));
    assert!(matches!(source.frame(&at(long, 1), 1).await, Err(SourceError::NotFound)));
}

/// The file of an instance with another patient in it.
pub(crate) fn of_another_patient(
    exam: &Exam,
    series: usize,
    change: &[(dicom_core::Tag, VR, &str)],
) -> Exam {
    let mut object = dicom_object::open_file(&exam.series[series].files[0]).unwrap();
    for (tag, vr, value) in change {
        object.put(DataElement::new(*tag, *vr, PrimitiveValue::from(*value)));
    }
    let file = tempfile::NamedTempFile::new().unwrap().into_temp_path().keep().unwrap();
    object.write_to_file(&file).unwrap();
    with_first_file(exam, series, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_another_patient_is_not_shown_whatever_its_uids() {
    let long = long_series();
    let exam = &phantoms().exam;
    for change in [
        vec![(tags::PATIENT_BIRTH_DATE, VR::DA, "19010101")],
        vec![(tags::PATIENT_NAME, VR::PN, "ETRANGER^JEAN"), (tags::PATIENT_ID, VR::LO, "X9")],
    ] {
        let network = Network::new();
        let spoiled = of_another_patient(exam, long, &change);
        let peer = network.peer(&[&spoiled], Quirks::default());
        let source =
            network.consulted(network.keeper().await, &[port(&peer.url)], &[kos(&peer.url)]);
        let summary = source.summary(study()).await.unwrap();
        let (listed, whole) = shown(&summary);
        assert_eq!(listed, whole + 1, "it is missing, and the exam says so");
        let progress = source.progress(study());
        let series = of_series(&progress, long);
        assert_eq!((series.left_out.other_patient, series.state), (1, "incomplete"), "{change:?}");
        assert!(source.frame(&at(long, 0), 1).await.is_err());
        source.frame(&at(long, 1), 1).await.unwrap();
        std::fs::remove_file(&spoiled.series[long].files[0]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_while_images_come() {
    let network = Network::new();
    let long = long_series();
    let peer = network.peer(&[&phantoms().exam], Quirks { holds_at: Some(2), ..Quirks::default() });
    let source = network.consulted(network.keeper().await, &[port(&peer.url)], &[kos(&peer.url)]);
    // They are stored side by side: either may be the first.
    for arrived in [0, 1] {
        source.frame(&at(long, arrived), 1).await.unwrap();
    }
    let progress = source.progress(study());
    let series = of_series(&progress, long);
    assert_eq!((series.state, series.arrived, series.remaining_seconds), ("receiving", 2, None));
    let waiting = progress.iter().filter(|series| series.state == "waiting").count();
    assert_eq!(waiting, phantoms().exam.series.len() - 1);
    peer.shared.gate.add_permits(1);
    let last = phantoms().exam.series[long].files.len() - 1;
    let last = at(long, last);
    let whole = source.frame(&last, 1);
    tokio::time::timeout(Duration::from_secs(30), whole).await.unwrap().unwrap();
}
