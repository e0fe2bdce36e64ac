//! Files with secrets: not used where everybody on the machine can read them.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use thiserror::Error;

/// The largest secret read: keys with their chains are a few KiB.
const MAX_BYTES: u64 = 1024 * 1024;

/// Why a file is not used. Never holds the secret.
#[derive(Debug, Error)]
pub enum SecretFileError {
    /// It cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Others can read or change it.
    #[error("{0}: everybody on this machine can read or change it (chmod 600, or 640 for a group)")]
    Open(PathBuf),
}

/// Whether only its owner, and at most a group, can read and change it.
///
/// # Errors
/// [`SecretFileError`].
pub fn check(path: &Path) -> Result<(), SecretFileError> {
    open(path).map(drop)
}

/// Reads a file that passes [`check`].
///
/// # Errors
/// [`SecretFileError`].
pub fn read(path: &Path) -> Result<String, SecretFileError> {
    let mut text = String::new();
    let read = open(path)?.take(MAX_BYTES).read_to_string(&mut text);
    read.map_err(|cause| SecretFileError::Unreadable { path: path.to_owned(), cause })?;
    Ok(text)
}

/// Looks at the file that is open, not at its name: what is checked is what is read.
fn open(path: &Path) -> Result<File, SecretFileError> {
    let unreadable = |cause| SecretFileError::Unreadable { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    let data = file.metadata().map_err(unreadable)?;
    if data.len() > MAX_BYTES {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&data) & 0o007 != 0 {
        return Err(SecretFileError::Open(path.to_owned()));
    }
    Ok(file)
}

/// Writes a file that only its owner can read: whole or not at all, whatever happens meanwhile.
///
/// # Errors
/// When it cannot be written; an older file is still there then.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut folders = std::fs::DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    }
    folders.create(folder)?;
    let beside = path.with_extension("new");
    let mut file = options.open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_everybody_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made/here/secret");
        write(&file, b"s3cret").unwrap();
        assert_eq!(read(&file).unwrap(), "s3cret");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        for (mode, is_good) in [(0o640, true), (0o644, false), (0o602, false), (0o400, true)] {
            std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(check(&file).is_ok(), is_good, "{mode:o}");
        }
        let refused = check(&folder.path().join("none")).unwrap_err().to_string();
        assert!(refused.contains("none"), "{refused}");
    }
}
