//! Archive, PACS and DICOMweb over the real routes, on the phantom's exam.

mod archive_files;
mod setup;
