//! Starts a real Orthanc with its DICOMweb plugin, on the loopback address only.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const PROGRAMS: [&str; 2] = ["/usr/sbin/Orthanc", "/usr/bin/Orthanc"];
const PLUGINS: [&str; 2] =
    ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so", "/usr/lib/orthanc/libOrthancDicomWeb.so"];

pub(crate) struct Orthanc {
    process: Child,
    _folder: TempDir,
    port: u16,
    /// Port of its DIMSE server, where it has one.
    dicom_port: Option<u16>,
    has_tls: bool,
    http: reqwest::Client,
}

/// Files of a TLS set-up: an authority, and a certificate with its key for each side.
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) orthanc: (PathBuf, PathBuf),
    pub(crate) ours: (PathBuf, PathBuf),
}

/// Whether the tests with other programs must run; else they say that they are skipped.
pub(crate) fn peers_required() -> bool {
    std::env::var("NEGATOSCOPE_REQUIRE_PEERS").is_ok_and(|value| value == "1")
}

/// Its AE title.
pub(crate) const TITLE: &str = "PEER";

impl Drop for Orthanc {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Orthanc {
    /// An empty Orthanc; `None`, with a word, where there is none and none is required.
    pub(crate) async fn start() -> Option<Self> {
        Self::start_with(None, None).await
    }

    /// One that speaks DIMSE, too.
    pub(crate) async fn start_dimse() -> Option<Self> {
        Self::start_dimse_on(free_port()).await
    }

    /// One that speaks DIMSE at this port.
    pub(crate) async fn start_dimse_on(port: u16) -> Option<Self> {
        Self::start_with(Some(port), None).await
    }

    /// One that speaks DIMSE over TLS only, and wants a certificate of the same authority.
    pub(crate) async fn start_dimse_tls(certificates: &Certificates) -> Option<Self> {
        Self::start_with(Some(free_port()), Some(certificates)).await
    }

    async fn start_with(
        dicom_port: Option<u16>,
        certificates: Option<&Certificates>,
    ) -> Option<Self> {
        match Self::try_start(dicom_port, certificates).await {
            Ok(orthanc) => Some(orthanc),
            Err(reason) if peers_required() => panic!("no Orthanc: {reason}"),
            Err(reason) => {
                println!("skipped: no Orthanc: {reason}");
                None
            }
        }
    }

    async fn try_start(
        dicom_port: Option<u16>,
        certificates: Option<&Certificates>,
    ) -> Result<Self, String> {
        let program = first_existing(&PROGRAMS).ok_or("package orthanc is not installed")?;
        let plugin = first_existing(&PLUGINS).ok_or("package orthanc-dicomweb is not installed")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let shim = compile_shim("loopback", folder.path())?;
        let port = free_port();
        let configuration = folder.path().join("orthanc.json");
        let text = configuration_text(folder.path(), &plugin, (port, dicom_port), certificates);
        fs::write(&configuration, text).map_err(|error| error.to_string())?;
        let log = fs::File::create(folder.path().join("log")).map_err(|error| error.to_string())?;
        let process = Command::new(program)
            .arg(&configuration)
            .env("LD_PRELOAD", shim)
            .stdout(log.try_clone().map_err(|error| error.to_string())?)
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let http = reqwest::Client::new();
        let has_tls = certificates.is_some();
        let mut orthanc = Self { process, _folder: folder, port, dicom_port, has_tls, http };
        orthanc.wait_until_it_answers().await;
        let mut expected: Vec<String> = [Some(port), dicom_port]
            .into_iter()
            .flatten()
            .map(|p| format!("127.0.0.1:{p}"))
            .collect();
        let mut listening = listening_on(orthanc.process.id());
        expected.sort_unstable();
        listening.sort_unstable();
        assert_eq!(listening, expected);
        Ok(orthanc)
    }

    async fn wait_until_it_answers(&mut self) {
        let url = format!("http://127.0.0.1:{}/dicom-web/studies?limit=1", self.port);
        loop {
            let ended = self.process.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "Orthanc ended: {:?}",
                fs::read_to_string(self._folder.path().join("log"))
            );
            if self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/dicom-web", self.port)
    }

    /// Port of its DIMSE server.
    pub(crate) fn dicom_port(&self) -> u16 {
        self.dicom_port.unwrap()
    }

