//! A server as people run it, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::certificates::{Pair, pair_of};
use crate::house::SITE;

/// A running server.
pub(crate) struct Server {
    child: Child,
    program: PathBuf,
    config: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) ca: PathBuf,
    _state: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    /// Over a folder of exams; `before` and `after` are the site's tables and what stands before it. Files are named as from `folder`.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        exams: &Path,
        [before, after]: [&str; 2],
    ) -> Self {
        let state = tempfile::tempdir().unwrap();
        let Pair { ca, certificate, key } = pair_of(folder, "visitors", SITE);
        let viewer = state.path().join("viewer");
        std::fs::create_dir(&viewer).unwrap();
        std::fs::write(viewer.join("manifest.json"), r#"{"boot.js":"boot.js"}"#).unwrap();
        std::fs::write(viewer.join("boot.js"), "// boot").unwrap();
        let text = format!(
            "[server]\nstate = {:?}\nassets = {viewer:?}\n[server.tls]\ncertificate = {certificate:?}\nkey = {key:?}\n{before}\n\
             [[site]]\nhosts = [\"{SITE}\"]\nname = \"Centre\"\ncontact = \"01\"\nsource = {{ archive = {{ path = {exams:?} }} }}\n{after}\n",
            state.path().join("state"),
        );
        let config = folder.join("measured.toml");
        std::fs::write(&config, text).unwrap();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, rest)) = line.split_once("listens on https://") {
                break rest.split(' ').next().unwrap().to_owned();
            }
        };
        // What it says from now on is read, so that it never waits for somebody to listen.
        std::thread::spawn(move || lines.for_each(drop));
        let program = program.to_owned();
        Self { child, program, config, address: said.parse().unwrap(), ca, _state: state }
    }

    /// Waits until it has the network's list.
    pub(crate) async fn has_list(&self) {
        let folder = self._state.path().join("state/trust_list");
        while !std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    /// A link and a code for an exam; the archive is indexed by the way.
    pub(crate) fn grant(&self, study: &str) -> Value {
        let mut command = Command::new(&self.program);
        command.args(["grant", "--site", SITE, "--study", study, "--json", "--config"]);
        let output = command.arg(&self.config).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The most memory it ever held, bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kibibytes: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
        kibibytes * 1024
    }
}
