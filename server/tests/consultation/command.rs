//! `negatoscope manifest show`

use std::process::Command;

use crate::manifest::Manifest;
use crate::network::{KOS, kos, phantoms};

fn show(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_negatoscope"));
    let output = command.args(["manifest", "show"]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn manifests_are_shown_by_the_rules_of_a_consultation() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let exam = &phantoms().exam;
    let own = write("own.dcm", kos("https://db1.349.example.fr/dicom-web-rs"));
    let other = write("other.dcm", Manifest::new(&phantoms().other, KOS, "").write());
    let junk = write("junk.dcm", b"junk".to_vec());
    let (status, said, _) = show(&[&own]);
    assert_eq!(status, 0);
    let images: usize = exam.series.iter().map(|series| series.files.len()).sum();
    for words in [exam.birth_name.as_str(), &exam.study_instance_uid, &format!("{images} image(s)")]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.contains("https://db1.349.example.fr/dicom-web-rs/studies/"), "{said}");
    let (status, said, _) = show(&["--json", &own]);
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((status, told["exams"].as_array().unwrap().len()), (0, 1));
    let (status, _, said) = show(&[&own, &other]);
    assert_eq!((status, said.contains("another patient")), (1, true), "{said}");
    let (status, _, said) = show(&[&junk]);
    assert_eq!((status, said.contains("not a DICOM file")), (1, true), "{said}");
}
