//! Another centre for the browser tests: its box over mutual TLS with the phantom's exam and an earlier one, the network's signed list that
//! names it, their manifests, and an empty Orthanc to import into. The stand-in is that of the tests.
//!
//! Prints `READY` and, as JSON, what a server's configuration needs and where everything is; ends when its input does.
#![expect(clippy::unwrap_used, reason = "only tests start it")]

#[path = "../../tests/drimbox/certificates.rs"]
mod certificates;
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
use std::path::Path;

use negatoscope_phantom::{Scale, generate_before};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::manifest::Manifest;
use crate::network::{Network, form, kos, port};
use crate::orthanc::{Orthanc, TITLE};
use crate::peer::Quirks;
use crate::phantoms::phantoms;

/// UID of the manifest of the earlier exam.
const KOS_BEFORE: &str = "1.2.250.1.97.2";
const SECRET: &str = "a-secret-of-calls-that-nobody-can-guess";

#[tokio::main]
async fn main() {
    // What is signed has to be good today.
    pki::NOW.set(OffsetDateTime::now_utc()).unwrap();
    let network = Network::new();
    let exam = &phantoms().exam;
    let folder = network.publisher.folder.path();
    let before = generate_before(&folder.join("before"), Scale::tiny()).unwrap();
    let peer = network.peer(&[exam, &before], Quirks::default());
    let [secret, manifest, manifest_before] =
        ["call.secret", "manifest.dcm", "before.dcm"].map(|name| folder.join(name));
    negatoscope_server::secret_file::write(&secret, SECRET.as_bytes()).unwrap();
    std::fs::write(&manifest, kos(&peer.url)).unwrap();
    let earlier = Manifest::new(&before, KOS_BEFORE, &peer.url).write();
    std::fs::write(&manifest_before, earlier).unwrap();
    let orthanc = Orthanc::start_dimse().await;
    let call_token = format!("call_token_file = {secret:?}");
    let ready = json!({
        "trust_list": trust_list(&network, folder),
        "consultation": table(&network.table(&[port(&peer.url)], &call_token)),
        "import": orthanc.as_ref().map(import),
        "call": { "secret": SECRET, "form": form(exam) },
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
