use std::fs::{self, File};
use std::io::Cursor;
use std::rc::Rc;

use negatoscope_local::bytes::Bytes;
use negatoscope_local::frames::FrameError;
use negatoscope_local::medium::Medium;
use negatoscope_local::reason::Reason;
use negatoscope_phantom::{SeriesKind, truncated_copy};
use viewer_core::dicom::{index, pixel_data_layout, read_frame, read_part10};
use viewer_core::exam::Patient;
use viewer_core::series::assemble;

use crate::setup::{contents, files_of, phantoms, read, read_files, taken};

#[test]
fn a_folder_is_grouped_into_exams_as_the_server_groups_them() {
    let all = [&phantoms().exam, &phantoms().other].map(files_of).concat();
    let medium = read_files(&all);
    assert_eq!(medium.offers(&Patient::default()).len(), 2);
    for exam in [&phantoms().exam, &phantoms().other] {
        let files = files_of(exam);
        let instances = files.iter().map(|file| index(File::open(file).unwrap()).unwrap().instance);
        let expected = assemble(instances.collect()).unwrap();
        let mut summary = medium.summary(&exam.study_instance_uid).unwrap();
        assert!(summary.study.is_local, "the page is told that the server does not know it");
        summary.study.is_local = false;
        assert_eq!(summary, expected);
    }
    assert!(medium.summary("1.2.3").is_err());
}

#[test]
fn an_exam_is_offered_by_whose_and_what_it_is() {
    let medium = read_files(&files_of(&phantoms().documents));
    let [offer] = &medium.offers(&Patient::default())[..] else { panic!("one exam") };
    assert_eq!(offer.patient.birth_name, phantoms().documents.birth_name);
    assert_eq!(offer.date.as_deref(), Some(phantoms().documents.study_date.as_str()));
    assert_eq!(offer.modalities, ["CT", "US"]);
    let kinds = |wanted: fn(SeriesKind) -> bool| {
        let of = phantoms().documents.series.iter().filter(|series| wanted(series.kind));
        of.map(|series| series.files.len()).sum::<usize>()
    };
    let is_image = |kind: SeriesKind| matches!(kind, SeriesKind::Ct | SeriesKind::Us);
    assert_eq!(offer.images, kinds(is_image));
    assert_eq!(offer.documents, kinds(|kind| !matches!(kind, SeriesKind::Ct | SeriesKind::Us)));
    assert_eq!(offer.manifests, kinds(|kind| kind == SeriesKind::KeyImages));
}

#[test]
fn whose_it_is_is_held_against_whom_is_looked_at() {
    let exam = &phantoms().exam;
    let files = [files_of(exam), files_of(&phantoms().other)].concat();
    let medium = read_files(&files);
    let shown = medium.summary(&exam.study_instance_uid).unwrap().patient;
    let offers = medium.offers(&shown);
    let of = |study: &str| offers.iter().find(|offer| offer.study == study).unwrap();
    let same = of(&exam.study_instance_uid);
    assert_eq!((same.differing.len(), same.is_other_patient), (0, false));
    let other = of(&phantoms().other.study_instance_uid);
    assert!(other.is_other_patient && other.differing.contains(&"birth_name"));
    // A name that has changed, or that a file does not have, is a difference and not yet another patient.
    for changed in [
        Patient { birth_name: "LEROY".into(), ..shown.clone() },
        Patient { birth_name: String::new(), birth_date: None, ..shown },
    ] {
        let offers = medium.offers(&changed);
        let own = offers.iter().find(|offer| offer.study == exam.study_instance_uid).unwrap();
        assert!(!own.differing.is_empty() && !own.is_other_patient);
    }
}

#[test]
fn reading_can_be_stopped() {
    let mut medium = Medium::default();
    for content in contents(&files_of(&phantoms().exam)) {
        medium.add("x", Rc::new(content));
    }
    assert!(medium.step() && medium.step());
    let waiting = medium.progress().waiting;
    medium.stop(3);
    assert!(!medium.step());
    let progress = medium.progress();
    assert_eq!((progress.read, progress.objects, progress.left_out), (2, 2, waiting + 3));
}

#[test]
fn every_frame_is_what_the_file_has() {
    let files = files_of(&phantoms().exam);
    let mut medium = read_files(&files);
    let contents = contents(&files);
    let bytes: Vec<&dyn Bytes> = contents.iter().map(|content| content as &dyn Bytes).collect();
    let mut frames = 0;
    for series in &phantoms().exam.series {
        for (uid, file) in series.sop_instance_uids.iter().zip(&series.files) {
            let content = fs::read(file).unwrap();
            let layout = pixel_data_layout(Cursor::new(&content)).unwrap();
            for number in 1..=u32::try_from(series.frames).unwrap() {
                let frame = medium.frame(uid, number).unwrap();
                let expected = read_frame(Cursor::new(&content), &layout, number).unwrap();
                assert_eq!(taken(&frame, &bytes), expected, "{:?} {number}", series.kind);
                frames += 1;
            }
            assert!(matches!(medium.frame(uid, 0), Err(FrameError::Unknown)));
        }
    }
    assert!(frames > 20);
}

#[test]
fn overlays_are_found() {
    let series = phantoms().exam.series(SeriesKind::MultiFrame).unwrap();
    let mut medium = read_files(&series.files);
    let file = read_part10(File::open(&series.files[0]).unwrap()).unwrap();
    let uid = &series.sop_instance_uids[0];
    let groups: Vec<u16> =
        (0x6000..=0x601E).step_by(2).filter(|group| file.overlay_data(*group).is_some()).collect();
    assert!(!groups.is_empty());
    for group in groups {
        assert_eq!(medium.overlay(uid, group).unwrap(), file.overlay_data(group).unwrap());
    }
    assert!(medium.overlay(uid, 0x60FE).is_err());
}

#[test]
fn what_is_no_dicom_is_counted_and_what_is_damaged_is_named() {
    let ct = &phantoms().exam.series(SeriesKind::Ct).unwrap().files;
    let good = fs::read(&ct[0]).unwrap();
    let mut headless = good[..300].to_vec();
    headless[200..].fill(0xFF);
    let files = [
        ("AUTORUN.INF", b"[autorun]".to_vec()),
        ("empty", Vec::new()),
        ("IM000001", good.clone()),
        ("IM000001 (copy)", good),
        ("IM000002", headless),
        ("a.zip", b"PK\x03\x04 and nothing behind".to_vec()),
    ];
    let medium = read(files.map(|(name, content)| (name.to_owned(), content)));
    let progress = medium.progress();
    assert_eq!((progress.read, progress.waiting, progress.exams), (6, 0, 1));
    assert_eq!((progress.others, progress.duplicates, progress.damaged), (2, 1, 2));
    let named = [("IM000002", Reason::Damaged), ("a.zip", Reason::CutOff)];
    assert_eq!(progress.named, named.map(|(name, reason)| (name.to_owned(), reason)));
}

#[test]
fn a_frame_that_is_cut_off_is_an_error_and_no_half_picture() {
    let folder = tempfile::tempdir().unwrap();
    let ct = phantoms().exam.series(SeriesKind::Ct).unwrap();
    let cut = folder.path().join("cut");
    truncated_copy(&ct.files[0], &cut).unwrap();
    let mut medium = read_files(&[cut]);
    assert_eq!(medium.offers(&Patient::default()).len(), 1, "it is listed");
    assert!(matches!(medium.frame(&ct.sop_instance_uids[0], 1), Err(FrameError::CutOff)));
}
