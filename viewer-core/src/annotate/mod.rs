//! What a person draws on images: lengths, angles, regions and marks.
//!
//! An [`Annotation`] keeps its points in millimetres of the patient where the image has a plane there, else in
//! pixels of the image: nothing of how the image lay on the screen is in it. Values are worked out from the image
//! each time ([`values`]), each with where its scale comes from. [`Draft`] is one that is being drawn, [`Store`]
//! all that are there, with undo by gesture.
//!
//! Image points are those of [`crate::geometry`]: a pixel's centre is at half numbers.

mod annotation;
mod draft;
mod drawing;
mod image_facts;
mod kind;
mod region;
pub mod report;
mod saved;
mod statistics;
mod store;
mod values;

pub use annotation::{Annotation, Points};
pub use draft::Draft;
pub use drawing::{Drawing, Grip};
pub use image_facts::ImageFacts;
pub use kind::Kind;
pub use region::Region;
pub use saved::{SavedAnnotation, image_number};
pub use statistics::{HISTOGRAM_BINS, Samples, Statistics};
pub use store::{MOST_ANNOTATIONS, Store};
pub use values::{SampleUnit, Value, ValueKind, sample_rows, values};

#[cfg(test)]
mod tests;
