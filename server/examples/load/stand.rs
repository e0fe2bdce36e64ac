//! The server over an exam, and viewers who are logged in.

use std::{net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, process::Command, sync::Arc};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, stream};
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    client::{HOST, Viewer},
    process::Program,
};

/// Logins at the same time: each is a hash of 19 MiB.
const LOGINS_AT_ONCE: usize = 8;

/// The exam that is looked at.
pub(crate) struct Exam<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) study: &'a str,
    pub(crate) birth_date: &'a str,
}

/// The running server.
pub(crate) struct Stand {
    program: Program,
    address: SocketAddr,
    certificate: String,
    link: String,
    form: String,
    _folder: TempDir,
}

impl Stand {
    pub(crate) fn start(program: &Path, exam: &Exam<'_>) -> Result<Self> {
        let folder = tempfile::tempdir().context("a folder for the server")?;
        let certificate = write_certificate(folder.path())?;
        let config = write_config(folder.path(), exam.folder)?;
        let granted = grant(program, &config, exam.study)?;
        let link = granted["link"].as_str().unwrap();
        let link = link.strip_prefix(&format!("https://{HOST}")).unwrap().to_owned();
        let (year, rest) = exam.birth_date.split_at(4);
        let (month, day) = rest.split_at(2);
        let code = granted["code"].as_str().unwrap();
        let form = format!("code={code}&jour={day}&mois={month}&annee={year}");
        let arguments = ["serve", "--config", &config, "--listen", "127.0.0.1:0"];
        let (program, said) = Program::start(program, &arguments, "listens on https://")?;
        let address = said.split(' ').next().unwrap_or_default().parse();
        let address = address.with_context(|| format!("no address: {said}"))?;
        Ok(Self { program, address, certificate, link, form, _folder: folder })
    }

    pub(crate) fn process(&self) -> u32 {
        self.program.id()
    }

    /// Logs everybody in, each from an address of their own; `accept` are the media types they ask for.
    pub(crate) async fn viewers(&self, count: usize, accept: &str) -> Vec<Arc<Viewer>> {
        let viewers = (0..count).map(async |number| {
            let address = format!("10.0.{}.{}", number / 250, number % 250);
            let accept = accept.to_owned();
            let viewer = Viewer::connect(self.address, &self.certificate, address, accept).await;
            assert_eq!(viewer.ask(&self.link, None).await.status(), StatusCode::SEE_OTHER);
            let entered = viewer.ask("/entree/1/code", Some(self.form.clone())).await;
            assert_eq!(entered.headers()["location"], "/examen/1");
            Arc::new(viewer)
        });
        stream::iter(viewers).buffered(LOGINS_AT_ONCE).collect().await
    }

    /// Addresses of the frames of the largest series, in the order they are shown.
    pub(crate) async fn frames(&self, viewer: &Viewer) -> Vec<String> {
        let summary = viewer.ask("/api/examen/1", None).await;
        let summary = summary.into_body().collect().await.unwrap().to_bytes();
        let exam: Value = serde_json::from_slice(&summary).unwrap();
        let size = |series: &&Value| series["images"].as_array().map_or(0, Vec::len);
        let series = exam["series"].as_array().unwrap().iter().max_by_key(size).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let study = text(&exam["study"]["study_instance_uid"]);
        let uid = text(&series["series_instance_uid"]);
        let path = |image: &Value| {
            let instance = text(&image["sop_instance_uid"]);
            format!("/dicomweb/studies/{study}/series/{uid}/instances/{instance}/frames/1")
        };
        series["images"].as_array().unwrap().iter().map(path).collect()
    }
}

fn write_certificate(folder: &Path) -> Result<String> {
    let pair = rcgen::generate_simple_self_signed([HOST.to_owned()])?;
    std::fs::write(folder.join("cert.pem"), pair.cert.pem())?;
    std::fs::write(folder.join("key.pem"), pair.signing_key.serialize_pem())?;
    let owner_only = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("key.pem"), owner_only)?;
    Ok(pair.cert.pem())
}

/// Everything as it is by default, but that addresses are told by the client.
fn write_config(folder: &Path, exam: &Path) -> Result<String> {
    std::fs::create_dir_all(folder.join("viewer"))?;
    std::fs::write(folder.join("viewer/manifest.json"), r#"{"boot.js":"boot.js"}"#)?;
    std::fs::write(folder.join("viewer/boot.js"), "// boot")?;
    let text = format!(
        "[server]\nstate = \"state\"\nassets = \"viewer\"\ntrusted_proxies = [\"127.0.0.1/32\"]\n\
         [server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n\
         [[site]]\nhosts = [\"{HOST}\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.source.archive]\npath = '{}'\n",
        exam.display()
    );
    let file = folder.join("negatoscope.toml");
    std::fs::write(&file, text)?;
    Ok(file.to_str().context("a folder whose name is no text")?.to_owned())
}

/// A code for the exam; the archive is indexed by the way.
fn grant(program: &Path, config: &str, study: &str) -> Result<Value> {
    let mut command = Command::new(program);
    command.args(["grant", "--config", config, "--site", HOST, "--study", study, "--json"]);
    let output = command.output().with_context(|| program.display().to_string())?;
    ensure!(output.status.success(), "grant: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(serde_json::from_slice(&output.stdout)?)
}
