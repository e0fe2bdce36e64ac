//! Modules that all images of the phantom share, and the way to a file.

use std::path::{Path, PathBuf};

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::noise::Noise;
use crate::uid::uid;

/// Whose exam.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) birth_name: &'static str,
    pub(crate) given_name: &'static str,
    pub(crate) birth_date: &'static str,
    pub(crate) sex: &'static str,
    pub(crate) patient_id: &'static str,
    /// Tells exams of one patient apart in their UIDs.
    pub(crate) exam: &'static str,
    pub(crate) accession_number: &'static str,
    pub(crate) accession_issuer: &'static str,
    pub(crate) institution: &'static str,
    pub(crate) study_date: &'static str,
    pub(crate) study_description: &'static str,
}

impl Identity {
    pub(crate) const fn phantom() -> Self {
        Self {
            birth_name: "LEFÈVRE",
            given_name: "Élise",
            birth_date: "19740312",
            sex: "F",
            patient_id: "FANTOME-0001",
            exam: "",
            accession_number: "DEMO2026A0001",
            accession_issuer: "2.25.329800735698586629295641978511506172918",
            institution: "Centre d'imagerie de démonstration",
            study_date: "20261104",
            study_description: "Tête et thorax (fantôme)",
        }
    }

    /// The same patient a year and a half earlier.
    pub(crate) const fn phantom_before() -> Self {
        Self {
            exam: "/prior",
            accession_number: "DEMO2025A0001",
            study_date: "20250318",
            study_description: "Thorax, antérieur (fantôme)",
            ..Self::phantom()
        }
    }

    pub(crate) const fn other() -> Self {
        Self {
            birth_name: "MOREAU",
            given_name: "Théo",
            birth_date: "19880229",
            sex: "M",
            patient_id: "FANTOME-0002",
            accession_number: "DEMO2026A0002",
            study_description: "Thorax (fantôme)",
            ..Self::phantom()
        }
    }

    pub(crate) const fn documented() -> Self {
        Self {
            birth_name: "ROUSSEAU",
            given_name: "Paul",
            birth_date: "19530921",
            sex: "M",
            patient_id: "FANTOME-0004",
            accession_number: "DEMO2026A0004",
            study_description: "Scanner et documents (fantôme)",
            ..Self::phantom()
        }
    }

    pub(crate) const fn filmed() -> Self {
        Self {
            birth_name: "GARNIER",
            given_name: "Jeanne",
            birth_date: "19610715",
            sex: "F",
            patient_id: "FANTOME-0003",
            accession_number: "DEMO2026A0003",
            study_description: "Endoscopie (fantôme)",
            ..Self::phantom()
        }
    }

    /// A patient who comes again: both exams under one number, as a link names them together.
    pub(crate) const fn followed() -> Self {
        Self {
            birth_name: "PERRIN",
            given_name: "Luc",
            birth_date: "19520908",
            sex: "M",
            patient_id: "FANTOME-0005",
            accession_number: "DEMO2026A0005",
            study_description: "Thorax, contrôle (fantôme)",
            ..Self::phantom()
        }
    }

    pub(crate) const fn followed_before() -> Self {
        Self {
            exam: "/prior",
            study_date: "20250318",
            study_description: "Thorax (fantôme)",
            ..Self::followed()
        }
    }

    pub(crate) fn study_instance_uid(&self) -> String {
        self.uid("study")
    }

    /// A UID of this patient's exam.
    pub(crate) fn uid(&self, name: &str) -> String {
        uid(&format!("negatoscope phantom/{}{}/{name}", self.patient_id, self.exam))
    }
}

/// What a series says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeriesTexts {
    pub(crate) kind: SeriesKind,
    pub(crate) number: u16,
    pub(crate) modality: &'static str,
    pub(crate) description: &'static str,
    pub(crate) body_part: &'static str,
    pub(crate) sop_class_uid: &'static str,
    pub(crate) transfer_syntax_uid: &'static str,
    /// Specific Character Set.
    pub(crate) character_set: &'static str,
    /// Folder the files go to.
    pub(crate) folder: &'static str,
}

/// Puts an element; the VR decides how the text is padded.
pub(crate) fn put(
    object: &mut InMemDicomObject,
    tag: Tag,
    vr: VR,
    value: impl Into<PrimitiveValue>,
) {
    object.put(DataElement::new(tag, vr, value.into()));
}

/// Decimal strings.
pub(crate) fn put_numbers(object: &mut InMemDicomObject, tag: Tag, numbers: &[f64]) {
    let texts: Vec<String> = numbers.iter().map(decimal).collect();
    put(object, tag, VR::DS, PrimitiveValue::Strs(texts.into()));
}

/// At most 16 characters (PS3.5 6.2), as short as the number allows.
fn decimal(number: &f64) -> String {
    let rounded = (number * 1e6).round() / 1e6;
    // Minus zero has no place in a file.
    format!("{}", rounded + 0.0)
}

