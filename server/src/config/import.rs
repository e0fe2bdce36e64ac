//! `[site.import]`: who may import exams into which local PACS.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{DimseConfig, PacsConfig, RetrieveWay, SourceConfig, check::check_source};

/// Associations that one target may be told to take.
const MAX_ASSOCIATIONS: u32 = 16;

/// `[site.import]`; without it nobody imports.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImportConfig {
    /// Codes of the professions that may (TRE_G15: 10 physician …); at least one.
    pub professions: Vec<String>,
    /// Imports of this site under way at the same time; others wait.
    #[serde(default = "defaults::at_once")]
    pub at_once: u32,
    /// Days for which an import that ended is remembered.
    #[serde(default = "defaults::keep_days")]
    pub keep_days: u32,
    /// Room on disk for encrypted copies of exams of other centres that are on their way, over all imports of this site, MiB.
    #[serde(default = "defaults::spool_mib")]
    pub spool_mib: u64,
    /// Hours for which such copies are kept that have not got to the target.
    #[serde(default = "defaults::spool_hours")]
    pub spool_hours: u32,
    /// `[[site.import.target]]`, at least one.
    #[serde(rename = "target")]
    pub targets: Vec<TargetConfig>,
}

/// `[[site.import.target]]`: `dimse` or `pacs`, not both.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConfig {
    /// What visitors read.
    pub name: String,
    /// Objects sent at the same time, each on an association or connection of its own.
    #[serde(default = "defaults::associations")]
    pub associations: u32,
    /// C-STORE, C-FIND.
    pub dimse: Option<DimseConfig>,
    /// STOW-RS, QIDO-RS.
    pub pacs: Option<PacsConfig>,
    /// A worklist (C-FIND) to be asked for patients and orders instead of the target.
    pub worklist: Option<DimseConfig>,
}

impl ImportConfig {
    /// The first thing that makes no sense, as (key, reason).
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let problem = |key: &str, reason: &str| Err((format!("import.{key}"), reason.to_owned()));
        let is_code =
            |code: &String| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        if self.professions.is_empty() || !self.professions.iter().all(is_code) {
            return problem(
                "professions",
                "must name professions by their codes (digits, as in TRE_G15)",
            );
        }
        if self.at_once == 0 || self.keep_days == 0 {
            return problem("at_once", "and `keep_days` must be at least 1");
        }
        if self.spool_mib == 0 || self.spool_hours == 0 {
            return problem("spool_mib", "and `spool_hours` must be at least 1");
        }
        if self.targets.is_empty() {
            return problem("target", "at least one [[site.import.target]] is needed");
        }
        for (index, target) in self.targets.iter().enumerate() {
            let place = format!("import.target[{}]", index + 1);
            let is_twice =
                self.targets.iter().filter(|other| other.name == target.name).count() > 1;
            if is_twice || target.name.trim().is_empty() || target.name.contains(char::is_control) {
                return Err((format!("{place}.name"), "must be a name of its own".to_owned()));
            }
            target.check().map_err(|(key, reason)| (key.replacen("source", &place, 1), reason))?;
        }
        Ok(())
    }

    /// Room for copies, in bytes.
    #[must_use]
    pub const fn spool_bytes(&self) -> u64 {
        self.spool_mib.saturating_mul(1 << 20)
    }

    /// Files it names, to be changed.
    pub(super) fn files_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.targets.iter_mut().flat_map(|target| {
            let dimse = target.dimse.iter_mut().chain(target.worklist.as_mut());
            let pacs = target.pacs.iter_mut().flat_map(|pacs| {
                [&mut pacs.ca_file, &mut pacs.password_file, &mut pacs.token_file]
                    .into_iter()
                    .flatten()
            });
            dimse.flat_map(DimseConfig::files_mut).chain(pacs)
        })
    }

    /// Files with secrets.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &PathBuf> {
        self.targets.iter().flat_map(|target| {
            let dimse = target.dimse.iter().chain(&target.worklist);
            let keys = dimse.filter_map(|dimse| dimse.tls.as_ref()?.key.as_ref());
            let pacs = target.pacs.iter();
            keys.chain(pacs.flat_map(|pacs| pacs.password_file.iter().chain(&pacs.token_file)))
        })
    }
}

impl TargetConfig {
    fn check(&self) -> Result<(), (String, String)> {
        let problem = |key: &str, reason: &str| Err((format!("source{key}"), reason.to_owned()));
        if !(1..=MAX_ASSOCIATIONS).contains(&self.associations) {
            return problem(".associations", &format!("must be from 1 to {MAX_ASSOCIATIONS}"));
        }
        if self.dimse.is_some() == self.pacs.is_some() {
            return problem("", "needs `dimse` or `pacs`, and only one of them");
        }
        for dimse in self.dimse.iter().chain(&self.worklist) {
            if dimse.retrieve == RetrieveWay::Move {
                return problem(".dimse.retrieve", "is of no use: nothing is fetched from here");
            }
            check_source(&SourceConfig::Dimse(dimse.clone()))?;
        }
        match &self.pacs {
            Some(pacs) => check_source(&SourceConfig::Pacs(pacs.clone())),
            None => Ok(()),
        }
    }
}

mod defaults {
    pub(super) const fn at_once() -> u32 {
        2
    }
    pub(super) const fn keep_days() -> u32 {
        30
    }
    pub(super) const fn spool_mib() -> u64 {
        8192
    }
    pub(super) const fn spool_hours() -> u32 {
        24
    }
    pub(super) const fn associations() -> u32 {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMSE: &str =
        "dimse = { host = \"pacs\", called_title = \"PACS\", calling_title = \"N\" }";

    fn check(text: &str) -> Result<(), String> {
        let config: ImportConfig = toml::from_str(text).unwrap();
        config.check().map_err(|(key, reason)| format!("{key}: {reason}"))
    }

    #[test]
    fn each_mistake_is_told_in_one_sentence() {
        let target =
            |lines: &str| format!("professions = [\"10\"]\n[[target]]\nname = \"P\"\n{lines}");
        assert_eq!(check(&target(DIMSE)), Ok(()));
        assert_eq!(check(&target("pacs = { url = \"https://pacs/x\" }")), Ok(()));
        for (text, expected) in [
            (
                format!("professions = []\n[[target]]\nname = \"P\"\n{DIMSE}"),
                "import.professions: must",
            ),
            ("professions = [\"10\"]\ntarget = []".to_owned(), "import.target: at least one"),
            (
                format!("spool_mib = 0\n{}", target(DIMSE)),
                "import.spool_mib: and `spool_hours` must",
            ),
            (target(""), "import.target[1]: needs `dimse` or `pacs`"),
            (target(&format!("associations = 17\n{DIMSE}")), "import.target[1].associations"),
            (target("pacs = { url = \"pacs\" }"), "import.target[1].pacs.url: `pacs` is not"),
            (target(&DIMSE.replace("\"PACS\"", "\"\"")), "import.target[1].dimse.called_title"),
            (
                target(&format!("{DIMSE}\n[[target]]\nname = \"P\"\n{DIMSE}")),
                "import.target[1].name",
            ),
        ] {
            let error = check(&text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
