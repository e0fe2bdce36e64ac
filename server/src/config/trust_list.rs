//! `[trust_list]`

use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::trust_list::Signer;

/// The network's signed list of DRIMboxes: with it, no other DRIMbox is contacted.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrustListConfig {
    /// Where it is published: https.
    pub url: String,
    /// PEM file of the roots of the signer's certificate.
    pub root_file: PathBuf,
    /// PEM files of the authorities between root and signer.
    #[serde(default)]
    pub intermediate_files: Vec<PathBuf>,
    /// Where these authorities publish their lists of revoked certificates.
    #[serde(default)]
    pub crl_urls: Vec<String>,
    /// Files with such lists that somebody else renews.
    #[serde(default)]
    pub crl_files: Vec<PathBuf>,
    /// PEM file of the authority that signed the HTTPS certificate of `url`, where the system does not know it.
    pub ca_file: Option<PathBuf>,
    /// Networks that are not public and may be contacted all the same.
    #[serde(default)]
    pub allowed_networks: Vec<IpNet>,
    /// `[trust_list.signer]`
    #[serde(default)]
    pub signer: SignerConfig,
}

/// `[trust_list.signer]`: what the signer's certificate is called.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignerConfig {
    /// CN
    pub common_name: String,
    /// OU
    pub unit: String,
    /// O; empty: any.
    pub organization: String,
}

impl Default for SignerConfig {
    fn default() -> Self {
        let Signer { common_name, unit, organization } = Signer::default();
        Self { common_name, unit, organization: organization.unwrap_or_default() }
    }
}

impl SignerConfig {
    /// As the rules take it.
    #[must_use]
    pub fn signer(&self) -> Signer {
        let organization = Some(self.organization.clone()).filter(|name| !name.is_empty());
        Signer { common_name: self.common_name.clone(), unit: self.unit.clone(), organization }
    }
}

impl TrustListConfig {
    /// Every file named in here.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let several = self.intermediate_files.iter_mut().chain(&mut self.crl_files);
        several.chain([&mut self.root_file]).chain(&mut self.ca_file)
    }

    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let problem =
            |key: &str, reason: &str| Err((format!("trust_list{key}"), reason.to_owned()));
        if !is_address(&self.url, &["https"]) {
            return problem(".url", "is not an https address of a host name");
        }
        if !self.crl_urls.iter().all(|url| is_address(url, &["http", "https"])) {
            return problem(".crl_urls", "holds something else than http and https addresses");
        }
        if self.crl_urls.is_empty() && self.crl_files.is_empty() {
            let reason = "needs `crl_urls` or `crl_files`: without a list of revoked certificates none is accepted";
            return problem("", reason);
        }
        if self.signer.common_name.is_empty() || self.signer.unit.is_empty() {
            return problem(".signer", "needs both `common_name` and `unit`");
        }
        Ok(())
    }
}

/// Of a host by its name, without user and password.
fn is_address(text: &str, schemes: &[&str]) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    let is_bare = url.username().is_empty() && url.password().is_none();
    schemes.contains(&url.scheme()) && is_bare && url.domain().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(more: &str) -> Result<(), String> {
        let config: TrustListConfig =
            toml::from_str(&format!("root_file = \"root.pem\"\n{more}")).unwrap();
        config.check().map_err(|(key, reason)| format!("{key}: {reason}"))
    }

    #[test]
    fn each_mistake_is_told_in_one_sentence() {
        let good = "url = \"https://liste.example.fr/x.xml\"\ncrl_files = [\"x.crl\"]\n";
        assert_eq!(check(good), Ok(()));
        for (more, expected) in [
            ("url = \"http://liste.example.fr/x.xml\"", "trust_list.url: is not an https address"),
            ("url = \"https://127.0.0.1/x.xml\"", "trust_list.url: is not an https address"),
            ("url = \"https://a:b@liste.example.fr/\"", "trust_list.url: is not an https address"),
            ("url = \"liste.xml\"", "trust_list.url: is not an https address"),
            ("url = \"https://liste.example.fr/\"", "trust_list: needs `crl_urls` or `crl_files`"),
            (
                "url = \"https://liste.example.fr/\"\ncrl_urls = [\"ldap://x.example.fr/\"]",
                "trust_list.crl_urls: holds something else",
            ),
            (&format!("{good}[signer]\nunit = \"\""), "trust_list.signer: needs both"),
        ] {
            let error = check(more).unwrap_err();
            assert!(error.contains(expected), "{more}: {error}");
        }
        let config: TrustListConfig =
            toml::from_str(&format!("root_file = \"r\"\n{good}[signer]\norganization = \"\""))
                .unwrap();
        assert_eq!(config.signer.signer(), Signer { organization: None, ..Signer::default() });
    }
}
