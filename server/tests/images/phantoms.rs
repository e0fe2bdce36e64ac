//! The phantom's exam and somebody else's, written once for all tests of a program.

use std::path::Path;
use std::sync::OnceLock;

use negatoscope_phantom::{Exam, Scale, generate, generate_other};
use tempfile::TempDir;

pub(crate) struct Phantoms {
    folder: TempDir,
    pub(crate) exam: Exam,
    pub(crate) other: Exam,
}

impl Phantoms {
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

pub(crate) fn phantoms() -> &'static Phantoms {
    static PHANTOMS: OnceLock<Phantoms> = OnceLock::new();
    PHANTOMS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let exam = generate(&folder.path().join("exam"), Scale::tiny()).unwrap();
        let other = generate_other(&folder.path().join("other"), Scale::tiny()).unwrap();
        Phantoms { folder, exam, other }
    })
}
