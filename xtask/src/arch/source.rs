//! Source text as the checks read it: without comments and without its tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A Rust file under `src`.
pub(crate) struct RustFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its lines up to the test module, comments cut off; line `n` is at index `n - 1`.
    pub(crate) lines: Vec<String>,
}

/// Every Rust file below `folder`, in order, without those that hold only tests.
pub(crate) fn rust_files(folder: &Path) -> Result<Vec<RustFile>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<RustFile>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == "tests" || name.ends_with("_tests") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            files.push(RustFile { lines: code_lines(&text), path });
        }
    }
    Ok(())
}

/// Code before the test module; a comment's text is cut off its line.
fn code_lines(text: &str) -> Vec<String> {
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .map(|line| line.split("//").next().unwrap_or_default().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_cut() {
        let text = "use a; // b\n/// crate::c\nfn d() {}\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(code_lines(text), ["use a; ", "", "fn d() {}"]);
    }
}
