//! `negatoscope inspect`

use std::{collections::BTreeSet, path::PathBuf};

use serde::Serialize;
use viewer_core::inspect::{DicomImage, Facts, facts};

use super::{
    conformance::{Honour, Row, row_of_uid, rows},
    image_file::{Refused, open_file},
    inspect_text::text,
};

/// Print what is known of a DICOM file, and which of its attributes are honoured.
///
/// Prints the kind of object, how its samples are stored, where they lie in the patient and how large they
/// are (and which attribute says so), windows and tables, frames and offset tables, and which of the
/// attributes it holds are honoured. Nothing of it tells whose image it is. No frame is decoded:
/// `negatoscope decode` does that.
///
/// Exit status: 0 nothing speaks against drawing it, 1 the file cannot be read, 2 wrong arguments,
/// 3 unsupported, 4 malformed.
#[derive(Debug, clap::Args)]
pub(super) struct Inspect {
    /// DICOM file.
    file: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What is printed.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    pub facts: Facts,
    /// Whether the SOP class is honoured; `None` where the statement does not name it.
    pub sop_class_honoured: Option<Honour>,
    /// The attributes of the file that the statement names.
    pub attributes: Vec<Attribute>,
    /// That it is fine, or why no picture is to be expected.
    pub verdict: String,
}

/// An attribute that the file holds.
#[derive(Debug, Serialize)]
pub(super) struct Attribute {
    pub tag: &'static str,
    pub name: &'static str,
    pub honoured: Honour,
    pub notes: &'static str,
}

pub(super) fn run(command: &Inspect) -> anyhow::Result<()> {
    let mut file = open_file(&command.file)?;
    let refused = Refused::of(&command.file);
    let (facts, object) = facts(&mut file).map_err(&refused)?;
    let checked = DicomImage::open(&mut file).and_then(|mut image| image.check()).map_err(&refused);
    let fine = if facts.transfer_syntax.video.is_some() {
        "fine as far as the browser decodes the video"
    } else {
        "fine"
    };
    let report = Report {
        sop_class_honoured: row_of_uid(&facts.sop_class.uid).map(|row| row.honour),
        attributes: attributes(&object.attributes_present()),
        verdict: checked.as_ref().map_or_else(Refused::cause, |()| fine.to_owned()),
        facts,
    };
    if command.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", text(&report));
    }
    Ok(checked?)
}

fn attributes(present: &BTreeSet<(u16, u16)>) -> Vec<Attribute> {
    let is_present = |row: &Row| present.iter().any(|&tag| row.is_about(tag));
    let found = rows().filter(is_present);
    found
        .map(|Row { honour, key, name, notes }| Attribute {
            tag: key,
            name,
            honoured: honour,
            notes,
        })
        .collect()
}
