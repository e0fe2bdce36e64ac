//! Exams of other centres: manifests, which say what exams hold and where.
//!
//! | file | what |
//! |---|---|
//! | `manifest`, `series_text` | a manifest as it is written, read strictly about whom and what |
//! | `patient` | whether two documents, or a document and an image, are about one person |
//! | `timeline` | several manifests of one patient |

pub mod manifest;
pub mod patient;
mod series_text;
pub mod timeline;
