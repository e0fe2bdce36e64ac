//! `cargo xtask build`: the viewer's modules, scripts and style sheet as a site the server can serve.

pub(crate) mod digest;
mod minify;
pub(crate) mod module;
pub(crate) mod site;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use self::minify::Minifier;
use self::module::{Builder, MODULES};
use self::site::{Effort, Site};
use crate::process;
use crate::setup::{npm, wasm};
use crate::workspace::Workspace;

/// How to build.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Options {
    /// Compile quickly and do not optimise: for work on the viewer, in `target/site-dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Compile these modules only (`ui-webgpu`, `ui-webgl`, `decode`, `decode-common`, `decode-rare`,
    /// `decode-video`, `tools`, `compare-desk`, `local-reader`) and take the others as they were.
    #[arg(long, value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Compile nothing: scripts, words and style sheets only, beside the modules of the last build.
    #[arg(long)]
    pub(crate) sources_only: bool,
    /// Keep the names of functions in the modules, for tools that tell what weighs how much.
    #[arg(long)]
    pub(crate) names: bool,
}

/// Builds the site and returns its folder.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<PathBuf> {
    let toolchain = wasm::ensure()?;
    let programs = if options.dev { None } else { optimisers(workspace) };
    let wasm_opt = programs.as_ref().map(|folder| folder.join("wasm-opt"));
    let minifier = Minifier { program: programs.map(|folder| folder.join("esbuild")) };
    let Options { dev, names, .. } = *options;
    let builder = Builder { workspace, toolchain, dev, names, wasm_opt };
    let (folder, effort) = match options.dev {
        true => ("site-dev", Effort::Quick),
        false => ("site", Effort::Best),
    };
    let mut site = Site::new(workspace.target.join(folder), effort)?;
    for module in &MODULES {
        let is_named = options.only.iter().any(|name| name == module.name);
        let wanted = !options.sources_only && (options.only.is_empty() || is_named);
        let Some(made) =
            (if wanted { Some(builder.build(module)?) } else { builder.built(module) })
        else {
            continue;
        };
        for file in [format!("{}.js", module.name), format!("{}_bg.wasm", module.name)] {
            site.add(&file, &minifier.minified(&file, fs::read(made.join(&file))?)?)?;
        }
    }
    process::step("compress scripts and styles", || add_sources(workspace, &minifier, &mut site))?;
    let folder = site.finish()?;
    eprintln!("  site: {}", folder.display());
    Ok(folder)
}

/// The optimisers are a help, not a need: without them the site is larger and slower, and right.
fn optimisers(workspace: &Workspace) -> Option<PathBuf> {
    match npm::ensure_optimisers(workspace) {
        Ok(programs) => Some(programs),
        Err(error) => {
            eprintln!("  warning: the site stays unoptimised: {error:#}");
            None
        }
    }
}

/// Folders with hand-written scripts (`boot.js`, `worker.js`, `video.js`, `measure.js`, `compare.js`, `help.js`,
/// `export.js`, `local.js`).
const SCRIPTS: [&str; 8] = [
    "viewer-web/boot",
    "viewer-web/worker",
    "viewer-web/video",
    "viewer-web/tools",
    "viewer-web/compare",
    "viewer-web/help",
    "viewer-web/panels",
    "viewer-web/local",
];

/// Hand-written scripts by their own names, style sheets as one file.
fn add_sources(workspace: &Workspace, minifier: &Minifier, site: &mut Site) -> Result<()> {
    for folder in SCRIPTS {
        // A style sheet beside a script is its own, loaded with it.
        for extension in ["js", "css"] {
            for file in files_with_extension(&workspace.root.join(folder), extension)? {
                let name = file.file_name().context("a script has a name")?.to_string_lossy();
                site.add(&name, &minifier.minified(&name, fs::read(&file)?)?)?;
            }
        }
    }
    for (name, content) in words::files(&workspace.root.join("assets/text/locales"))? {
        site.add(&name, &content)?;
    }
    let mut styles = Vec::new();
    for sheet in files_with_extension(&workspace.root.join("assets/css"), "css")? {
        styles.extend(fs::read(&sheet)?);
        styles.push(b'\n');
    }
    site.add("app.css", &minifier.minified("app.css", styles)?)
}

/// Files of a folder with this extension, by name.
fn files_with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
