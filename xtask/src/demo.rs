//! `cargo xtask demo`: from nothing to a report link to click.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::build;
use crate::build::digest::hex_digest;
use crate::process;
use crate::stand::config::{self, Site, Source, Stand};
use crate::stand::grant::{self, ListedExam, Wanted, Wish};
use crate::stand::server::{self, Profile, Server};
use crate::stand::{http, phantom};
use crate::workspace::Workspace;

/// What to show and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// One's own exams: a DICOM file, a folder, a ZIP, a DICOMDIR medium; the phantom by default.
    #[arg(long, value_name = "PATH")]
    dicom: Option<PathBuf>,
    /// Port on loopback; by default 8349, or another free one where that is taken.
    #[arg(long)]
    port: Option<u16>,
    /// Use the quickly compiled viewer and server (for work on them).
    #[arg(long)]
    dev: bool,
}

const HOST: &str = "localhost";
const USUAL_PORT: u16 = 8349;

/// Asked for where the images of `--dicom` hold no birth date.
const STAND_IN_BIRTH_DATE: &str = "19700101";

/// Most links printed for a `--dicom` path with many exams.
const MAX_LINKS: usize = 20;

/// The id of the report document that a link carries along; the demo has no documents.
const REPORT_ID: &str = "2.25.67440291";

/// Sets up, starts the server, prints the links and stays until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let build = build::Options { dev: options.dev, ..Default::default() };
    let assets = build::run(workspace, &build)?;
    let profile = if options.dev { Profile::Debug } else { Profile::Release };
    let program = server::compile(workspace, profile)?;
    let archive = archive(workspace, options)?;
    let port = options.port.map_or_else(usual_or_free_port, Ok)?;
    let folder = workspace.target.join("demo").join(folder_name(&archive));
    let config = configure(port, &folder, &assets, archive)?;

    let mut server = Server::start(&program, &config, port, &folder.join("server.log"))?;
    process::step("index the exams", || server.wait_until_ready(&[HOST]))?;
    let exams = grant::exams(&program, &config, HOST)?;
    if exams.is_empty() {
        bail!("no DICOM file found; the server said:\n{}", server.last_words());
    }
    print_links(&program, &config, &exams)?;
    println!("Ctrl-C stops the server (log: {})", folder.join("server.log").display());
    server.wait()
}

fn configure(port: u16, folder: &Path, assets: &Path, archive: PathBuf) -> Result<PathBuf> {
    let site = Site {
        host: HOST,
        name: "Centre d’imagerie de démonstration",
        accession_roots: Vec::new(),
        source: Source::Archive { path: archive },
        identity: None,
        consultation: None,
        import: None,
    };
    config::write(Stand { port, folder, assets, sites: vec![site], limits: None, trust_list: None })
}

fn archive(workspace: &Workspace, options: &Options) -> Result<PathBuf> {
    match &options.dicom {
        Some(path) => {
            fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))
        }
        None => Ok(phantom::ensure(workspace)?.exam.folder),
    }
}

/// Each archive keeps its own index.
fn folder_name(archive: &Path) -> String {
    hex_digest(archive.as_os_str().as_encoded_bytes())[..16].to_owned()
}

fn usual_or_free_port() -> Result<u16> {
    if http::is_free(USUAL_PORT) { Ok(USUAL_PORT) } else { http::free_port() }
}

fn print_links(program: &Path, config: &Path, exams: &[ListedExam]) -> Result<()> {
    for exam in exams.iter().take(MAX_LINKS) {
        let missing = exam.birth_date.is_none().then_some(STAND_IN_BIRTH_DATE);
        let wish =
            Wish { site: HOST, exam: Wanted::Study(&exam.study_instance_uid), birth_date: missing };
        let granted = grant::grant(program, config, &wish)?;
        let date = exam.birth_date.as_deref().unwrap_or(STAND_IN_BIRTH_DATE);
        println!();
        println!("Report link   {}&idCDA={REPORT_ID}", granted.link);
        println!("Access code   {}", granted.code);
        println!("Birth date    {}", french_date(date));
        println!("Exam          {} objects in {} series", exam.instances, exam.series);
        if missing.is_some() {
            println!("              the images hold no birth date; this one stands in for it");
        }
    }
    if exams.len() > MAX_LINKS {
        println!("\n{} exams more have no link here", exams.len() - MAX_LINKS);
    }
    println!();
    Ok(())
}

/// `19700131` → `31/01/1970`.
fn french_date(date: &str) -> String {
    match (date.get(..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{day}/{month}/{year}"),
        _ => date.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_printed_as_the_form_wants_them() {
        assert_eq!(french_date("19700131"), "31/01/1970");
        assert_eq!(french_date("1970"), "1970");
    }
}
