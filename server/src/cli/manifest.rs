//! `negatoscope manifest`

use std::{io::Write as _, path::PathBuf};

use anyhow::Context as _;
use clap::Subcommand;

use crate::consultation::{
    manifest::{Manifest, Series},
    timeline::Timeline,
};

/// The largest file looked at, in bytes: what a site can be configured to take at most.
const MAX_BYTES: u64 = 64 << 20;

/// Arguments of `manifest`.
#[derive(Debug, clap::Args)]
pub(super) struct ManifestCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print what manifests of one patient list, the newest exam first, by the rules of a consultation.
    ///
    /// Nobody is contacted. Ends with 1 and a sentence where a file would not be taken in.
    Show(Show),
}

#[derive(Debug, clap::Args)]
struct Show {
    /// Manifests (Key Object Selection documents).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// As JSON, as the page gets it.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &ManifestCommand) -> anyhow::Result<()> {
    let What::Show(show) = &command.what;
    let mut timeline = Timeline::default();
    for file in &show.files {
        let name = file.display();
        let length = std::fs::metadata(file).with_context(|| name.to_string())?.len();
        anyhow::ensure!(length <= MAX_BYTES, "{name}: larger than any site takes");
        let bytes = std::fs::read(file).with_context(|| name.to_string())?;
        let taken = Manifest::read(&bytes).map_err(Into::into);
        let taken = taken.and_then(|manifest| timeline.add(manifest, usize::MAX));
        let taken = taken.with_context(|| name.to_string())?;
        eprintln!("{name}: {}", taken.name());
    }
    let text =
        if show.json { serde_json::to_string_pretty(&timeline.told())? } else { words(&timeline) };
    writeln!(std::io::stdout(), "{}", text.trim_end())?;
    Ok(())
}

fn words(timeline: &Timeline) -> String {
    let mut text = String::new();
    if let Some(patient) = timeline.patient() {
        let born = patient.birth_date.as_deref().unwrap_or("-");
        text = format!("{} {}, born {born}\n", patient.birth_name, patient.given_names);
    }
    for exam in timeline.exams() {
        let study = &exam.study;
        let date = study.date.as_deref().unwrap_or("-");
        let head = [&study.description, &study.institution].map(|word| printable(word)).join("  ");
        text +=
            &format!("\n{date}  {head}  {} image(s)  {}\n", exam.count(), study.study_instance_uid);
        exam.series.iter().for_each(|series| text += &line(series));
    }
    text
}

fn line(series: &Series) -> String {
    let number = series.listed.number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let modality = if series.listed.modality.is_empty() { "-" } else { &series.listed.modality };
    let (images, keys) = (series.listed.instances.len(), series.key_images.len());
    let address = series.addresses.first().map_or("no address", String::as_str);
    let description = printable(&series.description);
    format!(
        "  {number}  {modality}  {description}  {images} image(s), {keys} key  {}\n",
        printable(address)
    )
}

/// Nothing that a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}
