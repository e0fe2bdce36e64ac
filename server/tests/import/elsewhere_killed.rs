//! A process that fetches and sends an exam of another centre, killed (SIGKILL) while it does.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use negatoscope_server::import::{Job, State, Step};

use crate::elsewhere::{Street, files_below};
use crate::killed::hits_wanted;
use crate::orthanc::{Orthanc, TITLE, free_port};
use crate::setup::{Folder, SITE, Stand, by_dimse, phantom, taken, uid};

const TEST: &str =
    "elsewhere_killed::killed_while_it_fetches_and_while_it_sends_each_instance_is_there_once";
/// Folder of the import that this process has to carry out until it is killed; else this is the test itself.
const CARRY_OUT: &str = "NEGATOSCOPE_TEST_CARRY_OUT";
/// Port of the target, and name of the import.
const PORT: &str = "NEGATOSCOPE_TEST_PORT";
const JOB: &str = "NEGATOSCOPE_TEST_JOB";

async fn street(folder: PathBuf, port: u16) -> Street {
    let folder = Folder::of_somebody(folder);
    Street::around(Stand::within(folder, &by_dimse(port, TITLE)).await)
}

async fn job_of(street: &Street, id: &str) -> Job {
    street.stand.runner.queue.get(SITE, id).await.unwrap()
}

async fn carry_out(folder: &OsStr) {
    let text = |name| std::env::var(name).unwrap();
    let street = street(folder.into(), text(PORT).parse().unwrap()).await;
    let job = job_of(&street, &text(JOB)).await;
    street.stand.runner.run(&job).await.unwrap();
}

/// Begins a process and kills it at a random moment when the import has come further, unless it has ended; whether it was still at
/// work.
async fn killed(street: &Street, job: &Job, port: u16, is_far: impl AsyncFn() -> bool) -> bool {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST])
        .env(CARRY_OUT, street.stand.folder.path())
        .env(PORT, port.to_string())
        .env(JOB, &job.id)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while process.try_wait().unwrap().is_none() && !is_far().await {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_millis(rand::random::<u64>() % 10)).await;
    let is_at_work = process.try_wait().unwrap().is_none();
    process.kill().unwrap();
    process.wait().unwrap();
    is_at_work
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_fetches_and_while_it_sends_each_instance_is_there_once() {
    if let Some(folder) = std::env::var_os(CARRY_OUT) {
        return carry_out(&folder).await;
    }
    let mut hits = 0;
    while hits < hits_wanted() {
        let Some(more) = survives_kills().await else { return };
        hits += more;
    }
}

/// How many kills hit one import; `None` where there is no target.
async fn survives_kills() -> Option<usize> {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut street = street(folder.path().to_owned(), port).await;
    let job = street.put().await;
    let queue = street.stand.runner.queue.clone();
    let count = phantom().instances().len();
    // While it fetches: there is no target yet.
    let (mut moments, mut hits) = (Vec::new(), 0);
    for _ in 0..3 {
        let here = queue.progress(&job).await.unwrap().here;
        let is_far =
            async || queue.progress(&job).await.unwrap().here >= (here + 4).min(count as u64);
        hits += usize::from(killed(&street, &job, port, is_far).await);
        moments.push(queue.progress(&job).await.unwrap().here);
    }
    assert!(moments.iter().any(|here| (1..count as u64).contains(here)), "{moments:?}");
    let orthanc = Orthanc::start_dimse_on(port).await?;
    let mut moments = Vec::new();
    for _ in 0..3 {
        let before = taken(&orthanc).await;
        let is_far = async || taken(&orthanc).await >= before + 5;
        hits += usize::from(killed(&street, &job, port, is_far).await);
        moments.push(taken(&orthanc).await);
    }
    println!("{hits} hits; sent at each kill while it sent: {moments:?} of {count}");
    assert!(moments.iter().any(|sent| (1..count).contains(sent)), "{moments:?}");
    // The server starts again, and nobody is logged in: what is here is imported.
    let here = queue.progress(&job).await.unwrap().here;
    street.leave();
    let progress = street.stand.runner.run(&job_of(&street, &job.id).await).await.unwrap();
    assert!(progress.count(Step::Confirmed) >= here, "{progress:?}");
    if progress.state != State::Done {
        let failed = progress.failures.keys().collect::<Vec<_>>();
        assert_eq!(failed, ["session_ended"]);
        street.come_back();
        assert!(street.take_up(&job).await);
        let progress = street.stand.runner.run(&job_of(&street, &job.id).await).await.unwrap();
        assert_eq!(progress.state, State::Done, "{progress:?}");
    }
    let stored = crate::setup::files(&orthanc).await;
    let found: std::collections::BTreeSet<String> = stored.iter().map(|file| uid(file)).collect();
    assert_eq!((found, stored.len()), (phantom().instances(), count));
    assert_eq!(taken(&orthanc).await, count, "each once");
    let left = files_below(&street.stand.folder.path().join("state/imports"));
    assert!(left.is_empty(), "{left:?}");
    Some(hits)
}
