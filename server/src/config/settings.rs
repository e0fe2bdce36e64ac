//! The tables of the configuration that have a default for every key.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// File to append to; without it, standard output.
    pub file: Option<PathBuf>,
}

/// `[session]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// Minutes without a request after which the session ends.
    pub idle_minutes: u32,
    /// Minutes after login at which the session ends in any case.
    pub absolute_minutes: u32,
    /// Hours a clicked link is remembered, so that a new login leads back to the exam.
    pub visit_hours: u32,
    /// Links one address may open in ten minutes.
    pub links_per_address: u32,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self { idle_minutes: 30, absolute_minutes: 240, visit_hours: 12, links_per_address: 600 }
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
