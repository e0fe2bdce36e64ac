//! Authorities, signers and lists of revoked certificates, as the health network has them.

use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RevokedCertParams, SerialNumber, SigningKey,
};
use time::{Duration, OffsetDateTime};

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) const UNIT: &str = "318751275100020";
pub(crate) const ORGANIZATION: &str = "AGENCE DU NUMERIQUE EN SANTE";
pub(crate) const COMMON_NAME: &str = "Liste Blanche DRIM-M";

/// The day on which everything here happens, where a program does not say another one first.
pub(crate) static NOW: OnceLock<OffsetDateTime> = OnceLock::new();

pub(crate) fn now() -> OffsetDateTime {
    *NOW.get_or_init(|| OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap())
}

/// A certificate with its key.
pub(crate) struct Leaf {
    pub(crate) der: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    key: &'static KeyPair,
}

impl Leaf {
    /// RSA, SHA-256.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.key.sign(bytes).unwrap()
    }
}

/// What is special about a signer.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) name: [(DnType, &'static str); 3],
    pub(crate) usages: Vec<KeyUsagePurpose>,
    pub(crate) purpose: ExtendedKeyUsagePurpose,
    pub(crate) days: [i64; 2],
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: [
                (DnType::OrganizationName, ORGANIZATION),
                (DnType::OrganizationalUnitName, UNIT),
                (DnType::CommonName, COMMON_NAME),
            ],
            usages: vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment],
            purpose: ExtendedKeyUsagePurpose::EmailProtection,
            days: [-100, 100],
        }
    }
}

/// A root, the authority below it, and the signer.
pub(crate) struct Pki {
    pub(crate) root: Authority,
    pub(crate) middle: Authority,
    pub(crate) signer: Leaf,
}

pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let root =
            CertifiedIssuer::self_signed(authority("TEST AC RACINE"), KeyPair::generate().unwrap());
        let root = root.unwrap();
        let key = KeyPair::generate().unwrap();
        let middle =
            CertifiedIssuer::signed_by(authority("TEST AC ORGANISATIONS"), key, &root).unwrap();
        let signer = leaf(&middle, &Profile::default(), 7);
        Pki { root, middle, signer }
    })
}

/// Another authority with the very names of ours.
pub(crate) fn impostors() -> Authority {
    let key = KeyPair::generate().unwrap();
    CertifiedIssuer::self_signed(authority("TEST AC ORGANISATIONS"), key).unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = now() - Duration::days(1000);
    params.not_after = now() + Duration::days(1000);
    params.serial_number = Some(SerialNumber::from(3_u64));
    params
}

/// All leaves share one key: RSA keys take their time.
pub(crate) fn leaf(issuer: &Authority, profile: &Profile, serial: u64) -> Leaf {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    let key = KEY.get_or_init(|| KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap());
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in &profile.name {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.key_usages.clone_from(&profile.usages);
    params.extended_key_usages = vec![profile.purpose.clone()];
    params.not_before = now() + Duration::days(profile.days[0]);
    params.not_after = now() + Duration::days(profile.days[1]);
    params.serial_number = Some(SerialNumber::from(serial));
    let der = params.signed_by(key, issuer).unwrap().der().to_vec();
    Leaf { der, serial: SerialNumber::from(serial).to_bytes(), key }
}

/// A list of revoked certificates (DER) of an authority, made and renewed so many days from now.
pub(crate) fn revoked(issuer: &Authority, serials: &[&[u8]], days: [i64; 2]) -> Vec<u8> {
    let revoked = |serial: &&[u8]| RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: now() - Duration::days(1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: now() + Duration::days(days[0]),
        next_update: now() + Duration::days(days[1]),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().der().to_vec()
}
