//! `cargo xtask conformance`: everything the conformance statement claims, held against a folder of files.

mod manifest;
mod native;
mod outcome;
mod renders;
mod report;
mod samples;
mod statement;
pub(crate) mod wasm;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use self::manifest::Row;
use self::native::Took;
use self::outcome::{Ended, Verdict, verdict};
use self::report::Report;
use self::samples::Summary;
use self::statement::Statement;
use crate::build;
use crate::process;
use crate::stand::server::{self, Profile};
use crate::workspace::Workspace;

/// Longest time a broken file may take, in seconds.
const MAX_SECONDS: f64 = 2.0;
/// Memory of the program before it reads anything, debug information included.
const FLOOR_BYTES: u64 = 64 << 20;

/// Holds decoding and drawing against a folder of files with known pixels.
///
/// Decodes every file of DIR/MANIFEST.tsv natively and as WebAssembly, draws what DIR/reference-render has
/// pictures of, and prints a table of transfer syntaxes and every deviation.
///
/// MANIFEST.tsv is tab-separated, without quoting, with a header line; these columns are used:
///
///   path                    of the file, below DIR; below `malformed/` anything but a crash, 2 seconds, or
///                           4 times the declared size and 64 MiB is right
///   transfer_syntax         UID
///   expected_pixels_sha256  of the stored samples of all frames: little endian, in the container of Bits
///                           Allocated (1-bit data: a byte a pixel), colour interleaved by pixel, no modality,
///                           VOI, palette or colour step; empty where it is not known
///   rows columns frames samples_per_pixel bits_allocated bits_stored signed
///                           as in the file; `signed` is 0 or 1, `bits_stored` is empty for Float Pixel Data
///   pixel_min pixel_max pixel_mean grid16
///                           of all samples, and sample 0 of the first frame at rows R(2i+1)/8 and columns
///                           C(2j+1)/8, row by row: used where a lossy encoding gives other bytes, which may be
///                           1 away from them (JPEG with more than 8 bits or colour: 2)
///
/// reference-render/RENDERS.tsv names pictures of first frames: `png` (beside it), `source` (a path of the
/// manifest) and `voi`: `window 1`, `VOI LUT 1`, `none` or `min-max of the frame`. At least 99.9 % of the
/// pixels must be within one grey level.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Folder with MANIFEST.tsv.
    dir: PathBuf,
    /// Leave out WebAssembly.
    #[arg(long)]
    no_wasm: bool,
    /// Use the quickly compiled modules.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Use the program as it is installed, not the one with the checks of a debug build.
    #[arg(long)]
    release: bool,
}

impl Options {
    /// Everything there is for a folder.
    pub(crate) fn of(dir: PathBuf, dev: bool) -> Self {
        Self { dir, no_wasm: false, dev, release: false }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let rows = manifest::read(&options.dir.join("MANIFEST.tsv"))?;
    let statement = Statement::read(workspace)?;
    let profile = if options.release { Profile::Release } else { Profile::Debug };
    let program = server::compile(workspace, profile)?;
    let mut report = Report::default();
    process::step("decode natively", || {
        natively(&program, options, &rows, &statement, &mut report)
    })?;
    if !options.no_wasm {
        let build = build::Options { dev: options.dev, ..Default::default() };
        let decoder = wasm::Decoder::ensure(workspace, &build)?;
        process::step("decode as WebAssembly", || {
            as_wasm(&decoder, options, &rows, &statement, &mut report)
        })?;
    }
    let renders = process::step("draw", || renders::check(workspace, &program, &options.dir))?;
    report.renders = Some(renders);
    print!("{report}");
    match report.deviations() {
        0 => Ok(()),
        count => bail!("{count} deviations"),
    }
}

fn natively(
    program: &Path,
    options: &Options,
    rows: &[Row],
    statement: &Statement,
    report: &mut Report,
) -> Result<()> {
    for row in rows {
        let (ended, took) = native::decode(program, &options.dir.join(row.get("path")), row)?;
        let found = match (verdict(row, &ended, statement), excess(row, took)) {
            (deviation @ Verdict::Deviation(_), _) => deviation,
            (_, Some(excess)) => Verdict::Deviation(excess),
            (fine, None) => fine,
        };
        report.native.add(row, found);
    }
    Ok(())
}

/// What a broken file took too much of.
fn excess(row: &Row, took: Took) -> Option<String> {
    if !row.get("path").starts_with("malformed/") {
        return None;
    }
    let allowed = row.declared_bytes().saturating_mul(4).saturating_add(FLOOR_BYTES);
    if took.seconds > MAX_SECONDS {
        Some(format!("took {:.1} s", took.seconds))
    } else if took.peak_bytes > allowed {
        Some(format!("took {} MB of memory, {} allowed", took.peak_bytes >> 20, allowed >> 20))
    } else {
        None
    }
}

fn as_wasm(
    decoder: &wasm::Decoder,
    options: &Options,
    rows: &[Row],
    statement: &Statement,
    report: &mut Report,
) -> Result<()> {
    let by_path: BTreeMap<PathBuf, &Row> =
        rows.iter().map(|row| (options.dir.join(row.get("path")), row)).collect();
    let files: Vec<PathBuf> = by_path.keys().cloned().collect();
    let nothing = Row::default();
    let ends = wasm::ends(decoder, &files, |file| {
        Summary::new(by_path.get(file).copied().unwrap_or(&nothing))
    })?;
    for (file, row) in by_path {
        let lost = Ended::Broken("no answer".to_owned());
        let ended = ends.get(&file).unwrap_or(&lost);
        report.wasm.add(row, verdict(row, ended, statement));
    }
    Ok(())
}
