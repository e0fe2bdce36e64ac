use std::path::{Path, PathBuf};

use crate::dataset::Identity;
use crate::{PhantomError, Scale, cr, ct, documents, mr, multi_frame, presentations, us, video};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exam {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Accession Number.
    pub accession_number: String,
    /// Issuer of Accession Number: Universal Entity ID, an OID.
    pub accession_issuer: String,
    /// Patient's birth (family) name.
    pub birth_name: String,
    /// Patient's given name.
    pub given_name: String,
    /// Patient's birth date `YYYYMMDD`.
    pub birth_date: String,
    /// Patient's sex.
    pub sex: String,
    /// Patient ID, obviously fictional.
    pub patient_id: String,
    /// Institution Name.
    pub institution: String,
    /// Study Date `YYYYMMDD`.
    pub study_date: String,
    /// Study Description.
    pub study_description: String,
    /// Series by Series Number.
    pub series: Vec<SeriesFiles>,
}

/// What a series of the phantom is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeriesKind {
    /// Head and chest.
    Ct,
    /// Chest, sharp kernel.
    SharpCt,
    /// Head, sagittal.
    Mr,
    /// Radiograph.
    Cr,
    /// Ultrasound loop.
    Us,
    /// Head, all slices in one enhanced MR image, with overlays and a shutter.
    MultiFrame,
    /// Video, in an exam of its own.
    Video,
    /// Key images of a CT, in an exam of its own, as all that follows.
    KeyImages,
    /// Structured report.
    Report,
    /// Encapsulated PDF.
    Pdf,
    /// Softcopy presentation state.
    Presentation,
    /// Another one, with curves.
    Curves,
    /// One of colours.
    ColourPresentation,
}

/// One series as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesFiles {
    /// What it is.
    pub kind: SeriesKind,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Series Description.
    pub description: String,
    /// SOP Instance UIDs by burnt-in number: position along the normal.
    pub sop_instance_uids: Vec<String>,
    /// Files in the same order (their names are in no order).
    pub files: Vec<PathBuf>,
    /// Frames of each instance.
    pub frames: usize,
}

impl Exam {
    fn new(identity: &Identity) -> Self {
        let own = |text: &str| text.to_owned();
        Self {
            study_instance_uid: identity.study_instance_uid(),
            accession_number: own(identity.accession_number),
            accession_issuer: own(identity.accession_issuer),
            birth_name: own(identity.birth_name),
            given_name: own(identity.given_name),
            birth_date: own(identity.birth_date),
            sex: own(identity.sex),
            patient_id: own(identity.patient_id),
            institution: own(identity.institution),
            study_date: own(identity.study_date),
            study_description: own(identity.study_description),
            series: Vec::new(),
        }
    }

    /// The series of one kind.
    #[must_use]
    pub fn series(&self, kind: SeriesKind) -> Option<&SeriesFiles> {
        self.series.iter().find(|series| series.kind == kind)
    }
}

/// Writes the phantom's exam into `dir` (made when missing), one folder per series.
///
/// # Errors
/// [`PhantomError`] when a file cannot be written or the scale is out of range.
pub fn generate(dir: &Path, scale: Scale) -> Result<Exam, PhantomError> {
    let identity = Identity::phantom();
    let mut exam = Exam::new(&identity);
    exam.series.push(ct::write_head_and_chest(dir, &identity, scale)?);
    exam.series.push(ct::write_sharp(dir, &identity, scale)?);
    exam.series.push(mr::write(dir, &identity, scale)?);
    exam.series.push(cr::write(dir, &identity, scale)?);
    exam.series.push(us::write(dir, &identity, scale)?);
    exam.series.push(multi_frame::write(dir, &identity, scale)?);
    Ok(exam)
}

/// Writes an earlier CT of the phantom patient: an exam of its own, as another centre may have it.
///
/// # Errors
/// [`PhantomError`] when a file cannot be written or the scale is out of range.
pub fn generate_before(dir: &Path, scale: Scale) -> Result<Exam, PhantomError> {
    let identity = Identity::phantom_before();
    let mut exam = Exam::new(&identity);
    exam.series.push(ct::write_sharp(dir, &identity, scale)?);
    Ok(exam)
}

/// Writes a CT of another phantom patient: what must never be reached with access to the first.
///
/// # Errors
/// [`PhantomError`] when a file cannot be written or the scale is out of range.
pub fn generate_other(dir: &Path, scale: Scale) -> Result<Exam, PhantomError> {
    let identity = Identity::other();
    let mut exam = Exam::new(&identity);
    exam.series.push(ct::write_sharp(dir, &identity, scale)?);
    Ok(exam)
}

/// Writes an exam of videos of a third phantom patient, one a series, in several codings and containers.
///
/// # Errors
/// [`PhantomError`] when a file cannot be written.
pub fn generate_videos(dir: &Path) -> Result<Exam, PhantomError> {
    let identity = Identity::filmed();
    let mut exam = Exam::new(&identity);
    exam.series = video::write(dir, &identity)?;
    Ok(exam)
}

/// Writes a CT of a fifth phantom patient with what is said of it, and an earlier one with fewer slices, each into a folder of its own.
///
/// # Errors
/// [`PhantomError`] when a file cannot be written or the scale is out of range.
pub fn generate_pair(dirs: [&Path; 2], scale: Scale) -> Result<[Exam; 2], PhantomError> {
    let write = |dir: &Path, identity: Identity, scale: Scale| {
        let mut exam = Exam::new(&identity);
        exam.series.push(ct::write_sharp(dir, &identity, scale)?);
        Ok(exam)
    };
    let fewer = Scale { sharp_ct_slices: scale.sharp_ct_slices / 2, ..scale };
    let mut now = write(dirs[0], Identity::followed(), scale)?;
    let documents = documents::write(dirs[0], &Identity::followed(), &now.series[0])?;
    now.series.extend(documents);
    Ok([now, write(dirs[1], Identity::followed_before(), fewer)?])
}

/// Writes a CT and an ultrasound loop of a fourth phantom patient with what is said of them: key images, reports, saved
/// presentations.
///
/// # Errors
/// [`PhantomError`] when a file cannot be written or the scale is out of range.
pub fn generate_documents(dir: &Path, scale: Scale) -> Result<Exam, PhantomError> {
    let identity = Identity::documented();
    let mut exam = Exam::new(&identity);
    let ct = ct::write_head_and_chest(dir, &identity, scale)?;
    let us = us::write(dir, &identity, scale)?;
    let documents = documents::write(dir, &identity, &ct)?;
    let curves = presentations::write_curves(dir, &identity, &ct, scale)?;
    let colours = presentations::write_colours(dir, &identity, &us, scale)?;
    exam.series.extend([ct, us]);
    exam.series.extend(documents);
    exam.series.extend([curves, colours]);
    Ok(exam)
}
