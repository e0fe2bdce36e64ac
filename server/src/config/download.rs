//! Who may take an exam away as DICOM files.

use serde::{Deserialize, Serialize};

use crate::reports::VisitorKind;

/// `[site.download]`. Patients have a right to a copy of their images (article L. 1111-7 of the French public health code), and
/// a professional may need them in their own tools: both may, unless the site says otherwise.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DownloadConfig {
    /// Patients, and who acts for them.
    pub patients: bool,
    /// Health professionals.
    pub professionals: bool,
    /// Whether copies without identity are offered.
    pub anonymised: bool,
    /// Copies of this site's exams that are sent at the same time.
    pub at_once: u32,
}

impl Default for DownloadConfig {
    fn default() -> Self {
        Self { patients: true, professionals: true, anonymised: true, at_once: 4 }
    }
}

impl DownloadConfig {
    /// Whether somebody who was let in as `visitor` may.
    #[must_use]
    pub const fn allows(&self, visitor: VisitorKind) -> bool {
        match visitor {
            VisitorKind::Patient | VisitorKind::Representative => self.patients,
            VisitorKind::Professional => self.professionals,
        }
    }
}
