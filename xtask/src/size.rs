//! `cargo xtask size`: bytes on the wire until the first image, on either drawing back end, and those of
//! the decode modules.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use crate::build::{self, site};
use crate::workspace::Workspace;

/// How to report.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// The page's HTML as the server keeps it; names and addresses are filled in on the way.
const PAGE: &str = "server/templates/exam.html";

/// What every browser loads before the first image.
const COMMON: [&str; 5] = ["app.css", "boot.js", "worker.js", "decode.js", "decode_bg.wasm"];

/// A drawing back end with what it loads besides, and how much all of it may weigh.
const PATHS: [(&str, [&str; 2], u64); 3] = [
    ("WebGPU, to the first image", ["ui-webgpu.js", "ui-webgpu_bg.wasm"], 338_000),
    ("WebGL2, to the first image", ["ui-webgl.js", "ui-webgl_bg.wasm"], 338_000),
    ("no GPU, to the first image", ["ui-canvas.js", "ui-canvas_bg.wasm"], 341_000),
];

/// The decode modules and what each may weigh. The first is on the way to every first image, the others are
/// fetched when a frame needs them (docs/adr/0010 says why the third is as heavy as it is).
const DECODERS: [(&str, &[&str], u64); 14] = [
    ("small decoders", &["decode.js", "decode_bg.wasm"], 75_500),
    ("JPEG and JPEG 2000", &["decode-common.js", "decode-common_bg.wasm"], 186_000),
    ("JPEG XL and ICC profiles", &["decode-rare.js", "decode-rare_bg.wasm"], 338_500),
    ("videos", &["decode-video.js", "decode-video_bg.wasm"], 60_000),
    ("measuring", &["tools.js", "tools_bg.wasm"], 112_000),
    ("comparing", &["compare-desk.js", "compare-desk_bg.wasm"], 80_000),
    (
        "documents",
        &[
            "documents.js",
            "documents-keys.js",
            "documents-report.js",
            "documents-state.js",
            "documents-drawing.js",
            "documents-tables.js",
            "documents.css",
            "words-documents.json",
        ],
        14_000,
    ),
    (
        "help",
        &[
            "help.js",
            "help-commands.js",
            "help-keys.js",
            "help-tour.js",
            "help.css",
            "words-help.json",
        ],
        13_500,
    ),
    ("magnifier", &["lens.js", "panel-kit.js", "panels.css", "words-lens.json"], 6_000),
    (
        "films",
        &[
            "film.js",
            "film-encoder.js",
            "film-webm.js",
            "film-mp4.js",
            "film-zip.js",
            "export-picture.js",
            "words-film.json",
        ],
        12_000,
    ),
    (
        "local media",
        &[
            "local.js",
            "local-medium.js",
            "local-worker.js",
            "local-drop.js",
            "local-manifests.js",
            "local-reader.js",
            "local-reader_bg.wasm",
            "local.css",
            "words-local.json",
        ],
        440_000,
    ),
    (
        "imports",
        &[
            "import.js",
            "import-choice.js",
            "import-identity.js",
            "import-plan.js",
            "import-jobs.js",
            "import.css",
            "words-import.json",
        ],
        11_000,
    ),
    ("finding a series", &["series.js", "words-series.json"], 3_000),
    ("what is on its way", &["arriving.js", "arriving.css", "words-arriving.json"], 3_000),
];

/// One file of a budget.
#[derive(Debug, Serialize)]
struct Part {
    file: String,
    /// Bytes after brotli.
    brotli_bytes: u64,
}

/// One budget.
#[derive(Debug, Serialize)]
struct Report {
    what: &'static str,
    parts: Vec<Part>,
    total_bytes: u64,
    budget_bytes: u64,
}

/// Builds, measures, prints; fails where a budget is exceeded.
pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    let folder = build::run(workspace, &build::Options::default())?;
    let reports = measure(workspace, &folder)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&reports)?);
    } else {
        print_table(&reports);
    }
    let exceeded: Vec<&str> = reports
        .iter()
        .filter(|report| report.total_bytes > report.budget_bytes)
        .map(|report| report.what)
        .collect();
    if !exceeded.is_empty() {
        bail!("over budget: {}", exceeded.join(", "));
    }
    Ok(())
}

fn measure(workspace: &Workspace, folder: &Path) -> Result<Vec<Report>> {
    let manifest = site::read_manifest(folder)?;
    let page = Part {
        file: "page".to_owned(),
        brotli_bytes: site::brotli_size(&fs::read(workspace.root.join(PAGE))?)?,
    };
    let part = |logical: &str| -> Result<Part> {
        let Some(name) = manifest.get(logical) else { bail!("the site has no {logical}") };
        let compressed = site::sibling(&folder.join(name), "br");
        Ok(Part { file: logical.to_owned(), brotli_bytes: fs::metadata(compressed)?.len() })
    };
    let mut reports = Vec::new();
    for (back_end, own, budget_bytes) in PATHS {
        let mut parts = vec![Part { file: page.file.clone(), brotli_bytes: page.brotli_bytes }];
        for logical in COMMON.iter().chain(&own) {
            parts.push(part(logical)?);
        }
        reports.push(Report::new(back_end, parts, budget_bytes));
    }
    for (what, files, budget_bytes) in DECODERS {
        let parts = files.iter().copied().map(part).collect::<Result<_>>()?;
        reports.push(Report::new(what, parts, budget_bytes));
    }
    Ok(reports)
}

impl Report {
    fn new(what: &'static str, parts: Vec<Part>, budget_bytes: u64) -> Self {
        let total_bytes = parts.iter().map(|part| part.brotli_bytes).sum();
        Self { what, parts, total_bytes, budget_bytes }
    }
}

fn print_table(reports: &[Report]) {
    for report in reports {
        println!("{} (brotli bytes)", report.what);
        for part in &report.parts {
            println!("  {:<22} {:>9}", part.file, part.brotli_bytes);
        }
        let share = report.total_bytes * 100 / report.budget_bytes;
        println!(
            "  {:<22} {:>9}  of {} ({share} %)",
            "total", report.total_bytes, report.budget_bytes
        );
    }
}
