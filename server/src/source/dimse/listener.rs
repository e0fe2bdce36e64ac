//! The storage SCP of C-MOVE: lets in the PACS of this site only, and only while a move is under way;
//! takes only what a move asked for.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::association::{Association, Stream};
use super::error::DimseError;
use super::moves::{Forward, Moves};
use super::negotiation::{Door, Titles, accept};
use super::stores::Stores;

/// Pause after a connection that could not be accepted, so that a lack of descriptors is no busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Where and for whom to listen.
#[derive(Clone)]
pub(super) struct ListenerOptions {
    pub site: Arc<str>,
    pub listen: SocketAddr,
    /// The called title is ours, the calling one that of the PACS.
    pub titles: Titles,
    /// Addresses of the PACS; where empty, those of its host.
    pub allowed: Vec<IpNet>,
    pub host: String,
    pub port: u16,
    pub tls: Option<TlsAcceptor>,
    pub patience: Duration,
    pub max_associations: usize,
}

/// The listening port; closed when dropped.
pub(super) struct Listener {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    pub(super) async fn start(options: ListenerOptions, moves: Arc<Moves>) -> io::Result<Self> {
        let socket = TcpListener::bind(options.listen).await?;
        let address = socket.local_addr()?;
        let task = tokio::spawn(run(socket, Arc::new(options), moves));
        Ok(Self { address, task })
    }
}

async fn run(socket: TcpListener, options: Arc<ListenerOptions>, moves: Arc<Moves>) {
    let associations = Arc::new(Semaphore::new(options.max_associations.max(1)));
    loop {
        let (stream, peer) = match socket.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(site = %options.site, %error, "storage SCP: a connection was lost");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // One too many, or nobody we wait for: closed without a word.
        let Ok(permit) = Arc::clone(&associations).try_acquire_owned() else { continue };
        if moves.is_empty() {
            tracing::warn!(site = %options.site, "storage SCP: a connection, but no move");
            continue;
        }
        let (options, moves) = (Arc::clone(&options), Arc::clone(&moves));
        tokio::spawn(async move {
            let _permit = permit;
            if !is_allowed(&options, peer.ip()).await {
                tracing::warn!(site = %options.site, "storage SCP: a connection from elsewhere");
                return;
            }
            if let Err(error) = serve(stream, &options, &moves).await {
                tracing::warn!(site = %options.site, %error, "storage SCP");
            }
        });
    }
}

async fn is_allowed(options: &ListenerOptions, peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    if !options.allowed.is_empty() {
        return options.allowed.iter().any(|net| net.contains(&peer));
    }
    let found = tokio::net::lookup_host((options.host.as_str(), options.port)).await;
    found.is_ok_and(|mut addresses| addresses.any(|address| address.ip().to_canonical() == peer))
}

async fn serve(
    stream: TcpStream,
    options: &ListenerOptions,
    moves: &Arc<Moves>,
) -> Result<(), DimseError> {
    stream.set_nodelay(true).map_err(DimseError::Broken)?;
    let stream: Box<dyn Stream> = match &options.tls {
        Some(acceptor) => {
            let handshake = timeout(options.patience, acceptor.accept(stream)).await;
            let handshake = handshake.map_err(|_elapsed| DimseError::Timeout("TLS"))?;
            Box::new(handshake.map_err(DimseError::Tls)?)
        }
        None => Box::new(stream),
    };
    let association = Association::new(stream, options.patience);
    let door = Door { titles: &options.titles, is_expecting: !moves.is_empty() };
    let mut association = accept(association, &door).await?;
    let (mut stores, mut depot) = (Stores::default(), Forward::new(Arc::clone(moves)));
    while let Some(event) = association.receive().await? {
        if stores.event(event, &mut association, &mut depot).await?.is_some() {
            return Err(DimseError::Protocol("a request other than C-STORE".to_owned()));
        }
    }
    Ok(())
}
