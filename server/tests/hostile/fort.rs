//! The program with one site over HTTPS, an exam and a code for it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use negatoscope_phantom::{Exam, Scale, generate};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const HOST: &str = "vi1.349.example.fr";

/// The running program and what a visitor needs; the program ends with it.
pub(crate) struct Fort {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Its certificate, PEM.
    pub(crate) certificate: String,
    pub(crate) exam: Exam,
    /// Link of the exam, without scheme and host.
    pub(crate) link: String,
    /// Code of the exam.
    pub(crate) code: String,
    folder: TempDir,
}

impl Fort {
    /// With images of this size; addresses are told by `X-Forwarded-For`, which it believes.
    pub(crate) fn start(scale: Scale) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let exam = generate(&folder.path().join("dicom"), scale).unwrap();
        let certificate = write_certificate(folder.path());
        let config = write_config(folder.path());
        let number = exam.accession_number.as_str();
        let granted =
            run(&["grant", "--config", &config, "--site", HOST, "--accession", number, "--json"]);
        let link = granted["link"].as_str().unwrap();
        let link = link.strip_prefix(&format!("https://{HOST}")).unwrap().to_owned();
        let code = granted["code"].as_str().unwrap().to_owned();
        let (child, address) = serve(&config);
        Self { child, address, certificate, exam, link, code, folder }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The form of the card, right but for the code.
    pub(crate) fn form(&self, code: &str) -> String {
        let (year, rest) = self.exam.birth_date.split_at(4);
        let (month, day) = rest.split_at(2);
        format!("code={code}&jour={day}&mois={month}&annee={year}")
    }

    /// Reasons of refusals in the journal, whose chain is checked.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        negatoscope_server::audit::read(&self.folder.path().join("state/audit"), |record| {
            reasons.extend(record.reason);
            Ok(())
        })
        .unwrap();
        reasons
    }
}

impl Drop for Fort {
    fn drop(&mut self) {
        // It may have ended already: the test says so then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn write_certificate(folder: &Path) -> String {
    let pair = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), pair.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), pair.signing_key.serialize_pem()).unwrap();
    let owner_only = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("key.pem"), owner_only).unwrap();
    pair.cert.pem()
}

/// Everything as it is by default but what the network of a test needs.
fn write_config(folder: &Path) -> String {
    std::fs::create_dir_all(folder.join("viewer")).unwrap();
    std::fs::write(folder.join("viewer/manifest.json"), r#"{"boot.js":"boot.js"}"#).unwrap();
    std::fs::write(folder.join("viewer/boot.js"), "// boot").unwrap();
    let text = format!(
        "[server]\nstate = \"state\"\nassets = \"viewer\"\ntrusted_proxies = [\"127.0.0.1/32\"]\n\
         [server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n\
         [[site]]\nhosts = [\"{HOST}\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.source.archive]\npath = \"dicom\"\n"
    );
    let file = folder.join("negatoscope.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn run(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_negatoscope")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn serve(config: &str) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_negatoscope"))
        .args(["serve", "--config", config, "--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(rest) = line.split("listens on https://").nth(1) {
            break rest.split(' ').next().unwrap().parse().unwrap();
        }
    };
    // What it says from now on is read, so that it never waits for somebody to listen.
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}
