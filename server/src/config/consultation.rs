//! `[site.consultation]`

use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::ReceiveConfig;

/// Exams of other centres, by their manifests. Needs `[trust_list]` and Pro Santé Connect; without the table nobody can
/// bring one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConsultationConfig {
    /// Codes of the professions (TRE_G15) that may; at least one.
    pub professions: Vec<String>,
    /// PEM file of the authorities that may sign the certificate of a box: these and no others.
    pub ca_file: PathBuf,
    /// PEM file of our certificate, then its chain.
    pub certificate_file: PathBuf,
    /// PEM file of the private key.
    pub key_file: PathBuf,
    /// Ports at which boxes may be asked.
    #[serde(default = "defaults::ports")]
    pub ports: Vec<u16>,
    /// File with the secret of the software that may call; without it there is no contextual call.
    pub call_token_file: Option<PathBuf>,
    /// Networks from which it may call; empty: any.
    #[serde(default)]
    pub call_networks: Vec<IpNet>,
    /// Seconds for which the address that a call is answered with is good, once.
    #[serde(default = "defaults::call_seconds")]
    pub call_seconds: u32,
    /// Consultations of this site at the same time.
    #[serde(default = "defaults::consultations")]
    pub consultations: usize,
    /// Manifests of one consultation.
    #[serde(default = "defaults::manifests")]
    pub manifests: usize,
    /// Largest manifest, MiB.
    #[serde(default = "defaults::max_manifest_mib")]
    pub max_manifest_mib: usize,
    /// Seconds to wait for a connection.
    #[serde(default = "defaults::connect_seconds")]
    pub connect_seconds: u64,
    /// Seconds to wait for the next bytes of an answer.
    #[serde(default = "defaults::read_seconds")]
    pub read_seconds: u64,
    /// `[site.consultation.receive]`, for each consultation.
    #[serde(default)]
    pub receive: ReceiveConfig,
}

impl ConsultationConfig {
    /// Every file named in here.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let own = [&mut self.ca_file, &mut self.certificate_file, &mut self.key_file];
        own.into_iter().chain(&mut self.call_token_file)
    }

    /// What makes no sense, as (key, reason).
    pub(super) fn problem(&self) -> Option<(String, String)> {
        let of = |key: &str, reason: &str| Some((key.to_owned(), reason.to_owned()));
        if self.professions.is_empty() || self.professions.iter().any(|code| code.trim().is_empty())
        {
            return of("professions", "needs the codes of the professions that may, at least one");
        }
        if self.ports.is_empty() || self.ports.contains(&0) {
            return of("ports", "needs at least one port, none of them 0");
        }
        if !(10..=600).contains(&self.call_seconds) {
            return of("call_seconds", "must be between 10 and 600");
        }
        if !(1..=64).contains(&self.max_manifest_mib) {
            return of("max_manifest_mib", "must be between 1 and 64");
        }
        let counts = [
            ("consultations", self.consultations as u64),
            ("manifests", self.manifests as u64),
            ("connect_seconds", self.connect_seconds),
            ("read_seconds", self.read_seconds),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return of(key, "must be at least 1");
        }
        let (key, reason) = self.receive.problem()?;
        Some((format!("receive.{key}"), reason))
    }
}

mod defaults {
    pub(super) fn ports() -> Vec<u16> {
        vec![443]
    }
    pub(super) const fn call_seconds() -> u32 {
        120
    }
    pub(super) const fn consultations() -> usize {
        8
    }
    pub(super) const fn manifests() -> usize {
        32
    }
    pub(super) const fn max_manifest_mib() -> usize {
        16
    }
    pub(super) const fn connect_seconds() -> u64 {
        5
    }
    pub(super) const fn read_seconds() -> u64 {
        30
    }
}
