//! Exams beside each other on one page: what was there stays where it was, and everything knows whose it is.

use std::sync::Arc;

use proptest::prelude::*;
use viewer_core::base::limits::{MAX_EXAMS, MAX_JOINED_FRAMES, MAX_JOINED_SERIES};
use viewer_core::command::{Command, Layout};
use viewer_core::compare::{Trait, Way, automatic, differing, matching, show_beside, way};
use viewer_core::exam::{ExamIndex, ExamSummary, JoinError, Patient, Series};
use viewer_core::fetch::{Event, FrameStatus, Limits, Scheduler, ShownFrame};
use viewer_core::session::{Session, Snapshot, SnapshotError};
use viewer_core::viewport::ViewReference;

use super::compare_linked::{AXIAL, CORONAL, plane, slices};
use super::support::{exam, key, series};

/// An exam of this study, with series of so many images.
fn study(number: usize, lengths: &[usize]) -> ExamSummary {
    of_series(number, lengths.iter().map(|&length| series("CT", &vec![1; length])).collect())
}

fn of_series(number: usize, mut series: Vec<Series>) -> ExamSummary {
    for (index, one) in series.iter_mut().enumerate() {
        one.series_instance_uid = format!("1.2.{number}.{index}");
        for (image, place) in one.images.iter_mut().zip(0..) {
            image.sop_instance_uid = format!("1.2.{number}.{index}.{place}");
        }
    }
    let mut made = ExamSummary::clone(&exam(series));
    made.study.study_instance_uid = format!("1.2.{number}");
    made.study.date = Some(format!("2026010{}", number % 10));
    made
}

fn joined(mut first: ExamSummary, others: impl IntoIterator<Item = ExamSummary>) -> ExamSummary {
    for other in others {
        first.join(other).expect("another study");
    }
    first
}

/// An axial stack: an image each millimetre of `range`.
fn axial(uid: &str, range: std::ops::Range<i32>) -> Series {
    slices("CT", uid, 1.0, range.map(|z| plane(AXIAL, [0.0, 0.0, f64::from(z)])).collect())
}

fn any_exams() -> impl Strategy<Value = Vec<Vec<usize>>> {
    proptest::collection::vec(proptest::collection::vec(0..5_usize, 0..5), 2..MAX_EXAMS)
}

proptest! {
    #[test]
    fn what_comes_later_stands_behind_what_is_there(exams in any_exams()) {
        let studies: Vec<_> = exams.iter().enumerate().map(|(at, one)| study(at, one)).collect();
        let mut page = studies[0].clone();
        for (at, other) in studies.iter().enumerate().skip(1) {
            let before = page.clone();
            let index = page.join(other.clone()).expect("another study");
            prop_assert_eq!(usize::from(index.number()), at);
            prop_assert!(page.begins_with(&before));
            prop_assert_eq!(&page.series[..before.series.len()], &before.series[..]);
            let behind = &page.series[before.series.len()..];
            prop_assert_eq!(behind.len(), other.series.len());
            for (now, then) in behind.iter().zip(&other.series) {
                prop_assert_eq!(now.exam, index);
                prop_assert_eq!(&now.series_instance_uid, &then.series_instance_uid);
            }
        }
        // Every series knows its own study and no other.
        for series in &page.series {
            let (_, study) = page.of(series.exam).expect("an exam");
            let own = format!("{}.", study.study_instance_uid);
            prop_assert!(series.series_instance_uid.starts_with(&own));
        }
        let text = serde_json::to_string(&page).expect("serialises");
        prop_assert_eq!(&serde_json::from_str::<ExamSummary>(&text).expect("reads"), &page);
    }

    #[test]
    fn panes_and_frames_keep_what_they_have(
        exams in any_exams(),
        commands in proptest::collection::vec((0..2_usize, 0..4_u32, 0..5_u32), 0..12),
    ) {
        let mut studies = exams.iter().enumerate().map(|(at, one)| study(at, one));
        let mut page = studies.next().expect("one");
        let mut session = Session::new(Arc::new(page.clone()));
        session.apply(Command::SetLayout(Layout::SIDE_BY_SIDE));
        for (pane, series, position) in commands {
            session.apply(Command::ShowSeries { pane, series });
            session.apply(Command::ScrollTo { pane, position });
        }
        let mut scheduler = Scheduler::new(&page, LIMITS);
        let _begun = scheduler.handle(Event::Shown(session.shown_frames()), 0.0);
        for other in studies {
            let panes = [0, 1].map(|pane| (session.view(pane).copied(), session.position(pane)));
            let series = 0..u32::try_from(page.series.len()).expect("few");
            let known: Vec<Vec<FrameStatus>> =
                series.map(|series| scheduler.series_statuses(series).collect()).collect();
            page.join(other).expect("another study");
            session.grow(Arc::new(page.clone())).expect("begins with it");
            scheduler.grow(&page);
            prop_assert_eq!(
                panes,
                [0, 1].map(|pane| (session.view(pane).copied(), session.position(pane)))
            );
            for (series, known) in (0..).zip(known) {
                prop_assert_eq!(scheduler.series_statuses(series).collect::<Vec<_>>(), known);
            }
            let frames: usize = page.series.iter().map(|series| series.images.len()).sum();
            prop_assert_eq!(usize::try_from(scheduler.progress().total).expect("few"), frames);
        }
    }
}

