//! An exam larger than the memory for it: everything is shown, within that memory. Prints how long things take.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use axum::http::StatusCode;
use negatoscope_phantom::{Exam, Scale, SeriesKind, generate};

use crate::manifest::Manifest;
use crate::peer::Quirks;
use crate::stand::{KOS, SUMMARY, Stand, frame, instance_of};

/// Number of slices for the process that measures.
const CHILD: &str = "NEGATOSCOPE_DRIMBOX_MEMORY_CHILD";
const SLICES: usize = 120;
const BUDGET_MIB: u64 = 16;
/// Beside the budget: the stand-in, the browser, and what is on its way between them.
const OTHERS_MIB: u64 = 24;

/// The measurement needs a process of its own, so this test starts itself again.
#[test]
fn an_exam_larger_than_the_memory_is_shown_within_it() {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    if !Path::new("/proc/self/clear_refs").exists() {
        println!("skipped: no /proc to measure memory by");
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::child", "--nocapture"])
        .env(CHILD, SLICES.to_string())
        // The C library keeps freed memory for each thread apart, see docs/adr/0020: here our own use is looked at.
        .env("MALLOC_ARENA_MAX", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    println!("{text}");
    assert!(child.status.success(), "{text}\n{}", String::from_utf8_lossy(&child.stderr));
    let line = text.lines().find_map(|line| line.strip_prefix("growth KiB:")).unwrap();
    let growth: u64 = line.trim().parse().unwrap();
    assert!(growth < (BUDGET_MIB + OTHERS_MIB) * 1024, "{growth} KiB");
}

/// What the process above runs; nothing in an ordinary run.
#[test]
fn child() {
    if let Ok(slices) = std::env::var(CHILD) {
        let slices = slices.parse().unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(measure(slices));
    }
}

async fn measure(slices: usize) {
    let folder = tempfile::tempdir().unwrap();
    let scale = Scale { ct_slices: slices, ct_side_px: 512, ..Scale::tiny() };
    let exam = generate(folder.path(), scale).unwrap();
    let files = exam.series.iter().flat_map(|series| &series.files);
    let bytes: u64 = files.map(|file| file.metadata().unwrap().len()).sum();
    assert!(bytes > (3 * BUDGET_MIB) << 20, "the exam would fit: {bytes}");
    let receive =
        format!("receive = {{ memory_mib = {BUDGET_MIB}, max_object_mib = 4, streams = 2 }}");
    let stand = Stand::over(&[&exam], Quirks::default(), &receive).await;
    stand.import(&Manifest::new(&exam, KOS, &stand.peer.url)).await;
    let (mut visitor, _) = stand.enter(&exam).await;
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    let started = Instant::now();
    let first = instance_of(&exam, SeriesKind::Ct, 0);
    assert_eq!(frame(&mut visitor, &first, 1).await.0, 200);
    let first_frame = started.elapsed();
    assert_eq!(visitor.get(SUMMARY).await.status, StatusCode::OK);
    let summary = started.elapsed();
    check_all(&stand, &exam, &mut visitor).await;
    println!("\n{bytes} bytes; first frame after {first_frame:.0?}, summary after {summary:.0?}");
    println!("held at most {} bytes", stand.received.most_bytes_held());
    println!("growth KiB: {}", status("VmHWM:").saturating_sub(before));
}

/// Every frame is there, forwards and then backwards, as somebody scrolls.
async fn check_all(stand: &Stand, exam: &Exam, visitor: &mut crate::browser::Browser) {
    let slices = exam.series(SeriesKind::Ct).unwrap().files.len();
    for number in (0..slices).chain((0..slices).rev()) {
        let path = instance_of(exam, SeriesKind::Ct, number);
        assert_eq!(frame(visitor, &path, 1).await.0, 200, "{number}");
    }
    assert!(stand.received.most_bytes_held() <= BUDGET_MIB << 20);
    let uid = &exam.series(SeriesKind::Ct).unwrap().series_instance_uid;
    let asked = stand.peer.asked().into_iter().filter(|one| one.path.contains(uid));
    let (singles, whole): (Vec<_>, Vec<_>) =
        asked.partition(|one| one.path.contains("/instances/"));
    assert_eq!(whole.len(), 1, "the series itself came once");
    assert!(!singles.is_empty(), "what had to make room came again alone");
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
