//! What the program says of the settings of a DRIMbox, and of the box itself.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::certificates::{Pair, mutual, pair};
use crate::peer::{Peer, Quirks};
use crate::stand::configuration;

struct Desk {
    folder: tempfile::TempDir,
    own: Pair,
    box_pair: Pair,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("assets")).unwrap();
        std::fs::write(folder.path().join("assets/manifest.json"), "{}").unwrap();
        let (own, box_pair) = (pair(folder.path(), "own"), pair(folder.path(), "box"));
        Self { folder, own, box_pair }
    }

    /// What `check-config` says; nothing where all is well.
    async fn check(&self, text: String, probe: bool) -> String {
        let file = self.folder.path().join("negatoscope.toml");
        std::fs::write(&file, text).unwrap();
        let checked = tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_negatoscope"));
            command.args(["check-config", "--config"]).arg(file);
            command.args(probe.then_some("--probe")).output().unwrap()
        });
        let output = checked.await.unwrap();
        assert!(!self.folder.path().join("state").exists(), "checking changes nothing");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), said.is_empty(), "{said}");
        said
    }

    fn configuration(&self, url: &str, more: &str) -> String {
        configuration(url, &self.own, &self.box_pair, more)
    }
}

fn set_mode(file: &Path, mode: u32) {
    std::fs::set_permissions(file, PermissionsExt::from_mode(mode)).unwrap();
}

const URL: &str = "https://db1.349.example.fr/dicom-web-rs";

#[tokio::test]
async fn check_config_explains_each_setting_that_makes_no_sense() {
    let desk = Desk::new();
    assert_eq!(desk.check(desk.configuration(URL, ""), false).await, "");
    let table = [
        ("http://db1.349.example.fr/x", "", "is not an https address"),
        (URL, "token_env = \"A\"\ntoken_file = \"b\"", "only one of `token_env` and `token_file`"),
        (URL, "token_env = \"NOT_SET_9\"", "variable NOT_SET_9 is not set"),
        (URL, "token_file = \"nowhere\"", "source.drimbox.token_file"),
        (URL, "manifest_hosts = [\"https://x/\"]", "is not a host name"),
        (URL, "connect_seconds = 0", "connect_seconds"),
        (URL, "receive = { keep_seconds = 0 }", "source.drimbox.receive.keep_seconds"),
        (URL, "receive = { memory_mib = 700 }", "max_object_mib times streams (768)"),
        (URL, "url2 = \"x\"", "unknown field `url2`"),
    ];
    for (url, more, expected) in table {
        let said = desk.check(desk.configuration(url, more), false).await;
        assert!(said.contains(expected), "{more}: {said}");
    }
}

#[tokio::test]
async fn check_config_looks_into_keys_and_certificates() {
    let desk = Desk::new();
    let text = || desk.configuration(URL, "");
    set_mode(&desk.own.key, 0o644);
    assert!(desk.check(text(), false).await.contains("source.drimbox.key_file"));
    set_mode(&desk.own.key, 0o600);
    let stranger = pair(desk.folder.path(), "stranger");
    let other_key = Pair { key: stranger.key, ..pair(desk.folder.path(), "own") };
    let said = desk.check(configuration(URL, &other_key, &desk.box_pair, ""), false).await;
    assert!(said.contains("certificate_file and key_file"), "{said}");
    std::fs::write(&desk.box_pair.ca, "no certificate").unwrap();
    assert!(desk.check(text(), false).await.contains("ca_file"));
    std::fs::remove_file(&desk.box_pair.ca).unwrap();
    assert!(desk.check(text(), false).await.contains("ca_file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn probing_tells_a_box_that_lets_us_in_from_one_that_does_not() {
    let desk = Desk::new();
    let quirks = Quirks { authorization: Some("Bearer t".to_owned()), ..Quirks::default() };
    let peer = Peer::start(&[], mutual(&desk.box_pair, &desk.own), quirks);
    negatoscope_server::secret_file::write(&desk.folder.path().join("token"), b"t\n").unwrap();
    let with_token = desk.configuration(&peer.url, "token_file = \"token\"");
    assert_eq!(desk.check(with_token, true).await, "");
    let said = desk.check(desk.configuration(&peer.url, ""), true).await;
    assert!(said.contains("source.drimbox") && said.contains("401"), "{said}");
    // A certificate of an authority that the box does not know, and a box of one that we do not know.
    let stranger = pair(desk.folder.path(), "stranger");
    let unknown = configuration(&peer.url, &stranger, &desk.box_pair, "token_file = \"token\"");
    assert!(desk.check(unknown, true).await.contains("source.drimbox"));
    let other_box = configuration(&peer.url, &desk.own, &stranger, "token_file = \"token\"");
    assert!(desk.check(other_box, true).await.contains("source.drimbox"));
    let nobody = desk.configuration("https://localhost:9/dicom-web-rs", "");
    assert!(desk.check(nobody, true).await.contains("localhost:9"));
}

/// The stand-in itself: without a client certificate nobody gets as far as a request.
#[tokio::test(flavor = "multi_thread")]
async fn the_box_lets_nobody_in_without_a_certificate() {
    let desk = Desk::new();
    let peer = Peer::start(&[], mutual(&desk.box_pair, &desk.own), Quirks::default());
    let authority = std::fs::read(&desk.box_pair.ca).unwrap();
    let trusted = [reqwest::Certificate::from_pem(&authority).unwrap()];
    let client = reqwest::Client::builder().tls_certs_only(trusted).build().unwrap();
    assert!(client.get(&peer.url).send().await.is_err());
    assert!(peer.asked().is_empty());
}