const LIMITS: Limits =
    Limits { fetches: 4, decodes: 2, decoded_bytes: 1 << 30, encoded_bytes: 0, saves_data: false };

#[test]
fn frames_of_a_joined_exam_are_fetched_like_others() {
    let page = joined(study(0, &[1]), [study(1, &[2])]);
    let mut scheduler = Scheduler::new(&study(0, &[1]), LIMITS);
    assert_eq!(scheduler.status(key(1, 0, 0)), None);
    scheduler.grow(&page);
    let shown = vec![ShownFrame { key: key(1, 1, 0), direction: 0 }];
    let actions = scheduler.handle(Event::Shown(shown), 0.0);
    assert_eq!(scheduler.status(key(1, 1, 0)), Some(FrameStatus::Loading), "{actions:?}");
}

#[test]
fn an_exam_comes_once_and_not_more_than_a_page_takes() {
    let mut page = joined(study(0, &[1]), [study(1, &[1])]);
    let before = page.clone();
    assert_eq!(page.join(study(0, &[2])), Err(JoinError::Known));
    assert_eq!(page.join(study(1, &[2])), Err(JoinError::Known));
    let both = joined(study(5, &[1]), [study(6, &[1])]);
    assert_eq!(page.join(both), Err(JoinError::NotSingle));
    let mut many = study(7, &[1]);
    many.series = vec![many.series[0].clone(); MAX_JOINED_SERIES];
    assert_eq!(page.join(many), Err(JoinError::TooMuch));
    let mut long = study(7, &[1]);
    long.series[0].images[0].frames = u32::try_from(MAX_JOINED_FRAMES).expect("a count");
    assert_eq!(page.join(long), Err(JoinError::TooMuch));
    assert_eq!(page, before, "what is refused changes nothing");
    for number in 2..MAX_EXAMS {
        page.join(study(number, &[1])).expect("there is room");
    }
    assert_eq!(page.join(study(MAX_EXAMS, &[1])), Err(JoinError::TooMuch));
}

#[test]
fn a_summary_that_does_not_begin_with_the_page_is_not_taken() {
    let first = study(0, &[2, 1]);
    let mut session = Session::new(Arc::new(first.clone()));
    let before = session.snapshot();
    let other_image = |change: fn(&mut ExamSummary)| {
        let mut made = joined(first.clone(), [study(1, &[1])]);
        change(&mut made);
        made
    };
    for wrong in [
        other_image(|exam| exam.series[0].images[1].sop_instance_uid = "9".into()),
        other_image(|exam| exam.series[1].images[0].frames = 2),
        other_image(|exam| exam.patient.birth_name = "AUTRE".into()),
        other_image(|exam| exam.study.study_instance_uid = "9".into()),
        other_image(|exam| exam.joined.clear()),
        other_image(|exam| exam.series.truncate(1)),
        study(1, &[2, 1]),
    ] {
        assert_eq!(session.grow(Arc::new(wrong)), Err(SnapshotError::OtherExam));
    }
    assert_eq!(session.snapshot(), before);
}

#[test]
fn a_view_of_two_exams_comes_back_when_both_are_there() {
    let page = Arc::new(joined(study(0, &[3, 2]), [study(1, &[4])]));
    let mut session = Session::new(Arc::clone(&page));
    session.apply_all([
        Command::SetLayout(Layout::SIDE_BY_SIDE),
        Command::ShowSeries { pane: 1, series: 2 },
        Command::ScrollTo { pane: 1, position: 3 },
        Command::ScrollTo { pane: 0, position: 2 },
        Command::Activate { pane: 1 },
    ]);
    let text = serde_json::to_string(&session.snapshot()).expect("serialises");
    let saved: Snapshot = serde_json::from_str(&text).expect("reads");
    let mut again = Session::new(Arc::new(study(0, &[3, 2])));
    assert_eq!(again.restore(&saved), Ok(false), "the other exam is not here yet");
    assert_eq!((again.layout(), again.position(0)), (Layout::SIDE_BY_SIDE, Some(2)));
    assert_eq!(again.reference(1).map(|at| at.series), Some(1), "a series that is here");
    again.grow(page).expect("begins with it");
    assert_eq!(again.restore(&saved), Ok(true));
    assert_eq!(again.snapshot(), session.snapshot());
    // A view of other exams than those that came.
    let mut other = Session::new(Arc::new(joined(study(0, &[3, 2]), [study(1, &[5])])));
    assert_eq!(other.restore(&saved), Err(SnapshotError::OtherExam));
}

