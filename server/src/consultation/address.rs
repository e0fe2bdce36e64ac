//! Which addresses of a manifest are ever asked. Whoever brings a manifest writes what they like into it: only boxes of the
//! network's list are contacted, by https, at the ports of the configuration, at public addresses.

use reqwest::Url;
use thiserror::Error;

use crate::trust_list::{Keeper, NoAddress, Stranger};

/// Why an address is not asked.
#[derive(Debug, Error)]
pub enum Refused {
    /// Not the https address of this series.
    #[error("not the https address of the series on a named host")]
    Shape,
    /// Another port than the configured ones.
    #[error("port {0} is not among consultation.ports")]
    Port(u16),
    /// No box of the network.
    #[error(transparent)]
    Stranger(#[from] Stranger),
    /// An address that may not be contacted.
    #[error(transparent)]
    Address(#[from] NoAddress),
}

/// The root of the service on which a series lies, if it may be asked at this moment. The name is looked at again when it
/// is resolved, and the certificate when the connection is made.
///
/// # Errors
/// [`Refused`].
pub fn service(
    keeper: &Keeper,
    ports: &[u16],
    address: &str,
    (study, series): (&str, &str),
) -> Result<Url, Refused> {
    let mut url = root(address, study, series).ok_or(Refused::Shape)?;
    let port = url.port_or_known_default().unwrap_or_default();
    if !ports.contains(&port) {
        return Err(Refused::Port(port));
    }
    keeper.check_age()?;
    keeper.check_host(url.host_str().unwrap_or_default())?;
    keeper.guard().check(&url)?;
    // One name for one host, whatever case it is written in.
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
    url.set_host(Some(&host)).map_err(|_cause| Refused::Shape)?;
    Ok(url)
}

/// What comes before `/studies/{study}/series/{series}` of a bare https address on a named host.
fn root(address: &str, study: &str, series: &str) -> Option<Url> {
    let mut url = Url::parse(address).ok().filter(|url| url.scheme() == "https")?;
    url.domain()?;
    let is_bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let path = url.path().trim_end_matches('/');
    let prefix = path.strip_suffix(&format!("/studies/{study}/series/{series}"))?.to_owned();
    if !is_bare || prefix.contains('%') || prefix.contains("//") {
        return None;
    }
    url.set_path(&prefix);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root_of(address: &str) -> Option<String> {
        root(address, "1.2", "1.3").map(String::from)
    }

    #[test]
    fn the_root_is_what_comes_before_the_series() {
        for (address, expected) in [
            (
                "https://db1.example.fr/dicom-web-rs/studies/1.2/series/1.3",
                "https://db1.example.fr/dicom-web-rs",
            ),
            (
                "https://DB1.example.fr:443/dicom-web-rs/studies/1.2/series/1.3/",
                "https://db1.example.fr/dicom-web-rs",
            ),
            ("https://db1.example.fr:8443/studies/1.2/series/1.3", "https://db1.example.fr:8443/"),
            ("https://db1.example.fr/a/../b/studies/1.2/series/1.3", "https://db1.example.fr/b"),
        ] {
            assert_eq!(root_of(address).as_deref(), Some(expected), "{address}");
        }
    }

    #[test]
    fn what_is_no_such_address_is_refused_unasked() {
        for address in [
            "",
            "db1.example.fr/studies/1.2/series/1.3",
            "http://db1.example.fr/studies/1.2/series/1.3",
            "ftp://db1.example.fr/studies/1.2/series/1.3",
            "file:///studies/1.2/series/1.3",
            "gopher://db1.example.fr/studies/1.2/series/1.3",
            "https:///studies/1.2/series/1.3",
            "https://127.0.0.1/studies/1.2/series/1.3",
            "https://2130706433/studies/1.2/series/1.3",
            "https://0x7f.1/studies/1.2/series/1.3",
            "https://[::1]/studies/1.2/series/1.3",
            "https://169.254.169.254/studies/1.2/series/1.3",
            "https://user@db1.example.fr/studies/1.2/series/1.3",
            "https://user:pass@db1.example.fr/studies/1.2/series/1.3",
            "https://db1.example.fr/studies/1.2/series/1.4",
            "https://db1.example.fr/studies/1.2/series/1.3?x=1",
            "https://db1.example.fr/studies/1.2/series/1.3#x",
            "https://db1.example.fr/studies/1.2/series/1.3/instances/1.4",
            "https://db1.example.fr/x%2f..%2fy/studies/1.2/series/1.3",
            "https://db1.example.fr//evil.example//studies/1.2/series/1.3",
            "https://db1.example.fr/?/studies/1.2/series/1.3",
        ] {
            assert_eq!(root_of(address), None, "{address}");
        }
    }
}
