//! The tables of the configuration that have a default for every key.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::TlsConfig;

/// `[log]`: what the server does, without personal data, on standard error.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Shape of a line.
    pub format: LogFormat,
    /// How much is said.
    pub level: LogLevel,
}

/// Shape of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// And what looks wrong.
    Warn,
    /// And one line a request.
    #[default]
    Info,
    /// And details for support.
    Debug,
}

/// `[audit]`: who opened what, when, from where.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// Folder of the journal; default: `audit` under the server's `state`.
    pub folder: Option<PathBuf>,
    /// Days a line is kept.
    pub retention_days: u32,
    /// `[audit.syslog]`: an audit repository that gets every line as a DICOM audit message.
    pub syslog: Option<SyslogConfig>,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self { folder: None, retention_days: 365, syslog: None }
    }
}

/// `[audit.syslog]`: syslog over TLS (RFC 5425).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SyslogConfig {
    /// Host and port of the audit repository; its certificate must name the host.
    pub address: String,
    /// PEM file of the authorities that may sign its certificate.
    pub ca_file: PathBuf,
    /// PEM file of our own certificate, where the repository asks for one.
    pub certificate: Option<PathBuf>,
    /// PEM file of its private key.
    pub key: Option<PathBuf>,
    /// What this installation is called in messages (Audit Source ID).
    #[serde(default = "default_source_id")]
    pub source_id: String,
}

fn default_source_id() -> String {
    "negatoscope".to_owned()
}

/// `[admin]`: the administration's HTTP interface.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Address and port to listen on; other than loopback only with `tls`.
    #[serde(default = "default_admin_listen")]
    pub listen: SocketAddr,
    /// File that holds the bearer token, readable by its owner only.
    pub token_file: PathBuf,
    /// `[admin.tls]`
    pub tls: Option<TlsConfig>,
}

fn default_admin_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8081))
}

/// `[session]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// Minutes without a request after which a professional's session ends.
    pub idle_minutes: u32,
    /// Minutes after login at which a professional's session ends in any case.
    pub absolute_minutes: u32,
    /// Minutes without a request after which anybody else's session ends.
    pub patient_idle_minutes: u32,
    /// Minutes after login at which anybody else's session ends in any case.
    pub patient_absolute_minutes: u32,
    /// Hours a clicked link is remembered, so that a new login leads back to the exam.
    pub visit_hours: u32,
    /// Links one address may open in ten minutes.
    pub links_per_address: u32,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            idle_minutes: 30,
            absolute_minutes: 240,
            patient_idle_minutes: 15,
            patient_absolute_minutes: 60,
            visit_hours: 12,
            links_per_address: 600,
        }
    }
}

/// `[access_code]`: the code printed on the report.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessCodeConfig {
    /// Days a new code is good for, unless `grant --days` says otherwise.
    pub days: u32,
    /// Wrong tries after which the exam, or the code, is locked.
    pub tries: u32,
    /// Minutes an exam stays locked.
    pub lock_minutes: u32,
    /// Wrong tries one address may make in `address_minutes`.
    pub tries_per_address: u32,
    /// Minutes over which the tries of an address are counted.
    pub address_minutes: u32,
    /// Codes checked at the same time (each takes about 20 MiB and a core).
    pub parallel_checks: u32,
    /// Milliseconds after which every refusal answers, whatever its reason.
    pub refusal_milliseconds: u64,
}

impl Default for AccessCodeConfig {
    fn default() -> Self {
        Self {
            days: 90,
            tries: 5,
            lock_minutes: 30,
            tries_per_address: 20,
            address_minutes: 15,
            parallel_checks: 2,
            refusal_milliseconds: 1000,
        }
    }
}