    /// Tells it where the application entity `title` listens.
    pub(crate) async fn introduce(&self, title: &str, port: u16) {
        let url = format!("http://127.0.0.1:{}/modalities/{title}", self.port);
        let entity = serde_json::json!({ "AET": title, "Host": "127.0.0.1", "Port": port, "UseDicomTls": self.has_tls });
        let answer = self.http.put(url).json(&entity).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Has it send a study to an application entity of its own accord; whether all was taken.
    pub(crate) async fn push(&self, study: &str, title: &str) -> bool {
        let root = format!("http://127.0.0.1:{}", self.port);
        let query = serde_json::json!({ "Level": "Study", "Query": { "StudyInstanceUID": study } });
        let found = self.http.post(format!("{root}/tools/find")).json(&query).send().await.unwrap();
        let found: Vec<String> = found.json().await.unwrap();
        let url = format!("{root}/modalities/{title}/store");
        let answer = self.http.post(url).json(&found).send().await.unwrap();
        answer.status().is_success()
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) async fn store(&self, file: &Path) {
        let url = format!("http://127.0.0.1:{}/instances", self.port);
        let answer = self.http.post(url).body(fs::read(file).unwrap()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}: {}", file.display(), answer.status());
    }
}

fn first_existing(paths: &[&str]) -> Option<PathBuf> {
    paths.iter().map(PathBuf::from).find(|path| path.exists())
}

/// A library to be preloaded, of `tests/peers`.
pub(crate) fn compile_shim(name: &str, folder: &Path) -> Result<PathBuf, String> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
    let (source, shim) = (peers.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&shim)
        .arg(source)
        .arg("-ldl")
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(shim),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(format!("cc: {error}")),
    }
}

/// Free at this moment; nobody else on this machine is likely to take it before Orthanc does.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn configuration_text(
    folder: &Path,
    plugin: &Path,
    (port, dicom_port): (u16, Option<u16>),
    certificates: Option<&Certificates>,
) -> String {
    let storage = folder.join("storage");
    let mut configuration = serde_json::json!({
        "Name": "PEER", "StorageDirectory": storage, "IndexDirectory": storage,
        "Plugins": [plugin], "HttpPort": port, "RemoteAccessAllowed": false,
        "AuthenticationEnabled": false, "OverwriteInstances": true,
        "DicomServerEnabled": dicom_port.is_some(), "DicomPort": dicom_port.unwrap_or(4242), "DicomAet": TITLE,
        "DicomCheckCalledAet": true, "DicomAlwaysAllowEcho": true, "DicomAlwaysAllowFind": true,
        "DicomAlwaysAllowGet": true, "DicomAlwaysAllowMove": true,
        "DicomWeb": { "Enable": true, "Root": "/dicom-web/", "StudiesMetadata": "Full", "SeriesMetadata": "Full" },
    });
    if let Some(Certificates { authority, orthanc, .. }) = certificates {
        configuration["DicomTlsEnabled"] = true.into();
        configuration["DicomTlsRemoteCertificateRequired"] = true.into();
        configuration["DicomTlsCertificate"] = orthanc.0.to_str().into();
        configuration["DicomTlsPrivateKey"] = orthanc.1.to_str().into();
        configuration["DicomTlsTrustedCertificates"] = authority.to_str().into();
    }
    configuration.to_string()
}

/// Addresses a process listens on, from the kernel's tables (proc(5)).
pub(crate) fn listening_on(process: u32) -> Vec<String> {
    let descriptors = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let targets = descriptors.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let sockets: Vec<String> = targets
        .filter_map(|target| {
            let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
            Some(inode)
        })
        .collect();
    ["tcp", "tcp6"].iter().flat_map(|table| listening_in(process, table, &sockets)).collect()
}

fn listening_in(process: u32, table: &str, sockets: &[String]) -> Vec<String> {
    const LISTEN: &str = "0A";
    let text = fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
    let address = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_ours = fields.get(3) == Some(&LISTEN)
            && sockets.iter().any(|inode| fields.get(9) == Some(&inode.as_str()));
        let (ip, port) = fields.get(1).filter(|_| is_ours)?.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let ip = u32::from_str_radix(ip, 16).map(|ip| std::net::Ipv4Addr::from(ip.to_le_bytes()));
        Some(ip.map_or_else(|_| format!("[{}]:{port}", fields[1]), |ip| format!("{ip}:{port}")))
    };
    text.lines().skip(1).filter_map(address).collect()
}
