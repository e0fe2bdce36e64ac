//! Steps of instances and states of imports, in a database.

use super::*;
use crate::audit::LOCAL;
use crate::import::local::Local;
use crate::store::{Store, random_name};

fn job(target: &str) -> Job {
    Job {
        id: random_name(),
        site: "vi1.test".to_owned(),
        target: target.to_owned(),
        study: "1.2".to_owned(),
        local: Some(Local::default()),
        who: Who { way: None, subject: "test".to_owned(), session: None, address: LOCAL },
        whence: None,
        state: State::Running,
        created: 5,
    }
}

async fn queue(folder: &std::path::Path, steps: &[Step]) -> (Queue, Job) {
    let queue = Queue::new(Store::open(folder).await.unwrap().pool);
    let at = |n: usize| InstanceRef {
        study: "1.2".to_owned(),
        series: "1.2.1".to_owned(),
        instance: format!("1.2.1.{n}"),
    };
    let all: Vec<_> = (0..steps.len()).map(at).collect();
    let job = job("PACS");
    queue.put(&job, &all).await.unwrap();
    for (at, step) in all.iter().zip(steps) {
        queue.set(&job, &at.instance, *step, None).await.unwrap();
    }
    (queue, job)
}

#[tokio::test]
async fn the_target_decides_what_became_of_each() {
    use Step::{Confirmed, Duplicate, Failed, Sending, Sent, Waiting};
    let folder = tempfile::tempdir().unwrap();
    let steps = [Waiting, Waiting, Sending, Sending, Sent, Sent, Confirmed, Failed];
    let (queue, job) = queue(folder.path(), &steps).await;
    let held = [0, 2, 4].map(|n| format!("1.2.1.{n}")).into_iter().collect();
    queue.compare(&job, &held).await.unwrap();
    let progress = queue.progress(&job).await.unwrap();
    let expected =
        [(Waiting, 1), (Sending, 1), (Sent, 1), (Confirmed, 3), (Duplicate, 1), (Failed, 1)].into();
    assert_eq!(progress.steps, expected);
}

#[tokio::test]
async fn one_import_of_a_study_to_a_target_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, first) = queue(folder.path(), &[Step::Waiting]).await;
    assert!(matches!(queue.put(&job("PACS"), &[]).await, Err(ImportError::Busy)));
    queue.put(&job("OTHER"), &[]).await.unwrap();
    assert!(queue.end(&first, State::Done, 9).await.unwrap());
    assert!(!queue.end(&first, State::Done, 9).await.unwrap());
    let kept = queue.get("vi1.test", &first.id).await.unwrap();
    assert_eq!((kept.state, kept.local), (State::Done, None));
    queue.put(&job("PACS"), &[]).await.unwrap();
    assert!(matches!(queue.get("vi2.test", &first.id).await, Err(ImportError::Unknown)));
    queue.prune("vi1.test", 10).await.unwrap();
    assert!(matches!(queue.progress(&first).await, Err(ImportError::Unknown)));
    assert_eq!(queue.running().await.unwrap().len(), 2, "those that go on are kept");
}

#[tokio::test]
async fn what_is_taken_up_again_is_what_failed_and_only_where_nobody_else_sends_it() {
    use Step::{Confirmed, Failed, Sending, Waiting};
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut first) = queue(folder.path(), &[Failed, Failed, Confirmed]).await;
    queue.set(&first, "1.2.1.0", Failed, Some(UNCONFIRMED)).await.unwrap();
    assert!(queue.end(&first, State::Partial, 9).await.unwrap());
    first.state = State::Partial;
    let second = job("PACS");
    queue.put(&second, &[]).await.unwrap();
    assert!(matches!(queue.take_up(&first, 9).await, Err(ImportError::Busy)));
    let failed = [(Failed, 2), (Confirmed, 1)].into();
    assert_eq!(queue.progress(&first).await.unwrap().steps, failed, "nothing was touched");
    assert!(queue.end(&second, State::Cancelled, 9).await.unwrap());
    queue.take_up(&first, 9).await.unwrap();
    let progress = queue.progress(&first).await.unwrap();
    assert_eq!(progress.steps, [(Waiting, 1), (Sending, 1), (Confirmed, 1)].into());
    assert_eq!(progress.state, State::Running);
}
