//! How many connections there may be, in all and from one neighbourhood, and how long one may be silent.
//!
//! HTTP has limits of its own (headers within seconds, answers within seconds). These are for what comes before and
//! after: a connection that never says which protocol it speaks, or that never reads its answer.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum_server::accept::Accept;
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use crate::client::neighbourhood;

/// A connection on which nothing moved for this long is closed.
pub const SILENCE: Duration = Duration::from_secs(120);
/// Descriptors for everything but visitors: database, journal, images, PACS.
const OWN_DESCRIPTORS: u64 = 512;

/// The limits, and the connections there are.
pub struct Connections {
    most: u32,
    most_each: u32,
    /// Who may have as many as they like, up to all.
    proxies: Vec<IpNet>,
    open: Mutex<HashMap<IpAddr, u32>>,
}

impl Connections {
    /// At most `most`, and `most_each` of one neighbourhood that is none of `proxies`.
    #[must_use]
    pub fn new(most: u32, most_each: u32, proxies: &[IpNet]) -> Arc<Self> {
        Arc::new(Self { most, most_each, proxies: proxies.to_vec(), open: Mutex::default() })
    }

    /// Counts a connection until the result is dropped; `None` for one too many.
    fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let address = neighbourhood(peer.to_canonical());
        let is_proxy = self.proxies.iter().any(|net| net.contains(&peer.to_canonical()));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.get(&address).copied().unwrap_or_default();
        let is_full = open.values().sum::<u32>() >= self.most;
        if is_full || (of_address >= self.most_each && !is_proxy) {
            return None;
        }
        open.insert(address, of_address + 1);
        Some(Place { address, connections: Arc::clone(self) })
    }
}

/// One counted connection.
struct Place {
    address: IpAddr,
    connections: Arc<Connections>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// Lets the system open as many descriptors as the connections need; says so where it does not.
pub fn make_room(most: u32) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = u64::from(most) + OWN_DESCRIPTORS;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // None is without limit.
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let allowed = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum });
    if raised.is_err() || allowed < wanted {
        tracing::warn!(wanted, "the system allows fewer open files than server.connections needs");
    }
}

/// Takes connections within the limits and watches them.
#[derive(Clone)]
pub struct Doorkeeper(pub Arc<Connections>);

impl<S: Send + 'static> Accept<TcpStream, S> for Doorkeeper {
    type Stream = Watched<TcpStream>;
    type Service = S;
    type Future = std::future::Ready<io::Result<(Watched<TcpStream>, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let taken = stream.peer_addr().and_then(|peer: SocketAddr| {
            let place = self.0.admit(peer.ip()).ok_or(io::ErrorKind::ConnectionRefused)?;
            stream.set_nodelay(true)?;
            Ok((Watched::new(stream, place), service))
        });
        std::future::ready(taken)
    }
}

/// A connection that ends when nothing moves.
pub struct Watched<Stream> {
    stream: Stream,
    moved: Instant,
    /// Looks whether nothing has moved since. Set anew only when it goes off: data moves thousands of times a second.
    looks: Pin<Box<Sleep>>,
    _place: Place,
}

impl<Stream> Watched<Stream> {
    fn new(stream: Stream, place: Place) -> Self {
        let looks = Box::pin(tokio::time::sleep(SILENCE));
        Self { stream, moved: Instant::now(), looks, _place: place }
    }

    /// What came of the stream: more time where something moved, an end where nothing did for too long.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        moved: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.moved = Instant::now();
            return moved;
        }
        loop {
            ready!(self.looks.as_mut().poll(cx));
            let end = self.moved + SILENCE;
            if end <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.looks.as_mut().reset(end);
        }
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Watched<Stream> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.watch(cx, moved)
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for Watched<Stream> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, moved)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.watch(cx, moved)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TCP has nothing to flush: this tells nothing of what moved.
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Neither who says nothing nor who does not listen is waited for; who dawdles is.
    #[tokio::test(start_paused = true)]
    async fn a_connection_ends_when_nothing_moves() {
        let connections = Connections::new(1, 1, &[]);
        let local = IpAddr::from([127, 0, 0, 1]);
        let (mut far, near) = tokio::io::duplex(8);
        let mut watched = Watched::new(near, connections.admit(local).unwrap());
        let began = Instant::now();
        for _ in 0..3 {
            tokio::time::sleep(SILENCE - Duration::from_secs(1)).await;
            far.write_all(b"x").await.unwrap();
            watched.read_exact(&mut [0]).await.unwrap();
        }
        assert!(began.elapsed() > SILENCE * 2);
        let silent = watched.read_exact(&mut [0]).await.unwrap_err();
        assert_eq!(silent.kind(), io::ErrorKind::TimedOut);

        let (_far, near) = tokio::io::duplex(8);
        drop(watched);
        let mut watched = Watched::new(near, connections.admit(local).unwrap());
        let deaf = watched.write_all(&[0; 9]).await.unwrap_err();
        assert_eq!(deaf.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn one_address_may_have_some_and_all_together_not_more_than_all() {
        let connections = Connections::new(4, 2, &["10.0.0.0/8".parse().unwrap()]);
        let from = |address: &str| connections.admit(address.parse().unwrap());
        let first = from("2001:db8:1:2::1");
        let second = from("2001:db8:1:2::9");
        assert!(first.is_some() && second.is_some());
        assert!(from("2001:db8:1:2::3").is_none(), "a third of one subscriber");
        let elsewhere = from("192.0.2.1");
        let proxy = from("10.0.0.1");
        assert!(elsewhere.is_some() && proxy.is_some());
        assert!(from("192.0.2.2").is_none(), "a fifth");
        drop(first);
        let proxys = from("10.0.0.1");
        assert!(proxys.is_some() && from("10.0.0.1").is_none());
        drop((second, elsewhere, proxy, proxys));
        assert!(connections.open.lock().unwrap().is_empty(), "nothing is left");
    }
}
