//! Négatoscope server: checks the link, opens the session, serves the exam and the viewer.
#![forbid(unsafe_code)]

pub mod access;
pub mod config;
pub mod link;
pub mod source;
