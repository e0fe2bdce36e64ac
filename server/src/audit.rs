//! Who did what, when, from where: one JSON object a line, in a file or on standard output.
//!
//! This is the only place where a Study Instance UID is written down together with who saw it. Access
//! to it is the operator's business; the technical log (`logs`) never holds any of it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::clock::Clock;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A visitor proved who they are and was granted an exam.
    Login,
    /// A visitor was refused; the reason is for this journal only.
    Refusal,
    /// The viewer was opened on an exam.
    ExamOpened,
    /// A session ended; the reason says how.
    Logout,
}

/// One line, but for its time.
#[derive(Clone, Debug, Serialize)]
pub struct Entry<'a> {
    /// What happened.
    pub event: Event,
    /// Site, by its first host.
    pub site: &'a str,
    /// Address of the visitor.
    pub address: IpAddr,
    /// Who: identifier of the access code (not the code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'a str>,
    /// Study Instance UIDs.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub studies: &'a [String],
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
}

/// The journal.
#[derive(Clone)]
pub struct Audit {
    out: Arc<Mutex<dyn Write + Send>>,
    clock: Clock,
}

impl Audit {
    /// Appends to `file`, made where needed and readable by this user only; standard output without.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(file: Option<&Path>, clock: Clock) -> io::Result<Self> {
        Ok(match file {
            Some(path) => Self::to(append_to(path)?, clock),
            None => Self::to(io::stdout(), clock),
        })
    }

    /// Writes to `out`.
    pub fn to(out: impl Write + Send + 'static, clock: Clock) -> Self {
        Self { out: Arc::new(Mutex::new(out)), clock }
    }

    /// Writes one line, whole or not at all. JSON escapes line breaks, so no value can forge a line.
    ///
    /// # Errors
    /// When it cannot be written: what needs a trace must then not happen.
    pub fn write(&self, entry: &Entry<'_>) -> io::Result<()> {
        let line = Line { time: rfc3339(self.clock.now())?, entry };
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(&text)?;
        out.flush()
    }
}

fn rfc3339(time: OffsetDateTime) -> io::Result<String> {
    time.format(&Rfc3339).map_err(io::Error::other)
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit.jsonl");
        let clock = Clock::new(|| OffsetDateTime::from_unix_timestamp(1_794_000_000).unwrap());
        let audit = Audit::open(Some(&file), clock).unwrap();
        let studies = ["1.2\n{\"event\":\"login\"}".to_owned()];
        let entry = Entry {
            event: Event::Refusal,
            site: "vi1.example",
            address: IpAddr::from([192, 0, 2, 1]),
            subject: None,
            studies: &studies,
            reason: Some("wrong_code"),
        };
        audit.write(&entry).unwrap();
        let expected = concat!(
            r#"{"time":"2026-11-06T21:20:00Z","event":"refusal","site":"vi1.example","#,
            r#""address":"192.0.2.1","studies":["1.2\n{\"event\":\"login\"}"],"reason":"wrong_code"}"#,
            "\n"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    }
}
