//! Settings with which the server does not start: they would show health data, or a key to it, to strangers.

use std::path::Path;

use super::{Config, SiteConfig, SourceConfig};
use crate::secret_file;

type Secret<'a> = (&'static str, Option<&'a Path>);

impl Config {
    /// What is unsafe, one sentence each.
    #[must_use]
    pub fn unsafe_settings(&self) -> Vec<String> {
        let mut found: Vec<String> = self.plain_http().into_iter().collect();
        found.extend(open_files("", &self.secrets()));
        for site in &self.sites {
            found.extend(open_files(&format!("site {}: ", site.id()), &site.secrets()));
        }
        found
    }

    /// Plain HTTP is for loopback, or for a proxy that encrypts and is named.
    fn plain_http(&self) -> Option<String> {
        let server = &self.server;
        let is_safe = self.encrypts()
            || server.listen.ip().to_canonical().is_loopback()
            || !server.trusted_proxies.is_empty();
        (!is_safe).then(|| {
            format!(
                "server.listen: {} would be plain HTTP for everybody: set [server.tls] or [server.acme], \
                 or name the proxy that encrypts in server.trusted_proxies",
                server.listen
            )
        })
    }

    fn secrets(&self) -> [Secret<'_>; 2] {
        let (acme, syslog) = (self.server.acme.as_ref(), self.audit.syslog.as_ref());
        [
            ("server.acme.hmac_key_file", acme.and_then(|acme| acme.hmac_key_file.as_deref())),
            ("audit.syslog.key", syslog.and_then(|syslog| syslog.key.as_deref())),
        ]
    }
}

impl SiteConfig {
    fn secrets(&self) -> Vec<Secret<'_>> {
        let mut secrets = Vec::new();
        if let SourceConfig::Pacs(pacs) = &self.source {
            secrets.push(("source.pacs.password_file", pacs.password_file.as_deref()));
            secrets.push(("source.pacs.token_file", pacs.token_file.as_deref()));
        }
        if let SourceConfig::Drimbox(drimbox) = &self.source {
            secrets.push(("source.drimbox.key_file", Some(&drimbox.key_file)));
            secrets.push(("source.drimbox.token_file", drimbox.token_file.as_deref()));
        }
        if let SourceConfig::Dimse(dimse) = &self.source {
            let key = dimse.tls.as_ref().and_then(|tls| tls.key.as_deref());
            secrets.push(("source.dimse.tls.key", key));
        }
        if let Some(consultation) = &self.consultation {
            secrets.push(("consultation.key_file", Some(&consultation.key_file)));
            let token = consultation.call_token_file.as_deref();
            secrets.push(("consultation.call_token_file", token));
        }
        if let Some(interbox) = &self.interbox {
            secrets.push(("interbox.tls.key", Some(&interbox.tls.key)));
        }
        let psc = self.identity.psc.as_ref().map(|psc| &psc.client);
        let franceconnect = self.identity.franceconnect.as_ref().map(|site| &site.client);
        let clients = [
            ("identity.psc.client.secret_file", "identity.psc.client.key_file", psc),
            (
                "identity.franceconnect.client.secret_file",
                "identity.franceconnect.client.key_file",
                franceconnect,
            ),
        ];
        for (secret, key, client) in clients {
            let Some(client) = client else { continue };
            secrets.push((secret, client.secret_file.as_deref()));
            secrets.push((key, client.key_file.as_deref()));
        }
        let imports = self.import.iter().flat_map(super::ImportConfig::secrets);
        secrets.extend(imports.map(|path| ("import.target", Some(path.as_path()))));
        secrets
    }
}

/// Those that everybody can read. One that is not there is told by who needs it.
fn open_files(place: &str, secrets: &[Secret<'_>]) -> Vec<String> {
    let there =
        secrets.iter().filter_map(|(key, path)| Some((key, path.filter(|it| it.exists())?)));
    there
        .filter_map(|(key, path)| {
            Some(format!("{place}{key}: {}", secret_file::check(path).err()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn unsafe_settings(folder: &Path, server: &str, site: &str) -> Vec<String> {
        let text = format!(
            "[server]\nstate = \"state\"\nassets = \"assets\"\n{server}\n[[site]]\nhosts = [\"vi1.example\"]\n\
             name = \"Centre\"\ncontact = \"01\"\n{site}\n"
        );
        Config::parse(&text, &folder.join("negatoscope.toml")).unwrap().unsafe_settings()
    }

    #[test]
    fn plain_http_for_everybody_is_unsafe() {
        let folder = Path::new("/nowhere");
        let site = "source = { archive = { path = \"x\" } }";
        let tls = "[server.tls]\ncertificate = \"c\"\nkey = \"k\"";
        let table = [
            ("", 0),
            ("listen = \"127.0.0.1:80\"", 0),
            ("listen = \"[::ffff:127.0.0.1]:80\"", 0),
            ("listen = \"0.0.0.0:80\"", 1),
            ("listen = \"[::]:80\"", 1),
            ("listen = \"192.0.2.1:8080\"", 1),
            ("listen = \"0.0.0.0:80\"\ntrusted_proxies = [\"10.0.0.1/32\"]", 0),
            (&format!("listen = \"0.0.0.0:443\"\n{tls}"), 0),
        ];
        for (server, expected) in table {
            let found = unsafe_settings(folder, server, site);
            assert_eq!(found.len(), expected, "{server}: {found:?}");
        }
    }

    #[test]
    fn secrets_that_everybody_can_read_are_unsafe() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "s3cret").unwrap();
        let client =
            "client = { id = \"x\", auth = \"client_secret_post\", secret_file = \"secret\" }";
        let site = format!(
            "[site.source.pacs]\nurl = \"http://pacs\"\ntoken_file = \"secret\"\n\
             [site.identity.psc]\n{client}\n[site.identity.franceconnect]\n{client}"
        );
        for (mode, expected) in [(0o644, 3), (0o640, 0), (0o600, 0)] {
            std::fs::set_permissions(&secret, PermissionsExt::from_mode(mode)).unwrap();
            let found = unsafe_settings(folder.path(), "", &site);
            assert_eq!(found.len(), expected, "{mode:o}: {found:?}");
            assert!(found.iter().all(|it| it.contains("chmod 600") && !it.contains("s3cret")));
        }
    }
}
