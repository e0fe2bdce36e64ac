//! Sessions ended by command while the program serves; what is on the disk afterwards.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use negatoscope_phantom::{Exam, Scale, generate};
use reqwest::StatusCode;
use serde_json::Value;

use crate::program_serves::{HOST, Program, Visitor, write_config};

fn negatoscope(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_negatoscope")).args(arguments).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

/// A program, its configuration and an exam.
struct Stand {
    folder: tempfile::TempDir,
    config: String,
    exam: Exam,
    program: Program,
}

impl Stand {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let exam = generate(&folder.path().join("dicom"), Scale::tiny()).unwrap();
        let config = write_config(folder.path());
        let program = Program::start(&config);
        Self { folder, config, exam, program }
    }

    /// Somebody who came in with a code of their own.
    async fn visitor(&self) -> (Visitor, Value) {
        let number = self.exam.accession_number.as_str();
        let grant = ["grant", "--config", &self.config, "--site", HOST, "--json"];
        let granted = negatoscope(&[&grant[..], &["--accession", number]].concat());
        let granted: Value = serde_json::from_str(&granted).unwrap();
        let mut visitor = Visitor::new(&self.program.address);
        while visitor.get("/health/ready").await.text().await.unwrap().contains("indexed") {}
        let link = granted["link"].as_str().unwrap();
        let link = link.strip_prefix(&format!("https://{HOST}")).unwrap();
        assert_eq!(visitor.is_led_to(link, None).await, "/entree/1");
        let (year, rest) = self.exam.birth_date.split_at(4);
        let (month, day) = rest.split_at(2);
        let code = granted["code"].as_str().unwrap();
        let form = format!("code={code}&jour={day}&mois={month}&annee={year}");
        assert_eq!(visitor.is_led_to("/entree/1/code", Some(form)).await, "/examen/1");
        (visitor, granted)
    }

    fn sessions(&self, arguments: &[&str]) -> String {
        let (verb, more) = arguments.split_first().unwrap();
        negatoscope(&[&["sessions", verb, "--config", &self.config][..], more].concat())
    }
}

#[tokio::test]
async fn item_35_sessions_are_ended_by_command() {
    let stand = Stand::new();
    assert_eq!(stand.sessions(&["list"]), "");
    let (mut first, granted) = stand.visitor().await;
    let (mut second, _) = stand.visitor().await;
    let listed = stand.sessions(&["list", "--site", HOST]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let subject = granted["id"].as_str().unwrap();
    let theirs: Value =
        serde_json::from_str(&stand.sessions(&["list", "--subject", subject])).unwrap();
    assert_eq!((&theirs["site"], &theirs["exams"][0]["way"]), (&HOST.into(), &"code".into()));

    assert_eq!(stand.sessions(&["end", "--subject", subject]), "1 session(s) ended\n");
    assert_eq!(first.get("/api/session").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(second.get("/api/session").await.status(), StatusCode::OK);
    let nobody = Command::new(env!("CARGO_BIN_EXE_negatoscope"))
        .args(["sessions", "end", "--config", &stand.config])
        .output()
        .unwrap();
    let said = String::from_utf8(nobody.stderr).unwrap();
    assert!(!nobody.status.success() && said.contains("say whose"), "{said}");
    assert_eq!(stand.sessions(&["end", "--all"]), "1 session(s) ended\n");
    assert_eq!(second.get("/api/session").await.status(), StatusCode::UNAUTHORIZED);
    let (journal, _) = stand.program.stop(&stand.folder.path().join("state/audit"));
    assert_eq!(journal.matches("ended_by_administration").count(), 2, "{journal}");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    entries.flat_map(below).collect()
}

/// Of the images nothing but what describes them stays with the server.
#[tokio::test]
async fn item_68_no_image_is_kept() {
    let stand = Stand::new();
    let (mut visitor, _) = stand.visitor().await;
    let mut shown = Vec::new();
    for series in &stand.exam.series {
        let at = format!(
            "/dicomweb/studies/{}/series/{}/instances/{}/frames/1",
            stand.exam.study_instance_uid, series.series_instance_uid, series.sop_instance_uids[0]
        );
        let frame = visitor.get(&at).await.bytes().await.unwrap();
        visitor.get(&format!("{at}/rendered")).await.bytes().await.unwrap();
        // From the middle, where pictures are not empty.
        shown.push(frame[frame.len() / 2..].iter().take(48).copied().collect::<Vec<u8>>());
    }
    shown.retain(|bytes| bytes.iter().collect::<std::collections::BTreeSet<_>>().len() > 8);
    assert!(shown.len() >= 3, "pixels that can be told from other bytes");
    let state = stand.folder.path().join("state");
    drop(stand.program.stop(&state.join("audit")));
    let kept = files_below(&state);
    assert!(kept.len() >= 2, "{kept:?}");
    for file in kept {
        let bytes = std::fs::read(&file).unwrap();
        for pixels in &shown {
            let found = bytes.windows(pixels.len()).any(|window| window == pixels);
            assert!(!found, "{} holds pixels", file.display());
        }
    }
}
