//! What is no picture of what was opened: documents as the server lists and reads them, and the attributes of every object.

use dicom_core::Tag;
use dicom_object::InMemDicomObject;
use serde_json::{Map, Value, json};
use viewer_core::dicom::{
    AttributeRow, DicomFile, attribute_rows, document, is_pdf, pdf_start, presentation_state,
    read_part10, structured_report,
};
use viewer_core::exam::{Content, Documents, Instance, StructuredReport};
use viewer_core::viewport::SavedPresentation;

use crate::frames::FrameError;
use crate::medium::Medium;

const ENCAPSULATED_DOCUMENT: Tag = Tag(0x0042, 0x0011);

impl Medium {
    /// The documents of an exam, those of one series together. What cannot be read any more is left out.
    pub fn documents(&mut self, study: &str) -> Documents {
        let is_document = |content: &Content| !matches!(content, Content::Image(_));
        let of_study = self.instances(study).iter().filter(|one| is_document(&one.content));
        let name =
            |one: &Instance| (one.series.series_instance_uid.clone(), one.sop_instance_uid.clone());
        let mut names: Vec<(String, String)> = of_study.map(name).collect();
        names.sort();
        let mut found = Documents::default();
        for (series, instance) in names {
            let Ok(object) = self.object(&instance) else { continue };
            if !found.push(document(&object, series, instance)) {
                break;
            }
        }
        found
    }

    /// A structured report by its SOP Instance UID.
    ///
    /// # Errors
    /// [`FrameError`], also where the object is no report.
    pub fn report(&mut self, instance: &str) -> Result<StructuredReport, FrameError> {
        structured_report(&self.object(instance)?).ok_or(FrameError::OtherKind)
    }

    /// A saved presentation, and how the images of the exam are drawn with it.
    ///
    /// # Errors
    /// [`FrameError`], also where the object is no presentation, or its exam cannot be shown.
    pub fn presentation(
        &mut self,
        study: &str,
        instance: &str,
    ) -> Result<SavedPresentation, FrameError> {
        let state = presentation_state(&self.object(instance)?).ok_or(FrameError::OtherKind)?;
        let summary = self.summary(study).map_err(|_mixed| FrameError::Unknown)?;
        Ok(SavedPresentation::new(state, &summary))
    }

    /// The bytes of an encapsulated PDF.
    ///
    /// # Errors
    /// [`FrameError`], also where it is none, whatever the object says.
    pub fn pdf(&mut self, instance: &str) -> Result<Vec<u8>, FrameError> {
        let object = self.object(instance)?;
        if !is_pdf(&object) {
            return Err(FrameError::OtherKind);
        }
        let value = object.get(ENCAPSULATED_DOCUMENT).and_then(|one| one.value().primitive());
        // Longer values are passed over when an object is read.
        let mut bytes = value.ok_or(FrameError::TooLarge)?.to_bytes().into_owned();
        let start = pdf_start(&bytes).ok_or(FrameError::OtherKind)?;
        bytes.drain(..start);
        Ok(bytes)
    }

    /// Every attribute of an object in rows, as the server gives those of its own.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn attributes(&mut self, instance: &str) -> Result<Vec<AttributeRow>, FrameError> {
        let file = self.file(instance)?;
        let Ok(Value::Object(mut elements)) = dicom_json::to_value(&file.object) else {
            return Err(FrameError::OtherKind);
        };
        add_encoding(&mut elements, &file);
        Ok(attribute_rows(&elements))
    }

    fn object(&mut self, instance: &str) -> Result<InMemDicomObject, FrameError> {
        Ok(self.file(instance)?.object)
    }

    fn file(&mut self, instance: &str) -> Result<DicomFile, FrameError> {
        Ok(read_part10(self.reader_of(instance)?)?)
    }
}

/// How the object is written, which stands before its data set, and its pixel data, which is not read.
fn add_encoding(elements: &mut Map<String, Value>, file: &DicomFile) {
    let syntax = json!({ "vr": "UI", "Value": [file.transfer_syntax_uid] });
    elements.insert("00020010".to_owned(), syntax);
    let Some(pixels) = &file.pixel_data else { return };
    let (tag, vr) = pixels.tag_and_vr();
    elements.insert(format!("{tag:08X}"), json!({ "vr": vr, "BulkDataURI": "" }));
}
