//! The server under test: seven sites on loopback, patients that must not meet, codes good and bad.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use negatoscope_phantom::{corrupt_copy, truncated_copy};
use serde::Serialize;
use serde_json::Value;

use super::browser::example;
use crate::process;
use crate::stand::config::{self, Limits, Site, Source, Stand};
use crate::stand::grant::{self, Granted, Wanted, Wish};
use crate::stand::http;
use crate::stand::identity::Providers;
use crate::stand::other_centre::{self, OtherCentre};
use crate::stand::phantom::{self, PhantomExam};
use crate::stand::server::{self, Profile, Server};
use crate::workspace::Workspace;

const FIRST: &str = "vi1.349.localhost";
const SECOND: &str = "vi2.349.localhost";
const DAMAGED: &str = "vi3.349.localhost";
const IDENTIFIED: &str = "vi4.349.localhost";
const FOLLOWED: &str = "vi5.349.localhost";
const LONG: &str = "vi6.349.localhost";
const CONSULTED: &str = "vi7.349.localhost";

/// A running stand; dropping it stops its server.
pub(super) struct TestStand {
    /// JSON file that tells the browser tests what there is.
    pub(super) description: PathBuf,
    /// The server's log.
    pub(super) log: PathBuf,
    /// Stopped in this order.
    _running: (Server, OtherCentre, Providers),
}

/// What the browser tests are told.
#[derive(Serialize)]
struct Description<'a> {
    port: u16,
    /// Name of an unknown site.
    unknown_host: &'static str,
    /// The exam that is looked at, on the first site.
    exam: Door<'a>,
    /// The same with as many slices as exams have, on the sixth site: for what depends on their number.
    long: Door<'a>,
    /// A second code for it.
    second_code: String,
    /// A code for it whose time has passed.
    expired_code: String,
    /// A code for it that was withdrawn.
    revoked_code: String,
    /// Another patient's exam on the same site; its code gets locked.
    other: Door<'a>,
    /// The same other patient on the second site.
    elsewhere: Door<'a>,
    /// Videos, of a third patient, on the first site.
    videos: Door<'a>,
    /// A CT with key images, reports and a saved presentation, of a fourth patient.
    documents: Door<'a>,
    /// An exam with a truncated and a corrupt frame, on the third site.
    damaged: Door<'a>,
    /// The exam on the fourth site, which also lets professionals and patients in by identity providers.
    identified: Door<'a>,
    /// Two exams of one patient that one link names, on the fifth site; described is the newer one.
    followed: Door<'a>,
    /// The earlier one.
    prior: &'a PhantomExam,
    /// The exam of another centre, on the seventh site: by contextual call or manifest, in the name of `professional`; imported into a
    /// local PACS.
    consulted: Consulted<'a>,
    audit: PathBuf,
    log: PathBuf,
}

/// How to get to one exam.
#[derive(Serialize)]
struct Door<'a> {
    link: String,
    code: String,
    #[serde(flatten)]
    exam: &'a PhantomExam,
}

/// How to get to the exam of another centre.
#[derive(Serialize)]
struct Consulted<'a> {
    /// Where a professional begins.
    page: String,
    /// Where the practice's software calls.
    call_address: String,
    #[serde(flatten)]
    door: &'a other_centre::Door,
}

/// Starts a server for the browser tests.
pub(super) fn start(workspace: &Workspace, site: &Path, identity: &Path) -> Result<TestStand> {
    let program = server::compile(workspace, Profile::Debug)?;
    let other_centre = example(workspace, "other_centre")?;
    let phantoms = phantom::ensure(workspace)?;
    let folder = empty_folder(workspace)?;
    let damaged = damaged_exam(&folder.join("damaged"))?;
    let port = http::free_port()?;
    let exam = &phantoms.short;
    let first = exam.folder.parent().context("a folder with the phantoms")?;
    let pair = phantoms.pair[0].folder.parent().context("a folder with both exams")?;
    let origins = [IDENTIFIED, CONSULTED].map(|host| format!("http://{host}:{port}"));
    let providers = Providers::start(identity, &origins, &folder)?;
    let centre = OtherCentre::start(&other_centre, &program, &providers.config())?;
    let sites = [
        (FIRST, first, None),
        (SECOND, phantoms.other.folder.as_path(), None),
        (DAMAGED, damaged.folder.as_path(), None),
        (IDENTIFIED, first, Some(providers.config())),
        (FOLLOWED, pair, None),
        (LONG, phantoms.exam.folder.as_path(), None),
        // Exams of its own that nobody looks at.
        (CONSULTED, phantoms.other.folder.as_path(), Some(providers.config())),
    ];
    let config = configure((port, &folder, site), &sites, &centre.ready)?;

    let log = folder.join("server.log");
    let mut server = Server::start(&program, &config, port, &log)?;
    process::step("index the exams", || {
        server.wait_until_ready(&sites.each_ref().map(|(host, ..)| *host))
    })?;
    let grant = |host: &'static str, exam: &PhantomExam| {
        let exam = Wanted::Study(&exam.study_instance_uid);
        let wish = Wish { site: host, exam, birth_date: None };
        grant::grant(&program, &config, &wish)
    };
    let both = Wanted::Accession(&phantoms.pair[0].accession_number);
    let both = Wish { site: FOLLOWED, exam: both, birth_date: None };
    let description = Description {
        port,
        unknown_host: "vi9.349.localhost",
        exam: door(grant(FIRST, exam)?, exam),
        long: door(grant(LONG, &phantoms.exam)?, &phantoms.exam),
        second_code: grant(FIRST, exam)?.code,
        expired_code: expired(&folder, grant(FIRST, exam)?)?,
        revoked_code: revoked(&program, &config, grant(FIRST, exam)?)?,
        other: door(grant(FIRST, &phantoms.other)?, &phantoms.other),
        elsewhere: door(grant(SECOND, &phantoms.other)?, &phantoms.other),
        videos: door(grant(FIRST, &phantoms.videos)?, &phantoms.videos),
        documents: door(grant(FIRST, &phantoms.documents)?, &phantoms.documents),
        damaged: door(grant(DAMAGED, &damaged)?, &damaged),
        identified: door(grant(IDENTIFIED, exam)?, exam),
        followed: door(grant::grant(&program, &config, &both)?, &phantoms.pair[0]),
        prior: &phantoms.pair[1],
        consulted: consulted(port, &centre),
        audit: folder.join("audit"),
        log: log.clone(),
    };
    let file = folder.join("stand.json");
    fs::write(&file, serde_json::to_vec_pretty(&description)?)?;
    Ok(TestStand { description: file, log, _running: (server, centre, providers) })
}

