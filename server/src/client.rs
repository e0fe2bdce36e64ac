//! Who asks: address, host asked for and transport, with `X-Forwarded-*` believed from trusted proxies only.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderName, Uri, header::HOST, uri::Authority},
};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Who asks for what host, over what.
#[derive(Clone, Debug)]
pub struct Client {
    /// Address of the visitor.
    pub address: IpAddr,
    /// Host and port asked for, as sent.
    pub authority: Authority,
    /// Whether the visitor's connection is encrypted.
    pub secure: bool,
}

impl Client {
    /// Reads it from a request; `None` where no or no single host is asked for.
    #[must_use]
    pub fn of(
        (uri, headers, extensions): (&Uri, &HeaderMap, &Extensions),
        trusted: &[IpNet],
        tls: bool,
    ) -> Option<Self> {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
                peer.ip().to_canonical()
            });
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        if !is_trusted(&peer) {
            let authority = asked_authority(uri, headers)?;
            return Some(Self { address: peer, authority, secure: tls });
        }
        let authority = match single(headers, &FORWARDED_HOST) {
            Some(host) => parse_authority(host)?,
            None => asked_authority(uri, headers)?,
        };
        let secure = match single(headers, &FORWARDED_PROTO) {
            Some(scheme) => scheme.trim().eq_ignore_ascii_case("https"),
            None => tls,
        };
        Some(Self {
            address: forwarded_for(headers, is_trusted).unwrap_or(peer),
            authority,
            secure,
        })
    }

    /// The host without port, in lower case, without the dot of the root.
    #[must_use]
    pub fn host(&self) -> String {
        self.authority.host().trim_end_matches('.').to_ascii_lowercase()
    }

    /// What is counted together when tries are limited: an IPv4 address, or an IPv6 /64, which is
    /// what one subscriber has.
    #[must_use]
    pub fn neighbourhood(&self) -> IpAddr {
        neighbourhood(self.address)
    }
}

/// See [`Client::neighbourhood`].
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
    }
}

/// `:authority` (HTTP/2) or the host of an absolute request target wins over `Host` (RFC 9112 3.2.2).
fn asked_authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    match uri.authority() {
        Some(authority) => parse_authority(authority.as_str()),
        None => parse_authority(single(headers, &HOST)?),
    }
}

fn parse_authority(text: &str) -> Option<Authority> {
    let authority: Authority = text.trim().parse().ok()?;
    let is_host_only = authority.as_str().trim_end_matches(':') == authority.host();
    // A port is a number; with `user@` neither holds.
    let has_port = authority.port_u16().is_some() && !authority.as_str().contains('@');
    (is_host_only || has_port).then_some(authority)
}

/// The value of a header that is there exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok()
}

/// The last address that is not one of our proxies: everything before it can be made up.
fn forwarded_for(headers: &HeaderMap, is_trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let values: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    values
        .iter()
        .flat_map(|value| value.split(','))
        .rev()
        .map_while(|text| text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical()))
        .find(|address| !is_trusted(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, uri: &str, headers: &[(&str, &str)]) -> Option<Client> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        Client::of((&uri.parse().unwrap(), &map, &extensions), &trusted, false)
    }

    #[test]
    fn host_is_read_as_browsers_write_it() {
        let host =
            |uri: &str, headers: &[(&str, &str)]| client("9.9.9.9", uri, headers).map(|c| c.host());
        let vi1 = Some("vi1.349.example.fr".to_owned());
        assert_eq!(host("/", &[("host", "VI1.349.example.fr:8443")]), vi1);
        assert_eq!(host("/", &[("host", "vi1.349.example.fr.")]), vi1);
        assert_eq!(host("https://vi1.349.example.fr/", &[]), vi1);
        assert_eq!(host("https://vi1.349.example.fr/", &[("host", "other")]), vi1);
        assert_eq!(host("/", &[]), None);
        assert_eq!(host("/", &[("host", "a"), ("host", "b")]), None);
        assert_eq!(host("/", &[("host", "a@b")]), None);
        assert_eq!(host("/", &[("host", "a b")]), None);
        assert_eq!(host("/", &[("host", "a:99999")]), None);
        assert_eq!(host("/", &[("host", "a:")]).as_deref(), Some("a"));
    }

    #[test]
    fn strangers_cannot_forward() {
        let forged = [
            ("host", "a"),
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-host", "b"),
            ("x-forwarded-proto", "https"),
        ];
        let client = client("9.9.9.9", "/", &forged).unwrap();
        assert_eq!((client.host().as_str(), client.address.to_string().as_str()), ("a", "9.9.9.9"));
        assert!(!client.secure);
    }

    #[test]
    fn proxies_are_believed() {
        let forwarded = [
            ("host", "inner"),
            ("x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.0.0.7"),
            ("x-forwarded-host", "b"),
            ("x-forwarded-proto", "https"),
        ];
        let found = client("10.0.0.1", "/", &forwarded).unwrap();
        assert_eq!((found.host().as_str(), found.address.to_string().as_str()), ("b", "1.1.1.1"));
        assert!(found.secure);
        let plain =
            client("10.0.0.1", "/", &[("host", "inner"), ("x-forwarded-for", "junk, 10.0.0.7")]);
        assert_eq!(plain.unwrap().address.to_string(), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_subscriber_is_one_neighbourhood() {
        let of =
            |peer: &str| client(peer, "/", &[("host", "a")]).unwrap().neighbourhood().to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("9.9.9.9"), "9.9.9.9");
        assert_eq!(of("::ffff:9.9.9.9"), "9.9.9.9");
    }
}
