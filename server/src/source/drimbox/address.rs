//! The addresses that manifests give for their series.

use std::collections::HashSet;

use reqwest::Url;

/// Which addresses mean the configured box.
pub(super) struct Allowed {
    /// Lower case, with the port where it is not 443.
    hosts: HashSet<String>,
}

impl Allowed {
    /// The host of the service itself, and others, each with or without a port.
    pub(super) fn new(base: &Url, others: &[String]) -> Self {
        let others = others.iter().filter_map(|host| host_of(&format!("https://{host}/")));
        Self { hosts: host_of(base.as_str()).into_iter().chain(others).collect() }
    }

    /// Whether an address is that of this series on the box.
    pub(super) fn is_series(&self, address: &str, study: &str, series: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let path = url.path().trim_end_matches('/');
        let is_bare = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        is_bare
            && host_of(address).is_some_and(|host| self.hosts.contains(&host))
            && path.ends_with(&format!("/studies/{study}/series/{series}"))
    }
}

/// Host and port of an https address.
fn host_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "https")?;
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    Some(url.port().map_or(host.clone(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_series(address: &str) -> bool {
        let base = Url::parse("https://db1.349.example.fr/dicom-web-rs").unwrap();
        let others = ["db1.old.example.fr".to_owned(), "box.local:8443".to_owned()];
        Allowed::new(&base, &others).is_series(address, "1.2", "1.3")
    }

    #[test]
    fn addresses_of_the_box_are_told_from_others() {
        for good in [
            "https://db1.349.example.fr/dicom-web-rs/studies/1.2/series/1.3",
            "https://DB1.349.example.fr.:443/dicom-web-rs/studies/1.2/series/1.3/",
            "https://db1.old.example.fr/x/studies/1.2/series/1.3",
            "https://box.local:8443/studies/1.2/series/1.3",
        ] {
            assert!(is_series(good), "{good}");
        }
        for bad in [
            "https://db1.evil.example/dicom-web-rs/studies/1.2/series/1.3",
            "https://db1.349.example.fr.evil.example/studies/1.2/series/1.3",
            "https://evil.example/@db1.349.example.fr/studies/1.2/series/1.3",
            "https://db1.349.example.fr@evil.example/studies/1.2/series/1.3",
            "https://a:b@db1.349.example.fr/studies/1.2/series/1.3",
            "http://db1.349.example.fr/dicom-web-rs/studies/1.2/series/1.3",
            "https://db1.349.example.fr:8443/dicom-web-rs/studies/1.2/series/1.3",
            "https://box.local/studies/1.2/series/1.3",
            "https://db1.349.example.fr/dicom-web-rs/studies/1.2/series/1.4",
            "https://db1.349.example.fr/dicom-web-rs/studies/1.2/series/1.3?x=1",
            "https://169.254.169.254/studies/1.2/series/1.3",
            "file:///studies/1.2/series/1.3",
            "",
        ] {
            assert!(!is_series(bad), "{bad}");
        }
    }
}
