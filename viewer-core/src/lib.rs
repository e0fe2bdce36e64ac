//! Imaging core of the viewer: no I/O, clock, threads, GPU or DOM.
//!
//! A module may use only the modules above it in this list (`cargo xtask arch` checks it):
//!
//! | module | what |
//! |---|---|
//! | [`base`] | units, limits, checked byte reader |
//! | [`exam`] | the compact description of an exam that the server sends and the viewer reads |
//! | [`geometry`] | typed spaces, affine maps, planes, orientation letters |
//! | [`pixel`] | frame shape, stored samples, colour conversion (by ICC profiles: feature `icc`) |
//! | [`dicom`] (feature `dicom`) | the only place that knows dicom-rs types |
//! | [`codec`] (feature `codecs`; in parts `codecs-base`, `codecs-common`, `codecs-rare`) | one family of transfer syntaxes per file behind one trait |
//! | [`display`] | modality, VOI and presentation steps; the CPU reference renderer |
//! | [`measure`] | lengths, areas, angles and uptake values, each with its unit and where its scale comes from |
//! | [`series`] | sort and split images into what a person calls a series |
//! | [`viewport`] | view state, presentation and their resolution to an affine map |
//! | [`annotate`] | what a person draws on images: where it lies in the patient, what it measures, its editing |
//! | [`inspect`] (features `codecs` and `dicom`) | one file by itself, for whoever checks this program |
//! | [`fetch`] | request queues and caches as pure state machines |
//! | [`command`], [`tool`], [`session`] | input → commands → state |
//! | [`compare`] | panes that move together, lines where slices cut, a point in all panes, hanging protocols |
#![forbid(unsafe_code)]

pub mod annotate;
pub mod base;
#[cfg(feature = "codecs-shared")]
pub mod codec;
pub mod command;
pub mod compare;
#[cfg(feature = "dicom")]
pub mod dicom;
pub mod display;
pub mod exam;
pub mod fetch;
pub mod geometry;
#[cfg(all(feature = "codecs", feature = "dicom"))]
pub mod inspect;
pub mod measure;
pub mod pixel;
pub mod series;
pub mod session;
pub mod tool;
pub mod viewport;
