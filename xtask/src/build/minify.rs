//! Scripts and style sheets without comments, spaces and long names: a third of their bytes on the wire.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Makes scripts and style sheets smaller by esbuild, where there is one.
pub(crate) struct Minifier {
    /// The program; `None` leaves everything as it is.
    pub(crate) program: Option<PathBuf>,
}

impl Minifier {
    /// The content of a file, smaller where its name ends in `.js` or `.css`.
    pub(crate) fn minified(&self, name: &str, content: Vec<u8>) -> Result<Vec<u8>> {
        let loader = Path::new(name).extension().and_then(|extension| extension.to_str());
        match (&self.program, loader) {
            (Some(program), Some(loader @ ("js" | "css"))) => {
                run(program, loader, &content).with_context(|| format!("cannot minify {name}"))
            }
            _ => Ok(content),
        }
    }
}

/// What older browsers do not have stays as it was written: nothing is translated.
fn run(program: &Path, loader: &str, content: &[u8]) -> Result<Vec<u8>> {
    let mut child = Command::new(program)
        .args(["--minify", "--charset=utf8", "--log-level=warning", &format!("--loader={loader}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    // It reads everything before it writes anything.
    child.stdin.take().context("no way in")?.write_all(content)?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("esbuild ended with {}", output.status);
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_program_files_stay_as_they_are() {
        let minifier = Minifier { program: None };
        let content = b"a {\n}".to_vec();
        assert_eq!(minifier.minified("a.css", content.clone()).unwrap(), content);
    }

    #[test]
    fn only_scripts_and_style_sheets_are_given_to_the_program() {
        let minifier = Minifier { program: Some(PathBuf::from("/no/such/program")) };
        assert_eq!(minifier.minified("a.wasm", vec![0]).unwrap(), [0]);
        minifier.minified("a.js", vec![]).unwrap_err();
    }
}
