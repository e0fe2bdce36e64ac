//! Another centre on loopback, a second server of ours: `server/examples/other_centre`, whose exam professionals bring by a manifest.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A running centre; dropping this stops it, and the PACS it started.
pub(crate) struct OtherCentre {
    child: Child,
    /// What there is.
    pub(crate) ready: Ready,
}

/// What the program says when it listens.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Ready {
    /// `[trust_list]` of a server that is to know the box.
    pub(crate) trust_list: Value,
    /// `[site.consultation]`.
    pub(crate) consultation: Value,
    /// `[site.import]`; `None` where Orthanc is not installed.
    pub(crate) import: Option<Value>,
    /// Folder of its exams.
    pub(crate) exams: PathBuf,
    /// Of their patient.
    pub(crate) birth_date: String,
    /// What there is to know for a test.
    #[serde(flatten)]
    pub(crate) door: Door,
}

/// How to get to its exam, and where that is imported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Door {
    /// The contextual call.
    pub(crate) call: Call,
    /// Folder of its own journal.
    pub(crate) audit: PathBuf,
    /// File of the manifest.
    pub(crate) manifest: PathBuf,
    /// File of the manifest of an earlier exam of the same patient.
    pub(crate) manifest_before: PathBuf,
    /// Study Instance UID.
    pub(crate) study_instance_uid: String,
    /// Instances that the manifest lists.
    pub(crate) instances: usize,
    /// Address of the local PACS (Orthanc's REST interface); `None` where it is not installed.
    pub(crate) pacs: Option<String>,
}

/// `POST /appel-contextuel`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    /// `Authorization: Bearer …`
    pub(crate) secret: String,
    /// Its form, URL-encoded, for the patient of the exam.
    pub(crate) form: String,
}

impl OtherCentre {
    /// Starts it with a server of its own; `identity` is `[site.identity]`, of those who say what a professional's token is worth.
    pub(crate) fn start(program: &Path, server: &Path, identity: &Value) -> Result<Self> {
        Self::with(program, server, identity, &[])
    }

    /// With further arguments of the program.
    pub(crate) fn with(
        program: &Path,
        server: &Path,
        identity: &Value,
        more: &[&str],
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("--server")
            .arg(server)
            .args(["--identity", &identity.to_string()])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let out = child.stdout.take().context("no output of the other centre")?;
        let mut lines = BufReader::new(out).lines();
        // Before it, a word that there is no Orthanc.
        let ready = lines.find_map(|line| Some(line.ok()?.strip_prefix("READY ")?.to_owned()));
        let ready = ready.context("the other centre did not start")?;
        Ok(Self { child, ready: serde_json::from_str(&ready)? })
    }
}

impl Drop for OtherCentre {
    fn drop(&mut self) {
        // Its input ends, and so does it, with what it started.
        drop(self.child.stdin.take());
        if let Err(error) = self.child.wait() {
            eprintln!("warning: process {} may still run: {error}", self.child.id());
        }
    }
}
