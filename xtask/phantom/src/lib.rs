//! A phantom patient and exam as DICOM files: deterministic, made of formulas, no real person.
//!
//! [`generate`] writes an exam that looks like one: a CT of head and chest, a second CT with a sharp
//! kernel, an MR of the head, a radiograph, a colour ultrasound loop and an enhanced MR. It is the demo's archive and the
//! input of tests: every frame carries its number, drawn for people and as cells for programs
//! ([`burnt_index`]), so that a frame under a wrong label is noticed.
//!
//! | series | transfer syntax | what it is good for |
//! |---|---|---|
//! | CT, head and chest | explicit LE | signed 16 bit, rescale, padding, two windows, shuffled names |
//! | CT, sharp kernel | explicit LE | 12 of 16 bit, unsigned, other spacing |
//! | MR, sagittal | RLE lossless | negative values, three windows, ISO 8859-1 text |
//! | CR | implicit LE | MONOCHROME1, 12 of 16 bit, spacing at the detector |
//! | US | JPEG baseline | colour loop, YBR_FULL_422, regions, frame time |
//! | MR, enhanced | explicit LE | frames in no order, windows per frame, overlays, shutter |
//!
//! File names and instance numbers are shuffled, so that only geometry orders a series; instance number
//! 1 lies before the last one, so that they still tell the direction.
//!
//! Lengths are in mm, positions in the DICOM patient system (LPS): x to the left, y to the back, z to
//! the head.
#![forbid(unsafe_code)]

mod anatomy;
mod barcode;
mod canvas;
mod cr;
mod ct;
mod damage;
mod dataset;
mod documents;
mod error;
mod exam;
mod mr;
mod multi_frame;
mod noise;
mod pdf;
mod presentations;
mod rle;
mod scale;
mod uid;
mod us;
mod video;

pub use barcode::burnt_index;
pub use damage::{corrupt_copy, truncated_copy};
pub use error::PhantomError;
pub use exam::{
    Exam, SeriesFiles, SeriesKind, generate, generate_before, generate_documents, generate_other,
    generate_pair, generate_videos,
};
pub use scale::Scale;
