//! Writes the phantom's exam: `cargo run -p negatoscope-phantom --example write_exam -- FOLDER`.

use std::path::PathBuf;

use negatoscope_phantom::{PhantomError, Scale, generate};

fn main() -> Result<(), PhantomError> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("phantom"), PathBuf::from);
    let exam = generate(&folder, Scale::demo())?;
    for series in &exam.series {
        println!("{:?}: {} files, {}", series.kind, series.files.len(), series.description);
    }
    Ok(())
}
