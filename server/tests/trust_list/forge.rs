//! Signs lists: written in canonical form from the start, so that nothing here canonicalizes anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use negatoscope_server::trust_list::{Authorities, Refusal, Signer, Trust, TrustList};
use sha2::{Digest as _, Sha256, Sha512};

use crate::pki::{Leaf, now, pki, revoked};

pub(crate) const EXCLUSIVE: &str =
    r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>"#;
pub(crate) const XPATH: &str = r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"#;
pub(crate) const FILTER2: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><f2:XPath xmlns:f2="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">/descendant::ds:Signature</f2:XPath></ds:Transform>"#;
pub(crate) const ENVELOPED: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>"#;

pub(crate) const SIGNED: &str = "2026-09-20T06:00:00Z";
const END: &str = "</ListeBlancheDRIM-M>";

/// A list about to be signed; change what is to be wrong about it, before or after.
pub(crate) struct Forge<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) version: &'a str,
    pub(crate) content: String,
    pub(crate) list_transforms: String,
    pub(crate) properties_transforms: String,
    pub(crate) signed: &'a str,
    pub(crate) signer: &'a Leaf,
    /// What is written into the properties.
    pub(crate) certificate: &'a Leaf,
    pub(crate) certificates: Vec<&'a Leaf>,
    /// V1 or V2 of the property.
    pub(crate) property: &'a str,
    /// Changes the properties, the signed information, and the finished document.
    pub(crate) edit_properties: fn(String) -> String,
    pub(crate) edit_information: fn(String) -> String,
    pub(crate) edit: fn(String) -> String,
}

impl Default for Forge<'_> {
    fn default() -> Self {
        let signer = &pki().signer;
        Self {
            namespace: "https://github.com/ansforge/DRIM-M_DATA",
            version: "1.0.0",
            content: content(
                "2026-09-20T05:00:00Z",
                &domain("db1.349.example.fr", "CN=db1.349.example.fr,O=OP é,C=FR"),
            ),
            list_transforms: format!("{XPATH}{EXCLUSIVE}"),
            properties_transforms: EXCLUSIVE.to_owned(),
            signed: SIGNED,
            signer,
            certificate: signer,
            certificates: vec![signer],
            property: "SigningCertificateV2",
            edit_properties: |text| text,
            edit_information: |text| text,
            edit: |text| text,
        }
    }
}

pub(crate) fn content(generated: &str, domains: &str) -> String {
    format!(
        "<DateDeGeneration>{generated}</DateDeGeneration>\n<ListeDomaines>{domains}</ListeDomaines>\n"
    )
}

pub(crate) fn domain(host: &str, certificate: &str) -> String {
    format!(
        "<Domaine><Identifiant>1</Identifiant><db>{host}</db><vi></vi><Denomination>OP é</Denomination>\
         <DNCertificatOperateur>{certificate}</DNCertificatOperateur><Inconnu>x</Inconnu></Domaine>"
    )
}

impl Forge<'_> {
    pub(crate) fn document(&self) -> Vec<u8> {
        let (namespace, version) = (self.namespace, self.version);
        let root =
            format!("<ListeBlancheDRIM-M xmlns=\"{namespace}\" versionFormat=\"{version}\">");
        let list = format!("{root}{}{END}", self.content);
        let properties = (self.edit_properties)(self.properties());
        let information = (self.edit_information)(self.information(&list, &properties));
        let value = STANDARD.encode(self.signer.sign(information.as_bytes()));
        let certificates: String = self
            .certificates
            .iter()
            .map(|leaf| {
                format!("<ds:X509Certificate>{}</ds:X509Certificate>", STANDARD.encode(&leaf.der))
            })
            .collect();
        let signature = format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"id-1\">{information}\
             <ds:SignatureValue>{value}</ds:SignatureValue>\
             <ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>\
             <ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#id-1\">\
             {properties}</xades:QualifyingProperties></ds:Object></ds:Signature>"
        );
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{root}{}{signature}{END}\n",
            self.content
        );
        (self.edit)(text).into_bytes()
    }

    fn properties(&self) -> String {
        let ds = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
        let (property, signed) = (self.property, self.signed);
        let digest = STANDARD.encode(Sha512::digest(&self.certificate.der));
        format!(
            "<xades:SignedProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Id=\"xades-id-1\">\
             <xades:SignedSignatureProperties><xades:SigningTime>{signed}</xades:SigningTime>\
             <xades:{property}><xades:Cert><xades:CertDigest>\
             <ds:DigestMethod {ds} Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"></ds:DigestMethod>\
             <ds:DigestValue {ds}>{digest}</ds:DigestValue>\
             </xades:CertDigest></xades:Cert></xades:{property}></xades:SignedSignatureProperties>\
             </xades:SignedProperties>"
        )
    }

    fn information(&self, list: &str, properties: &str) -> String {
        let (of_list, of_properties) = (&self.list_transforms, &self.properties_transforms);
        let list = STANDARD.encode(Sha512::digest(list));
        let properties = STANDARD.encode(Sha256::digest(properties));
        format!(
            "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
             <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod>\
             <ds:Reference Id=\"r-1\" Type=\"\" URI=\"\"><ds:Transforms>{of_list}</ds:Transforms>\
             <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"></ds:DigestMethod>\
             <ds:DigestValue>{list}</ds:DigestValue></ds:Reference>\
             <ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#xades-id-1\">\
             <ds:Transforms>{of_properties}</ds:Transforms>\
             <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
             <ds:DigestValue>{properties}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        )
    }
}

/// With an empty list of revoked certificates of every authority, made yesterday.
pub(crate) fn trust() -> Trust {
    let lists = [revoked(&pki().root, &[], [-1, 6]), revoked(&pki().middle, &[], [-1, 6])];
    Trust { signer: Signer::default(), authorities: authorities().with_revoked(&lists).unwrap() }
}

pub(crate) fn authorities() -> Authorities {
    let (root, middle) = (pki().root.pem(), pki().middle.pem());
    Authorities::new(root.as_bytes(), &[middle.as_bytes()]).unwrap()
}

pub(crate) fn verify(document: &[u8]) -> Result<TrustList, Refusal> {
    TrustList::verify(document, &trust(), now(), None)
}

/// Why a list is refused.
#[track_caller]
pub(crate) fn refusal(document: &[u8]) -> String {
    verify(document).unwrap_err().to_string()
}

/// That it is refused for this reason.
#[track_caller]
pub(crate) fn assert_refused(what: &str, document: &[u8], reason: &str) {
    let said = refusal(document);
    assert!(said.contains(reason), "{what}: {said}");
}
