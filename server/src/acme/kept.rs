//! Certificates on disk: one file for a site, key and chain together so that they always fit.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::{AcmeError, Pem};
use crate::{
    secret_file::{self, SecretFileError},
    tls::Certificate,
};

fn file(folder: &Path, site: &str) -> PathBuf {
    folder.join(format!("{site}.pem"))
}

/// What is kept for a site.
pub(super) fn read(folder: &Path, site: &str) -> Result<Option<Certificate>, AcmeError> {
    let text = text(folder, site)?;
    let read = text.map(|text| Certificate::from_pem(text.as_bytes(), text.as_bytes()));
    Ok(read.transpose()?)
}

/// Key and chain as they are kept.
pub(super) fn text(folder: &Path, site: &str) -> Result<Option<String>, AcmeError> {
    match secret_file::read(&file(folder, site)) {
        Ok(text) => Ok(Some(text)),
        Err(SecretFileError::Unreadable { cause, .. }) if cause.kind() == ErrorKind::NotFound => {
            Ok(None)
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Replaces what is kept.
pub(super) fn write(folder: &Path, site: &str, pem: &Pem) -> io::Result<()> {
    let text = format!("{}\n{}\n", pem.key.trim_end(), pem.chain.trim_end());
    secret_file::write(&file(folder, site), text.as_bytes())
}

/// Forgets what is kept.
pub(super) fn forget(folder: &Path, site: &str) -> io::Result<()> {
    std::fs::remove_file(file(folder, site))
}
