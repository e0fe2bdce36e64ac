//! One import: what, for whom, and how far it has come.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Value, json};

use super::local::Local;

/// How far an instance has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing was sent.
    Waiting,
    /// Something may have been sent.
    Sending,
    /// The target said that it took it.
    Sent,
    /// The target names it among what it has.
    Confirmed,
    /// The target had it before.
    Duplicate,
    /// It is not there, and will not be without somebody's doing.
    Failed,
}

impl Step {
    pub(super) const ALL: [Self; 6] =
        [Self::Waiting, Self::Sending, Self::Sent, Self::Confirmed, Self::Duplicate, Self::Failed];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Duplicate => "duplicate",
            Self::Failed => "failed",
        }
    }
}

/// Whether an import goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Goes on, if need be after the next start of the server.
    Running,
    /// The target has every instance.
    Done,
    /// Some have failed; the import can be taken up again.
    Partial,
    /// Somebody stopped it.
    Cancelled,
}

impl State {
    pub(super) const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Partial, Self::Cancelled];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Who imports, for the journal.
#[derive(Clone, Debug)]
pub struct Who {
    /// Way in; none on the command line.
    pub way: Option<String>,
    /// What the identity provider calls them.
    pub subject: String,
    /// Browser session.
    pub session: Option<String>,
    /// Address.
    pub address: IpAddr,
}

/// One import.
#[derive(Clone, Debug)]
pub struct Job {
    /// Random name.
    pub id: String,
    /// Site.
    pub site: String,
    /// Name of the target.
    pub target: String,
    /// Study Instance UID.
    pub study: String,
    /// What is written into the objects; none once all has arrived.
    pub local: Option<Local>,
    /// Who wants it.
    pub who: Who,
    /// Hosts of the boxes that have the exam, where only a manifest opened it: its objects come in the name of a session. None: it
    /// is one of the site's own source.
    pub whence: Option<String>,
    /// Whether it goes on.
    pub state: State,
    /// Unix seconds.
    pub created: i64,
}

impl Job {
    /// As it is told, without whom it is about.
    #[must_use]
    pub fn told(&self, progress: &Progress) -> Value {
        json!({
            "job": self.id, "target": self.target, "study": self.study, "created": self.created,
            "whence": self.whence, "progress": progress,
        })
    }
}

/// How far an import has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Whether it goes on.
    pub state: State,
    /// Number of instances by step.
    pub steps: BTreeMap<Step, u64>,
    /// Number of failed instances by reason.
    pub failures: BTreeMap<String, u64>,
    /// Number of instances that nobody's session is needed for any more: they are in the target, or a copy waits here. All, where
    /// the site's own source has them.
    pub here: u64,
    /// Number of instances that still have to come from another centre's box, and do as long as the session lasts.
    pub to_come: u64,
    /// Whether the copies of this site take all the room they may: the rest comes when there is some again.
    pub is_spool_full: bool,
}

impl Progress {
    /// Instances in a step.
    #[must_use]
    pub fn count(&self, step: Step) -> u64 {
        self.steps.get(&step).copied().unwrap_or(0)
    }
}
