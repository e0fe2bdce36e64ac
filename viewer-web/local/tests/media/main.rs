//! Folders and archives as a reader opens them: exams, frames, and what is damaged or hostile.
#![expect(clippy::unwrap_used, reason = "a test stops where its input is not as made")]

mod archives;
mod documents;
mod folders;
mod hostile;
mod setup;
