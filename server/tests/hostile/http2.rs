//! HTTP/2 (RFC 9113) as an attacker writes it: frame by frame.

use std::time::{Duration, Instant};

use negatoscope_phantom::Scale;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    fort::{Fort, HOST},
    process::memory,
    raw::connect,
    visitor::Visitor,
};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// What an attack may cost in memory.
const MOST_GROWTH: u64 = 64 << 20;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn opening() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(SETTINGS, 0, 0, &[])].concat()
}

/// GET or POST of `/aide` (RFC 7541: static table, then literals).
fn fields(is_post: bool) -> Vec<u8> {
    let method = if is_post { 0x83 } else { 0x82 };
    let mut fields = vec![method, 0x87, 0x04, 5];
    fields.extend(b"/aide");
    fields.extend([0x01, u8::try_from(HOST.len()).unwrap()]);
    fields.extend(HOST.as_bytes());
    fields
}

/// Stream identifiers of a client.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|index| 2 * index + 1)
}

/// What the server answered: kind, flags, stream and payload of its frames.
type Frames = Vec<(u8, u8, u32, Vec<u8>)>;

async fn read_frame(stream: &mut (impl AsyncRead + Unpin), frames: &mut Frames) -> bool {
    let mut head = [0; 9];
    if stream.read_exact(&mut head).await.is_err() {
        return false;
    }
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    let mut payload = vec![0; length];
    let is_whole = stream.read_exact(&mut payload).await.is_ok();
    let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
    frames.push((head[3], head[4], stream, payload));
    is_whole
}

/// How an attack ended.
struct End {
    frames: Frames,
    /// The server closed the connection.
    closed: bool,
    /// Bytes of memory the server took meanwhile.
    growth: u64,
}

impl End {
    fn count(&self, kind: u8) -> usize {
        self.frames.iter().filter(|frame| frame.0 == kind).count()
    }
}

/// Sends it all and listens for some seconds, while somebody else must be served quickly.
async fn attack(fort: &Fort, bytes: Vec<u8>, seconds: u64) -> End {
    let before = memory(fort.process()).now;
    let (mut reading, mut writing) = tokio::io::split(connect(fort, "h2").await);
    let mut frames = Vec::new();
    let listen = async {
        let all = async { while read_frame(&mut reading, &mut frames).await {} };
        timeout(Duration::from_secs(seconds), all).await.is_ok()
    };
    let send = timeout(Duration::from_secs(seconds), writing.write_all(&bytes));
    let (closed, _sent, ()) = tokio::join!(listen, send, be_served(fort));
    let growth = memory(fort.process()).most.saturating_sub(before);
    assert!(growth < MOST_GROWTH, "{growth} bytes of memory");
    End { frames, closed, growth }
}

async fn be_served(fort: &Fort) {
    for _ in 0..10 {
        let began = Instant::now();
        let mut visitor = Visitor::new(fort, "10.9.9.9");
        assert_eq!(visitor.ask("/aide", None).await.unwrap().status(), 200);
        assert!(began.elapsed() < Duration::from_secs(3), "waited {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_beyond_the_limit_are_refused() {
    let fort = Fort::start(Scale::tiny());
    let mut bytes = opening();
    // Bodies that never come.
    for stream in streams(1000) {
        bytes.extend(frame(HEADERS, END_HEADERS, stream, &fields(true)));
    }
    let end = attack(&fort, bytes, 5).await;
    // REFUSED_STREAM (7), or a connection that is given up.
    let is_refusal =
        |frame: &&(u8, u8, u32, Vec<u8>)| frame.0 == RST_STREAM && frame.3 == [0, 0, 0, 7];
    let refused = end.frames.iter().filter(is_refusal).count();
    assert!(refused >= 700 || end.closed, "{refused} refused, {} bytes", end.growth);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_headers_is_cut_off() {
    let fort = Fort::start(Scale::tiny());
    let mut bytes = [opening(), frame(HEADERS, END_STREAM, 1, &fields(false))].concat();
    // Each a header `x: yyy…` of 8 KiB, without ever an end.
    let mut header = vec![0x00, 1, b'x', 0x7f, 0x81, 0x3f];
    header.extend(vec![b'y'; 127 + 0x1f81]);
    for _ in 0..4000 {
        bytes.extend(frame(CONTINUATION, 0, 1, &header));
    }
    let end = attack(&fort, bytes, 20).await;
    assert!(end.closed && end.count(GOAWAY) > 0, "{} frames", end.frames.len());
    assert_eq!(end.count(HEADERS) + end.count(DATA), 0, "nothing is answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_are_taken_back_at_once_cost_nothing() {
    let fort = Fort::start(Scale::tiny());
    let mut bytes = opening();
    for stream in streams(20_000) {
        bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields(false)));
        bytes.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
    }
    let end = attack(&fort, bytes, 30).await;
    // ENHANCE_YOUR_CALM (11).
    let gone = end.frames.iter().find(|frame| frame.0 == GOAWAY).map(|frame| frame.3[7]);
    assert!(end.closed && gone == Some(11), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_and_settings_that_nobody_needs_are_no_burden() {
    let fort = Fort::start(Scale::tiny());
    let mut bytes = opening();
    for _ in 0..100_000 {
        bytes.extend(frame(PING, 0, 0, &[7; 8]));
        bytes.extend(frame(SETTINGS, 0, 0, &[]));
    }
    attack(&fort, bytes, 20).await;
    be_served(&fort).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_none_end_the_connection() {
    let fort = Fort::start(Scale::tiny());
    let get = frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields(false));
    let with =
        |more: &[u8]| frame(HEADERS, END_HEADERS | END_STREAM, 1, &[&fields(false), more].concat());
    let table = [
        ("larger than agreed", frame(DATA, 0, 1, &[0; 0x20_0000])),
        ("data of no stream", frame(DATA, END_STREAM, 5, b"x")),
        ("an even stream", frame(HEADERS, END_HEADERS | END_STREAM, 2, &fields(false))),
        ("a stream twice", [get.clone(), get].concat()),
        ("a table index that is none", frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 9])),
        ("ping of five bytes", frame(PING, 0, 0, &[0; 5])),
        ("settings of seven bytes", frame(SETTINGS, 0, 0, &[0; 7])),
    ];
    for (what, bytes) in table {
        let end = attack(&fort, [opening(), bytes].concat(), 5).await;
        assert!(end.closed || end.count(RST_STREAM) > 0, "{what}");
        assert!(end.count(GOAWAY) + end.count(RST_STREAM) > 0, "{what}");
    }
    // Fields that HTTP/2 does not have, or that would end a line in HTTP/1: the stream is refused.
    for (what, field) in [
        ("connection", [b"\0\x0aconnection\x05close".as_slice()].concat()),
        ("transfer-encoding", [b"\0\x11transfer-encoding\x07chunked".as_slice()].concat()),
        ("upper case", [b"\0\x01X\x01y".as_slice()].concat()),
        ("line break in a value", [b"\0\x01x\x0ay\r\nz: evil!".as_slice()].concat()),
        ("line break in a name", [b"\0\x04x\r\ny\x01z".as_slice()].concat()),
        ("a second path", [b"\0\x05:path\x01/".as_slice()].concat()),
    ] {
        let end = attack(&fort, [opening(), with(&field)].concat(), 5).await;
        let answered = end.frames.iter().any(|frame| frame.0 == DATA);
        assert!(
            !answered && end.count(GOAWAY) + end.count(RST_STREAM) > 0,
            "{what}: {:?}",
            end.frames
        );
    }
}
