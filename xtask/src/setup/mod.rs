//! Getting what the other commands need: idempotent, and quick when everything is there.

pub(crate) mod apt;
pub(crate) mod cargo_deny;
pub(crate) mod identity_peer;
pub(crate) mod npm;
pub(crate) mod python;
pub(crate) mod real_dicom;
pub(crate) mod system;
pub(crate) mod wasm;
