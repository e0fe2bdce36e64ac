//! Objects to a PACS, each in the transfer syntax it is in, and what the PACS has of a study afterwards.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use thiserror::Error;
use viewer_core::codec::transfer_syntax;
use viewer_core::dicom::DicomFile;

use super::association::Association;
use super::c_find::{Query, find};
use super::c_store::{Outgoing, store};
use super::client::Client;
use super::error::DimseError;
use super::listing::{PATIENT_ID, STUDY_UID, text};
use super::negotiation::{MAX_CONTEXTS, Proposal};
use super::upstream::Dimse;
use crate::source::{SourceError, is_uid};

/// Studies that one Study Instance UID may name in a PACS that keeps it for several patients.
const MAX_STUDIES: usize = 50;

/// Why an object was not sent to its end.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Where it comes from.
    #[error("source: {0}")]
    Source(SourceError),
    /// The PACS takes this kind of object not at all, or not in this transfer syntax.
    #[error("the PACS does not take this kind of object in this transfer syntax")]
    NotTaken,
    /// The association.
    #[error(transparent)]
    Dimse(#[from] DimseError),
}

/// An object to be stored.
pub struct StoredObject<'a> {
    /// SOP Class UID.
    pub class: &'a str,
    /// SOP Instance UID.
    pub instance: &'a str,
    /// Transfer Syntax UID.
    pub transfer_syntax: &'a str,
    /// The beginning of its data set, without meta information.
    pub head: &'a [u8],
    /// What follows.
    pub rest: BoxStream<'static, Result<Bytes, SourceError>>,
}

type Kind = (String, &'static str);

/// One association for objects, opened when there is one, and anew when one is of a kind that was not proposed.
pub struct Lane {
    client: Arc<Client>,
    open: Option<Association>,
    kinds: BTreeSet<Kind>,
}

impl Lane {
    /// Sends one object; the status of the answer (PS3.4 B.2.3).
    ///
    /// # Errors
    /// [`StoreError`]; the next object opens another association.
    pub async fn store(&mut self, object: StoredObject<'_>) -> Result<u16, StoreError> {
        let syntax = transfer_syntax(object.transfer_syntax).ok_or(StoreError::NotTaken)?.uid;
        let (mut association, context) = self.association(object.class, syntax).await?;
        let StoredObject { class, instance, head, rest, .. } = object;
        let Some(context) = context else {
            self.open = Some(association);
            return Err(StoreError::NotTaken);
        };
        let outgoing = Outgoing { class, instance, context, head, rest };
        let status = store(&mut association, outgoing).await?;
        self.open = Some(association);
        Ok(status)
    }

    /// Ends the association in order.
    pub async fn release(mut self) {
        if let Some(association) = self.open.take() {
            association.release().await;
        }
    }

    /// The open association, or another one where this kind was not proposed on it; with the context, if it was accepted.
    async fn association(
        &mut self,
        class: &str,
        syntax: &'static str,
    ) -> Result<(Association, Option<u8>), StoreError> {
        let is_new = self.kinds.insert((class.to_owned(), syntax));
        let known = self.open.take();
        let association = match known {
            Some(association) if !is_new => association,
            known => {
                if let Some(association) = known {
                    association.release().await;
                }
                if self.kinds.len() > MAX_CONTEXTS {
                    self.kinds = BTreeSet::from([(class.to_owned(), syntax)]);
                }
                match self.client.open(&proposals(&self.kinds)).await {
                    Ok(association) => association,
                    // A PACS that accepts none of them answers all the same.
                    Err(DimseError::NotAccepted(_)) => return Err(StoreError::NotTaken),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        let context = association
            .contexts
            .iter()
            .find(|context| context.abstract_syntax == class && context.transfer_syntax == syntax);
        let context = context.map(|context| context.id);
        Ok((association, context))
    }
}

/// Each transfer syntax in a context of its own: objects are sent as they are.
fn proposals(kinds: &BTreeSet<Kind>) -> Vec<Proposal> {
    let proposal = |(class, syntax): &Kind| Proposal {
        abstract_syntax: class.clone(),
        transfer_syntaxes: vec![*syntax],
    };
    kinds.iter().map(proposal).collect()
}

impl Dimse {
    /// A way for objects, which opens an association of its own.
    #[must_use]
    pub fn lane(&self) -> Lane {
        Lane { client: Arc::clone(&self.client), open: None, kinds: BTreeSet::new() }
    }

    /// The instances that the PACS has of a study now.
    ///
    /// # Errors
    /// [`DimseError`].
    pub async fn stored(&self, study: &str) -> Result<HashSet<String>, DimseError> {
        let listing = self.client.list(study, self.max_instances).await?.unwrap_or_default();
        let instances = listing.series.into_iter().flat_map(|series| series.instances);
        Ok(instances.map(|instance| instance.uid).collect())
    }

    /// The patients under whom the PACS has a study; one without an identifier is empty text.
    ///
    /// # Errors
    /// [`DimseError`].
    pub async fn patients_of(&self, study: &str) -> Result<Vec<String>, DimseError> {
        if !is_uid(study) {
            return Ok(Vec::new());
        }
        let query = Query {
            level: "STUDY",
            keys: &[(STUDY_UID, study)],
            wanted: &[PATIENT_ID],
            limit: MAX_STUDIES,
        };
        let mut asking = self.client.open_find().await?;
        let found = find(&mut asking.association, &query).await?;
        asking.association.release().await;
        let is_it = |file: &&DicomFile| text(&file.object, STUDY_UID).as_deref() == Some(study);
        let patient = |file: &DicomFile| text(&file.object, PATIENT_ID).unwrap_or_default();
        Ok(found.iter().filter(is_it).map(patient).collect())
    }
}
