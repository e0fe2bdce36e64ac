//! A PACS that speaks DIMSE only: C-FIND to find an exam, C-GET (or C-MOVE to our own storage SCP) to
//! fetch it, one retrieve per series.
//!
//! | file | what |
//! |---|---|
//! | `association`, `assembly`, `negotiation` | PDUs, messages, presentation contexts: PS3.8 |
//! | `elements`, `requests`, `part10` | command sets: PS3.7; files of what comes |
//! | `client`, `tls` | associations we ask for, a bounded number at a time |
//! | `c_find`, `c_get`, `c_move`, `stores` | the services: PS3.4 annexes B and C |
//! | `listener`, `moves` | the storage SCP of C-MOVE |
//! | `c_store`, `storing`, `candidates` | objects to a PACS, and whom it knows: for imports |
//! | `syntaxes` | SOP classes and transfer syntaxes |
//! | `listing`, `retrieve`, `upstream` | what a study holds, and how it comes: the rest is in [`received`](super::received) |

mod assembly;
mod association;
mod c_find;
mod c_get;
mod c_move;
mod c_store;
mod candidates;
mod client;
mod elements;
mod error;
mod listener;
mod listing;
mod moves;
mod negotiation;
pub(crate) mod part10;
mod requests;
mod retrieve;
mod stores;
mod storing;
mod syntaxes;
mod tls;
mod upstream;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use thiserror::Error;

pub use candidates::{Asked, Candidate};
pub use client::QUERIES;
pub use error::DimseError;
pub use storing::{Lane, StoreError, StoredObject};
pub use tls::TlsFiles;
pub use upstream::Dimse;

/// How objects come.
#[derive(Clone, Debug)]
pub enum Retrieve {
    /// On the association that asks for them.
    Get,
    /// On an association that the PACS opens to us.
    Move {
        /// Where we listen.
        listen: SocketAddr,
        /// Our title as the PACS knows it for this address.
        destination: String,
        /// Addresses of the PACS; where empty, those of its host.
        allowed: Vec<IpNet>,
    },
}

/// How to reach a PACS by DIMSE.
#[derive(Clone, Debug)]
pub struct DimseOptions {
    /// Name of the site, for logs.
    pub name: Arc<str>,
    /// Host name or address of the PACS.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Its AE title.
    pub called: String,
    /// Our AE title.
    pub calling: String,
    /// How objects come.
    pub retrieve: Retrieve,
    /// TLS, with these files.
    pub tls: Option<TlsFiles>,
    /// Time for a connection.
    pub connect_timeout: Duration,
    /// Time for a PDU to come, or to be taken.
    pub patience: Duration,
    /// Associations at a time that we take for C-MOVE.
    pub max_associations: usize,
    /// Most instances of one study.
    pub max_instances: usize,
    /// How long the list of a study's instances is believed.
    pub listing_lifetime: Duration,
    /// How long a retrieve goes on for which nobody waits.
    pub linger: Duration,
}

impl DimseOptions {
    /// The usual time-outs and limits, by C-GET.
    #[must_use]
    pub fn new(name: &str, (host, port): (&str, u16), called: &str, calling: &str) -> Self {
        Self {
            name: Arc::from(name),
            host: host.to_owned(),
            port,
            called: called.to_owned(),
            calling: calling.to_owned(),
            retrieve: Retrieve::Get,
            tls: None,
            connect_timeout: Duration::from_secs(5),
            patience: Duration::from_secs(30),
            max_associations: 8,
            max_instances: 20_000,
            listing_lifetime: Duration::from_secs(60),
            linger: Duration::from_secs(30),
        }
    }
}

/// Why a source cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A certificate or key file.
    #[error("{path}: {cause}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: rustls::pki_types::pem::Error,
    },
    /// What TLS makes of the files.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The authorities.
    #[error("TLS authorities: {0}")]
    Authorities(String),
    /// The name to expect in the certificate of the PACS.
    #[error("`{0}` is not a name for a certificate")]
    Name(String),
    /// C-MOVE over TLS needs a certificate to show.
    #[error("C-MOVE over TLS needs a certificate of our own")]
    NoCertificate,
    /// The port for C-MOVE.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
}
