//! `cargo xtask bench codecs`: how quickly each family is decoded, by us and by Cornerstone3D's codecs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::build;
use crate::build::digest::hex_digest_of;
use crate::process;
use crate::setup::{npm, python, system};
use crate::stand::phantom::{self, PhantomExam};
use crate::workspace::Workspace;

/// How to measure.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Timed decodes of each frame by each side, one after the other in turn.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only families whose name begins like this (`JPEG-LS`, `HTJ2K` …).
    #[arg(long, default_value = "")]
    only: String,
}

/// Builds the decode module as for people, encodes the phantom's images, and lets Node measure.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let missing = system::ensure(&[&system::NODE, &system::PYTHON]);
    if !missing.is_empty() {
        bail!("missing: {} (see cargo xtask doctor)", missing.join(", "));
    }
    let folder = workspace.root.join("e2e/bench/codecs");
    npm::ensure_packages(&folder)?;
    let decoders = ["decode", "decode-common", "decode-rare"].map(str::to_owned).to_vec();
    let site =
        build::run(workspace, &build::Options { only: decoders, ..build::Options::default() })?;
    let inputs = inputs(workspace, &folder.join("inputs.py"))?;
    let mut node = Command::new("node");
    node.current_dir(&folder).arg("codecs.js");
    node.env("NEGATOSCOPE_SITE", site).env("NEGATOSCOPE_INPUTS", inputs);
    node.env("NEGATOSCOPE_ROUNDS", options.rounds.to_string());
    node.env("NEGATOSCOPE_ONLY", &options.only);
    process::run(&mut node)
}

/// The encoded frames, made once per version of the images and of the script that encodes them.
fn inputs(workspace: &Workspace, script: &Path) -> Result<PathBuf> {
    let exam = phantom::ensure(workspace)?.exam;
    let packages = python::ensure_packages(workspace, "codec-encoders")?;
    let images = images(&exam)?;
    let mut contents = vec![fs::read(script)?];
    for image in &images {
        contents.push(fs::read(image)?);
    }
    let digest = hex_digest_of(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let folder = workspace.target.join("bench-codecs").join(&digest[..16]);
    if folder.join("cases.json").exists() {
        return Ok(folder);
    }
    process::step("encode the images", || {
        let mut encode = Command::new("python3");
        encode.arg(script).arg(&folder).args(images).env("PYTHONPATH", packages);
        process::run_quietly(&mut encode)
    })?;
    Ok(folder)
}

/// A slice through the chest, the radiograph, the ultrasound loop.
fn images(exam: &PhantomExam) -> Result<[PathBuf; 3]> {
    let file = |kind: &str, share: usize| {
        let series = exam.series.iter().find(|series| series.kind == kind);
        let series = series.with_context(|| format!("the phantom has no {kind}"))?;
        let file = series.files.get(series.files.len() * share / 4);
        file.cloned().with_context(|| format!("{kind} has no file"))
    };
    Ok([file("Ct", 1)?, file("Cr", 0)?, file("Us", 0)?])
}
