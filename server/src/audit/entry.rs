//! What a line of the journal says.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

/// The site of what concerns the whole server.
pub const SERVER: &str = "-";
/// The address of what was done on the machine itself.
pub const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A visitor proved who they are and was granted an exam.
    Login,
    /// A visitor was refused; the reason is for this journal only.
    Refusal,
    /// The viewer was opened on an exam.
    ExamOpened,
    /// DICOM files left the server.
    Exported,
    /// A worklist or local PACS was asked whom it knows; the reason says which.
    Queried,
    /// Objects are in a local PACS under the local identity; the reason says in which, and what of them.
    Imported,
    /// A session ended; the reason says how.
    Logout,
    /// An access code was made.
    CodeGranted,
    /// Access codes were withdrawn.
    CodeRevoked,
    /// Facts of a report or exam were taken in; the reason says what kind.
    FactsImported,
    /// A report, or the access to it, was changed; the reason says how.
    ReportChanged,
    /// Somebody without the right token asked the administration.
    AdminRefused,
    /// The server started.
    Started,
    /// The server stopped.
    Stopped,
    /// A line that was never acknowledged was cut off the end of the journal after a crash.
    Repaired,
    /// A day of the journal was deleted; its end is in `anchor`.
    Pruned,
}

/// The end of what was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Number of the last line.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// One line, but for its time and its place in the chain. Made with [`Entry::new`] and `..`, so that
/// a new kind of detail does not touch those who have none of it.
#[derive(Clone, Debug, Serialize)]
pub struct Entry<'a> {
    /// What happened.
    pub event: Event,
    /// Site, by its first host; [`SERVER`] for the whole server.
    pub site: &'a str,
    /// Address of the visitor; [`LOCAL`] for commands.
    pub address: IpAddr,
    /// Way in: the name of the identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<&'a str>,
    /// Who: identifier of the access code (not the code), or what the identity provider calls them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'a str>,
    /// Which browser session, as a name that opens nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<&'a str>,
    /// Study Instance UIDs.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub studies: &'a [String],
    /// Identifier of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<&'a str>,
    /// Why, or how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// How many objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<u64>,
    /// Where the deleted part ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<&'a Anchor>,
}

impl<'a> Entry<'a> {
    /// A line with nothing but what every line has.
    #[must_use]
    pub const fn new(event: Event, site: &'a str, address: IpAddr) -> Self {
        Self {
            event,
            site,
            address,
            way: None,
            subject: None,
            session: None,
            studies: &[],
            report: None,
            reason: None,
            instances: None,
            anchor: None,
        }
    }
}

/// One line as it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Number of the line, from 1.
    pub seq: u64,
    /// Hash of the line before; zeros for the first.
    pub prev: String,
    /// RFC 3339, UTC.
    pub time: String,
    /// See [`Entry`].
    pub event: Event,
    /// See [`Entry`].
    pub site: String,
    /// See [`Entry`].
    pub address: IpAddr,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub studies: Vec<String>,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<u64>,
    /// See [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// Hash of this line up to here.
    pub hash: String,
}