fn empty_folder(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("e2e/stand");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    Ok(folder)
}

fn consulted(port: u16, centre: &OtherCentre) -> Consulted<'_> {
    Consulted {
        page: format!("http://{CONSULTED}:{port}/consultation"),
        call_address: format!("http://{CONSULTED}:{port}/appel-contextuel"),
        door: &centre.ready.door,
    }
}

fn configure(
    (port, folder, assets): (u16, &Path, &Path),
    sites: &[(&'static str, &Path, Option<Value>)],
    centre: &other_centre::Ready,
) -> Result<PathBuf> {
    let elsewhere =
        |host: &str, table: Option<&Value>| table.filter(|_| host == CONSULTED).cloned();
    let sites = sites.iter().map(|(host, archive, identity)| Site {
        host,
        name: "Centre d’imagerie de test",
        accession_roots: Vec::new(),
        source: Source::Archive { path: (*archive).to_owned() },
        identity: identity.clone(),
        consultation: elsewhere(host, Some(&centre.consultation)),
        import: elsewhere(host, centre.import.as_ref()),
    });
    // Every test comes from the same address; refusals are waited for by the dozen.
    let limits = Limits { tries_per_address: 1000, refusal_milliseconds: 100 };
    let (limits, trust_list) = (Some(limits), Some(centre.trust_list.clone()));
    config::write(Stand { port, folder, assets, sites: sites.collect(), limits, trust_list })
}

fn door(granted: Granted, exam: &PhantomExam) -> Door<'_> {
    Door { link: granted.link, code: granted.code, exam }
}

/// A small exam whose sharp CT has a frame that ends early and whose ultrasound is overwritten.
fn damaged_exam(folder: &Path) -> Result<PhantomExam> {
    let exam = phantom::generate_small(folder)?;
    let files = |kind: &str| -> Result<&[PathBuf]> {
        let series = exam.series.iter().find(|series| series.kind == kind);
        Ok(&series.with_context(|| format!("the phantom has no {kind}"))?.files)
    };
    let aside = folder.with_extension("aside");
    let truncated = files("Ct")?.get(2).context("a third slice")?;
    let corrupt = files("Mr")?.first().context("a first slice")?;
    for (file, damage) in [(truncated, truncated_copy as Damage), (corrupt, corrupt_copy)] {
        fs::rename(file, &aside)?;
        damage(&aside, file)?;
    }
    fs::remove_file(aside)?;
    Ok(exam)
}

type Damage = fn(&Path, &Path) -> Result<(), negatoscope_phantom::PhantomError>;

/// Moves the end of a code's life into the past: codes live for days, tests do not.
fn expired(folder: &Path, granted: Granted) -> Result<String> {
    let script = "import sqlite3, sys\n\
        with sqlite3.connect(sys.argv[1], timeout=10) as database:\n\
        \x20   changed = database.execute('UPDATE access_code SET expires = created - 1 WHERE id = ?', sys.argv[2:])\n\
        \x20   assert changed.rowcount == 1";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(folder.join("state/negatoscope.sqlite")).arg(&granted.id);
    process::run_quietly(&mut python)?;
    Ok(granted.code)
}

fn revoked(program: &Path, config: &Path, granted: Granted) -> Result<String> {
    grant::revoke(program, config, FIRST, &granted.id)?;
    Ok(granted.code)
}