/// A sequence of items.
pub(crate) fn put_items(object: &mut InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) {
    object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
}

/// Files of one series: names, numbers and UIDs by position.
pub(crate) struct SeriesWriter<'a> {
    folder: PathBuf,
    identity: &'a Identity,
    texts: SeriesTexts,
    /// Position → Instance Number and file name, in no order.
    shuffled: Vec<usize>,
}

impl<'a> SeriesWriter<'a> {
    pub(crate) fn new(
        dir: &Path,
        identity: &'a Identity,
        texts: SeriesTexts,
        instances: usize,
    ) -> Result<Self, PhantomError> {
        let folder = dir.join(texts.folder);
        std::fs::create_dir_all(&folder)
            .map_err(|source| PhantomError::Io { path: folder.clone(), source })?;
        let shuffled = numbers_by_position(u64::from(texts.number), instances);
        Ok(Self { folder, identity, texts, shuffled })
    }

    /// Everything but the image of the instance at `position` (from 0).
    pub(crate) fn object(&self, position: usize) -> InMemDicomObject {
        let mut object = InMemDicomObject::new_empty();
        self.put_identity(&mut object);
        self.put_study(&mut object);
        self.put_series(&mut object);
        put(&mut object, tags::SOP_CLASS_UID, VR::UI, self.texts.sop_class_uid);
        put(&mut object, tags::SOP_INSTANCE_UID, VR::UI, self.sop_instance_uid(position));
        let number = (self.shuffled[position] + 1).to_string();
        put(&mut object, tags::INSTANCE_NUMBER, VR::IS, number);
        object
    }

    fn put_identity(&self, object: &mut InMemDicomObject) {
        let Identity { birth_name, given_name, .. } = self.identity;
        put(object, tags::SPECIFIC_CHARACTER_SET, VR::CS, self.texts.character_set);
        put(object, tags::PATIENT_NAME, VR::PN, format!("{birth_name}^{given_name}"));
        put(object, tags::PATIENT_ID, VR::LO, self.identity.patient_id);
        put(object, tags::PATIENT_BIRTH_DATE, VR::DA, self.identity.birth_date);
        put(object, tags::PATIENT_SEX, VR::CS, self.identity.sex);
    }

    fn put_study(&self, object: &mut InMemDicomObject) {
        let identity = self.identity;
        put(object, tags::STUDY_INSTANCE_UID, VR::UI, identity.study_instance_uid());
        put(object, tags::STUDY_DATE, VR::DA, identity.study_date);
        put(object, tags::STUDY_TIME, VR::TM, "093000");
        put(object, tags::STUDY_ID, VR::SH, "1");
        put(object, tags::STUDY_DESCRIPTION, VR::LO, identity.study_description);
        put(object, tags::ACCESSION_NUMBER, VR::SH, identity.accession_number);
        put(object, tags::REFERRING_PHYSICIAN_NAME, VR::PN, "");
        put(object, tags::INSTITUTION_NAME, VR::LO, identity.institution);
        let mut issuer = InMemDicomObject::new_empty();
        put(&mut issuer, tags::UNIVERSAL_ENTITY_ID, VR::UT, identity.accession_issuer);
        put(&mut issuer, tags::UNIVERSAL_ENTITY_ID_TYPE, VR::CS, "ISO");
        put_items(object, tags::ISSUER_OF_ACCESSION_NUMBER_SEQUENCE, vec![issuer]);
    }

    fn put_series(&self, object: &mut InMemDicomObject) {
        let texts = &self.texts;
        put(object, tags::SERIES_INSTANCE_UID, VR::UI, self.series_instance_uid());
        put(object, tags::SERIES_NUMBER, VR::IS, texts.number.to_string());
        put(object, tags::SERIES_DATE, VR::DA, self.identity.study_date);
        put(object, tags::SERIES_TIME, VR::TM, format!("09{:02}00", 30 + texts.number));
        put(object, tags::SERIES_DESCRIPTION, VR::LO, texts.description);
        put(object, tags::MODALITY, VR::CS, texts.modality);
        put(object, tags::BODY_PART_EXAMINED, VR::CS, texts.body_part);
        put(object, tags::MANUFACTURER, VR::LO, "Négatoscope");
        put(object, tags::MANUFACTURER_MODEL_NAME, VR::LO, "Fantôme");
        put(object, tags::CONTENT_DATE, VR::DA, self.identity.study_date);
        put(object, tags::CONTENT_TIME, VR::TM, format!("09{:02}30", 30 + texts.number));
    }

    pub(crate) fn series_instance_uid(&self) -> String {
        self.identity.uid(self.texts.folder)
    }

    fn sop_instance_uid(&self, position: usize) -> String {
        self.identity.uid(&format!("{}/{position}", self.texts.folder))
    }

    fn path(&self, position: usize) -> PathBuf {
        self.folder.join(format!("I{:05}", self.shuffled[position] + 1))
    }

