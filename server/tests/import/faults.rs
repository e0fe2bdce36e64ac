//! What breaks while an exam is imported: nothing is lost, nothing is there twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use negatoscope_server::import::{Choice, ImportError, State, Step, cancel, take_up};

use crate::dcmtk::{self, Dcmtk};
use crate::flaky::Flaky;
use crate::orthanc::{Orthanc, TITLE, free_port};
use crate::setup::{Stand, by_dimse, by_web, dimse_of, files, phantom, taken, uid};
use crate::stored::{by_pydicom, listed};

const NATIVE: [&str; 2] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"];

/// UIDs of the phantom's objects that are not compressed.
fn native() -> BTreeSet<String> {
    let files = phantom().exam.series.iter().flat_map(|series| &series.files);
    let objects = files.map(|file| dicom_object::open_file(file).unwrap());
    let objects = objects.filter(|object| NATIVE.contains(&object.meta().transfer_syntax()));
    let uid = |object: dicom_object::DefaultDicomObject| {
        object.meta().media_storage_sop_instance_uid().trim_end_matches('\0').to_owned()
    };
    objects.map(uid).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_refuses_a_transfer_syntax_gets_the_others_and_dcmtk_confirms_them() {
    let Some(archive) = Dcmtk::start() else { return };
    // It has a process for each association, and several that begin an empty archive at once lose an object.
    let target =
        by_dimse(archive.port, dcmtk::TITLE).replace("associations = 3", "associations = 1");
    let stand = Stand::new(&target).await;
    let (native, all) = (native(), phantom().instances());
    assert!(!native.is_empty() && native.len() < all.len(), "the phantom has both kinds");
    let listed = listed(&stand).await;
    for _ in 0..2 {
        let progress = stand.import_all().await;
        assert_eq!(progress.state, State::Partial);
        let refused = (all.len() - native.len()) as u64;
        assert_eq!(
            progress.failures.iter().collect::<Vec<_>>(),
            [(&"not_taken".to_owned(), &refused)]
        );
        let there = progress.count(Step::Confirmed) + progress.count(Step::Duplicate);
        assert_eq!(there, native.len() as u64);
        let found: Vec<String> = archive.files().iter().map(|file| uid(file)).collect();
        assert_eq!(found.len(), native.len());
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), native);
        by_pydicom(&stand, &archive.files(), &listed);
        assert_eq!(dcmtk::found_in(archive.port, dcmtk::TITLE).unwrap(), native);
    }
}

/// The source dies within the third object and the next few, in the middle of the pixel data.
async fn survives_its_source(target: &str, orthanc: &Orthanc) {
    let mut stand = Stand::new(target).await;
    let source = Arc::clone(&stand.runner.source);
    let flaky = Arc::new(Flaky { whole: 2, cut: 6, ..Flaky::new(source) });
    stand.with_source(Arc::<Flaky>::clone(&flaky));
    let progress = stand.import_all().await;
    assert!(flaky.asked.load(Ordering::SeqCst) > 8, "some were cut");
    assert_eq!(progress.state, State::Done, "{progress:?}");
    let stored = files(orthanc).await;
    assert_eq!(stored.len(), phantom().instances().len());
    assert_eq!(taken(orthanc).await, stored.len(), "each once");
    let found: BTreeSet<String> = stored.iter().map(|file| uid(file)).collect();
    assert_eq!(found, phantom().instances());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_dies_mid_series_is_asked_again_by_c_store() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    survives_its_source(&dimse_of(&orthanc), &orthanc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_dies_mid_series_is_asked_again_by_stow() {
    let Some(orthanc) = Orthanc::start().await else { return };
    survives_its_source(&by_web(&orthanc.url()), &orthanc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_taken_up_again_when_the_target_is_back() {
    let port = free_port();
    let stand = Stand::new(&by_dimse(port, TITLE)).await;
    let chosen = stand.chosen(&Choice::default()).await;
    let job = stand.put(&chosen).await;
    let progress = stand.runner.run(&job).await.unwrap();
    let count = chosen.len() as u64;
    assert_eq!((progress.state, progress.failures["unavailable"]), (State::Partial, count));
    // Another one of the same study may begin only when this one has ended.
    let other = stand.put(&chosen).await;
    let queue = &stand.runner.queue;
    let ended = queue.get(&job.site, &job.id).await.unwrap();
    assert!(matches!(take_up(queue, &ended, 0).await, Err(ImportError::Busy)));
    assert!(cancel(queue, &other, 0).await.unwrap());
    assert!(!cancel(queue, &other, 0).await.unwrap());
    let Some(orthanc) = Orthanc::start_dimse_on(port).await else { return };
    assert!(take_up(queue, &ended, 0).await.unwrap());
    let progress = stand.runner.run(&job).await.unwrap();
    assert_eq!((progress.state, progress.count(Step::Confirmed)), (State::Done, count));
    assert_eq!(taken(&orthanc).await, chosen.len(), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_stopped_stays_where_it_is_and_goes_on_from_there() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let stand = Stand::new(&dimse_of(&orthanc)).await;
    let chosen = stand.chosen(&Choice::default()).await;
    let job = stand.put(&chosen).await;
    let queue = stand.runner.queue.clone();
    let stop = async {
        while taken(&orthanc).await == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        cancel(&queue, &job, 0).await.unwrap();
    };
    let (progress, ()) = tokio::join!(stand.runner.run(&job), stop);
    let progress = progress.unwrap();
    assert_eq!(progress.state, State::Cancelled);
    let there = taken(&orthanc).await;
    assert!(there > 0 && there < chosen.len(), "{there} of {}", chosen.len());
    let ended = queue.get(&job.site, &job.id).await.unwrap();
    assert!(take_up(&queue, &ended, 0).await.unwrap());
    let progress = stand.runner.run(&job).await.unwrap();
    assert_eq!(progress.state, State::Done);
    assert_eq!(progress.count(Step::Confirmed), chosen.len() as u64);
    assert_eq!(taken(&orthanc).await, chosen.len(), "each once");
    let done = queue.get(&job.site, &job.id).await.unwrap();
    assert_eq!(done.local, None, "whose it is, is forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_of_one_import_are_one() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let stand = Stand::new(&dimse_of(&orthanc)).await;
    let chosen = stand.chosen(&Choice::default()).await;
    let job = stand.put(&chosen).await;
    assert!(matches!(stand.runner.queue.put(&job, &chosen).await, Err(ImportError::Busy)));
    let (one, other) = tokio::join!(stand.runner.run(&job), stand.runner.run(&job));
    let states = [one.unwrap().state, other.unwrap().state];
    assert!(states.contains(&State::Done), "{states:?}");
    assert_eq!(taken(&orthanc).await, chosen.len());
}
