//! What can be shown before all has come.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Memory, open, phantoms, study};
use crate::source::received::Limits;
use crate::source::{Scope, Source as _};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_series_waits_for_no_other() {
    let exam = &phantoms().0;
    let first = exam.series.iter().min_by_key(|series| series.files.len()).unwrap();
    let memory =
        Memory { pauses_after: first.files.len(), knows_patient: true, ..Memory::new(exam) };
    for listed in &mut memory.listing.lock().unwrap().series {
        listed.number = Some(i32::from(listed.uid != first.series_instance_uid));
    }
    assert!(exam.series.iter().any(|series| series.files.len() > first.files.len()));
    // So that none waits for its turn behind one that waits here.
    let received = open(memory, Limits { streams: exam.series.len(), ..Limits::default() });
    let beginning = received.beginning(study()).await.unwrap();
    assert!(!beginning.is_whole);
    let [series] = beginning.summary.series.as_slice() else { panic!("one series") };
    assert_eq!(series.series_instance_uid, first.series_instance_uid);
    assert!(series.images.iter().all(|image| image.defect.is_none()));
    let of = |series: &str, instance: Option<&String>| Scope {
        study: study().to_owned(),
        series: Some(series.to_owned()),
        instance: instance.cloned(),
    };
    let about_first = received.summary_of(&of(&first.series_instance_uid, None)).await.unwrap();
    assert!(Arc::ptr_eq(&about_first, &beginning.summary), "it is not made again");
    // Another that has come, of a series that has not: enough to draw it.
    let long = exam.series.iter().max_by_key(|series| series.files.len()).unwrap();
    let one = &long.sop_instance_uids[0];
    let alone = received.summary_of(&of(&long.series_instance_uid, Some(one))).await.unwrap();
    assert_eq!(alone.series[0].images[0].sop_instance_uid, *one);
    assert_eq!(alone.series[0].images.len(), 1);
    // A picture is there, too: of another series, where that of one could not be drawn.
    let mut tried = HashSet::new();
    for _ in 0..2 {
        let at = received.first_arrival(study(), &tried).await.unwrap().unwrap();
        let drawn = received.summary_of(&at.scope()).await.unwrap();
        let images = drawn.series.iter().flat_map(|series| &series.images);
        assert!(images.into_iter().any(|image| image.sop_instance_uid == at.instance));
        assert!(tried.insert(at.series), "each series once");
    }
    assert!(received.summary_at_hand(study()).await.is_none());
    let whole = received.summary(study());
    tokio::pin!(whole);
    while let Err(_not_yet) = tokio::time::timeout(Duration::from_millis(20), &mut whole).await {
        received.upstream().go_on.notify_one();
    }
    let beginning = received.beginning(study()).await.unwrap();
    assert!(beginning.is_whole);
    assert!(beginning.summary.series.len() >= exam.series.len());
    // What was shown first has the same place in the whole, whatever number it turned out to have.
    assert_eq!(beginning.summary.series[0].series_instance_uid, first.series_instance_uid);
    assert!(
        beginning
            .summary
            .series
            .iter()
            .any(|series| series.number < beginning.summary.series[0].number)
    );
    assert_eq!(received.first_arrival(study(), &HashSet::new()).await.unwrap(), None);
    let at_hand = received.summary_at_hand(study()).await.unwrap();
    assert!(Arc::ptr_eq(&at_hand, &beginning.summary));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_knows_whose_it_is_nothing_is_shown_before_all_is_of_one_patient() {
    let exam = &phantoms().0;
    let memory = Memory { pauses_after: 1, ..Memory::new(exam) };
    let received = open(memory, Limits { streams: exam.series.len(), ..Limits::default() });
    let short = exam.series.iter().find(|series| series.files.len() == 1).unwrap();
    let scope = Scope {
        study: study().to_owned(),
        series: Some(short.series_instance_uid.clone()),
        instance: Some(short.sop_instance_uids[0].clone()),
    };
    let soon = Duration::from_millis(200);
    let beginning = tokio::time::timeout(soon, received.beginning(study())).await;
    assert!(beginning.is_err(), "{beginning:?}");
    let one = tokio::time::timeout(soon, received.summary_of(&scope)).await;
    assert!(one.is_err(), "{one:?}");
    assert_eq!(received.first_arrival(study(), &HashSet::new()).await.unwrap(), None);
    let has_come = received.progress(study()).iter().any(|one| one.state == "whole");
    assert!(has_come, "there was something to show");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_brought_by_itself_before_anything_else_is_asked_for() {
    let exam = &phantoms().0;
    let memory = Memory { knows_patient: true, ..Memory::new(exam) };
    let received = open(memory, Limits::default());
    let nothing = HashSet::new();
    let twice = [(); 2].map(|()| received.first_arrival(study(), &nothing));
    for at in futures::future::join_all(twice).await {
        let at = at.unwrap().unwrap();
        let drawn = received.summary_of(&at.scope()).await.unwrap();
        assert_eq!(drawn.series[0].images[0].sop_instance_uid, at.instance);
        received.frame(&at, 1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(received.upstream().asked(), [at.scope()], "once, and nothing else");
    }
    // One that cannot be drawn is not brought for ever: another series is asked.
    let first = received.upstream().asked()[0].series.clone().unwrap();
    let tried = HashSet::from([first.clone()]);
    let other = received.first_arrival(study(), &tried).await.unwrap().unwrap();
    assert_ne!(other.series, first);
    let whole = received.summary(study()).await.unwrap();
    let images = whole.series.iter().flat_map(|series| &series.images);
    assert!(images.into_iter().all(|image| image.defect.is_none()));
    assert!(received.progress(study()).iter().all(|one| one.state == "whole"));
}
