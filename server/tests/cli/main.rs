//! What the program makes of single DICOM files, over the program itself: digests, pictures, facts, and the
//! exit status that tells fine, unsupported and malformed apart.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod decode;
mod files;
mod inspect;
mod render;
mod statement;

use std::process::{Command, Output};

fn negatoscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_negatoscope")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output of a run that must end well.
fn said(arguments: &[&str]) -> String {
    let output = negatoscope(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Exit status and standard error.
fn refusal(arguments: &[&str]) -> (i32, String) {
    let output = negatoscope(arguments);
    (output.status.code().unwrap(), text(&output.stderr))
}
