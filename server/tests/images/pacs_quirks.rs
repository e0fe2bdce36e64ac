//! A PACS gives the same exam as an archive, or an error: never another picture.

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use negatoscope_phantom::SeriesKind;
use negatoscope_server::source::pacs::{Pacs, PacsAuth};
use negatoscope_server::source::{InstanceRef, Scope, Source, SourceError, SourceHealth};

use crate::fake_pacs::{FakePacs, Quirks};
use crate::setup::{app, file_of, get, instance_path, overlay_data, phantoms, pixel_data};

const LITTLE: &str = "1.2.840.10008.1.2.1";
const JPEG: &str = "1.2.840.10008.1.2.4.50";

fn study() -> &'static str {
    &phantoms().exam.study_instance_uid
}

fn at(kind: SeriesKind, number: usize) -> InstanceRef {
    let series = phantoms().exam.series(kind).unwrap();
    InstanceRef {
        study: study().to_owned(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[number].clone(),
    }
}

/// Every frame of the exam equals the archive's, in bytes and in syntax.
async fn check_all_frames(fake: &FakePacs, pacs: &Pacs) {
    for series in &phantoms().exam.series {
        for number in 0..series.files.len() {
            for frame in 1..=u32::try_from(series.frames).unwrap() {
                let at = at(series.kind, number);
                let found = pacs.frame(&at, frame).await.unwrap();
                let expected = fake.opened.archive.frame(&at, frame).await.unwrap();
                assert_eq!(found.transfer_syntax_uid, expected.transfer_syntax_uid);
                assert!(found.bytes == expected.bytes, "{:?} {number} {frame}", series.kind);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_pacs_gives_what_the_archive_gives() {
    let fake = FakePacs::start(Quirks::default()).await;
    let pacs = fake.open();
    let archive = &fake.opened.archive;
    assert_eq!(pacs.facts(study()).await.unwrap(), archive.facts(study()).await.unwrap());
    let accession = &phantoms().exam.accession_number;
    let by_accession = archive.facts_by_accession(accession).await.unwrap();
    assert_eq!(pacs.facts_by_accession(accession).await.unwrap(), by_accession);
    assert_eq!(pacs.facts("1.2.3").await.unwrap(), None);
    fake.requests();
    assert_eq!(pacs.summary(study()).await.unwrap(), archive.summary(study()).await.unwrap());
    pacs.summary(study()).await.unwrap();
    let requests = fake.requests();
    assert_eq!(requests.len(), 1 + 6, "series, and their metadata once: {requests:?}");
    check_all_frames(&fake, &pacs).await;
    for group in [0x6000, 0x6002] {
        let expected = overlay_data(&**archive, group).await;
        assert_eq!(overlay_data(&*pacs, group).await, expected);
        assert!(expected.iter().any(|byte| *byte != 0));
    }
    let scope = Scope { study: study().to_owned(), series: None, instance: None };
    assert_eq!(pacs.instances(&scope).await.unwrap(), archive.instances(&scope).await.unwrap());
    assert_eq!(pacs.health().await, SourceHealth::Up);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_serve_a_pacs_as_well() {
    let fake = FakePacs::start(Quirks::default()).await;
    let app = app(fake.open(), &[study()]);
    let path = instance_path(SeriesKind::Mr, 2);
    let file = get(&app, &path, "application/dicom").await;
    assert_eq!(file.body, std::fs::read(file_of(SeriesKind::Mr, 2)).unwrap());
    assert_eq!(file.content_type(), "application/dicom; transfer-syntax=1.2.840.10008.1.2.5");
    let ct = instance_path(SeriesKind::Ct, 1);
    let bulk = get(&app, &format!("{ct}/bulkdata/7FE00010"), "application/octet-stream").await;
    assert_eq!(bulk.body, pixel_data(&file_of(SeriesKind::Ct, 1))[0]);
    let metadata = get(&app, &format!("{ct}/metadata"), "*/*").await.json();
    let uri = format!("{ct}/bulkdata/7FE00010");
    assert_eq!(metadata[0]["7FE00010"]["BulkDataURI"], uri, "no address of the PACS");
    let picture = get(&app, &format!("{path}/rendered"), "image/png").await;
    assert_eq!(picture.content_type(), "image/png");
    let other = &phantoms().other;
    let foreign = format!("/dicomweb/studies/{}/metadata", other.study_instance_uid);
    fake.requests();
    assert_eq!(get(&app, &foreign, "*/*").await.status, 404);
    assert!(fake.requests().is_empty(), "the PACS is not even asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pacs_that_fails_on_any_syntax_is_asked_without() {
    let quirks = Quirks { fails_on_any_syntax: true, never_decodes: true, ..Quirks::default() };
    let fake = FakePacs::start(quirks).await;
    let mut options = fake.options();
    options.cache_bytes = 0;
    let pacs = Pacs::open(&options).unwrap();
    check_all_frames(&fake, &pacs).await;
    fake.requests();
    pacs.frame(&at(SeriesKind::Us, 0), 1).await.unwrap();
    assert_eq!(fake.requests().len(), 1, "it is remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_and_missing_labels_are_found_out() {
    for label in [LITTLE, "", "1.2.840.10008.1.2.4.90"] {
        let fake =
            FakePacs::start(Quirks { label: Some(label.to_owned()), ..Quirks::default() }).await;
        let frame = fake.open().frame(&at(SeriesKind::Us, 0), 2).await.unwrap();
        assert_eq!(frame.transfer_syntax_uid, JPEG, "{label:?}");
        assert_eq!(frame.bytes, pixel_data(&file_of(SeriesKind::Us, 0))[1]);
    }
    // Native samples under the name of a codestream: nobody knows what they are.
    let fake = FakePacs::start(Quirks { label: Some(JPEG.to_owned()), ..Quirks::default() }).await;
    let frame = fake.open().frame(&at(SeriesKind::Ct, 0), 1).await;
    assert!(matches!(frame, Err(SourceError::Corrupt(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misquoted_type_is_read_as_it_was_meant() {
    let fake = FakePacs::start(Quirks { misquotes: true, ..Quirks::default() }).await;
    check_all_frames(&fake, &fake.open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colour_that_was_decoded_on_the_way_is_refused() {
    // The fake decodes YBR_FULL_422 JPEG to three full components; the header still says 4:2:2.
    let fake = FakePacs::start(Quirks { fails_on_any_syntax: true, ..Quirks::default() }).await;
    let frame = fake.open().frame(&at(SeriesKind::Us, 0), 1).await;
    assert!(matches!(frame, Err(SourceError::Corrupt(_))));
    // Grey has one meaning.
    let grey = fake.open().frame(&at(SeriesKind::Mr, 0), 1).await.unwrap();
    assert_eq!((grey.transfer_syntax_uid.as_str(), grey.bytes.len()), (LITTLE, 64 * 64 * 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_off_is_no_frame() {
    for cuts in [1, 2, 60, 4000] {
        let fake = FakePacs::start(Quirks { cuts, ..Quirks::default() }).await;
        let frame = fake.open().frame(&at(SeriesKind::Ct, 0), 1).await;
        // The last line end may be missing, the closing delimiter may not.
        assert_eq!(frame.is_ok(), cuts <= 2, "{cuts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_of_absence_is_bridged_and_no_longer_one() {
    let fake = FakePacs::start(Quirks { busy: 2, ..Quirks::default() }).await;
    assert!(fake.open().facts(study()).await.unwrap().is_some());
    let fake = FakePacs::start(Quirks { busy: 3, ..Quirks::default() }).await;
    assert!(matches!(fake.open().facts(study()).await, Err(SourceError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pacs_that_hangs_or_is_not_there_is_unavailable() {
    let fake = FakePacs::start(Quirks { hangs: true, ..Quirks::default() }).await;
    let mut options = fake.options();
    options.read_timeout = Duration::from_millis(100);
    let started = Instant::now();
    let hanging = Pacs::open(&options).unwrap();
    assert!(matches!(hanging.facts(study()).await, Err(SourceError::Unavailable(_))));
    assert!(started.elapsed() >= Duration::from_millis(100));
    options.url = "http://127.0.0.1:1/dicomweb".to_owned();
    let absent = Pacs::open(&options).unwrap();
    let error = absent.facts(study()).await.unwrap_err();
    assert!(matches!(&error, SourceError::Unavailable(text) if !text.contains(study())), "{error}");
    assert_eq!(absent.health().await, SourceHealth::Down);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_sent_to_the_pacs_and_nowhere_else() {
    let basic = PacsAuth::Basic { user: "viewer".to_owned(), password: "p:w".to_owned() };
    let bearer = PacsAuth::Bearer { token: "abc".to_owned() };
    for (auth, header) in [(basic, "Basic dmlld2VyOnA6dw=="), (bearer, "Bearer abc")] {
        let quirks = Quirks { authorization: Some(header.to_owned()), ..Quirks::default() };
        let fake = FakePacs::start(quirks).await;
        let mut options = fake.options();
        assert!(Pacs::open(&options).unwrap().facts(study()).await.is_err());
        options.auth = auth.clone();
        assert!(Pacs::open(&options).unwrap().facts(study()).await.unwrap().is_some());
        assert!(!format!("{options:?}").contains("abc") && !format!("{options:?}").contains("p:w"));
    }
    let fake = FakePacs::start(Quirks { redirects: true, ..Quirks::default() }).await;
    assert!(matches!(fake.open().facts(study()).await, Err(SourceError::Unavailable(_))));
    assert_eq!(fake.requests().len(), 1, "not followed, not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_a_wildcard_is_not_asked() {
    let fake = FakePacs::start(Quirks::default()).await;
    let pacs = fake.open();
    for accession in ["", "*", "A?", "a\\b", "  "] {
        assert_eq!(pacs.facts_by_accession(accession).await.unwrap(), []);
    }
    assert_eq!(pacs.facts("*").await.unwrap(), None);
    assert_eq!(pacs.facts("1.2/../3").await.unwrap(), None);
    assert!(fake.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_beyond_the_limit_are_refused() {
    let fake = FakePacs::start(Quirks::default()).await;
    let mut options = fake.options();
    options.max_object_bytes = 8000;
    let pacs = Pacs::open(&options).unwrap();
    let frame = pacs.frame(&at(SeriesKind::Ct, 0), 1).await;
    assert!(matches!(frame, Err(SourceError::TooLarge(_))));
    let file = pacs.instance(&at(SeriesKind::Ct, 0)).await.unwrap();
    let size: usize = file
        .bytes
        .map_ok(|piece| piece.len())
        .try_fold(0, |a, b| async move { Ok(a + b) })
        .await
        .unwrap();
    assert_eq!(
        size as u64,
        std::fs::metadata(file_of(SeriesKind::Ct, 0)).unwrap().len(),
        "streams have none"
    );
}
