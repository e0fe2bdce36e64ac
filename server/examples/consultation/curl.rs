//! The same series by curl, thrown away.

use std::process::Command;
use std::time::Duration;

use negatoscope_phantom::Exam;

use crate::network::{KOS, Network};

/// One of what the server accepts.
const ACCEPT: &str = "Accept: multipart/related; type=\"application/dicom\";transfer-syntax=1.2.840.10008.1.2.4.80;q=0.8;boundary=**";

/// Time for all of it, and bytes that came.
pub(crate) fn fetch(
    network: &Network,
    (root, authorization): (&str, &str),
    exam: &Exam,
) -> (Duration, u64) {
    let series = &exam.series[0].series_instance_uid;
    let url = format!("{root}/studies/{}/series/{series}", exam.study_instance_uid);
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--output", "/dev/null"])
        // The tests' authority and its certificate bear one name, which OpenSSL takes for a certificate that signed itself.
        .args(["--insecure", "--cert"])
        .arg(&network.own.certificate)
        .arg("--key")
        .arg(&network.own.key)
        .args(["--header", ACCEPT, "--header", &format!("KOS-SOPInstanceUID: {KOS}")])
        .args(["--header", &format!("Authorization: {authorization}")])
        .args([
            "--write-out",
            "%{time_total} %{size_download} %{time_appconnect} %{time_starttransfer}",
            &url,
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let parts: Vec<&str> = text.split(' ').collect();
    let [seconds, bytes, secured, first] = parts[..] else { panic!("{text}") };
    eprintln!("curl: secured after {secured} s, first byte after {first} s");
    (Duration::from_secs_f64(seconds.parse().unwrap()), bytes.parse().unwrap())
}
