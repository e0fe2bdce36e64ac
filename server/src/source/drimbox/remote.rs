//! What a box sends, put where it belongs; and a box that a manifest names, without a site's configuration for it.

use async_trait::async_trait;

use super::client::Client;
use super::parts::{Event, Parts};
use super::{DrimboxError, DrimboxOptions};
use crate::source::received::{Incoming, Sink};
use crate::source::{Scope, SourceError};

/// Gives the token of somebody who is logged in, good at this moment.
#[async_trait]
pub trait Bearer: Send + Sync {
    /// The token.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] where there is none; nothing is asked for then.
    async fn bearer(&self) -> Result<String, SourceError>;
}

/// A box of the network.
pub struct Remote(Client);

impl Remote {
    /// Prepares the client; the box is not contacted yet.
    ///
    /// # Errors
    /// [`DrimboxError`] for what it cannot work with.
    pub fn open(options: &DrimboxOptions) -> Result<Self, DrimboxError> {
        Client::new(options).map(Self)
    }

    /// Brings a series or an instance that the manifest `kos` lists.
    ///
    /// # Errors
    /// [`SourceError`] where not everything came; what came before stays.
    pub async fn bring(
        &self,
        scope: &Scope,
        kos: &str,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        bring(&self.0, scope, kos, sink).await
    }
}

pub(super) async fn bring(
    client: &Client,
    scope: &Scope,
    kos: &str,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    let (content_type, body) = client.get(scope, kos).await?;
    let mut parts = Parts::new(&content_type, body, sink.limits().max_series_bytes)?;
    let mut object: Option<Incoming> = None;
    while let Some(event) = parts.next().await? {
        match event {
            Event::Begin => object = Some(sink.begin()?),
            Event::Piece(piece) => {
                // Once refused, the rest of an object is passed over.
                let Some(incoming) = &mut object else { continue };
                match incoming.push(&piece).await {
                    Ok(()) => {}
                    Err(cause @ SourceError::Unavailable(_)) => return Err(cause),
                    Err(cause) => {
                        object = None;
                        sink.refuse(&cause);
                    }
                }
            }
            Event::End => {
                if let Some(object) = object.take() {
                    sink.put_soon(object).await?;
                }
            }
        }
    }
    Ok(())
}
