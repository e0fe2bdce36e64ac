//! Frames and image attributes of DICOM files, and the manifest of reference samples.

mod dicom_file;
mod manifest;

pub use dicom_file::DicomImage;
pub use manifest::{Reference, read_manifest};
