//! DICOM made byte by byte: reading, places of frames, attributes, metadata as JSON, exams.
#![cfg(feature = "dicom")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "dicom_cases/attributes.rs"]
mod attributes;
#[path = "dicom_cases/bytes.rs"]
mod bytes;
#[path = "dicom_cases/calibration.rs"]
mod calibration;
#[path = "dicom_cases/covers.rs"]
mod covers;
#[path = "dicom_cases/documents.rs"]
mod documents;
#[path = "dicom_cases/exams.rs"]
mod exams;
#[path = "dicom_cases/frame_order.rs"]
mod frame_order;
#[path = "dicom_cases/json.rs"]
mod json;
#[path = "dicom_cases/json_round_trip.rs"]
mod json_round_trip;
#[path = "dicom_cases/layout.rs"]
mod layout;
#[path = "dicom_cases/multi_frame.rs"]
mod multi_frame;
#[path = "dicom_cases/pet.rs"]
mod pet;
#[path = "dicom_cases/presentation_values.rs"]
mod presentation_values;
#[path = "dicom_cases/presentations.rs"]
mod presentations;
#[path = "dicom_cases/reading.rs"]
mod reading;
#[path = "dicom_cases/stacks.rs"]
mod stacks;
#[path = "dicom_cases/tables.rs"]
mod tables;
#[path = "dicom_cases/technique.rs"]
mod technique;
