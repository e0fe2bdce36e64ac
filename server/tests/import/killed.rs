//! The program itself: killed at random moments, and with a disk that is full.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::orthanc::{Orthanc, compile_shim};
use crate::setup::{SITE, by_web, config, dimse_of, files, phantom, taken};

/// Kills of one import; most of them hit it before it has ended.
const KILLS: u64 = 12;
/// So many of them, over all imports, have to hit one of which a part is there.
const LEAST_HITS: usize = 4;
/// So many kills have to hit, over as many imports as that takes.
pub(crate) const HITS: &str = "NEGATOSCOPE_KILLS";

/// How many, if not the usual number.
pub(crate) fn hits_wanted() -> usize {
    std::env::var(HITS).map_or(1, |text| text.parse().unwrap())
}

struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    fn new(target: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("negatoscope.toml", &config(folder.path(), target));
        write(
            "local.json",
            &json!({ "patient": { "id": "L1", "name": "LEFEVRE^ELISE" } }).to_string(),
        );
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn arguments(&self, what: &str, more: &[&str]) -> Vec<String> {
        let config = self.path("negatoscope.toml");
        let first = ["import", what, "--config", &config, "--site", SITE];
        first.iter().chain(more).map(|argument| (*argument).to_owned()).collect()
    }

    fn wanted(&self) -> Vec<String> {
        let study = &phantom().exam.study_instance_uid;
        let local = self.path("local.json");
        self.arguments(
            "run",
            &["--target", "PACS", "--study", study, "--local", &local, "--confirm", "L1"],
        )
    }

    fn list(&self) -> Vec<Value> {
        let output = negatoscope(&self.arguments("list", &[]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What goes on with the import, or begins it.
    fn next(&self) -> Vec<String> {
        match self.job() {
            None => self.wanted(),
            Some(job) => self.arguments("resume", &["--job", &job]),
        }
    }

    /// The import, once there is one.
    fn job(&self) -> Option<String> {
        self.list().first().map(|job| job["job"].as_str().unwrap().to_owned())
    }
}

fn negatoscope(arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_negatoscope")).args(arguments).output().unwrap()
}

/// Begins the program and kills it (SIGKILL) at a random moment after the target has taken some more instances, unless it has ended;
/// whether it was still at work.
async fn killed(arguments: &[String], orthanc: &Orthanc, more: usize) -> bool {
    let before = taken(orthanc).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_negatoscope"));
    let mut process =
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while process.try_wait().unwrap().is_none() && taken(orthanc).await < before + more {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let moment = if more == 0 { 200 } else { 10 };
    tokio::time::sleep(Duration::from_millis(rand::random::<u64>() % moment)).await;
    let is_at_work = process.try_wait().unwrap().is_none();
    process.kill().unwrap();
    process.wait().unwrap();
    is_at_work
}

/// How many kills hit it while a part of it was there. None may: a machine that is quick has sent all before the moment has come.
async fn survives_kills(target: &str, orthanc: &Orthanc) -> usize {
    let program = Program::new(target);
    let count = phantom().instances().len();
    let (mut moments, mut at_work) = (Vec::new(), 0);
    for _ in 0..KILLS {
        let more = usize::from(rand::random::<u8>() % 5);
        at_work += usize::from(killed(&program.next(), orthanc, more).await);
        moments.push(taken(orthanc).await);
    }
    println!("{at_work} hits; instances after each kill: {moments:?}, of {count}");
    let within = moments.iter().filter(|there| (1..count).contains(*there)).count();
    if program.list().first().is_none_or(|job| job["progress"]["state"] == "running") {
        let last = negatoscope(&program.next());
        assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    }
    let jobs = program.list();
    assert_eq!((jobs.len(), &jobs[0]["progress"]["state"]), (1, &json!("done")));
    assert_eq!(jobs[0]["progress"]["steps"], json!({ "confirmed": count }));
    assert_eq!(files(orthanc).await.len(), count);
    assert_eq!(taken(orthanc).await, count, "each once");
    let verified = negatoscope(&verify(program.folder.path()));
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    within
}

fn verify(folder: &Path) -> Vec<String> {
    let config = folder.join("negatoscope.toml").display().to_string();
    ["audit", "verify", "--config", &config].map(str::to_owned).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_it_ends_with_each_instance_once_by_c_store() {
    let mut hits = 0;
    while hits < hits_wanted().max(LEAST_HITS) {
        let Some(orthanc) = Orthanc::start_dimse().await else { return };
        hits += survives_kills(&dimse_of(&orthanc), &orthanc).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_it_ends_with_each_instance_once_by_stow() {
    let mut hits = 0;
    while hits < hits_wanted().max(LEAST_HITS) {
        let Some(orthanc) = Orthanc::start().await else { return };
        hits += survives_kills(&by_web(&orthanc.url()), &orthanc).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_an_import_and_loses_nothing() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let program = Program::new(&dimse_of(&orthanc));
    let count = phantom().instances().len();
    let shim = compile_shim("full_disk", program.folder.path()).unwrap();
    assert_eq!(program.job(), None, "the database is there, and whatever is read of the exams");
    let mut moments = Vec::new();
    for left_kib in [4, 40, 90, 140, 190] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_negatoscope"));
        command.args(program.next()).env("LD_PRELOAD", &shim);
        command.env("NEGATOSCOPE_DISK_BYTES", (left_kib << 10).to_string());
        let output = command.output().unwrap();
        assert!(!output.status.success(), "{left_kib} KiB were enough");
        moments.push(taken(&orthanc).await);
    }
    println!("instances each time the disk was full: {moments:?}, of {count}");
    assert!(moments.iter().any(|there| (1..count).contains(there)), "it was full while it sent");
    let output = negatoscope(&program.next());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(program.list()[0]["progress"]["steps"], json!({ "confirmed": count }));
    assert_eq!(taken(&orthanc).await, count, "each once");
    let verified = negatoscope(&verify(program.folder.path()));
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
