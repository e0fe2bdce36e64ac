//! What is measured, and the table of it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use negatoscope_phantom::Exam;
use reqwest::StatusCode;
use serde_json::json;

use crate::centre::Centre;
use crate::house::House;
use crate::identity_peer::Peer as Provider;
use crate::manifest::Manifest;
use crate::network::{KOS, Network, port};
use crate::server::Server;
use crate::visitor::Visitor;
use crate::{curl, exam};

/// One round.
#[derive(Clone, Copy, Debug)]
struct Measured {
    curl: Duration,
    /// From the first request for an image until all of the exam is here and described.
    ours: Duration,
    /// From the request for it until the last byte of the first frame.
    first: Duration,
    /// The same of the exam in a folder.
    first_local: Duration,
    /// The most memory of the server, at the end and before the first image was asked for.
    memory: [u64; 2],
}

/// What stands around the servers.
struct Stand<'a> {
    program: &'a Path,
    exam: &'a Exam,
    folder: &'a Path,
    network: Arc<Network>,
    source: Centre,
    provider: Provider,
    /// The image with the lowest Instance Number: boxes send it first, and lists begin with it.
    first: usize,
    /// Gets tokens for curl.
    house: House,
}

pub(crate) async fn measure(program: &Path, slices: usize, rounds: usize) {
    let folder = tempfile::tempdir().unwrap();
    eprintln!("writes {slices} slices");
    let exam = exam::make(&folder.path().join("exam"), slices);
    let bytes = exam::bytes(&exam);
    let network = Arc::new(Network::of_two());
    let provider = Provider::start(&json!({}), None).unwrap();
    let identity = provider.identity("", "");
    let of_exam = (folder.path(), exam.study_instance_uid.as_str());
    let source = Centre::start(program, &network, &identity, of_exam);
    let manifest = folder.path().join("manifest.dcm");
    std::fs::write(&manifest, Manifest::new(&exam, KOS, &source.url).write()).unwrap();
    source.publish(&manifest);
    let house = House::new(Arc::clone(&network), &[port(&source.url)], &identity, "").await;
    house.radiologist(&provider).await;
    let folder = folder.path();
    let first = exam::first(&exam);
    let stand = Stand { program, exam: &exam, folder, network, source, provider, first, house };
    let mut measured = Vec::new();
    for round in 1..=rounds {
        let one = stand.round(bytes).await;
        eprintln!("round {round}: {one:?}");
        measured.push(one);
    }
    print(&measured, slices, bytes);
}

