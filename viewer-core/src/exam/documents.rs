//! What an exam holds beside its images: the list of documents, key images and reports, as the page reads them.

use serde::{Deserialize, Serialize};

use crate::base::limits::MAX_DOCUMENTS;

/// An image, or some of its frames, that a document names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageReference {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Frames from 1; empty for all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<u32>,
}

impl ImageReference {
    /// Whether it names `frame` (from 0) of an image.
    #[must_use]
    pub fn covers(&self, sop_instance_uid: &str, frame: u32) -> bool {
        let is_named = self.frames.is_empty() || self.frames.contains(&(frame.saturating_add(1)));
        self.sop_instance_uid == sop_instance_uid && is_named
    }
}

/// Images that somebody picked out (Key Object Selection, PS3.3 A.35.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyImages {
    /// Code of the title in the scheme of DICOM (CID 7010), else empty.
    pub title_code: String,
    /// The title in the words of the file.
    pub title: String,
    /// What its author wrote about it.
    pub description: String,
    /// The images, in the order of the document.
    pub images: Vec<ImageReference>,
}

/// What a content item of a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A heading with what stands under it.
    Container,
    /// Text.
    Text,
    /// A code, by its meaning.
    Code,
    /// A number with its unit.
    Number,
    /// Date, time or both, as DICOM writes them.
    Date,
    /// A person.
    Person,
    /// A unique identifier.
    Identifier,
    /// An image.
    Image,
    /// Another object.
    Object,
    /// A place on an image, in the patient or in time; its coordinates are no reading matter.
    Place,
    /// Nothing that is known here.
    Other,
}

/// One content item of a structured report (PS3.3 C.17.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentItem {
    /// How deep it stands; the root's own items have 0.
    pub depth: u32,
    /// What it is.
    pub kind: ItemKind,
    /// What it is about, in the words of the file; may be empty.
    pub name: String,
    /// Its value; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Unit of a number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// The image it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageReference>,
}

/// A structured report as a document to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructuredReport {
    /// Its title in the words of the file.
    pub title: String,
    /// Content Date `YYYYMMDD`.
    pub date: Option<String>,
    /// Content Time `HHMMSS[.F]`.
    pub time: Option<String>,
    /// Whether it says that it is complete (Completion Flag); `None` where it says nothing.
    pub is_complete: Option<bool>,
    /// Whether somebody vouches for it (Verification Flag).
    pub is_verified: bool,
    /// Who does.
    pub verified_by: Vec<String>,
    /// Every item before what stands under it.
    pub items: Vec<ContentItem>,
    /// Whether there is more than is read.
    pub is_cut: bool,
}

/// How a document can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A selection of images.
    KeyImages,
    /// A structured report.
    Report,
    /// An encapsulated PDF.
    Pdf,
    /// A softcopy presentation state.
    Presentation,
    /// By its name only.
    Other,
}

/// An object without pictures, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// How it can be looked at.
    pub kind: DocumentKind,
    /// Series Instance UID.
    pub series: String,
    /// SOP Instance UID.
    pub instance: String,
    /// Name of its SOP class.
    pub class: String,
    /// What it calls itself; may be empty.
    pub title: String,
    /// Description of its series; may be empty.
    pub description: String,
    /// Content Date as DICOM writes it; may be empty.
    pub date: String,
    /// Content Time as DICOM writes it; may be empty.
    pub time: String,
    /// The images that it picks out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_images: Option<KeyImages>,
    /// The images that a presentation is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<ImageReference>>,
}

/// The documents of an exam.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documents {
    /// All, or the first of them.
    pub documents: Vec<Document>,
    /// Whether there are more than are listed.
    pub is_cut: bool,
}

impl Documents {
    /// Takes one more; `false` where there is no room for it.
    pub fn push(&mut self, document: Document) -> bool {
        self.is_cut = self.documents.len() >= MAX_DOCUMENTS;
        if !self.is_cut {
            self.documents.push(document);
        }
        !self.is_cut
    }
}
