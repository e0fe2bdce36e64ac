//! Access codes from the server's own command.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;

/// What `negatoscope grant --json` prints.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Granted {
    /// The access code as printed on a report.
    pub(crate) code: String,
    /// The link as printed on a report.
    pub(crate) link: String,
    /// Names the code, for `negatoscope revoke`.
    pub(crate) id: String,
}

/// How exams are named.
pub(crate) enum Wanted<'a> {
    /// One, by its Study Instance UID.
    Study(&'a str),
    /// All with this Accession Number.
    Accession(&'a str),
}

/// Which exam, and how.
pub(crate) struct Wish<'a> {
    /// Host of the site.
    pub(crate) site: &'a str,
    /// What it is for.
    pub(crate) exam: Wanted<'a>,
    /// Birth date `YYYYMMDD`, only where the images have none.
    pub(crate) birth_date: Option<&'a str>,
}

/// Makes a code for an exam.
pub(crate) fn grant(program: &Path, config: &Path, wish: &Wish<'_>) -> Result<Granted> {
    let mut command = Command::new(program);
    command.arg("grant").arg("--config").arg(config).arg("--json");
    let (option, value) = match wish.exam {
        Wanted::Study(uid) => ("--study", uid),
        Wanted::Accession(number) => ("--accession", number),
    };
    command.args(["--site", wish.site, option, value]);
    if let Some(date) = wish.birth_date {
        command.args(["--birth-date", date]);
    }
    let printed = process::output_of(&mut command)?;
    serde_json::from_str(&printed).context("`negatoscope grant --json` printed something else")
}

/// Withdraws a code.
pub(crate) fn revoke(program: &Path, config: &Path, site: &str, id: &str) -> Result<()> {
    let mut command = Command::new(program);
    command.arg("revoke").arg("--config").arg(config).args(["--site", site, "--id", id]);
    process::run_quietly(&mut command)
}

/// One exam of an archive, as `negatoscope exams --json` lists it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ListedExam {
    /// Study Instance UID.
    pub(crate) study_instance_uid: String,
    /// Birth date `YYYYMMDD`; `None` where the images have none.
    pub(crate) birth_date: Option<String>,
    /// Its series.
    pub(crate) series: u64,
    /// Its instances, of any kind.
    pub(crate) instances: u64,
}

/// Exams of a site's archive.
pub(crate) fn exams(program: &Path, config: &Path, site: &str) -> Result<Vec<ListedExam>> {
    let mut command = Command::new(program);
    command.arg("exams").arg("--config").arg(config).args(["--site", site, "--json"]);
    let printed = process::output_of(&mut command)?;
    serde_json::from_str(&printed).context("`negatoscope exams --json` printed something else")
}
