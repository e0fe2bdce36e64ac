//! Configuration files of the servers we start.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

/// What varies between the servers we start; all listen on loopback only.
pub(crate) struct Stand<'a> {
    /// Port.
    pub(crate) port: u16,
    /// Folder of the database, the index, the log and this configuration.
    pub(crate) folder: &'a Path,
    /// The built viewer.
    pub(crate) assets: &'a Path,
    /// The sites, each with the folder its exams come from.
    pub(crate) sites: Vec<Site>,
    /// Wrong tries that lock an exam; `None` for the default.
    pub(crate) limits: Option<Limits>,
    /// `[trust_list]`, where a site consults exams of other centres.
    pub(crate) trust_list: Option<serde_json::Value>,
}

/// One site.
pub(crate) struct Site {
    /// Host name.
    pub(crate) host: &'static str,
    /// Name shown to visitors.
    pub(crate) name: &'static str,
    /// Roots of its accession numbers.
    pub(crate) accession_roots: Vec<String>,
    /// Where its exams come from.
    pub(crate) source: Source,
    /// `[site.identity]`; `None`: access codes only.
    pub(crate) identity: Option<serde_json::Value>,
    /// `[site.consultation]`
    pub(crate) consultation: Option<serde_json::Value>,
    /// `[site.import]`
    pub(crate) import: Option<serde_json::Value>,
}

/// `[site.source]`
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// Folder, file, ZIP or DICOMDIR medium.
    Archive { path: PathBuf },
    /// A PACS by its DICOMweb address.
    Pacs { url: String },
}

/// Limits that tests need different from the defaults.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Limits {
    /// Wrong tries one address may make: all tests come from the same.
    pub(crate) tries_per_address: u32,
    /// How long every refusal takes.
    pub(crate) refusal_milliseconds: u64,
}

#[derive(Serialize)]
struct File<'a> {
    server: ServerTable<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_code: Option<Limits>,
    audit: AuditTable,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust_list: Option<serde_json::Value>,
    site: Vec<SiteTable>,
}

#[derive(Serialize)]
struct ServerTable<'a> {
    listen: String,
    state: PathBuf,
    assets: &'a Path,
}

#[derive(Serialize)]
struct AuditTable {
    folder: PathBuf,
}

#[derive(Serialize)]
struct SiteTable {
    hosts: Vec<&'static str>,
    name: &'static str,
    contact: &'static str,
    public_url: String,
    accession_roots: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consultation: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    import: Option<serde_json::Value>,
    source: Source,
}

/// Writes the file and returns its path.
pub(crate) fn write(stand: Stand<'_>) -> Result<PathBuf> {
    let port = stand.port;
    let state = stand.folder.join("state");
    fs::create_dir_all(&state)?;
    let sites = stand.sites.into_iter().map(|site| SiteTable {
        hosts: vec![site.host],
        name: site.name,
        contact: "01\u{a0}99\u{a0}00\u{a0}12\u{a0}34",
        public_url: format!("http://{}:{port}", site.host),
        accession_roots: site.accession_roots,
        identity: site.identity,
        consultation: site.consultation,
        import: site.import,
        source: site.source,
    });
    let file = File {
        server: ServerTable { listen: format!("127.0.0.1:{port}"), state, assets: stand.assets },
        access_code: stand.limits,
        audit: AuditTable { folder: stand.folder.join("audit") },
        trust_list: stand.trust_list,
        site: sites.collect(),
    };
    let path = stand.folder.join("negatoscope.toml");
    fs::write(&path, toml::to_string(&file)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_with_identity_providers_is_toml() {
        let client = serde_json::json!({ "id": "basic", "auth": "client_secret_basic" });
        let site = SiteTable {
            hosts: vec!["vi4.349.localhost"],
            name: "Centre",
            contact: "01\u{a0}99\u{a0}00\u{a0}12\u{a0}34",
            public_url: "http://vi4.349.localhost:1".to_owned(),
            accession_roots: Vec::new(),
            identity: Some(
                serde_json::json!({ "psc": { "client": client, "issuer": "http://127.0.0.1:1/x" } }),
            ),
            consultation: Some(serde_json::json!({ "ports": [443] })),
            import: None,
            source: Source::Archive { path: "exams".into() },
        };
        let text = toml::to_string(&site).unwrap();
        let read: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(read["identity"]["psc"]["client"]["id"].as_str(), Some("basic"), "{text}");
        assert_eq!(read["consultation"]["ports"][0].as_integer(), Some(443), "{text}");
        assert_eq!(read["source"]["archive"]["path"].as_str(), Some("exams"), "{text}");
    }
}
