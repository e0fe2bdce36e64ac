//! Sends the journal as DICOM audit messages to an audit repository: syslog (RFC 5424) over TLS with
//! counted frames (RFC 5425), as PS3.15 A.6 and IHE ATNA want it.
//!
//! What was sent is kept beside the journal, so that a repository that is down, or a server that is
//! started again, loses nothing. RFC 5425 has no receipts: a line may come twice after a crash, and what
//! was in a connection that broke may be lost there; it is never lost here.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use thiserror::Error;
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Notify, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{dicom, entry::Record, follow::Follower};
use crate::config::SyslogConfig;

/// Facility 10 (security), severity 5 (notice), as PS3.15 A.6 recommends.
const PRIORITY: u8 = 10 * 8 + 5;
/// Lines sent before it is written down that they were.
const BATCH: usize = 200;
/// Time between two looks for lines of other processes.
const LOOK: Duration = Duration::from_secs(5);
/// Pause after the first failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Time for a connection, and for a batch to be taken.
const PATIENCE: Duration = Duration::from_secs(20);
/// File with the number of the last line sent.
const SENT: &str = "syslog.sent";

/// Why nothing can be sent.
#[derive(Debug, Error)]
pub enum SyslogError {
    /// A certificate or key file.
    #[error("{path}: {cause}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: rustls::pki_types::pem::Error,
    },
    /// The TLS set-up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The name of the repository.
    #[error("`{0}` is not a host and port")]
    Address(String),
    /// The connection or the journal.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Sends a journal.
pub struct Sender {
    folder: PathBuf,
    address: String,
    name: ServerName<'static>,
    tls: TlsConnector,
    /// What this installation is called in messages.
    server: String,
}

impl Sender {
    /// Reads the certificates; nothing is contacted yet.
    ///
    /// # Errors
    /// [`SyslogError`].
    pub fn new(config: &SyslogConfig, folder: &Path) -> Result<Self, SyslogError> {
        let wrong = || SyslogError::Address(config.address.clone());
        let (host, _port) = config.address.rsplit_once(':').ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|_not_a_name| wrong())?;
        let tls = TlsConnector::from(Arc::new(client(config)?));
        let folder = folder.to_owned();
        let server = config.source_id.clone();
        Ok(Self { folder, address: config.address.clone(), name, tls, server })
    }

    /// Sends for ever; `written` is told after every line of this process.
    pub async fn run(self, written: Arc<Notify>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let sent_before = self.sent();
            if let Err(cause) = self.send_until_failure(&written).await {
                tracing::error!(%cause, "audit repository: will be tried again");
            }
            if self.sent() > sent_before {
                pause = FIRST_PAUSE;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn send_until_failure(&self, written: &Notify) -> Result<(), SyslogError> {
        let mut follower = Follower::after(&self.folder, self.sent());
        let mut connection = None;
        loop {
            let records = follower.next(BATCH)?;
            let Some(last) = records.last().map(|record| record.seq) else {
                // A repository may drop idle connections: the next batch opens its own.
                if let Some(mut idle) = connection.take() {
                    let _closed: io::Result<()> = TlsStream::shutdown(&mut idle).await;
                }
                drop(timeout(LOOK, written.notified()).await);
                continue;
            };
            let mut open = match connection.take() {
                Some(open) => open,
                None => self.connect().await?,
            };
            self.send(&mut open, &records).await?;
            self.keep_sent(last)?;
            connection = Some(open);
        }
    }

    async fn connect(&self) -> Result<TlsStream<TcpStream>, SyslogError> {
        let connecting = async {
            let tcp = TcpStream::connect(&self.address).await?;
            self.tls.connect(self.name.clone(), tcp).await
        };
        Ok(timeout(PATIENCE, connecting).await.map_err(io::Error::from)??)
    }

    async fn send(
        &self,
        connection: &mut TlsStream<TcpStream>,
        records: &[Record],
    ) -> Result<(), SyslogError> {
        let frames: Vec<u8> =
            records.iter().flat_map(|record| frame(record, &self.server)).collect();
        let sending = async {
            connection.write_all(&frames).await?;
            connection.flush().await
        };
        Ok(timeout(PATIENCE, sending).await.map_err(io::Error::from)??)
    }

    /// Number of the last line sent.
    fn sent(&self) -> u64 {
        let text = fs::read_to_string(self.folder.join(SENT)).unwrap_or_default();
        text.trim().parse().unwrap_or_default()
    }

    fn keep_sent(&self, seq: u64) -> io::Result<()> {
        let fresh = self.folder.join(format!("{SENT}.new"));
        fs::write(&fresh, seq.to_string())?;
        fs::rename(fresh, self.folder.join(SENT))
    }
}

/// One message with its length in front (RFC 5425 4.3).
fn frame(record: &Record, server: &str) -> Vec<u8> {
    // RFC 5424 6: a host name has no blanks; UTF-8 text begins with a byte order mark.
    let host: String = server.chars().filter(char::is_ascii_graphic).take(255).collect();
    let message = format!(
        "<{PRIORITY}>1 {} {host} negatoscope {} DICOM+RFC3881 - \u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}",
        record.time,
        record.seq,
        dicom::message(record, server)
    );
    let mut frame = format!("{} ", message.len()).into_bytes();
    frame.extend_from_slice(message.as_bytes());
    frame
}

fn client(config: &SyslogConfig) -> Result<ClientConfig, SyslogError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&config.ca_file)? {
        roots.add(certificate)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    Ok(match (&config.certificate, &config.key) {
        (Some(chain), Some(key)) => {
            let key_der = PrivateKeyDer::from_pem_file(key)
                .map_err(|cause| SyslogError::Pem { path: key.clone(), cause })?;
            builder.with_client_auth_cert(certificates(chain)?, key_der)?
        }
        _ => builder.with_no_client_auth(),
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SyslogError> {
    let wrong = |cause| SyslogError::Pem { path: path.to_owned(), cause };
    CertificateDer::pem_file_iter(path).map_err(wrong)?.collect::<Result<_, _>>().map_err(wrong)
}