#[test]
fn only_the_exam_that_was_opened_fills_panes_by_itself() {
    let first = of_series(0, vec![axial("a", 0..3), axial("a", 0..3)]);
    let other = of_series(1, vec![axial("a", 0..3), axial("a", 0..3)]);
    let alone = matching(&first).len();
    let page = joined(first, [other]);
    assert_eq!((matching(&page).len(), automatic(&page).is_some()), (alone, true));
    let mut session = Session::new(Arc::new(page));
    session.apply(Command::SetLayout(Layout::FOUR));
    let shown = [0, 1, 2, 3].map(|pane| session.reference(pane).map(|at| at.series));
    assert_eq!(shown, [Some(0), Some(1), None, None]);
}

fn second(session: &Session) -> ExamIndex {
    session.exam().exams().nth(1).expect("two exams")
}

#[test]
fn beside_comes_the_series_that_is_most_like_at_the_same_place() {
    let coronal = slices("CT", "b", 1.0, (0..9).map(|_| plane(CORONAL, [0.0; 3])).collect());
    let first = of_series(0, vec![axial("a", 0..40)]);
    let other = of_series(1, vec![series("SR", &[]), coronal, axial("a", 10..90)]);
    let mut session = Session::new(Arc::new(joined(first, [other])));
    session.apply(Command::ScrollTo { pane: 0, position: 25 });
    let exam = second(&session);
    show_beside(&mut session, exam);
    assert_eq!(session.layout(), Layout::SIDE_BY_SIDE);
    assert_eq!(session.reference(1).map(|at| at.series), Some(3), "the axial one");
    assert_eq!(way(&session, 0, 1), Some(Way::Position));
    assert_eq!((session.position(0), session.position(1)), (Some(25), Some(15)));
    assert_eq!(session.active_pane(), 0);
}

#[test]
fn without_a_space_in_common_it_is_as_far_through_its_stack() {
    for (position, expected) in [(0, 0), (20, 40), (40, 80)] {
        let first = of_series(0, vec![axial("a", 0..41)]);
        let other = of_series(1, vec![axial("another", 0..81)]);
        let mut session = Session::new(Arc::new(joined(first, [other])));
        session.apply(Command::ScrollTo { pane: 0, position });
        let exam = second(&session);
        show_beside(&mut session, exam);
        assert_eq!(way(&session, 0, 1), Some(Way::Rank));
        assert_eq!(session.position(1), Some(expected));
    }
}

#[test]
fn an_empty_pane_is_taken_before_one_that_shows_something() {
    let first = of_series(0, vec![axial("a", 0..3), axial("a", 0..3)]);
    let page = joined(first, [study(1, &[]), study(2, &[4])]);
    let mut session = Session::new(Arc::new(page));
    session.apply(Command::SetLayout(Layout::FOUR));
    let exams: Vec<ExamIndex> = session.exam().exams().collect();
    let before = session.snapshot();
    show_beside(&mut session, exams[1]);
    assert_eq!(session.snapshot(), before, "an exam without images has nothing to show");
    show_beside(&mut session, exams[2]);
    let at = ViewReference { series: 2, image: 0, frame: 0 };
    assert_eq!(
        (session.reference(1).map(|at| at.series), session.reference(2)),
        (Some(1), Some(at))
    );
}

#[test]
fn identity_is_compared_trait_by_trait() {
    let patient = study(0, &[]).patient;
    assert_eq!(differing(&patient, &patient), []);
    let mut written = patient.clone();
    written.birth_name = " lefèvre ".into();
    written.given_names = "ÉLISE".into();
    assert_eq!(differing(&patient, &written), [], "capitals and spaces tell nobody apart");
    type Change = fn(&mut Patient);
    let changes: [(Change, Trait); 6] = [
        (|other| other.birth_name = "LEFEVRE".into(), Trait::BirthName),
        (|other| other.given_names = "Élise Marie".into(), Trait::GivenNames),
        (|other| other.birth_date = Some("19740313".into()), Trait::BirthDate),
        (|other| other.birth_date = None, Trait::BirthDate),
        (|other| other.sex = Some("M".into()), Trait::Sex),
        (|other| other.patient_id = "FANTOME-0002".into(), Trait::PatientId),
    ];
    for (change, expected) in changes {
        let mut other = patient.clone();
        change(&mut other);
        assert_eq!(differing(&patient, &other), [expected]);
        assert_eq!(differing(&other, &patient), [expected]);
        assert_ne!(expected.of(&patient), expected.of(&other));
    }
    assert_eq!(differing(&patient, &Patient::default()), Trait::ALL);
}
