#![no_main]

use bytes::Bytes;
use futures::StreamExt;
use libfuzzer_sys::fuzz_target;
use viewer_core::base::multipart::MediaType;

use parts::{Event, Parts};
use source::SourceError;

// Reading parts is pieces in, events out: the server around it need not be compiled.
#[path = "../../server/src/source/drimbox/parts.rs"]
mod parts;

/// What the reader knows of its neighbours.
mod client {
    pub(super) type Body =
        futures::stream::BoxStream<'static, Result<bytes::Bytes, crate::source::SourceError>>;
}

mod source {
    #[derive(Debug, PartialEq)]
    pub(crate) enum SourceError {
        Unavailable(String),
        TooLarge(&'static str),
    }
}

/// More than this is refused.
const LIMIT_BYTES: u64 = 64 * 1024;

// The first byte is the size of the pieces that a body comes in.
fuzz_target!(|data: &[u8]| {
    let Some((&size, body)) = data.split_first() else { return };
    let in_pieces = read(body, usize::from(size).max(1));
    // Where pieces end is nobody's business.
    assert_eq!(in_pieces, read(body, body.len().max(1)));
    let total: usize = in_pieces.0.iter().map(Vec::len).sum();
    assert!(total <= body.len());
});

/// What the parts hold, the last one possibly cut off, and how it ended.
fn read(body: &[u8], size: usize) -> (Vec<Vec<u8>>, Option<SourceError>) {
    let pieces: Vec<_> = body.chunks(size).map(|it| Ok(Bytes::copy_from_slice(it))).collect();
    let stream = futures::stream::iter(pieces).boxed();
    let media_type = MediaType::parse("multipart/related; boundary=b");
    let mut parts = match Parts::new(&media_type, stream, LIMIT_BYTES) {
        Ok(parts) => parts,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut whole = Vec::new();
    let mut part = Vec::new();
    loop {
        match futures::executor::block_on(parts.next()) {
            Ok(Some(Event::Begin)) => part.clear(),
            Ok(Some(Event::Piece(piece))) => part.extend_from_slice(&piece),
            Ok(Some(Event::End)) => whole.push(std::mem::take(&mut part)),
            Ok(None) => return (whole, None),
            Err(error) => return (whole, Some(error)),
        }
    }
}
