//! `[site.source.dimse]`: a PACS that speaks DIMSE only, and what of it makes no sense.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::source::dimse::QUERIES;

/// A PACS over DIMSE.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DimseConfig {
    /// Host name or address of the PACS.
    pub host: String,
    /// Its port.
    #[serde(default = "defaults::port")]
    pub port: u16,
    /// Its AE title.
    pub called_title: String,
    /// Our AE title.
    pub calling_title: String,
    /// How objects come.
    #[serde(default)]
    pub retrieve: RetrieveWay,
    /// With `retrieve = "move"`: address and port where the PACS sends to.
    pub listen: Option<SocketAddr>,
    /// With `retrieve = "move"`: our AE title as the PACS knows it for that address; default: `calling_title`.
    pub move_title: Option<String>,
    /// With `retrieve = "move"`: addresses the PACS sends from; default: those of `host`.
    #[serde(default)]
    pub move_from: Vec<IpNet>,
    /// `[site.source.dimse.tls]`: DICOM over TLS.
    pub tls: Option<DimseTlsConfig>,
    /// Seconds to wait for a connection.
    #[serde(default = "defaults::connect_seconds")]
    pub connect_seconds: u64,
    /// Seconds to wait for the next message.
    #[serde(default = "defaults::answer_seconds")]
    pub answer_seconds: u64,
    /// Seconds one series may take.
    #[serde(default = "defaults::series_seconds")]
    pub series_seconds: u64,
    /// Associations to the PACS at the same time.
    #[serde(default = "defaults::max_associations")]
    pub max_associations: usize,
    /// Largest object taken, MiB.
    #[serde(default = "defaults::max_object_mib")]
    pub max_object_mib: u64,
    /// Memory for objects of this site, MiB.
    #[serde(default = "defaults::memory_mib")]
    pub memory_mib: u64,
    /// Most objects of one exam.
    #[serde(default = "defaults::max_instances")]
    pub max_instances: usize,
    /// Seconds for which the list of an exam's objects is believed.
    #[serde(default = "defaults::listing_seconds")]
    pub listing_seconds: u64,
}

/// The service by which objects come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RetrieveWay {
    /// C-GET: on the association that asks for them.
    #[default]
    Get,
    /// C-MOVE: on one that the PACS opens to us.
    Move,
}

/// `[site.source.dimse.tls]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DimseTlsConfig {
    /// PEM file with the authorities that sign the certificates of the PACS.
    pub ca_file: PathBuf,
    /// PEM file: our certificate, then its chain.
    pub certificate: Option<PathBuf>,
    /// PEM file: its private key.
    pub key: Option<PathBuf>,
    /// Name in the certificate of the PACS, where it is not `host`.
    pub server_name: Option<String>,
}

impl DimseConfig {
    /// Series retrieved at the same time: as many associations are for single objects, the others ask.
    pub(crate) fn streams(&self) -> usize {
        (self.max_associations.saturating_sub(QUERIES) / 2).max(1)
    }

    /// Files it names, by key.
    pub(crate) fn files(&self) -> Vec<(&'static str, Option<&PathBuf>)> {
        let tls = self.tls.as_ref();
        vec![
            ("source.dimse.tls.ca_file", tls.map(|tls| &tls.ca_file)),
            ("source.dimse.tls.certificate", tls.and_then(|tls| tls.certificate.as_ref())),
            ("source.dimse.tls.key", tls.and_then(|tls| tls.key.as_ref())),
        ]
    }

    /// The same, to be changed.
    pub(super) fn files_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let tls = self.tls.iter_mut();
        tls.flat_map(|tls| {
            let own = [tls.certificate.as_mut(), tls.key.as_mut()];
            std::iter::once(&mut tls.ca_file).chain(own.into_iter().flatten())
        })
    }

    /// The first thing that makes no sense, as (key, reason).
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let problem =
            |key: &str, reason: &str| Err((format!("source.dimse{key}"), reason.to_owned()));
        if self.host.trim().is_empty() || self.host.contains(['/', ' ', '@']) {
            return problem(".host", "is not a host name or address (no scheme, title or path)");
        }
        let titles = [
            (".called_title", Some(&self.called_title)),
            (".calling_title", Some(&self.calling_title)),
            (".move_title", self.move_title.as_ref()),
        ];
        for (key, title) in titles {
            if title.is_some_and(|title| !is_title(title)) {
                return problem(key, "is not an AE title: 1 to 16 ASCII characters, no backslash");
            }
        }
        let counts = [
            (".port", u64::from(self.port)),
            (".connect_seconds", self.connect_seconds),
            (".answer_seconds", self.answer_seconds),
            (".series_seconds", self.series_seconds),
            (".max_object_mib", self.max_object_mib),
            (".max_instances", self.max_instances as u64),
            (".listing_seconds", self.listing_seconds),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return problem(key, "must be at least 1");
        }
        if self.max_associations < 4 {
            return problem(
                ".max_associations",
                "must be at least 4: two ask, the others retrieve",
            );
        }
        // Whatever is arriving must find room at the same time.
        if self.memory_mib / self.max_object_mib < self.streams() as u64 {
            let reason = "must be at least max_object_mib times half of max_associations - 2";
            return problem(".memory_mib", reason);
        }
        self.check_move()
    }

    fn check_move(&self) -> Result<(), (String, String)> {
        let problem =
            |key: &str, reason: &str| Err((format!("source.dimse{key}"), reason.to_owned()));
        let has_own = match &self.tls {
            Some(tls) if tls.certificate.is_some() != tls.key.is_some() => {
                return problem(".tls", "needs both `certificate` and `key`, or neither");
            }
            Some(tls) => tls.certificate.is_some(),
            None => true,
        };
        match (self.retrieve, self.listen.is_some()) {
            (RetrieveWay::Move, false) => problem(
                ".listen",
                "is missing: `retrieve = \"move\"` needs a port the PACS sends to",
            ),
            (RetrieveWay::Move, true) if !has_own => {
                problem(".tls", "needs `certificate` and `key` for what the PACS sends by C-MOVE")
            }
            (RetrieveWay::Get, true) => {
                problem(".listen", "is of no use with `retrieve = \"get\"`: no port is needed")
            }
            (RetrieveWay::Get, false)
                if self.move_title.is_some() || !self.move_from.is_empty() =>
            {
                problem("", "`move_title` and `move_from` are of no use with `retrieve = \"get\"`")
            }
            _ => Ok(()),
        }
    }
}

