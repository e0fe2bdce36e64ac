//! What a source may take that receives whole objects and holds them in memory.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::source::received::Limits;

const MIB: u64 = 1 << 20;

/// `receive` of a source, e.g. `[site.source.drimbox.receive]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReceiveConfig {
    /// Objects held in memory, MiB.
    pub memory_mib: u64,
    /// Largest object, MiB.
    pub max_object_mib: u64,
    /// Largest series as it is sent, MiB.
    pub max_series_mib: u64,
    /// Series received at the same time.
    pub streams: usize,
    /// Seconds one series may take.
    pub series_seconds: u64,
    /// Seconds after which an exam that nobody looks at is dropped from memory.
    pub keep_seconds: u64,
}

impl Default for ReceiveConfig {
    fn default() -> Self {
        Self {
            memory_mib: 1024,
            max_object_mib: 256,
            max_series_mib: 8192,
            streams: 3,
            series_seconds: 600,
            keep_seconds: 900,
        }
    }
}

impl ReceiveConfig {
    /// As the source takes them.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits {
            memory_bytes: self.memory_mib.saturating_mul(MIB),
            max_object_bytes: self.max_object_mib.saturating_mul(MIB),
            max_series_bytes: self.max_series_mib.saturating_mul(MIB),
            streams: self.streams,
            series_time: Duration::from_secs(self.series_seconds),
            keep: Duration::from_secs(self.keep_seconds),
        }
    }

    /// What makes no sense, as (key, reason).
    pub(super) fn problem(&self) -> Option<(&'static str, String)> {
        let counts = [
            ("memory_mib", self.memory_mib),
            ("max_object_mib", self.max_object_mib),
            ("max_series_mib", self.max_series_mib),
            ("streams", self.streams as u64),
            ("series_seconds", self.series_seconds),
            ("keep_seconds", self.keep_seconds),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Some((key, "must be at least 1".to_owned()));
        }
        // Whatever is arriving must find room at the same time.
        let arriving = self.max_object_mib.saturating_mul(self.streams as u64);
        (arriving > self.memory_mib).then(|| {
            let reason = format!("must be at least max_object_mib times streams ({arriving})");
            ("memory_mib", reason)
        })
    }
}
