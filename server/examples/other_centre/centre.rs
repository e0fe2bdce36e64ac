//! The other centre: a server of ours in a process of its own, whose box answers the network.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::network::Network;

const SITE: &str = "vi1.350.example.fr";

/// A running server.
pub(crate) struct Centre {
    child: Child,
    program: PathBuf,
    config: PathBuf,
    /// Root of its box's WADO-RS.
    pub(crate) url: String,
    folder: TempDir,
}

impl Drop for Centre {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Centre {
    /// Over a folder of exams, one of which has this Study Instance UID; `identity` is `[site.identity]`.
    pub(crate) fn start(
        program: &Path,
        network: &Network,
        identity: &str,
        (exams, study): (&Path, &str),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [before, after] = network.of_source("");
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nstate = {:?}\nassets = \"none\"\n{before}\n\
             [[site]]\nhosts = [\"{SITE}\"]\nname = \"Autre centre\"\ncontact = \"02\"\n\
             source = {{ archive = {{ path = {exams:?} }} }}\n{identity}\n{after}",
            folder.path().join("state"),
        );
        // Where the list's files are, which the configuration names as from its own place.
        let config = network.publisher.folder.path().join("other_centre.toml");
        std::fs::write(&config, text).unwrap();
        // By the way the archive is indexed, before anybody asks.
        run(program, &config, &["grant", "--site", SITE, "--study", study]);
        let mut child = Command::new(program)
            .args(["serve", "--config"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, address)) = line.split_once("Boxes of other centres on https://") {
                break address.rsplit_once(':').unwrap().1.to_owned();
            }
        };
        // What it says from now on is read, so that it never waits for somebody to listen.
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("https://localhost:{port}/dicom-web-rs");
        let program = program.to_owned();
        let centre = Self { child, program, config, url, folder };
        centre.wait_for_list();
        centre
    }

    /// Without a list no box is answered.
    fn wait_for_list(&self) {
        let list = self.folder.path().join("state/trust_list");
        while !std::fs::read_dir(&list).is_ok_and(|mut entries| entries.next().is_some()) {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// Folder of its journal.
    pub(crate) fn audit(&self) -> PathBuf {
        self.folder.path().join("state/audit")
    }

    /// Takes in the manifest in this file, as its RIS would.
    pub(crate) fn publish(&self, manifest: &Path) {
        let manifest = manifest.to_str().unwrap();
        run(&self.program, &self.config, &["report", "import", "--site", SITE, manifest]);
    }
}

fn run(program: &Path, config: &Path, arguments: &[&str]) {
    let mut command = Command::new(program);
    let output = command.args(arguments).arg("--config").arg(config).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