/// An application entity title (PS3.5 6.2, AE).
fn is_title(title: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'\\';
    title.len() <= 16 && title.trim() == title && !title.is_empty() && title.bytes().all(is_plain)
}

mod defaults {
    pub(super) const fn port() -> u16 {
        104
    }
    pub(super) const fn connect_seconds() -> u64 {
        5
    }
    pub(super) const fn answer_seconds() -> u64 {
        30
    }
    pub(super) const fn series_seconds() -> u64 {
        600
    }
    pub(super) const fn max_associations() -> usize {
        8
    }
    pub(super) const fn max_object_mib() -> u64 {
        256
    }
    pub(super) const fn memory_mib() -> u64 {
        1024
    }
    pub(super) const fn max_instances() -> usize {
        20_000
    }
    pub(super) const fn listing_seconds() -> u64 {
        60
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "host = \"pacs\"\ncalled_title = \"PACS\"\ncalling_title = \"NEGATO\"\n";

    fn check(more: &str) -> Result<(), String> {
        let config: DimseConfig = toml::from_str(&format!("{PLAIN}{more}")).unwrap();
        config.check().map_err(|(key, reason)| format!("{key}: {reason}"))
    }

    #[test]
    fn each_mistake_is_told_in_one_sentence() {
        assert_eq!(check(""), Ok(()));
        assert_eq!(check("retrieve = \"move\"\nlisten = \"0.0.0.0:11112\""), Ok(()));
        let tls = "[tls]\nca_file = \"ca.pem\"\n";
        assert_eq!(check(tls), Ok(()));
        for (more, expected) in [
            ("retrieve = \"move\"", "source.dimse.listen: is missing"),
            ("listen = \"0.0.0.0:11112\"", "source.dimse.listen: is of no use"),
            ("move_title = \"HERE\"", "`move_title` and `move_from` are of no use"),
            ("move_from = [\"10.0.0.0/8\"]", "`move_title` and `move_from` are of no use"),
            ("move_title = \"seventeen letters\"", "source.dimse.move_title: is not an AE title"),
            ("port = 0", "source.dimse.port: must be at least 1"),
            ("max_associations = 3", "source.dimse.max_associations: must be at least 4"),
            ("memory_mib = 600", "source.dimse.memory_mib: must be at least max_object_mib"),
            (&format!("{tls}key = \"key.pem\""), "source.dimse.tls: needs both"),
            (
                &format!("retrieve = \"move\"\nlisten = \"0.0.0.0:11112\"\n{tls}"),
                "source.dimse.tls: needs `certificate` and `key`",
            ),
        ] {
            let error = check(more).unwrap_err();
            assert!(error.contains(expected), "{more}: {error}");
        }
    }

    #[test]
    fn the_example_shows_the_defaults() {
        let example = include_str!("../../negatoscope.example.toml");
        let (_, shown) = example.split_once("[site.source.dimse]").unwrap();
        let config: DimseConfig = toml::from_str(PLAIN).unwrap();
        let defaults = toml::Table::try_from(&config).unwrap();
        let own = ["host", "called_title", "calling_title", "move_from"];
        for (key, value) in defaults.iter().filter(|(key, _)| !own.contains(&key.as_str())) {
            let line = format!("# {key} = {value}");
            assert!(shown.lines().any(|shown| shown == line), "{line}");
        }
    }

    #[test]
    fn titles_are_those_of_the_standard() {
        for title in ["PACS", "A B", "0123456789ABCDEF"] {
            assert!(is_title(title), "{title}");
        }
        for title in ["", " PACS", "A\\B", "É", "0123456789ABCDEFG"] {
            assert!(!is_title(title), "{title}");
        }
    }
}
