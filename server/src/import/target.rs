//! A local PACS: objects go there by C-STORE or STOW-RS, and it tells what it has.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use serde::Serialize;

use super::error::ImportError;
use crate::config::{DimseConfig, SiteConfig, TargetConfig};
use crate::source::dimse::{Asked, Candidate, Dimse, Lane, StoreError, StoredObject};
use crate::source::pacs::{Pacs, Stow};
use crate::source::{Source, SourceError, SourceHealth};
use crate::sources::{OpenError, dimse, open_pacs};

/// A local PACS of a site.
pub struct Target {
    /// What visitors read.
    pub name: String,
    /// Objects sent at the same time.
    pub(super) lanes: usize,
    kind: Kind,
    worklist: Option<Dimse>,
}

enum Kind {
    Dimse(Box<Dimse>),
    Web(Arc<Pacs>),
}

/// What came of sending one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Sent {
    /// The target says that it took it.
    Taken,
    /// It says that it will not.
    Refused(u16),
    /// It takes no such object, or not in this transfer syntax.
    NotTaken,
}

/// An object to be sent: a file, whose data set begins at `data_at`.
pub(super) struct Outgoing<'a> {
    pub study: &'a str,
    pub class: &'a str,
    pub instance: &'a str,
    pub transfer_syntax: &'a str,
    pub head: Vec<u8>,
    pub data_at: usize,
    pub rest: BoxStream<'static, Result<Bytes, SourceError>>,
}

/// One way to a target; objects on it follow each other.
pub(super) enum Way<'a> {
    Dimse(Box<Lane>),
    Web(&'a Pacs),
}

impl Target {
    pub(super) async fn open(site: &SiteConfig, config: &TargetConfig) -> Result<Self, OpenError> {
        let kind = match (&config.dimse, &config.pacs) {
            (Some(dimse), _) => Kind::Dimse(Box::new(connect(site, dimse).await?)),
            (None, Some(pacs)) => Kind::Web(open_pacs(site, pacs)?),
            (None, None) => return Err(OpenError::NoTarget { site: site.id() }),
        };
        let worklist = match &config.worklist {
            Some(worklist) => Some(connect(site, worklist).await?),
            None => None,
        };
        let lanes = usize::try_from(config.associations).unwrap_or(1).max(1);
        Ok(Self { name: config.name.clone(), lanes, kind, worklist })
    }

    pub(super) fn way(&self) -> Way<'_> {
        match &self.kind {
            Kind::Dimse(dimse) => Way::Dimse(Box::new(dimse.lane())),
            Kind::Web(pacs) => Way::Web(pacs),
        }
    }

    /// What it has of a study now.
    pub(super) async fn stored(&self, study: &str) -> Result<HashSet<String>, ImportError> {
        match &self.kind {
            Kind::Dimse(dimse) => Ok(dimse.stored(study).await?),
            Kind::Web(pacs) => pacs.stored(study).await.map_err(|error| web(&error)),
        }
    }

    /// Under whom it has a study.
    pub(super) async fn patients_of(&self, study: &str) -> Result<Vec<String>, ImportError> {
        match &self.kind {
            Kind::Dimse(dimse) => Ok(dimse.patients_of(study).await?),
            Kind::Web(pacs) => pacs.patients_of(study).await.map_err(|error| web(&error)),
        }
    }

    /// Whom its worklist, or else it, knows by this.
    ///
    /// # Errors
    /// Where it does not answer.
    pub async fn candidates(&self, asked: Asked<'_>) -> Result<Vec<Candidate>, ImportError> {
        match (&self.worklist, &self.kind) {
            (Some(worklist), _) => Ok(worklist.candidates(asked, true).await?),
            (None, Kind::Dimse(dimse)) => Ok(dimse.candidates(asked, false).await?),
            (None, Kind::Web(pacs)) => pacs.candidates(asked).await.map_err(|error| web(&error)),
        }
    }

    /// Why it does not answer, or its worklist.
    pub(super) async fn unreachable(&self) -> Option<String> {
        let answers = match &self.kind {
            Kind::Dimse(dimse) => dimse.echo().await.err().map(|cause| cause.to_string()),
            Kind::Web(pacs) => {
                (pacs.health().await == SourceHealth::Down).then(|| "it does not answer".to_owned())
            }
        };
        match (&self.worklist, answers) {
            (Some(worklist), None) => {
                worklist.echo().await.err().map(|cause| format!("worklist: {cause}"))
            }
            (_, answers) => answers,
        }
    }
}

async fn connect(site: &SiteConfig, config: &DimseConfig) -> Result<Dimse, OpenError> {
    let opened = Dimse::open(&dimse::options(site, config), false).await;
    opened.map_err(|cause| OpenError::Dimse { site: site.id(), cause })
}

impl Way<'_> {
    /// Sends one object.
    pub(super) async fn send(&mut self, object: Outgoing<'_>) -> Result<Sent, ImportError> {
        let Outgoing { study, class, instance, transfer_syntax, head, data_at, rest } = object;
        match self {
            Self::Web(pacs) => match pacs.stow(study, instance, head.into(), rest).await {
                Ok(Stow::Stored) => Ok(Sent::Taken),
                Ok(Stow::Refused(reason)) => Ok(refused(reason)),
                Err(error) => Err(web(&error)),
            },
            Self::Dimse(lane) => {
                let head = head.get(data_at..).unwrap_or_default();
                let object = StoredObject { class, instance, transfer_syntax, head, rest };
                match lane.store(object).await {
                    // Warnings are of objects that were taken (PS3.4 B.2.3): whether they were is asked anyway.
                    Ok(0 | 0x0107 | 0x0116 | 0xB000..=0xBFFF) => Ok(Sent::Taken),
                    Ok(status) => Ok(refused(status)),
                    Err(StoreError::NotTaken) => Ok(Sent::NotTaken),
                    Err(StoreError::Source(error)) => Err(error.into()),
                    Err(StoreError::Dimse(error)) => Err(error.into()),
                }
            }
        }
    }

    /// Ends it in order.
    pub(super) async fn release(self) {
        if let Self::Dimse(lane) = self {
            lane.release().await;
        }
    }
}

/// SOP class not supported, unsupported transfer syntax (PS3.18 I.2.2, PS3.7 C).
const fn refused(status: u16) -> Sent {
    match status {
        0x0122 | 0xC122 => Sent::NotTaken,
        status => Sent::Refused(status),
    }
}

fn web(error: &SourceError) -> ImportError {
    ImportError::Web(error.to_string())
}
