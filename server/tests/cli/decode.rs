//! `negatoscope decode`

use dicom_dictionary_std::{tags, uids};
use sha2::{Digest, Sha256};

use crate::files::{NATIVE, bits, colour, cut, encapsulated, grey, number, report, samples, write};
use crate::{refusal, said};

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn digests_are_those_of_the_stored_samples() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "grey.dcm", grey(3), NATIVE);
    let frames = [samples(0), samples(1), samples(2)];
    assert_eq!(said(&["decode", &file, "--sha256"]), format!("{}\n", hex(&frames.concat())));
    let second = said(&["decode", &file, "--sha256", "--frame", "2"]);
    assert_eq!(second, format!("{}\n", hex(&frames[1])));
    let each: String =
        (1..).zip(&frames).map(|(n, frame)| format!("{}  {n}\n", hex(frame))).collect();
    assert_eq!(said(&["decode", &file, "--sha256", "--per-frame"]), each);
}

#[test]
fn samples_are_written_by_pixel_and_a_bit_takes_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("samples");
    let written = |file: &str| {
        said(&["decode", file, "-o", out.to_str().unwrap()]);
        std::fs::read(&out).unwrap()
    };
    assert_eq!(written(&write(folder.path(), "c.dcm", colour(), NATIVE)), [1, 3, 5, 2, 4, 6]);
    assert_eq!(written(&write(folder.path(), "b.dcm", bits(), NATIVE)), [1, 0, 1, 1, 0, 1]);
    let grey = write(folder.path(), "g.dcm", grey(1), NATIVE);
    assert_eq!(written(&grey), samples(0));
    assert_eq!(crate::negatoscope(&["decode", &grey, "-o", "-"]).stdout, samples(0));
}

#[test]
fn unsupported_malformed_and_wrong_questions_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let good = write(folder, "good.dcm", grey(2), NATIVE);
    let video = encapsulated(vec![vec![0, 0, 1, 0xB3]]);
    let video = write(folder, "video.dcm", video, uids::MPEG2MPML);
    let report = write(folder, "report.dcm", report(), NATIVE);
    let broken = encapsulated(vec![vec![1, 0, 0, 0, 64, 0, 0, 0]]);
    let broken = write(folder, "broken.dcm", broken, uids::RLE_LOSSLESS);
    let mut lying = grey(1);
    number(&mut lying, tags::COLUMNS, 1);
    let lying = write(folder, "lying.dcm", lying, NATIVE);
    let text = folder.join("text.dcm");
    std::fs::write(&text, "no DICOM at all").unwrap();
    for (file, status, words) in [
        (video.as_str(), 3, "unsupported: frame 1: unsupported transfer syntax: MPEG2"),
        (report.as_str(), 3, "unsupported: no image: Basic Text SR Storage"),
        (broken.as_str(), 4, "malformed: frame 1: RLE: data ends too early"),
        (lying.as_str(), 4, "malformed: the pixel data holds more than the frames announced"),
        (cut(&good, 16).as_str(), 4, "malformed: frame 1: native: data ends too early"),
        (cut(&good, 12).as_str(), 4, "malformed: 1 of 2 frames are there"),
        (cut(&good, 2).as_str(), 4, "malformed: frame 2: "),
        (text.to_str().unwrap(), 4, "malformed: not a DICOM file"),
        ("/nowhere/x.dcm", 1, "cannot open /nowhere/x.dcm"),
    ] {
        let (found, message) = refusal(&["decode", file, "--sha256"]);
        assert_eq!(found, status, "{file}: {message}");
        assert!(message.contains(words), "{file}: {message}");
    }
    let (status, message) = refusal(&["decode", &good, "--sha256", "--frame", "3"]);
    assert_eq!((status, message.contains("no frame 3: the image has 2")), (2, true), "{message}");
    assert_eq!(refusal(&["decode", &good, "--sha256", "--frame", "0"]).0, 2);
    assert_eq!(refusal(&["decode", &good]).0, 2);
}

#[test]
fn half_a_picture_is_not_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good.dcm", grey(2), NATIVE);
    let out = folder.path().join("samples");
    let arguments = ["decode", &cut(&good, 2), "--output", out.to_str().unwrap()];
    assert_eq!(refusal(&arguments).0, 4);
    assert!(!out.exists());
}

#[test]
fn what_it_took_is_told_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "grey.dcm", grey(1), NATIVE);
    let output = crate::negatoscope(&["decode", &file, "--sha256", "--measure"]);
    let told = crate::text(&output.stderr);
    assert!(told.starts_with("measured: 0.") && told.lines().count() == 1, "{told}");
}
