//! What is said to people: values in their language, failures as sentences.

pub mod failure;
pub mod format;
