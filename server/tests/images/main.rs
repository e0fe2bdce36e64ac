//! Archive, PACS and DICOMweb over the real routes, on the phantom's exam.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod archive_bucket;
mod archive_files;
mod archive_listing;
mod archive_zip;
mod dicomweb_frames;
mod dicomweb_memory;
mod dicomweb_pictures;
mod dicomweb_refusals;
mod dicomweb_retrieve;
mod dicomweb_search;
mod dicomweb_video;
mod dimse_commands;
mod dimse_faults;
mod dimse_orthanc;
mod documents;
mod exam_summary;
mod fake_pacs;
mod fake_scp;
mod local_media;
mod orthanc;
mod orthanc_exam;
mod pacs_opening;
mod pacs_quirks;
mod phantoms;
mod python_client;
mod rejected;
mod setup;
mod shared_data;
