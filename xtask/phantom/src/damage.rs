use std::path::Path;

use crate::error::PhantomError;

/// Bytes of a file that are never touched: preamble, meta group and the first attributes.
const HEAD_BYTES: usize = 1024;

/// Copies `from` to `to` without its last third: the pixel data ends too early.
///
/// # Errors
/// [`PhantomError`] when a file cannot be read or written or is too short.
pub fn truncated_copy(from: &Path, to: &Path) -> Result<(), PhantomError> {
    let bytes = read(from)?;
    write(to, &bytes[..HEAD_BYTES.max(bytes.len() * 2 / 3)])
}

/// Copies `from` to `to` with the second half of its bytes overwritten: an encoded frame no longer
/// decodes, a native one is visibly wrong.
///
/// # Errors
/// [`PhantomError`] when a file cannot be read or written or is too short.
pub fn corrupt_copy(from: &Path, to: &Path) -> Result<(), PhantomError> {
    let mut bytes = read(from)?;
    let middle = HEAD_BYTES.max(bytes.len() / 2);
    for byte in &mut bytes[middle..] {
        *byte = !*byte;
    }
    write(to, &bytes)
}

fn read(path: &Path) -> Result<Vec<u8>, PhantomError> {
    let bytes =
        std::fs::read(path).map_err(|source| PhantomError::Io { path: path.to_owned(), source })?;
    if bytes.len() <= 2 * HEAD_BYTES {
        return Err(PhantomError::TooShort(path.to_owned()));
    }
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PhantomError> {
    std::fs::write(path, bytes).map_err(|source| PhantomError::Io { path: path.to_owned(), source })
}
