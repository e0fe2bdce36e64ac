//! Which network addresses may be contacted: public ones, and those that the operator names. A name that somebody else
//! writes down must not lead into the hospital's own network.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::Host;

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), bits)
}

/// Special-purpose addresses (RFC 6890 and its registry), multicast, and what is reserved.
const NOT_PUBLIC_V4: [Ipv4Net; 14] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 3),
];

const fn v6(first: u16, second: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(std::net::Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), bits)
}

/// The only global unicast addresses there are, and within them those that stand for others: protocol assignments with
/// Teredo, documentation, 6to4.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);
const NOT_PUBLIC_V6: [Ipv6Net; 4] =
    [v6(0x2001, 0, 23), v6(0x2001, 0xDB8, 32), v6(0x2002, 0, 16), v6(0x3FFF, 0, 20)];

/// A name has no address that may be contacted.
#[derive(Debug, Error)]
#[error(
    "{0} has no address that may be contacted: only public ones, and trust_list.allowed_networks"
)]
pub struct NoAddress(String);

/// Lets addresses through.
#[derive(Clone, Debug)]
pub struct Guard(Arc<[IpNet]>);

impl Guard {
    /// Public addresses and these.
    #[must_use]
    pub fn new(allowed: &[IpNet]) -> Self {
        Self(allowed.into())
    }

    /// Whether an address may be contacted.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.0.iter().any(|net| net.contains(&address))
    }

    /// An address that is written into a URL is never resolved: it is looked at here.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NoAddress> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(NoAddress(String::new())),
        };
        if self.permits(address) { Ok(()) } else { Err(NoAddress(address.to_string())) }
    }

    async fn addresses(
        &self,
        name: &str,
    ) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
        // Port 0: whoever connects puts the right one in.
        let found = tokio::net::lookup_host((name, 0)).await?;
        let permitted: Vec<SocketAddr> = found.filter(|it| self.permits(it.ip())).collect();
        if permitted.is_empty() {
            return Err(NoAddress(name.to_owned()).into());
        }
        Ok(Box::new(permitted.into_iter()))
    }
}

/// The connection goes to the very addresses that were looked at: a name that changes its mind in between gains nothing.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move { guard.addresses(name.as_str()).await })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_contacted() {
        let guard = Guard::new(&[]);
        for address in ["8.8.8.8", "185.199.108.133", "172.32.0.1", "2a00:1450::1", "2606:4700::1"]
        {
            assert!(guard.permits(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
        ] {
            assert!(!guard.permits(address.parse().unwrap()), "{address}");
        }
        let allowed = Guard::new(&["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()]);
        let permits = |address: &str| allowed.permits(address.parse().unwrap());
        assert!(permits("10.1.2.3") && permits("::ffff:10.1.2.3") && permits("::1"));
        assert!(!permits("10.2.0.1") && !permits("127.0.0.1"));
    }

    #[test]
    fn written_addresses_are_looked_at_too() {
        let guard = Guard::new(&[]);
        let check = |url: &str| guard.check(&Url::parse(url).unwrap()).is_ok();
        assert!(check("https://example.fr/") && check("https://8.8.8.8/"));
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest",
        ] {
            assert!(!check(url), "{url}");
        }
    }

    #[tokio::test]
    async fn names_of_this_machine_have_no_address() {
        let refused = Guard::new(&[]).addresses("localhost").await.err().unwrap().to_string();
        assert!(refused.contains("localhost has no address"), "{refused}");
        let loopback = ["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        assert!(Guard::new(&loopback).addresses("localhost").await.is_ok());
    }
}
