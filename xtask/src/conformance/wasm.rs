//! Files through the WebAssembly decode modules under Node, in one process for all of them.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::outcome::Ended;
use crate::build;
use crate::process;
use crate::setup::npm;
use crate::test::example;
use crate::workspace::Workspace;

/// The programs that decode as the browser does.
pub(crate) struct Decoder {
    /// Reads files and writes their frames.
    frames: PathBuf,
    /// The script around the modules, and the built site with them.
    script: PathBuf,
    site: PathBuf,
}

/// One frame as it came out.
pub(crate) struct Frame {
    pub(crate) head: Head,
    /// Its stored samples; empty for a failure.
    pub(crate) samples: Vec<u8>,
}

/// What is said of a frame.
#[derive(Deserialize)]
pub(crate) struct Head {
    pub(crate) file: PathBuf,
    /// Counted from 1; none where the file has no frames that could be read.
    pub(crate) frame: Option<u32>,
    pub(crate) failure: Option<Failure>,
}

/// Why a frame was not decoded.
#[derive(Clone, Deserialize)]
pub(crate) struct Failure {
    kind: Value,
    pub(crate) detail: String,
}

impl Failure {
    /// How the file counts.
    pub(super) fn ended(self) -> Ended {
        let is = |kind: &str| self.kind.as_str() == Some(kind) || self.kind.get(kind).is_some();
        if is("stopped") {
            Ended::Broken(self.detail)
        } else if is("unsupported") || is("unreadable") {
            Ended::Unsupported(self.detail)
        } else {
            Ended::Malformed(self.detail)
        }
    }
}

impl Decoder {
    /// Builds what is not there yet.
    pub(crate) fn ensure(workspace: &Workspace, build: &build::Options) -> Result<Self> {
        let site = build::run(workspace, build)?;
        npm::ensure_node()?;
        let frames = example(workspace, "frame_records")?;
        Ok(Self { frames, script: workspace.root.join("e2e/wasm/stored.js"), site })
    }

    /// Decodes all frames of files and hands each on, in order.
    pub(crate) fn decode(
        &self,
        files: &[PathBuf],
        mut each: impl FnMut(Frame) -> Result<()>,
    ) -> Result<()> {
        let mut reader = Command::new(&self.frames);
        let mut reader = spawn(reader.args(files).stdin(Stdio::null()))?;
        let frames = reader.stdout.take().context("standard output is a pipe")?;
        let mut node = Command::new("node");
        node.arg(&self.script).env("NEGATOSCOPE_SITE", &self.site).stdin(frames);
        let mut node = spawn(&mut node)?;
        let mut records = BufReader::new(node.stdout.take().context("standard output is a pipe")?);
        while let Some(head) = read_part(&mut records)? {
            let samples = read_part(&mut records)?.context("a record without a body")?;
            each(Frame { head: serde_json::from_slice(&head)?, samples })?;
        }
        finish(node, "the decode module")?;
        finish(reader, "the reader of frames")
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    command.stdout(Stdio::piped());
    command.spawn().with_context(|| format!("cannot start {}", process::shown(command)))
}

fn finish(mut child: Child, name: &str) -> Result<()> {
    let status = child.wait()?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// A length and that many bytes; `None` at the end of the input.
fn read_part(input: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    }
    let mut bytes = vec![0; usize::try_from(u32::from_le_bytes(length))?];
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// The end of each file, by its path.
pub(super) fn ends(
    decoder: &Decoder,
    files: &[PathBuf],
    summary_of: impl Fn(&Path) -> super::samples::Summary,
) -> Result<BTreeMap<PathBuf, Ended>> {
    let mut ends: BTreeMap<PathBuf, Ended> = BTreeMap::new();
    decoder.decode(files, |Frame { head, samples }| {
        let file = head.file;
        let ended =
            ends.entry(file.clone()).or_insert_with(|| Ended::Decoded(Box::new(summary_of(&file))));
        match (ended, head.failure) {
            (Ended::Decoded(summary), None) => summary.update(&samples),
            (ended @ Ended::Decoded(_), Some(failure)) => *ended = failure.ended(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(ends)
}
