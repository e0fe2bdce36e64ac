//! A certificate authority on loopback: Debian's `pebble`, with a name server that knows every name as this machine.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::json;

pub(crate) const KEY_ID: &str = "kid-1";
/// What the authority gave the operator (base64url).
pub(crate) const HMAC_KEY: &str =
    "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

/// The authority, until dropped.
pub(crate) struct Pebble {
    programs: Vec<Child>,
    pub(crate) directory: String,
    /// Who signed its own HTTPS certificate.
    pub(crate) ca_file: PathBuf,
    management: String,
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|it| it.is_file());
    let required = std::env::var("NEGATOSCOPE_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(found.is_some() || !required, "no {name} (see cargo xtask doctor)");
    found
}

/// Ports that nobody listens on, each another one.
fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let listeners = [(); COUNT].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.each_ref().map(|listener| listener.local_addr().unwrap().port())
}

fn start(program: &Path, arguments: &[String]) -> Child {
    // One nonce in ten is refused for no reason, as the standard allows.
    Command::new(program)
        .args(arguments)
        .env("PEBBLE_VA_NOSLEEP", "1")
        .env("PEBBLE_WFE_NONCEREJECT", "10")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Pebble {
    /// `None` where it is not installed; asks for proofs on `proof_port`.
    pub(crate) async fn start(folder: &Path, proof_port: u16) -> Option<Self> {
        let (Some(pebble), Some(names)) = (program("pebble"), program("pebble-challtestsrv"))
        else {
            eprintln!("skipped: no pebble");
            return None;
        };
        let [port, management, dns, dns_management] = free_ports();
        let at = |port: u16| format!("127.0.0.1:{port}");
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (ca_file, key) = (folder.join("pebble-ca.pem"), folder.join("pebble.key"));
        std::fs::write(&ca_file, own.cert.pem()).unwrap();
        std::fs::write(&key, own.signing_key.serialize_pem()).unwrap();
        let settings = json!({ "pebble": {
            "listenAddress": at(port), "managementListenAddress": at(management),
            "certificate": ca_file, "privateKey": key,
            "httpPort": proof_port, "tlsPort": proof_port, "ocspResponderURL": "",
            "externalAccountBindingRequired": true, "externalAccountMACKeys": { KEY_ID: HMAC_KEY },
        } });
        let file = folder.join("pebble.json");
        std::fs::write(&file, settings.to_string()).unwrap();
        let flags = |pairs: &[(&str, String)]| -> Vec<String> {
            pairs.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]).collect()
        };
        let none = String::new;
        let programs = vec![
            start(
                &names,
                &flags(&[
                    ("-defaultIPv4", "127.0.0.1".to_owned()),
                    ("-defaultIPv6", none()),
                    ("-http01", none()),
                    ("-https01", none()),
                    ("-tlsalpn01", none()),
                    ("-dns01", at(dns)),
                    ("-management", at(dns_management)),
                ]),
            ),
            start(
                &pebble,
                &flags(&[("-config", file.to_str().unwrap().to_owned()), ("-dnsserver", at(dns))]),
            ),
        ];
        let mut pebble = Self {
            programs,
            directory: format!("https://{}/dir", at(port)),
            ca_file,
            management: format!("https://{}", at(management)),
        };
        pebble.wait().await;
        Some(pebble)
    }

    async fn wait(&mut self) {
        while self.client().get(&self.directory).send().await.is_err() {
            for program in &mut self.programs {
                assert!(program.try_wait().unwrap().is_none(), "it ended");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn client(&self) -> reqwest::Client {
        let pem = std::fs::read(&self.ca_file).unwrap();
        let root = reqwest::Certificate::from_pem(&pem).unwrap();
        reqwest::Client::builder().tls_certs_only([root]).build().unwrap()
    }

    /// PEM of the root of its certificates.
    pub(crate) async fn root(&self) -> String {
        let url = format!("{}/roots/0", self.management);
        self.client().get(url).send().await.unwrap().text().await.unwrap()
    }

    /// What it says of a certificate of its own: "Valid" or "Revoked".
    pub(crate) async fn status(&self, certificate: &[u8]) -> String {
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate).unwrap();
        let serial = parsed.raw_serial_as_string().replace(':', "");
        let url = format!("{}/cert-status-by-serial/{serial}", self.management);
        let told = self.client().get(url).send().await.unwrap().text().await.unwrap();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        told["Status"].as_str().unwrap().to_owned()
    }

    pub(crate) fn stop(&mut self) {
        for program in &mut self.programs {
            program.kill().unwrap();
            program.wait().unwrap();
        }
        self.programs.clear();
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
    }
}
