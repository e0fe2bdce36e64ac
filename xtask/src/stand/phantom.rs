//! The generated exams, written once per version of the generator.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use negatoscope_phantom::{Exam, Scale};
use serde::{Deserialize, Serialize};

use crate::build::digest::hex_digest_of;
use crate::process;
use crate::workspace::Workspace;

/// The patients of the stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Phantoms {
    /// The exam that is looked at.
    pub(crate) exam: PhantomExam,
    /// The same exam with fewer slices: for tests of the viewer. All that follow lie beside it.
    pub(crate) short: PhantomExam,
    /// Another patient's, which must stay out of reach.
    pub(crate) other: PhantomExam,
    /// Videos, of a third patient.
    pub(crate) videos: PhantomExam,
    /// A CT with key images, reports and a saved presentation, of a fourth patient.
    pub(crate) documents: PhantomExam,
    /// An exam of a fifth patient and an earlier one.
    pub(crate) pair: [PhantomExam; 2],
}

/// What there is to know of a generated exam from outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PhantomExam {
    /// Its files.
    pub(crate) folder: PathBuf,
    /// Study Instance UID.
    pub(crate) study_instance_uid: String,
    /// Accession Number.
    pub(crate) accession_number: String,
    /// Its issuer, an OID.
    pub(crate) accession_issuer: String,
    /// Patient's birth date `YYYYMMDD`.
    pub(crate) birth_date: String,
    /// Its series, in order.
    pub(crate) series: Vec<PhantomSeries>,
}

/// One series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PhantomSeries {
    /// `Ct`, `SharpCt`, `Mr`, `Cr`, `Us`, `MultiFrame`, `Video`, `KeyImages`, `Report`, `Pdf`, `Presentation`, `Curves` or
    /// `ColourPresentation`.
    pub(crate) kind: String,
    /// Series Instance UID.
    pub(crate) series_instance_uid: String,
    /// Series Description.
    pub(crate) description: String,
    /// SOP Instance UIDs by burnt-in number.
    pub(crate) sop_instance_uids: Vec<String>,
    /// Files in the same order.
    pub(crate) files: Vec<PathBuf>,
    /// Frames of each instance.
    pub(crate) frames: usize,
}

const DESCRIPTION: &str = "phantoms.json";

/// Writes the exams, or finds those an earlier run wrote.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Phantoms> {
    let folder = workspace.target.join("phantom").join(generator_digest(workspace)?);
    if let Ok(text) = fs::read(folder.join(DESCRIPTION)) {
        let phantoms: Phantoms = serde_json::from_slice(&text)?;
        // Their paths are absolute: the target folder may have been moved since, as CI's is.
        if phantoms.exam.folder == folder.join("exam") {
            return Ok(phantoms);
        }
    }
    remove_older(&workspace.target.join("phantom"))?;
    let phantoms = process::step("generate the phantom exams", || {
        let exam = folder.join("exam");
        let [short, other, videos, documents] =
            ["exam", "other", "videos", "documents"].map(|name| folder.join("stand").join(name));
        let small = Scale { ct_slices: 12, ..Scale::tiny() };
        let pair = ["now", "before"].map(|name| folder.join("pair").join(name));
        let [now, before] = negatoscope_phantom::generate_pair([&pair[0], &pair[1]], PAIR)?;
        let [folder_now, folder_before] = pair;
        Ok(Phantoms {
            pair: [described(now, folder_now), described(before, folder_before)],
            documents: described(
                negatoscope_phantom::generate_documents(&documents, small)?,
                documents,
            ),
            videos: described(negatoscope_phantom::generate_videos(&videos)?, videos),
            exam: described(negatoscope_phantom::generate(&exam, Scale::demo())?, exam),
            short: described(negatoscope_phantom::generate(&short, Scale::short())?, short),
            other: described(negatoscope_phantom::generate_other(&other, Scale::tiny())?, other),
        })
    })?;
    fs::write(folder.join(DESCRIPTION), serde_json::to_vec_pretty(&phantoms)?)?;
    Ok(phantoms)
}

/// The first exam, with so many slices in its CT.
pub(crate) fn with_slices(workspace: &Workspace, ct_slices: usize) -> Result<PhantomExam> {
    let usual = ensure(workspace)?.exam;
    if ct_slices == Scale::demo().ct_slices {
        return Ok(usual);
    }
    let folder = workspace.target.join("bench").join(format!("exam-{ct_slices}"));
    let exam = process::step("generate the phantom exam", || {
        let scale = Scale { ct_slices, ..Scale::demo() };
        Ok(negatoscope_phantom::generate(&folder, scale)?)
    })?;
    Ok(described(exam, folder))
}

/// Enough slices to scroll, and quick to write.
const PAIR: Scale = Scale { sharp_ct_slices: 24, ..Scale::tiny() };

/// Writes a small version of the first exam.
pub(crate) fn generate_small(folder: &Path) -> Result<PhantomExam> {
    let exam = negatoscope_phantom::generate(folder, Scale::tiny())?;
    Ok(described(exam, folder.to_owned()))
}

fn described(exam: Exam, folder: PathBuf) -> PhantomExam {
    let series = exam.series.into_iter().map(|series| PhantomSeries {
        kind: format!("{:?}", series.kind),
        series_instance_uid: series.series_instance_uid,
        description: series.description,
        sop_instance_uids: series.sop_instance_uids,
        files: series.files,
        frames: series.frames,
    });
    PhantomExam {
        folder,
        series: series.collect(),
        study_instance_uid: exam.study_instance_uid,
        accession_number: exam.accession_number,
        accession_issuer: exam.accession_issuer,
        birth_date: exam.birth_date,
    }
}

/// Digest of the generator's sources: another generator writes other files.
fn generator_digest(workspace: &Workspace) -> Result<String> {
    let mut files = Vec::new();
    collect_files(&workspace.root.join("xtask/phantom"), &mut files)?;
    files.sort();
    let contents = files.iter().map(fs::read).collect::<std::io::Result<Vec<_>>>()?;
    let parts: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    Ok(hex_digest_of(&parts)[..16].to_owned())
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// An exam is some 200 MB: those of older generators go.
fn remove_older(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}
