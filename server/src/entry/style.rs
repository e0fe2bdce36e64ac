//! The style sheet of these pages, built into the program: they look right even without the viewer.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The style sheet.
pub(crate) const CSS: &str = include_str!("../../templates/entry.css");

static PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(CSS);
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("/assets/entry.{name}.css")
});

/// Its address, which changes with its content.
pub(crate) fn path() -> &'static str {
    &PATH
}

/// Whether this file name is the style sheet's.
pub(crate) fn is(file: &str) -> bool {
    path().strip_prefix("/assets/") == Some(file)
}
