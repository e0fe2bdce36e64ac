//! Identity providers on loopback with people who fit the phantoms.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

/// Running providers; dropping this stops them.
pub(crate) struct Providers {
    child: Child,
    ready: Ready,
    secret: PathBuf,
}

/// What the program says when it listens.
#[derive(Deserialize)]
struct Ready {
    psc: String,
    franceconnect: String,
    secret: String,
}

impl Providers {
    /// Starts them for the sites at `origins`; `folder` keeps the clients' secret and what they say (`identity.log`).
    pub(crate) fn start(program: &Path, origins: &[String], folder: &Path) -> Result<Self> {
        let settings = json!({ "origins": origins, "people": people() });
        let mut child = Command::new("node")
            .arg(program.join("main.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("identity.log"))?)
            .spawn()
            .context("cannot start the identity providers")?;
        let mut line = String::new();
        let out = child.stdout.take().context("no output of the identity providers")?;
        BufReader::new(out).read_line(&mut line)?;
        let ready = line.strip_prefix("READY ").context("the identity providers did not start")?;
        let ready: Ready = serde_json::from_str(ready)?;
        let secret = folder.join("identity-secret");
        fs::write(&secret, &ready.secret)?;
        // The server does not start with a secret that everybody can read.
        #[cfg(unix)]
        fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self { child, ready, secret })
    }

    /// `[site.identity]` of a server's configuration.
    pub(crate) fn config(&self) -> Value {
        let client =
            |id: &str, auth: &str| json!({ "id": id, "auth": auth, "secret_file": self.secret });
        json!({
            "psc": { "issuer": self.ready.psc, "client": client("basic", "client_secret_basic") },
            "franceconnect": {
                "issuer": self.ready.franceconnect,
                "client": client("patients", "client_secret_post"),
            },
        })
    }
}

impl Drop for Providers {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("warning: process {} may still run: {error}", self.child.id());
        }
    }
}

/// A professional with two situations, the patient of the first phantom, and her twin.
fn people() -> Value {
    let practice = |profession: &str, place: &str, id: &str| {
        json!({ "codeProfession": profession, "codeSavoirFaire": "SM26", "activities": [
            { "raisonSocialeSite": place, "numeroFinessSite": id }] })
    };
    let patient = |sub: &str, given: &str| {
        json!({ "sub": sub, "acr": "eidas2", "family_name": "LEFEVRE", "given_name": given,
            "given_name_array": [given], "birthdate": "1974-03-12", "gender": "female",
            "birthplace": "35238", "birthcountry": "99100" })
    };
    json!({
        "professional": {
            "sub": "f:realm:899700000002", "SubjectNameID": "899700000002",
            "SubjectRefPro": { "exercices": [
                practice("10", "CLINIQUE DU PARC", "350000001"),
                practice("10", "MAISON DE SANTE DES LICES", "350000002"),
            ] },
        },
        "elise": patient("elise", "Élise"),
        "twin": patient("twin", "Emma"),
    })
}
