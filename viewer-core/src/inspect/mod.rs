//! One DICOM file looked at by itself, for whoever wants to check this program: its stored samples, its
//! picture at 1:1, and what is known of it without saying whose it is.

mod dicom_image;
mod error;
mod facts;
mod picture;

pub use dicom_image::DicomImage;
pub use error::{InspectError, Verdict};
pub use facts::{Facts, ImageFacts, Named, TransferSyntaxFacts, facts};
pub use picture::{Picture, PictureVoi, draw};
