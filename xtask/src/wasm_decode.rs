//! `cargo xtask wasm-decode`: what the decode module of the browser makes of files.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use sha2::{Digest, Sha256};

use crate::build;
use crate::conformance::wasm::{Decoder, Frame};
use crate::workspace::Workspace;

/// Prints the digest of what the browser's decode module makes of files.
///
/// It is the SHA-256 of the stored samples of each file, a line a file: digest and path. The samples come
/// out of the WebAssembly decode modules under Node; `negatoscope decode --sha256` prints the same of the
/// code compiled natively.
#[derive(Args)]
pub(crate) struct Options {
    /// DICOM files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A line a frame: digest, path and number.
    #[arg(long)]
    per_frame: bool,
    /// Use the quickly compiled modules.
    #[arg(long)]
    dev: bool,
}

/// One file while its frames come.
struct Current {
    file: PathBuf,
    hash: Sha256,
    failure: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let build = build::Options { dev: options.dev, ..Default::default() };
    let decoder = Decoder::ensure(workspace, &build)?;
    let (mut current, mut failures): (Option<Current>, u32) = (None, 0);
    decoder.decode(&options.files, |Frame { head, samples }| {
        if current.as_ref().is_none_or(|current| current.file != head.file) {
            failures += finish(current.take(), options.per_frame);
        }
        let file = current.get_or_insert_with(|| Current {
            file: head.file.clone(),
            hash: Sha256::new(),
            failure: None,
        });
        let number = head.frame.unwrap_or(0);
        match head.failure {
            Some(failure) => file.failure = Some(format!("frame {number}: {}", failure.detail)),
            None if options.per_frame => {
                println!("{}  {}  {number}", hex(Sha256::digest(&samples)), head.file.display());
            }
            None => file.hash.update(&samples),
        }
        Ok(())
    })?;
    failures += finish(current, options.per_frame);
    if failures > 0 {
        bail!("{failures} of {} files could not be decoded", options.files.len());
    }
    Ok(())
}

/// Prints the end of a file; 1 where it failed.
fn finish(current: Option<Current>, per_frame: bool) -> u32 {
    let Some(Current { file, hash, failure }) = current else { return 0 };
    match failure {
        Some(failure) => {
            eprintln!("{}: {failure}", file.display());
            1
        }
        None => {
            if !per_frame {
                println!("{}  {}", hex(hash.finalize()), file.display());
            }
            0
        }
    }
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
