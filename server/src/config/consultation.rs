//! `[site.consultation]`

use std::{path::PathBuf, time::Duration};

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
    /// Room on disk for received objects, encrypted, over all consultations of this site, MiB. 0: they are held in memory.
    #[serde(default = "defaults::disk_mib")]
    pub disk_mib: u64,
    /// Hours after which an object on disk is removed, and an exam forgotten that nobody looks at.
    #[serde(default = "defaults::disk_hours")]
    pub disk_hours: u32,
    /// Folder for them; without it `consultations` in `server.state`.
    pub disk_folder: Option<PathBuf>,
    /// `[site.consultation.receive]`, for each consultation.
    #[serde(default)]
    pub receive: ReceiveConfig,
}

impl ConsultationConfig {
    /// Every file named in here.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let own = [&mut self.ca_file, &mut self.certificate_file, &mut self.key_file];
        own.into_iter().chain(&mut self.call_token_file).chain(&mut self.disk_folder)
    }

    /// Room on disk, in bytes.
    #[must_use]
    pub const fn disk_bytes(&self) -> u64 {
        self.disk_mib.saturating_mul(1 << 20)
    }

    /// Time for which an object stays on disk.
    #[must_use]
    pub const fn disk_time(&self) -> Duration {
        Duration::from_secs(self.disk_hours as u64 * 3600)
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
        // Whatever is arriving must find room at the same time.
        let arriving = self.receive.max_object_mib.saturating_mul(self.receive.streams as u64);
        if self.disk_mib > 0 && arriving > self.disk_mib {
            let reason =
                format!("must be 0, or at least receive.max_object_mib times streams ({arriving})");
            return of("disk_mib", &reason);
        }
        let counts = [
            ("disk_hours", u64::from(self.disk_hours)),
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
    pub(super) const fn disk_mib() -> u64 {
        8192
    }
    pub(super) const fn disk_hours() -> u32 {
        12
    }
    pub(super) const fn connect_seconds() -> u64 {
        5
    }
    pub(super) const fn read_seconds() -> u64 {
        30
    }
}
