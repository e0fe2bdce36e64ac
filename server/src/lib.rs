//! Négatoscope server: checks the link, opens the session, serves the exam and the viewer.
#![forbid(unsafe_code)]

pub mod access;
pub mod acme;
pub mod admin;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod connections;
pub mod dicomweb;
pub mod documents;
pub mod download;
mod entry;
pub mod error;
pub mod exam;
pub mod headers;
pub mod health;
pub mod housekeeping;
pub mod link;
mod linked_exams;
pub mod logs;
pub mod metrics;
pub mod reports;
pub mod router;
pub mod secret_file;
pub mod session;
pub mod sites;
pub mod source;
pub mod sources;
pub mod state;
pub mod store;
pub mod tls;
pub mod trust_list;
pub mod validation;
