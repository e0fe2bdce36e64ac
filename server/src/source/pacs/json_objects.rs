//! Takes a JSON array of objects apart while it arrives, so that the metadata of a series never lies in
//! memory as a whole.

use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use serde_json::Value;

use crate::source::SourceError;

/// Longest text of one object.
const MAX_OBJECT_BYTES: usize = 64 * 1024 * 1024;

/// Finds the objects of the outermost array; everything inside them is left to `serde_json`.
#[derive(Default)]
struct Splitter {
    /// Text of the object that has begun.
    object: Vec<u8>,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl Splitter {
    /// Takes the next piece of text; returns the objects that are complete.
    fn push(&mut self, piece: &[u8]) -> Result<Vec<Value>, SourceError> {
        let mut complete = Vec::new();
        for &byte in piece {
            if self.depth > 0 {
                self.object.push(byte);
            }
            if self.in_string {
                self.in_string = self.escaped || byte != b'"';
                self.escaped = !self.escaped && byte == b'\\';
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' => {
                    if self.depth == 0 {
                        self.object.push(byte);
                    }
                    self.depth += 1;
                }
                b'}' => {
                    self.depth = self.depth.checked_sub(1).ok_or_else(malformed)?;
                    if self.depth == 0 {
                        let object = std::mem::take(&mut self.object);
                        complete
                            .push(serde_json::from_slice(&object).map_err(|_invalid| malformed())?);
                    }
                }
                _ => {}
            }
        }
        if self.object.len() > MAX_OBJECT_BYTES {
            return Err(SourceError::TooLarge("metadata of one object"));
        }
        Ok(complete)
    }

    /// Whether the text may end here.
    fn is_between_objects(&self) -> bool {
        self.depth == 0 && !self.in_string
    }
}

fn malformed() -> SourceError {
    SourceError::Unavailable("the PACS sent malformed JSON".to_owned())
}

/// The objects of a body that is a JSON array of objects.
pub(super) fn objects(
    body: BoxStream<'static, Result<Bytes, SourceError>>,
) -> impl Stream<Item = Result<Value, SourceError>> + Send + 'static {
    let pieces = body.map(Some).chain(stream::once(async { None }));
    let split = pieces.scan(Splitter::default(), |splitter, piece| {
        let items = match piece {
            Some(Ok(piece)) => match splitter.push(&piece) {
                Ok(objects) => objects.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            },
            Some(Err(error)) => vec![Err(error)],
            None if splitter.is_between_objects() => Vec::new(),
            None => vec![Err(malformed())],
        };
        futures::future::ready(Some(stream::iter(items)))
    });
    split.flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn split(pieces: &[&str]) -> Vec<Result<Value, SourceError>> {
        let pieces: Vec<_> =
            pieces.iter().map(|p| Ok(Bytes::copy_from_slice(p.as_bytes()))).collect();
        objects(stream::iter(pieces).boxed()).collect().await
    }

    #[tokio::test]
    async fn objects_come_out_whole_wherever_the_text_is_cut() {
        let text = r#" [ {"a":"}{\"","b":{"c":[{"d":1}]}}, {"e":"\\"} ] "#;
        for at in 0..text.len() {
            let (left, right) = text.split_at(at);
            let found: Vec<Value> =
                split(&[left, right]).await.into_iter().map(Result::unwrap).collect();
            assert_eq!(found.len(), 2, "cut at {at}");
            assert_eq!(found[0]["a"], "}{\"");
            assert_eq!(found[0]["b"]["c"][0]["d"], 1);
            assert_eq!(found[1]["e"], "\\");
        }
    }

    #[tokio::test]
    async fn a_body_that_ends_early_is_an_error() {
        let found = split(&[r#"[{"a":1},{"b":"#]).await;
        assert_eq!(found.len(), 2);
        assert!(found[0].is_ok() && found[1].is_err());
        assert!(split(&["[{]}"]).await[0].is_err());
        assert!(split(&["[]"]).await.is_empty());
    }
}
