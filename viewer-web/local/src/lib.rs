//! The local media module: runs in one dedicated worker, fetched when somebody opens files of their own.
//!
//! `local-worker.js` owns messages and reads parts of files (`Blob.slice`); this module knows what is in them. Exams are made by the same
//! code as on the server (`viewer_core::dicom::index`, `viewer_core::series::assemble`). Nothing is written anywhere and nothing is sent.
//!
//! | file | what |
//! |---|---|
//! | [`bytes`] | files, read a part at a time |
//! | [`zip`], [`inflate`] | archives: their directory, their entries |
//! | [`medium`] | everything that was opened: exams, counts, what could not be read |
//! | [`frames`] | the bytes of frames, overlays and videos |
//! | [`reason`] | why a file is in none of the exams |
//! | [`documents`] | reports, key images, presentations, PDF; attributes of every object |
#![forbid(unsafe_code)]

pub mod bytes;
pub mod documents;
pub mod frames;
pub mod inflate;
pub mod medium;
pub mod reason;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
pub mod zip;
