//! Everything that was opened at a time: which exams there are, and what could not be read.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{Read, Seek, SeekFrom};
use std::rc::Rc;

use serde::Serialize;
use viewer_core::compare::{Trait, differing};
use viewer_core::dicom::{self, IndexError, Indexed, PixelDataLayout, ReadError};
use viewer_core::exam::{Content, ExamSummary, Instance, Patient};
use viewer_core::series::{self, AssembleError};

use crate::bytes::{Bytes, Reader};
use crate::inflate::{Budget, Inflated};
use crate::reason::Reason;
use crate::zip::{self, Entry, MAX_RATIO, RATIO_GRACE_BYTES};

/// Most files and entries of archives that are looked at.
pub const MAX_FILES: u64 = 200_000;
/// Most objects that are kept in mind.
pub const MAX_INSTANCES: usize = 100_000;
/// Damaged files that are named; all are counted.
const NAMED_DAMAGED: usize = 100;
/// Manifests and selections of images (PS3.4 B.5).
const KEY_OBJECT_SELECTION: &str = "1.2.840.10008.5.1.4.1.1.88.59";

/// Where an object lies.
#[derive(Debug)]
pub(crate) struct Placed {
    /// Which of the files.
    pub(crate) file: usize,
    /// Which entry of it, where it is an archive.
    pub(crate) entry: Option<Entry>,
    pub(crate) layout: Option<PixelDataLayout>,
    /// Transfer syntax of its frames.
    pub(crate) syntax: String,
}

/// What is still to be looked at.
enum Waiting {
    File(usize, String),
    Entry(usize, Box<Entry>),
}

/// How far reading is, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Files and entries that were looked at.
    pub read: u64,
    /// Those that wait.
    pub waiting: u64,
    /// Studies with at least one object.
    pub exams: usize,
    /// Objects of all of them.
    pub objects: usize,
    /// Files that are no DICOM objects.
    pub others: u64,
    /// Objects that were there already.
    pub duplicates: u64,
    /// Files that are left out because there are too many.
    pub left_out: u64,
    /// Files that could not be read.
    pub damaged: u64,
    /// Names of the first of them, and why, for those who look after the medium.
    pub named: Vec<(String, Reason)>,
}

/// One exam, as it is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Study Instance UID.
    pub study: String,
    /// Whose, as the objects say it first.
    pub patient: Patient,
    /// `YYYYMMDD`.
    pub date: Option<String>,
    /// Study Description.
    pub description: String,
    /// Of its images.
    pub modalities: Vec<String>,
    /// Images and loops.
    pub images: usize,
    /// Objects that are no images: reports, PDF, presentation states.
    pub documents: usize,
    /// Those of them that name images: manifests and selections.
    pub manifests: usize,
    /// Keys of the traits by which its patient is another one than the one that is looked at.
    pub differing: Vec<&'static str>,
    /// Whether that is somebody else: both names and the birth date are stated, and others.
    pub is_other_patient: bool,
}

/// What was opened.
pub struct Medium {
    pub(crate) files: Vec<Rc<dyn Bytes>>,
    waiting: VecDeque<Waiting>,
    studies: BTreeMap<String, Vec<Instance>>,
    /// By SOP Instance UID.
    pub(crate) places: HashMap<String, Rc<Placed>>,
    pub(crate) budget: Budget,
    pub(crate) unfolded: crate::frames::Unfolded,
    progress: Progress,
}

impl Default for Medium {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            waiting: VecDeque::new(),
            studies: BTreeMap::new(),
            places: HashMap::new(),
            budget: Budget::new(RATIO_GRACE_BYTES),
            unfolded: Default::default(),
            progress: Progress::default(),
        }
    }
}

impl Medium {
    /// Takes a file; it is looked at by [`Self::step`]. The name is shown where the file is damaged, and nothing else.
    pub fn add(&mut self, name: &str, bytes: Rc<dyn Bytes>) {
        self.files.push(bytes);
        self.wait(Waiting::File(self.files.len() - 1, name.to_owned()));
    }

    fn wait(&mut self, one: Waiting) {
        if self.progress.read + self.waiting.len() as u64 >= MAX_FILES {
            self.progress.left_out += 1;
        } else {
            self.waiting.push_back(one);
        }
    }

    /// Looks at the next file or entry; `false` where there is none.
    pub fn step(&mut self) -> bool {
        let Some(next) = self.waiting.pop_front() else { return false };
        self.progress.read += 1;
        let (name, outcome) = match next {
            Waiting::File(file, name) => (name, self.read_file(file)),
            Waiting::Entry(file, entry) => (entry.name.clone(), self.read_entry(file, *entry)),
        };
        if let Err(reason) = outcome {
            self.damaged(name, reason);
        }
        true
    }

    fn damaged(&mut self, name: String, reason: Reason) {
        self.progress.damaged += 1;
        if self.progress.named.len() < NAMED_DAMAGED {
            self.progress.named.push((name, reason));
        }
    }

