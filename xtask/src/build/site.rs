//! The folder that the server serves: files named by content, compressed beside, and a manifest.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::digest::hex_digest;

/// Logical name (`app.css`) → name in the site (`app-0123456789abcdef.css`).
pub(crate) type Manifest = BTreeMap<String, String>;

/// How hard to compress: seconds matter while developing, bytes on the wire otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// As quickly as possible.
    Quick,
    /// As small as possible.
    Best,
}

/// Collects the files of a site.
pub(crate) struct Site {
    folder: PathBuf,
    effort: Effort,
    manifest: Manifest,
}

impl Site {
    /// A site in `folder`, which is made where it does not exist.
    pub(crate) fn new(folder: PathBuf, effort: Effort) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, effort, manifest: Manifest::new() })
    }

    /// Adds a file under its logical name.
    pub(crate) fn add(&mut self, logical: &str, content: &[u8]) -> Result<()> {
        let name = hashed_name(logical, content);
        let file = self.folder.join(&name);
        let written = |kind: &str| sibling(&file, kind).exists();
        if !file.exists() || !COMPRESSIONS.iter().all(|(kind, _)| written(kind)) {
            for (kind, compress) in COMPRESSIONS {
                write(&sibling(&file, kind), &compress(content, self.effort)?)?;
            }
            write(&file, content)?;
        }
        self.manifest.insert(logical.to_owned(), name);
        Ok(())
    }

    /// Writes the manifest and removes what an earlier build left; returns the folder.
    pub(crate) fn finish(self) -> Result<PathBuf> {
        let manifest = serde_json::to_string_pretty(&self.manifest)?;
        write(&self.folder.join(MANIFEST), manifest.as_bytes())?;
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let original = name.strip_suffix(".br").or(name.strip_suffix(".gz")).unwrap_or(&name);
            if name != MANIFEST && !self.manifest.values().any(|kept| kept == original) {
                fs::remove_file(self.folder.join(&name))?;
            }
        }
        Ok(self.folder)
    }
}

/// Name of the manifest in the site.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Reads the manifest of a site.
pub(crate) fn read_manifest(folder: &Path) -> Result<Manifest> {
    let file = folder.join(MANIFEST);
    let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not a manifest", file.display()))
}

fn hashed_name(logical: &str, content: &[u8]) -> String {
    let digest = &hex_digest(content)[..16];
    match logical.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{digest}.{extension}"),
        None => format!("{logical}-{digest}"),
    }
}

/// `app.css` → `app.css.br`.
pub(crate) fn sibling(file: &Path, kind: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}

/// Written aside and renamed: a server that reads meanwhile never sees half a file.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    let aside = sibling(file, "part");
    fs::write(&aside, content).with_context(|| format!("cannot write {}", aside.display()))?;
    fs::rename(&aside, file).with_context(|| format!("cannot write {}", file.display()))
}

type Compress = fn(&[u8], Effort) -> Result<Vec<u8>>;

/// Extension of the compressed sibling, and how it is made.
const COMPRESSIONS: [(&str, Compress); 2] = [("br", brotli), ("gz", gzip)];

/// Bytes of `content` on the wire, compressed as well as we can.
pub(crate) fn brotli_size(content: &[u8]) -> Result<u64> {
    Ok(brotli(content, Effort::Best)?.len() as u64)
}

fn brotli(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let quality = if effort == Effort::Best { 11 } else { 4 };
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 24,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let level = if effort == Effort::Best { Compression::best() } else { Compression::fast() };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_the_digest_before_the_extension() {
        assert_eq!(hashed_name("app.css", b""), "app-e3b0c44298fc1c14.css");
        assert_eq!(hashed_name("ui_bg.wasm", b""), "ui_bg-e3b0c44298fc1c14.wasm");
    }

    #[test]
    fn brotli_gives_the_content_back() {
        let content = b"body { margin: 0 } ".repeat(100);
        let compressed = brotli(&content, Effort::Best).unwrap();
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &compressed[..], &mut back).unwrap();
        assert_eq!(back, content);
        assert!(compressed.len() < 60, "{} bytes", compressed.len());
    }
}