    /// Writes the finished object of the instance at `position`.
    pub(crate) fn write(
        &self,
        position: usize,
        object: InMemDicomObject,
    ) -> Result<(), PhantomError> {
        let meta = FileMetaTableBuilder::new().transfer_syntax(self.texts.transfer_syntax_uid);
        let file = object.with_meta(meta).map_err(|e| PhantomError::Dicom(e.into()))?;
        file.write_to_file(self.path(position)).map_err(|e| PhantomError::Dicom(e.into()))
    }

    /// What was written.
    pub(crate) fn finish(self, frames: usize) -> SeriesFiles {
        let positions = 0..self.shuffled.len();
        SeriesFiles {
            kind: self.texts.kind,
            series_instance_uid: self.series_instance_uid(),
            description: self.texts.description.to_owned(),
            sop_instance_uids: positions.clone().map(|p| self.sop_instance_uid(p)).collect(),
            files: positions.map(|p| self.path(p)).collect(),
            frames,
        }
    }
}

/// Numbers in no order, except that the first lies before the last: a viewer that takes only the
/// direction of a stack from them begins at position 0.
fn numbers_by_position(seed: u64, instances: usize) -> Vec<usize> {
    let mut shuffled = Noise::new(seed).shuffled(instances);
    let position = |number: usize| shuffled.iter().position(|&n| n == number);
    if position(0) > position(instances.saturating_sub(1)) {
        shuffled.reverse();
    }
    shuffled
}

/// Image Pixel module of a grey image (PS3.3 C.7.6.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct GreyFormat {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) photometric_interpretation: &'static str,
    pub(crate) bits_stored: u16,
    pub(crate) signed: bool,
}

/// A side as DICOM stores it; the burnt-in number needs 64 columns.
pub(crate) fn side(px: usize) -> Result<u16, PhantomError> {
    u16::try_from(px).ok().filter(|&px| px >= 64).ok_or(PhantomError::Size(px))
}

pub(crate) fn put_grey_format(
    object: &mut InMemDicomObject,
    format: GreyFormat,
) -> Result<(), PhantomError> {
    put(object, tags::SAMPLES_PER_PIXEL, VR::US, dicom_value!(U16, [1]));
    put(object, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, format.photometric_interpretation);
    put(object, tags::ROWS, VR::US, PrimitiveValue::from(side(format.rows)?));
    put(object, tags::COLUMNS, VR::US, PrimitiveValue::from(side(format.columns)?));
    put(object, tags::BITS_ALLOCATED, VR::US, dicom_value!(U16, [16]));
    put(object, tags::BITS_STORED, VR::US, PrimitiveValue::from(format.bits_stored));
    put(object, tags::HIGH_BIT, VR::US, PrimitiveValue::from(format.bits_stored - 1));
    let representation = u16::from(format.signed);
    put(object, tags::PIXEL_REPRESENTATION, VR::US, PrimitiveValue::from(representation));
    Ok(())
}

/// Image Plane module (PS3.3 C.7.6.2), square pixels.
pub(crate) fn put_plane(
    object: &mut InMemDicomObject,
    identity: &Identity,
    position_mm: [f64; 3],
    orientation: [f64; 6],
    [spacing_mm, thickness_mm]: [f64; 2],
) {
    put(object, tags::FRAME_OF_REFERENCE_UID, VR::UI, identity.uid("frame of reference"));
    put(object, tags::PATIENT_POSITION, VR::CS, "HFS");
    put_numbers(object, tags::IMAGE_POSITION_PATIENT, &position_mm);
    put_numbers(object, tags::IMAGE_ORIENTATION_PATIENT, &orientation);
    put_numbers(object, tags::PIXEL_SPACING, &[spacing_mm; 2]);
    put_numbers(object, tags::SLICE_THICKNESS, &[thickness_mm]);
}

/// Windows of the file with their names.
pub(crate) fn put_windows(object: &mut InMemDicomObject, windows: &[(f64, f64, &str)]) {
    let centers: Vec<f64> = windows.iter().map(|w| w.0).collect();
    let widths: Vec<f64> = windows.iter().map(|w| w.1).collect();
    let names: Vec<String> = windows.iter().map(|w| w.2.to_owned()).collect();
    put_numbers(object, tags::WINDOW_CENTER, &centers);
    put_numbers(object, tags::WINDOW_WIDTH, &widths);
    let names = PrimitiveValue::Strs(names.into());
    put(object, tags::WINDOW_CENTER_WIDTH_EXPLANATION, VR::LO, names);
}

/// Native 16-bit samples, little endian.
pub(crate) fn put_samples(object: &mut InMemDicomObject, samples: Vec<u16>) {
    put(object, tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(samples.into()));
}

/// Transfer syntaxes in use.
pub(crate) const EXPLICIT_LE: &str = uids::EXPLICIT_VR_LITTLE_ENDIAN;
