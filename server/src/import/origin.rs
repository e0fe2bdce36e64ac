//! Where the objects of one import come from.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::error::ImportError;
use super::spool::Spool;
use crate::download::opened::Pieces;
use crate::source::{InstanceRef, Source};

/// Where the objects of one import come from.
pub(super) enum Origin {
    /// The site's own source, which is there as long as the site.
    Own(Arc<dyn Source>),
    /// Another centre's box, in the name of a session; never the site's own source.
    Elsewhere(Box<Spool>),
    /// The same, but its copies were too old.
    Nowhere,
}

impl Origin {
    /// An object, and its length where that is known.
    pub(super) async fn object(
        &self,
        at: &InstanceRef,
    ) -> Result<(Option<u64>, Pieces), ImportError> {
        match self {
            Self::Own(source) => {
                let found = source.instance(at).await.map_err(ImportError::unfetched)?;
                Ok((found.length, found.bytes))
            }
            Self::Elsewhere(spool) => spool.object(at).await,
            Self::Nowhere => Err(ImportError::SessionEnded),
        }
    }

    /// Makes copies of what may not be there for long; `is_over` says when no more come.
    pub(super) async fn fetch(
        &self,
        pauses: &[Duration],
        is_over: &watch::Sender<bool>,
    ) -> Result<(), ImportError> {
        match self {
            Self::Elsewhere(spool) => spool.fetch(pauses, is_over).await,
            Self::Own(_) | Self::Nowhere => {
                is_over.send_replace(true);
                Ok(())
            }
        }
    }

    /// What the target has is needed here no more.
    pub(super) async fn tidy(&self) -> Result<(), ImportError> {
        match self {
            Self::Elsewhere(spool) => spool.tidy().await,
            Self::Own(_) | Self::Nowhere => Ok(()),
        }
    }

    /// The import has ended.
    pub(super) async fn end(&self) -> Result<(), ImportError> {
        match self {
            Self::Elsewhere(spool) => spool.end().await,
            Self::Own(_) | Self::Nowhere => Ok(()),
        }
    }
}