    fn read_file(&mut self, file: usize) -> Result<(), Reason> {
        let Some(bytes) = self.files.get(file).map(Rc::clone) else { return Ok(()) };
        let mut reader = Reader::whole(Rc::clone(&bytes));
        let mut start = [0; 4];
        let count = reader.read(&mut start)?;
        if !zip::is_archive(&start[..count]) {
            return self.read_object(file, None, reader);
        }
        let directory = zip::directory(&*bytes)?;
        self.budget.add(bytes.length().saturating_mul(MAX_RATIO));
        for (name, refusal) in directory.refused {
            self.progress.read += 1;
            self.damaged(name, refusal.into());
        }
        for entry in directory.entries {
            self.wait(Waiting::Entry(file, Box::new(entry)));
        }
        Ok(())
    }

    fn read_entry(&mut self, file: usize, entry: Entry) -> Result<(), Reason> {
        let Some(bytes) = self.files.get(file).map(Rc::clone) else { return Ok(()) };
        let range = entry.place(&*bytes)?;
        if entry.is_deflated {
            let reader = Inflated::new(bytes, range, entry.length, self.budget.clone());
            self.read_object(file, Some(entry), reader)
        } else {
            self.read_object(file, Some(entry), Reader::part(bytes, range))
        }
    }

    fn read_object(
        &mut self,
        file: usize,
        entry: Option<Entry>,
        mut reader: impl Read + Seek,
    ) -> Result<(), Reason> {
        reader.seek(SeekFrom::Start(0))?;
        let Indexed { instance, layout, file: object } = match dicom::index(&mut reader) {
            Ok(indexed) => indexed,
            Err(IndexError::Read(ReadError::NotDicom)) if !has_prefix(&mut reader) => {
                self.progress.others += 1;
                return Ok(());
            }
            Err(IndexError::Instance(_)) if is_directory(&mut reader) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if self.places.contains_key(&instance.sop_instance_uid) {
            self.progress.duplicates += 1;
        } else if self.places.len() >= MAX_INSTANCES {
            self.progress.left_out += 1;
        } else {
            let stated = &object.transfer_syntax_uid;
            let syntax = layout.as_ref().map_or(stated.as_str(), |one| one.frame_syntax(stated));
            let placed = Placed { file, entry, syntax: syntax.to_owned(), layout };
            self.places.insert(instance.sop_instance_uid.clone(), Rc::new(placed));
            let study = instance.study.study_instance_uid.clone();
            self.studies.entry(study).or_default().push(instance);
        }
        Ok(())
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            waiting: self.waiting.len() as u64,
            exams: self.studies.len(),
            objects: self.places.len(),
            ..self.progress.clone()
        }
    }

    /// Looks at nothing more; so many files have not been added yet.
    pub fn stop(&mut self, ahead: u64) {
        self.progress.left_out += ahead + self.waiting.len() as u64;
        self.waiting.clear();
    }

    /// The exams, the newest first, beside the patient that is looked at.
    #[must_use]
    pub fn offers(&self, beside: &Patient) -> Vec<Offer> {
        let offer = |(study, instances): (&String, &Vec<Instance>)| offer(study, instances, beside);
        let mut offers: Vec<Offer> = self.studies.iter().filter_map(offer).collect();
        offers.sort_by(|one, other| other.date.cmp(&one.date));
        offers
    }

    /// The summary of an exam, made as the server makes it.
    ///
    /// # Errors
    /// [`AssembleError`] where its objects are of several patients, or there is no such exam.
    pub fn summary(&self, study: &str) -> Result<ExamSummary, AssembleError> {
        let mut summary = series::assemble(self.instances(study).to_vec())?;
        summary.study.is_local = true;
        Ok(summary)
    }

    /// The objects of an exam, in the order in which they were found.
    pub(crate) fn instances(&self, study: &str) -> &[Instance] {
        self.studies.get(study).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether it says that it is DICOM (PS3.10 7.1).
fn has_prefix(reader: &mut (impl Read + Seek)) -> bool {
    let mut prefix = [0; 4];
    let is_there = reader.seek(SeekFrom::Start(128)).and_then(|_| reader.read_exact(&mut prefix));
    is_there.is_ok() && &prefix == b"DICM"
}

fn is_directory(reader: &mut (impl Read + Seek)) -> bool {
    dicom::read_part10(reader).is_ok_and(|file| file.is_directory())
}

fn offer(study: &str, instances: &[Instance], beside: &Patient) -> Option<Offer> {
    let first = instances.first()?;
    let differing = differing(beside, &first.patient);
    let is_stated_otherwise = |of: &Trait| {
        !of.of(beside).is_empty() && !of.of(&first.patient).is_empty() && differing.contains(of)
    };
    let telling = [Trait::BirthName, Trait::GivenNames, Trait::BirthDate];
    let is_other_patient = telling.iter().all(is_stated_otherwise);
    let is_image = |one: &&Instance| matches!(one.content, Content::Image(_));
    let mut modalities: Vec<String> =
        instances.iter().filter(is_image).map(|one| one.series.modality.clone()).collect();
    modalities.sort();
    modalities.dedup();
    let images = instances.iter().filter(is_image).count();
    let is_manifest = |one: &&Instance| one.sop_class_uid == KEY_OBJECT_SELECTION;
    Some(Offer {
        study: study.to_owned(),
        patient: first.patient.clone(),
        date: instances.iter().find_map(|one| one.study.date.clone()),
        description: first.study.description.clone(),
        modalities,
        images,
        documents: instances.len() - images,
        manifests: instances.iter().filter(is_manifest).count(),
        differing: differing.into_iter().map(Trait::key).collect(),
        is_other_patient,
    })
}
