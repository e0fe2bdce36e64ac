//! Names of certificates: as in a certificate, and as people write them down.

use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};

/// Attributes of a name by their short types, in lower case and sorted: written names begin at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName(Vec<(String, String)>);

const TYPES: [(&str, &str); 9] = [
    ("2.5.4.3", "cn"),
    ("2.5.4.5", "serialnumber"),
    ("2.5.4.6", "c"),
    ("2.5.4.7", "l"),
    ("2.5.4.8", "st"),
    ("2.5.4.10", "o"),
    ("2.5.4.11", "ou"),
    ("2.5.4.97", "organizationidentifier"),
    ("1.2.840.113549.1.9.1", "emailaddress"),
];

impl DistinguishedName {
    fn new(mut attributes: Vec<(String, String)>) -> Self {
        attributes.sort_unstable();
        Self(attributes)
    }

    /// The subject of a certificate; `None` where it is none, or holds something that is no text.
    pub fn of_certificate(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        Self::of_name(certificate.subject())
    }

    /// From a name within a certificate.
    pub fn of_name(name: &X509Name<'_>) -> Option<Self> {
        let attributes = name.iter_attributes().map(|attribute| {
            let oid = attribute.attr_type().to_id_string();
            let known = TYPES.iter().find(|(known, _)| *known == oid);
            let kind = known.map_or(oid.as_str(), |(_, short)| short).to_owned();
            Some((kind, attribute.as_str().ok()?.trim().to_lowercase()))
        });
        Some(Self::new(attributes.collect::<Option<_>>()?))
    }

    /// `CN=db1.example.fr, OU=3123, O=Centre\, annexe` (RFC 4514, with spaces). `None` where it is no such thing.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Option<Vec<_>> = split(text).into_iter().map(attribute).collect();
        parts.filter(|parts| !parts.is_empty()).map(Self::new)
    }

    /// The only value of a type; `None` where there is none, or more than one.
    pub fn only(&self, kind: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == kind);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// At commas that are not escaped.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte == b',' && !escaped {
            parts.extend(text.get(start..at));
            start = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    parts.extend(text.get(start..));
    parts
}

fn attribute(part: &str) -> Option<(String, String)> {
    let (kind, value) = part.split_once('=')?;
    let value = unescape(value.trim())?;
    let kind = kind.trim().to_lowercase();
    let is_complete = !kind.is_empty() && !value.is_empty();
    is_complete.then(|| (kind, value.to_lowercase()))
}

/// `\,` and `\C3\A9`
fn unescape(text: &str) -> Option<String> {
    let mut bytes = text.bytes().peekable();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        let first = bytes.next()?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
        match digit(first) {
            Some(high) => plain.push(high << 4 | digit(bytes.next()?)?),
            None => plain.push(first),
        }
    }
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_names_are_those_of_certificates() {
        let of_certificate = |pairs: &[(rcgen::DnType, &str)]| {
            let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
            params.distinguished_name = rcgen::DistinguishedName::new();
            for (kind, value) in pairs {
                params.distinguished_name.push(kind.clone(), *value);
            }
            let key = rcgen::KeyPair::generate().unwrap();
            DistinguishedName::of_certificate(params.self_signed(&key).unwrap().der()).unwrap()
        };
        use rcgen::DnType::{CommonName, CountryName, OrganizationName, StateOrProvinceName};
        let name = of_certificate(&[
            (CountryName, "FR"),
            (StateOrProvinceName, "Côte-d'Or (21)"),
            (OrganizationName, "OP é, annexe"),
            (CommonName, "db1.349.example.fr"),
        ]);
        let written = |text| DistinguishedName::parse(text);
        for same in [
            "CN=db1.349.example.fr,O=OP é\\, annexe,ST=Côte-d'Or (21),C=FR",
            "cn=DB1.349.example.fr, O = OP \\C3\\A9\\, annexe , ST=Côte-d'Or (21), C=FR",
            "C=FR, ST=Côte-d'Or (21), O=OP é\\, annexe, CN=db1.349.example.fr",
        ] {
            assert_eq!(written(same).as_ref(), Some(&name), "{same}");
        }
        for other in [
            "CN=db1.349.example.fr,O=OP é\\, annexe,ST=Côte-d'Or (21)",
            "CN=db1.349.example.fr,O=OP é\\, annexe,ST=Côte-d'Or (21),C=FR,OU=1",
            "CN=db1.349.example.fr,CN=db1.349.example.fr,O=OP é\\, annexe,ST=Côte-d'Or (21),C=FR",
            "CN=db2.349.example.fr,O=OP é\\, annexe,ST=Côte-d'Or (21),C=FR",
        ] {
            assert_ne!(written(other).unwrap(), name, "{other}");
        }
        for bad in ["", "CN", "CN=", "CN=a,,O=b", "CN=a\\", "CN=\\F", "CN=\\FF"] {
            assert_eq!(written(bad), None, "{bad}");
        }
        assert_eq!(name.only("cn"), Some("db1.349.example.fr"));
        assert_eq!(written("CN=a,CN=b").unwrap().only("cn"), None);
    }
}
