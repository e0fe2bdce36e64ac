//! People who are slow on purpose: they are cut off, and nobody waits for them.

use std::time::{Duration, Instant};

use futures::future::join_all;
use negatoscope_phantom::Scale;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    fort::{Fort, HOST},
    raw::connect,
    visitor::Visitor,
};

/// Connections of each kind.
const EACH: usize = 60;
/// Headers have 20 seconds to arrive, a request 30 until it is answered.
const LONGEST: Duration = Duration::from_secs(45);

/// Sends a byte now and then until the server closes the connection; tells how long that took.
async fn dribble(mut stream: impl AsyncRead + AsyncWrite + Unpin, begin: String) -> Duration {
    let began = Instant::now();
    let mut answer = Vec::new();
    if stream.write_all(begin.as_bytes()).await.is_ok() {
        loop {
            match timeout(Duration::from_secs(1), stream.read_buf(&mut answer)).await {
                Ok(Ok(0) | Err(_)) => break,
                Ok(Ok(_)) => {}
                Err(_elapsed) => {
                    assert!(began.elapsed() < LONGEST, "still open: {begin}");
                    if stream.write_all(b"y").await.is_err() {
                        break;
                    }
                }
            }
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    let is_refused = answer.is_empty() || answer.contains(" 408 ") || answer.contains(" 504 ");
    assert!(is_refused, "{answer}");
    began.elapsed()
}

/// Says nothing until the server closes the connection; tells how long that took.
async fn keep_silent(mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    let closed = timeout(LONGEST, stream.read_to_end(&mut Vec::new())).await;
    assert!(closed.is_ok(), "still open");
    began.elapsed()
}

/// As many good requests as there is time for; tells the slowest.
async fn be_served(fort: &Fort) -> Duration {
    let (began, mut slowest) = (Instant::now(), Duration::ZERO);
    while began.elapsed() < LONGEST / 2 {
        let asked = Instant::now();
        let mut visitor = Visitor::new(fort, "10.9.9.9");
        assert_eq!(visitor.ask("/aide", None).await.unwrap().status(), 200);
        slowest = slowest.max(asked.elapsed());
        sleep(Duration::from_millis(200)).await;
    }
    slowest
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_slow_bodies_and_silence_keep_nobody_out() {
    let fort = Fort::start(Scale::tiny());
    let headers = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ");
    let body = format!(
        "POST /langue HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n"
    );
    let kinds = [headers, body];
    let slow = kinds.iter().flat_map(|begin| {
        let fort = &fort;
        (0..EACH).map(move |_| async move {
            dribble(connect(fort, "http/1.1").await, begin.clone()).await
        })
    });
    // Not even a handshake.
    let silent = (0..EACH)
        .map(|_| async { keep_silent(TcpStream::connect(fort.address).await.unwrap()).await });
    let (slow, silent, slowest) = tokio::join!(join_all(slow), join_all(silent), be_served(&fort));
    assert!(slowest < Duration::from_secs(3), "a good visitor waited {slowest:?}");
    assert_eq!((slow.len(), silent.len()), (2 * EACH, EACH));
    assert!(silent.iter().all(|time| *time < Duration::from_secs(15)), "{silent:?}");
}
