//! Inputs to begin with, one folder a target: those of `fuzz/seeds`, and what the generated vectors and the
//! phantom give.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use negatoscope_phantom::Scale;

use crate::process;
use crate::stand::phantom;
use crate::workspace::Workspace;

/// Where the vectors of the decoders are.
const VECTOR_FOLDERS: [&str; 2] =
    ["viewer-core/tests/codec_vectors", "viewer-core/tests/codec_vectors/jpeg2000"];
/// Which target they are for, by their extension.
const VECTORS: [(&str, &str); 5] = [
    ("jls", "jpeg_ls"),
    ("j2k", "jpeg2000"),
    ("jp2", "jpeg2000"),
    ("j2c", "htj2k"),
    ("jxl", "jpeg_xl"),
];
/// Colour profiles, for their own target.
const PROFILES: &str = "viewer-core/tests/icc_vectors";
/// The videos of the phantom, each behind the byte that tells the target its coding.
const VIDEOS: [(&str, u8); 5] =
    [("avc.mp4", 1), ("avc.ts", 1), ("avc-full-601.h264", 1), ("hevc.mp4", 0), ("hevc.h265", 0)];

/// Writes them and returns the folder.
pub(super) fn write(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("fuzz/seeds");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    process::step("write the seeds", || {
        for target in entries(&workspace.root.join("fuzz/seeds"))? {
            for seed in entries(&target)? {
                let place = folder.join(name(&target)?);
                add(&place, &name(&seed)?, &fs::read(&seed)?)?;
            }
        }
        for vectors in VECTOR_FOLDERS {
            add_vectors(&workspace.root.join(vectors), &folder)?;
        }
        for profile in entries(&workspace.root.join(PROFILES))? {
            if profile.extension().is_some_and(|extension| extension == "icc") {
                add(&folder.join("icc"), &name(&profile)?, &fs::read(&profile)?)?;
            }
        }
        for (name, coding) in VIDEOS {
            let stream = fs::read(workspace.root.join("xtask/phantom/streams").join(name))?;
            add(&folder.join("video"), name, &[&[coding], stream.as_slice()].concat())?;
        }
        add_phantom(&folder)
    })?;
    Ok(folder)
}

fn add_vectors(vectors: &Path, folder: &Path) -> Result<()> {
    for file in entries(vectors)? {
        let extension = file.extension().unwrap_or_default().to_string_lossy().into_owned();
        let family = VECTORS.iter().find(|(known, _)| *known == extension);
        if let Some((_, target)) = family {
            add(&folder.join(target), &name(&file)?, &fs::read(&file)?)?;
        }
    }
    Ok(())
}

/// Whole files, and the codestreams in them.
fn add_phantom(folder: &Path) -> Result<()> {
    let exam = phantom::generate_small(&folder.join("phantom"))?;
    for series in &exam.series {
        let file = series.files.first().context("a series has files")?;
        let bytes = fs::read(file)?;
        add(&folder.join("dicom_file"), &format!("{}.dcm", series.kind), &bytes)?;
        if series.kind == "Us" {
            let frames = jpeg_frames(&bytes);
            for (index, frame) in frames.iter().enumerate().take(2) {
                add(&folder.join("jpeg"), &format!("{index}.jpg"), frame)?;
            }
        }
    }
    let documents =
        negatoscope_phantom::generate_documents(&folder.join("phantom"), Scale::tiny())?;
    for series in documents.series.iter().filter(|series| series.frames == 0) {
        let file = series.files.first().context("a series has files")?;
        add(&folder.join("documents"), &format!("{:?}.dcm", series.kind), &fs::read(file)?)?;
    }
    let small = [4, 3, 0, 0b0100_1000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    for target in ["native", "rle", "frame"] {
        add(&folder.join(target), "small", &small)?;
    }
    let mut rle = vec![2, 3, 0, 0b0100_1000, 1, 0, 0, 0, 64];
    rle.resize(4 + 64, 0);
    rle.extend([0xFE, 7, 2, 8, 9, 10]);
    add(&folder.join("rle"), "one_segment", &rle)?;
    Ok(fs::remove_dir_all(folder.join("phantom"))?)
}

/// From each start of an image to before the next one.
fn jpeg_frames(bytes: &[u8]) -> Vec<&[u8]> {
    let is_start = |at: &usize| bytes[*at..].starts_with(&[0xFF, 0xD8, 0xFF]);
    let starts: Vec<usize> = (0..bytes.len()).filter(is_start).collect();
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts.iter().zip(ends).map(|(&from, to)| &bytes[from..to]).collect()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    listed.map(|entry| Ok(entry?.path())).collect()
}

fn name(path: &Path) -> Result<String> {
    let name = path.file_name().context("an entry of a folder has a name")?;
    Ok(name.to_string_lossy().into_owned())
}

fn add(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(folder)?;
    Ok(fs::write(folder.join(name), bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_begin_at_each_start_of_image() {
        let bytes = [0, 0xFF, 0xD8, 0xFF, 1, 0xFF, 0xD8, 0xFF, 2, 3];
        let expected: [&[u8]; 2] = [&[0xFF, 0xD8, 0xFF, 1], &[0xFF, 0xD8, 0xFF, 2, 3]];
        assert_eq!(jpeg_frames(&bytes), expected);
    }
}
