//! The copies of one import, in a folder of its own.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use rand::RngCore;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::download::opened::Pieces;
use crate::sealed::{Key, PIECE_BYTES, SALT_BYTES, Sealing, TAG_BYTES, make_private};
use crate::source::SourceError;

/// Copies of an import's objects, and the key to them.
pub(super) struct Copies {
    folder: PathBuf,
    key: Key,
}

/// Why there is no copy of an object.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCopy {
    /// It did not come whole.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The disk.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl Copies {
    pub(super) const fn new(folder: PathBuf, key: Key) -> Self {
        Self { folder, key }
    }

    fn path(&self, number: i64) -> PathBuf {
        self.folder.join(number.to_string())
    }

    /// Writes what comes of an object; it is there under its number only when it is there whole.
    pub(super) async fn write(
        &self,
        (number, instance): (i64, &str),
        pieces: Pieces,
    ) -> Result<(), NoCopy> {
        make_private(&self.folder)?;
        let coming = self.folder.join(format!("{number}.coming"));
        let written = self.write_to(&coming, instance, pieces).await;
        if written.is_err() {
            // Best effort: what is left goes with the folder.
            let _gone = tokio::fs::remove_file(&coming).await;
        }
        written?;
        Ok(tokio::fs::rename(&coming, self.path(number)).await?)
    }

    async fn write_to(
        &self,
        file: &Path,
        instance: &str,
        mut pieces: Pieces,
    ) -> Result<(), NoCopy> {
        let mut salt = [0; SALT_BYTES];
        rand::rng().fill_bytes(&mut salt);
        let mut sealing = Sealing::new(&self.key, &salt, instance).map_err(io::Error::other)?;
        let mut file = File::create(file).await?;
        file.write_all(&salt).await?;
        let mut waiting = Vec::with_capacity(PIECE_BYTES + TAG_BYTES);
        while let Some(mut came) = pieces.try_next().await? {
            while !came.is_empty() {
                // Which piece is the last is known when nothing comes after it.
                if waiting.len() == PIECE_BYTES {
                    sealing.seal(&mut waiting, false).map_err(io::Error::other)?;
                    file.write_all(&waiting).await?;
                    waiting.clear();
                }
                let part = came.split_to(came.len().min(PIECE_BYTES - waiting.len()));
                waiting.extend_from_slice(&part);
            }
        }
        sealing.seal(&mut waiting, true).map_err(io::Error::other)?;
        file.write_all(&waiting).await?;
        Ok(file.sync_all().await?)
    }

    /// What an object was. A copy that turns out to be damaged is dropped: the object has to come again.
    pub(super) async fn read(&self, number: i64, instance: &str) -> io::Result<(u64, Pieces)> {
        let path = self.path(number);
        let mut file = File::open(&path).await?;
        let mut left = file.metadata().await?.len();
        let mut salt = [0; SALT_BYTES];
        file.read_exact(&mut salt).await?;
        left = left.saturating_sub(SALT_BYTES as u64);
        let sealing = Sealing::new(&self.key, &salt, instance).map_err(io::Error::other)?;
        let pieces = left.div_ceil((PIECE_BYTES + TAG_BYTES) as u64);
        let length = left.saturating_sub(pieces * TAG_BYTES as u64);
        let reading = Reading { file, left, sealing, path };
        let pieces = stream::try_unfold(Some(reading), |reading| async {
            let Some(mut reading) = reading else { return Ok(None) };
            match reading.next().await {
                Ok(piece) => Ok(Some((piece, (reading.left > 0).then_some(reading)))),
                Err(cause) => {
                    let _gone = tokio::fs::remove_file(&reading.path).await;
                    Err(SourceError::Unavailable(format!("a copy is damaged: {cause}")))
                }
            }
        });
        Ok((length, pieces.boxed()))
    }

    /// Removes a copy.
    pub(super) async fn remove(&self, number: i64) -> io::Result<()> {
        match tokio::fs::remove_file(self.path(number)).await {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => Ok(()),
        }
    }
}

struct Reading {
    file: File,
    /// Bytes that have not been read.
    left: u64,
    sealing: Sealing,
    path: PathBuf,
}

impl Reading {
    async fn next(&mut self) -> io::Result<Bytes> {
        let length = usize::try_from(self.left).unwrap_or(usize::MAX);
        let mut piece = vec![0; length.min(PIECE_BYTES + TAG_BYTES)];
        self.file.read_exact(&mut piece).await?;
        self.left = self.left.saturating_sub(piece.len() as u64);
        self.sealing.open(&mut piece, self.left == 0).map_err(io::Error::other)?;
        Ok(piece.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::sealed_bytes;

    fn pieces(bytes: &[u8], size: usize) -> Pieces {
        let all: Vec<_> = bytes.chunks(size).map(|it| Ok(Bytes::copy_from_slice(it))).collect();
        stream::iter(all).boxed()
    }

    async fn read(copies: &Copies, instance: &str) -> Result<Vec<u8>, String> {
        let read = copies.read(5, instance).await.map_err(|cause| cause.to_string())?;
        let all: Vec<Bytes> = read.1.try_collect().await.map_err(|cause| cause.to_string())?;
        let bytes = all.concat();
        assert_eq!(bytes.len() as u64, read.0);
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_copy_is_the_object_and_nobody_reads_it_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().join("job"), [3; 32]);
        for length in [0, 1, 1000, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 77] {
            let object: Vec<u8> = b"LEFEVRE^ELISE ".iter().copied().cycle().take(length).collect();
            copies.write((5, "1.2"), pieces(&object, 50_000)).await.unwrap();
            let stored = std::fs::read(folder.path().join("job/5")).unwrap();
            assert_eq!(stored.len() as u64, sealed_bytes(length as u64));
            assert!(!stored.windows(7).any(|bytes| bytes == b"LEFEVRE"));
            assert_eq!(read(&copies, "1.2").await.unwrap(), object);
        }
        let other = Copies::new(folder.path().join("job"), [4; 32]);
        assert!(read(&other, "1.2").await.unwrap_err().contains("damaged"));
        assert!(read(&copies, "1.2").await.is_err(), "what nobody can read is not kept");
    }

    #[tokio::test]
    async fn what_is_damaged_cut_off_or_did_not_come_whole_is_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().to_owned(), [3; 32]);
        let file = folder.path().join("5");
        let object = vec![1; 2 * PIECE_BYTES];
        for spoil in [
            |stored: &mut Vec<u8>| stored[PIECE_BYTES + 200] ^= 1,
            |stored: &mut Vec<u8>| stored.truncate(SALT_BYTES + PIECE_BYTES + TAG_BYTES),
            |stored: &mut Vec<u8>| stored.truncate(SALT_BYTES + 3),
            |stored: &mut Vec<u8>| stored.truncate(SALT_BYTES),
            |stored: &mut Vec<u8>| stored.truncate(3),
        ] {
            copies.write((5, "1.2"), pieces(&object, 1000)).await.unwrap();
            let mut stored = std::fs::read(&file).unwrap();
            spoil(&mut stored);
            std::fs::write(&file, stored).unwrap();
            assert!(read(&copies, "1.2").await.is_err());
        }
        let dies = stream::iter([
            Ok(Bytes::from_static(b"x")),
            Err(SourceError::Unavailable("died".to_owned())),
        ]);
        std::fs::remove_file(&file).ok();
        assert!(matches!(copies.write((5, "1.2"), dies.boxed()).await, Err(NoCopy::Source(_))));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of it");
        assert!(copies.read(5, "1.2").await.is_err());
        copies.remove(5).await.unwrap();
    }
}