impl Stand<'_> {
    async fn round(&self, bytes: u64) -> Measured {
        let asked = (self.source.url.as_str(), self.house.authorization().await);
        let (curl, came) = curl::fetch(&self.network, (asked.0, &asked.1), self.exam);
        assert!(came > bytes, "curl got {came} of {bytes} bytes");
        let (first, ours, memory) = self.consulted().await;
        eprintln!("first {first:?}, all {ours:?}, memory {memory:?}, curl {curl:?}");
        let first_local = self.local().await;
        Measured { curl, ours, first, first_local, memory }
    }

    fn frame(&self, number: usize) -> String {
        let series = &self.exam.series[0];
        format!(
            "/dicomweb/studies/{}/series/{}/instances/{}/frames/1",
            self.exam.study_instance_uid,
            series.series_instance_uid,
            series.sop_instance_uids[number]
        )
    }

    /// Until the first frame, until everything, and the most memory at the end and before.
    async fn consulted(&self) -> (Duration, Duration, [u64; 2]) {
        let publisher = &self.network.publisher;
        let after = format!(
            "{}\n[site.consultation]\n{}",
            self.provider.identity("", ""),
            self.network.table(&[port(&self.source.url)], "")
        );
        let before = publisher.table("localhost", true);
        let nothing = self.folder.join("nothing");
        std::fs::create_dir_all(&nothing).unwrap();
        let server =
            Server::start(self.program, publisher.folder.path(), &nothing, [&before, &after]);
        server.has_list().await;
        let mut visitor = Visitor::new(&server);
        self.log_in(&mut visitor).await;
        let manifest = Manifest::new(self.exam, KOS, &self.source.url).write();
        let brought =
            visitor.post("/consultation/1/manifestes", "application/dicom", manifest).await;
        assert_eq!(brought.status, StatusCode::OK);
        let idle = server.peak_memory();
        let began = Instant::now();
        let first = self.time_of_frame(&mut visitor, self.first).await;
        let summary = visitor.get("/api/examen/1").await;
        let all = began.elapsed();
        assert_eq!(summary.status, StatusCode::OK);
        let told = visitor.get("/api/consultation/1").await;
        let told: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
        let progress = &told["exams"][0]["progress"][0];
        assert_eq!(progress["state"], "whole", "{told}");
        assert_eq!(progress["bytes"], exam::bytes(self.exam), "each byte once");
        let count = self.exam.series[0].files.len();
        for number in [0, count / 2, count - 1] {
            self.time_of_frame(&mut visitor, number).await;
        }
        (first, all, [server.peak_memory(), idle])
    }

    async fn log_in(&self, visitor: &mut Visitor) {
        let form = "application/x-www-form-urlencoded";
        let begun = visitor.post("/consultation", form, Vec::new()).await;
        assert_eq!(begun.location, "/entree/1", "{}", begun.status);
        let departure = visitor.get("/connexion/psc/1").await.location;
        let back = self.provider.log_in(&departure, "radiologist").await;
        assert_eq!(visitor.get(&back).await.location, "/consultation/1");
    }

    /// Asks for a frame; how long that took.
    async fn time_of_frame(&self, visitor: &mut Visitor, number: usize) -> Duration {
        let began = Instant::now();
        let answer = visitor.get(&self.frame(number)).await;
        let time = began.elapsed();
        assert_eq!(answer.status, StatusCode::OK, "{}", self.frame(number));
        // What is inside the one part of the answer is inside the file.
        let file = std::fs::read(&self.exam.series[0].files[number]).unwrap();
        let half = answer.body.len() / 2;
        let middle = memchr::memmem::Finder::new(&answer.body[half..half + 1000]);
        assert!(middle.find(&file).is_some(), "another picture");
        time
    }

    /// Whether a summary names every image.
    fn is_all_in(&self, summary: &[u8]) -> bool {
        let mut uids = self.exam.series[0].sop_instance_uids.iter();
        uids.all(|uid| memchr::memmem::find(summary, uid.as_bytes()).is_some())
    }

    async fn local(&self) -> Duration {
        let exams = self.folder.join("exam");
        let own = tempfile::tempdir().unwrap();
        let server = Server::start(self.program, own.path(), &exams, ["", ""]);
        let granted = server.grant(&self.exam.study_instance_uid);
        let mut visitor = Visitor::new(&server);
        let link = granted["link"].as_str().unwrap().split_once(".fr").unwrap().1.to_owned();
        assert_eq!(visitor.get(&link).await.location, "/entree/1");
        let (year, rest) = self.exam.birth_date.split_at(4);
        let (month, day) = rest.split_at(2);
        let code = granted["code"].as_str().unwrap().replace(' ', "+");
        let form = format!("code={code}&jour={day}&mois={month}&annee={year}");
        let kind = "application/x-www-form-urlencoded";
        let entered = visitor.post("/entree/1/code", kind, form.into_bytes()).await;
        assert_eq!(entered.location, "/examen/1", "{}", entered.status);
        // It may be indexing still.
        while !self.is_all_in(&visitor.get("/api/examen/1").await.body) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.time_of_frame(&mut visitor, self.first).await
    }
}

fn median(measured: &[Measured], of: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = measured.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn print(measured: &[Measured], slices: usize, bytes: u64) {
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{slices} slices, JPEG-LS, {megabytes:.0} MB, one series, over mutual TLS on loopback; medians of {}\n",
        measured.len()
    );
    let [curl, ours] = [
        median(measured, |it| it.curl.as_secs_f64()),
        median(measured, |it| it.ours.as_secs_f64()),
    ];
    let [first, local] = [
        median(measured, |it| it.first.as_secs_f64() * 1e3),
        median(measured, |it| it.first_local.as_secs_f64() * 1e3),
    ];
    println!("| what | curl or local | consulted | ratio |\n|---|--:|--:|--:|");
    println!(
        "| throughput (MB/s) | {:.0} | {:.0} | {:.2} |",
        megabytes / curl,
        megabytes / ours,
        curl / ours
    );
    println!("| first frame (ms) | {local:.1} | {first:.1} | {:.2} |", first / local);
    let [peak, idle] = [0, 1].map(|at| median(measured, |it| it.memory[at] as f64 / 1e6));
    println!(
        "| peak memory of the server (MB); before the first image | {idle:.0} | {peak:.0} | |"
    );
}
