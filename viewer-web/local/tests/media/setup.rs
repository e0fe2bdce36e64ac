//! Phantom exams, archives of them, and media that were read.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;

use negatoscope_local::bytes::Bytes;
use negatoscope_local::frames::{Content, Frame};
use negatoscope_local::medium::Medium;
use negatoscope_phantom::{Exam, Scale, generate, generate_documents, generate_other};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(crate) struct Phantoms {
    _folder: TempDir,
    pub(crate) exam: Exam,
    pub(crate) other: Exam,
    pub(crate) documents: Exam,
}

pub(crate) fn phantoms() -> &'static Phantoms {
    static PHANTOMS: OnceLock<Phantoms> = OnceLock::new();
    PHANTOMS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| folder.path().join(name);
        let exam = generate(&of("exam"), Scale::tiny()).unwrap();
        let other = generate_other(&of("other"), Scale::tiny()).unwrap();
        let documents = generate_documents(&of("documents"), Scale::tiny()).unwrap();
        Phantoms { exam, other, documents, _folder: folder }
    })
}

pub(crate) fn files_of(exam: &Exam) -> Vec<PathBuf> {
    exam.series.iter().flat_map(|series| series.files.clone()).collect()
}

pub(crate) fn contents(files: &[PathBuf]) -> Vec<Vec<u8>> {
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// A medium of these files, read to its end.
pub(crate) fn read(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Medium {
    let mut medium = Medium::default();
    for (name, content) in files {
        medium.add(&name, Rc::new(content));
    }
    while medium.step() {}
    medium
}

pub(crate) fn read_files(files: &[PathBuf]) -> Medium {
    let name = |file: &Path| file.file_name().unwrap().to_string_lossy().into_owned();
    read(files.iter().map(|file| (name(file), fs::read(file).unwrap())))
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Packing {
    Stored,
    Deflated,
    Zip64,
}

pub(crate) fn archive(packing: Packing, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let method = match packing {
        Packing::Deflated => CompressionMethod::Deflated,
        Packing::Stored | Packing::Zip64 => CompressionMethod::Stored,
    };
    let is_large = matches!(packing, Packing::Zip64);
    let options = SimpleFileOptions::default().compression_method(method).large_file(is_large);
    for (name, content) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The bytes of a frame, taken out of the files as the browser does it.
pub(crate) fn taken(frame: &Frame, files: &[&dyn Bytes]) -> Vec<u8> {
    match &frame.content {
        Content::Here(bytes) => bytes.clone(),
        Content::InFile { file, ranges } => ranges
            .iter()
            .flat_map(|part| files[*file].read_at(part.offset, part.length as usize).unwrap())
            .collect(),
    }
}
