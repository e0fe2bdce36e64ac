//! Another centre for the browser tests: a second server of ours, whose box has the phantom's exam and an earlier one, the network's signed
//! list that names it, their manifests, and an empty Orthanc to import into.
//!
//! Prints `READY` and, as JSON, what a server's configuration needs and where everything is; ends when its input does.
#![expect(clippy::unwrap_used, reason = "only tests start it")]

mod centre;
#[path = "../../tests/drimbox/certificates.rs"]
mod certificates;
#[path = "../consultation/exam.rs"]
#[expect(dead_code, reason = "the measurement of servers uses the rest")]
mod exam;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/trust_list/forge.rs"]
mod forge;
#[path = "../../tests/drimbox/manifest.rs"]
mod manifest;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/consultation/network.rs"]
mod network;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/images/orthanc.rs"]
mod orthanc;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/drimbox/peer.rs"]
mod peer;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/images/phantoms.rs"]
mod phantoms;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/trust_list/pki.rs"]
mod pki;
#[expect(dead_code, reason = "tests use the rest")]
#[path = "../../tests/trust_list/publisher.rs"]
mod publisher;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Parser;
use negatoscope_phantom::{Scale, generate, generate_before};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::centre::Centre;
use crate::manifest::Manifest;
use crate::network::{KOS, Network, form, port};
use crate::orthanc::{Orthanc, TITLE};

/// UID of the manifest of the earlier exam.
const KOS_BEFORE: &str = "1.2.250.1.97.2";
const SECRET: &str = "a-secret-of-calls-that-nobody-can-guess";

/// What it is made of.
#[derive(Parser)]
struct Arguments {
    /// The `negatoscope` program.
    #[arg(long)]
    server: PathBuf,
    /// `[site.identity]` as JSON: who is asked what a professional's token is worth.
    #[arg(long)]
    identity: String,
    /// Instead of the phantom's exam one CT of so many slices, JPEG-LS, and no PACS: for measurements.
    #[arg(long)]
    slices: Option<usize>,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    // What is signed has to be good today.
    pki::NOW.set(OffsetDateTime::now_utc()).unwrap();
    let network = Network::of_two();
    let folder = network.publisher.folder.path();
    let exams = folder.join("exams");
    let exam = &match arguments.slices {
        Some(slices) => exam::make(&exams.join("exam"), slices),
        None => generate(&exams.join("exam"), Scale::tiny()).unwrap(),
    };
    let before = generate_before(&exams.join("before"), Scale::tiny()).unwrap();
    let identity = identity(&arguments.identity);
    let of_exam = (exams.as_path(), exam.study_instance_uid.as_str());
    let centre = Centre::start(&arguments.server, &network, &identity, of_exam);
    let [secret, manifest, manifest_before] =
        ["call.secret", "manifest.dcm", "before.dcm"].map(|name| folder.join(name));
    negatoscope_server::secret_file::write(&secret, SECRET.as_bytes()).unwrap();
    std::fs::write(&manifest, Manifest::new(exam, KOS, &centre.url).write()).unwrap();
    let earlier = Manifest::new(&before, KOS_BEFORE, &centre.url).write();
    std::fs::write(&manifest_before, earlier).unwrap();
    [&manifest, &manifest_before].into_iter().for_each(|file| centre.publish(file));
    let orthanc = if arguments.slices.is_none() { Orthanc::start_dimse().await } else { None };
    let call_token = format!("call_token_file = {secret:?}");
    let ready = json!({
        "trust_list": trust_list(&network, folder),
        "consultation": table(&network.table(&[port(&centre.url)], &call_token)),
        "import": orthanc.as_ref().map(import),
        "call": { "secret": SECRET, "form": form(exam) },
        "audit": centre.audit(),
        "exams": exams,
        "birth_date": exam.birth_date,
        "manifest": manifest,
        "manifest_before": manifest_before,
        "study_instance_uid": exam.study_instance_uid,
        "instances": exam.series.iter().map(|series| series.files.len()).sum::<usize>(),
        "pacs": orthanc.as_ref().map(|orthanc| orthanc.url().replace("/dicom-web", "")),
    });
    println!("READY {ready}");
    let until_the_end = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(until_the_end).await.unwrap().unwrap();
}

/// `[site.identity]` as a configuration has it.
fn identity(json: &str) -> String {
    let table: toml::Table = serde_json::from_str(json).unwrap();
    let site = toml::Table::from_iter([("identity".to_owned(), table.into())]);
    toml::to_string(&toml::Table::from_iter([("site".to_owned(), site.into())])).unwrap()
}

/// `[trust_list]`, for a configuration that lies elsewhere.
fn trust_list(network: &Network, folder: &Path) -> Value {
    let mut settings = table(&network.publisher.table("localhost", true));
    let mut settings = settings["trust_list"].take();
    settings["root_file"] = json!(folder.join("root.pem"));
    settings["intermediate_files"] = json!([folder.join("middle.pem")]);
    settings
}

/// `[site.import]`
fn import(orthanc: &Orthanc) -> Value {
    let dimse = json!({
        "host": "127.0.0.1", "port": orthanc.dicom_port(), "called_title": TITLE, "calling_title": "NEGATOSCOPE",
    });
    json!({ "professions": ["10"], "target": [{ "name": "PACS", "dimse": dimse }] })
}

fn table(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}
