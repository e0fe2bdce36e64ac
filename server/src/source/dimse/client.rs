//! Opens associations to the PACS.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::association::{Association, Stream};
use super::error::DimseError;
use super::negotiation::{MAX_CONTEXTS, Proposal, Titles, request};
use super::requests::{self, C_ECHO_RQ, response};
use super::syntaxes::{
    EXPLICIT, IMPLICIT, STUDY_ROOT_FIND, STUDY_ROOT_GET, VERIFICATION, originals,
};
use super::{DimseOptions, OpenError};

/// Questions at a time; those about one study follow each other on one association. Retrieves are
/// limited by whoever wants them.
pub const QUERIES: usize = 2;

/// The PACS as an application entity.
pub(super) struct Client {
    host: String,
    port: u16,
    titles: Titles,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    connect_timeout: Duration,
    patience: Duration,
    queries: Arc<Semaphore>,
}

/// An association for questions, one of those allowed at a time.
pub(super) struct Asking {
    pub association: Association,
    _permit: OwnedSemaphorePermit,
}

impl Client {
    pub(super) fn new(options: &DimseOptions) -> Result<Self, OpenError> {
        let tls = options.tls.as_ref().map(|files| files.connector(&options.host)).transpose()?;
        Ok(Self {
            host: options.host.clone(),
            port: options.port,
            titles: Titles { called: options.called.clone(), calling: options.calling.clone() },
            tls,
            connect_timeout: options.connect_timeout,
            patience: options.patience,
            queries: Arc::new(Semaphore::new(QUERIES)),
        })
    }

    /// An association with these presentation contexts.
    pub(super) async fn open(&self, proposals: &[Proposal]) -> Result<Association, DimseError> {
        let connected = timeout(self.connect_timeout, self.connect()).await;
        let stream = connected.map_err(|_elapsed| DimseError::Timeout("connection"))??;
        let association = Association::new(stream, self.patience);
        request(association, &self.titles, proposals).await
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, DimseError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(DimseError::Connect)?;
        // Requests and responses are small, and each waits for the other.
        stream.set_nodelay(true).map_err(DimseError::Connect)?;
        let Some((connector, name)) = &self.tls else { return Ok(Box::new(stream)) };
        let stream = connector.connect(name.clone(), stream).await.map_err(DimseError::Tls)?;
        Ok(Box::new(stream))
    }

    /// An association to ask questions on, when it is our turn.
    pub(super) async fn open_find(&self) -> Result<Asking, DimseError> {
        let permit = Arc::clone(&self.queries).acquire_owned().await;
        let permit = permit.map_err(|_closed| DimseError::Closed)?;
        let association = self.open(&[query(STUDY_ROOT_FIND)]).await?;
        Ok(Asking { association, _permit: permit })
    }

    /// C-ECHO (PS3.4 annex A).
    pub(super) async fn echo(&self) -> Result<(), DimseError> {
        let mut association = self.open(&[uncompressed(VERIFICATION)]).await?;
        let context = association.context(VERIFICATION).ok_or(DimseError::NotAccepted("C-ECHO"))?;
        association.send(context, &requests::request(C_ECHO_RQ, VERIFICATION, None), None).await?;
        let status = response(&association.message().await?, C_ECHO_RQ)?;
        association.release().await;
        if status == 0 { Ok(()) } else { Err(DimseError::Status { operation: "C-ECHO", status }) }
    }
}

/// A context for queries: their identifiers are in the transfer syntax that everybody takes.
pub(super) fn query(class: &str) -> Proposal {
    Proposal { abstract_syntax: class.to_owned(), transfer_syntaxes: vec![IMPLICIT] }
}

/// A context in the two uncompressed transfer syntaxes.
fn uncompressed(class: &str) -> Proposal {
    Proposal { abstract_syntax: class.to_owned(), transfer_syntaxes: vec![EXPLICIT, IMPLICIT] }
}

/// How many storage classes fit into one association with a retrieve context.
pub(super) fn classes_per_association() -> usize {
    (MAX_CONTEXTS - 1) / (originals().count() + 1)
}

/// Contexts of a C-GET of these storage classes: each original transfer syntax in one of its own, since
/// the PACS picks one of a context for all its objects.
pub(super) fn get_proposals(classes: &[String]) -> Vec<Proposal> {
    let storage = classes.iter().flat_map(|class| {
        let original = move |syntax| Proposal {
            abstract_syntax: class.clone(),
            transfer_syntaxes: vec![syntax],
        };
        std::iter::once(uncompressed(class)).chain(originals().map(original))
    });
    std::iter::once(query(STUDY_ROOT_GET)).chain(storage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_classes_as_fit_are_proposed_at_once() {
        let most = classes_per_association();
        assert!(most >= 2, "{most}");
        let classes: Vec<String> = (0..most).map(|n| format!("1.2.{n}")).collect();
        assert!(get_proposals(&classes).len() <= MAX_CONTEXTS);
        assert!(get_proposals(&[classes, vec!["1.3".to_owned()]].concat()).len() > MAX_CONTEXTS);
    }
}
