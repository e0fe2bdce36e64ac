//! Who may sign, and whether the signer's certificate counts: chain, time, usage, revocation.

use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, TrustAnchor, UnixTime, pem::PemObject as _,
};
use time::{Duration, OffsetDateTime};
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage,
    RevocationCheckDepth, RevocationOptions, RevocationOptionsBuilder, UnknownStatusPolicy,
    anchor_from_trusted_cert,
};
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Certificate};

use super::error::{Refusal, TrustError};

/// id-kp-emailProtection: what the agency's signing certificates are for.
const EMAIL_PROTECTION: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 4];
/// How far clocks may be apart.
pub(super) const CLOCK_SKEW: Duration = Duration::minutes(5);

/// Whom the operator believes: roots, authorities between them and the signer, lists of revoked certificates.
#[derive(Clone, Debug, Default)]
pub struct Authorities {
    roots: Vec<CertificateDer<'static>>,
    intermediates: Vec<CertificateDer<'static>>,
    revoked: Vec<CertificateRevocationListDer<'static>>,
}

impl Authorities {
    /// From PEM.
    ///
    /// # Errors
    /// [`TrustError`] where there is no certificate in the roots, or something else than certificates.
    pub fn new(roots: &[u8], intermediates: &[&[u8]]) -> Result<Self, TrustError> {
        let roots = certificates(roots)?;
        if roots.is_empty() {
            return Err(TrustError::NoRoot);
        }
        let intermediates: Result<Vec<_>, _> =
            intermediates.iter().map(|it| certificates(it)).collect();
        Ok(Self { roots, intermediates: intermediates?.concat(), revoked: Vec::new() })
    }

    /// With these lists of revoked certificates, PEM or DER, and no others.
    ///
    /// # Errors
    /// [`TrustError`] where one is none.
    pub fn with_revoked(mut self, lists: &[Vec<u8>]) -> Result<Self, TrustError> {
        let lists: Result<Vec<_>, _> = lists.iter().map(|list| revocation_list(list)).collect();
        self.revoked = lists?;
        Ok(self)
    }

    /// Whether every root is an authority: one that is not is believed for itself alone, and nobody revokes it.
    #[must_use]
    pub fn are_authorities(&self) -> bool {
        self.roots
            .iter()
            .all(|root| X509Certificate::from_der(root).is_ok_and(|(_, root)| root.is_ca()))
    }

    /// Whether this certificate counts at this time.
    pub(super) fn check(&self, certificate: &[u8], now: OffsetDateTime) -> Result<(), Refusal> {
        if self.roots.iter().any(|root| root.as_ref() == certificate) {
            return check_time(certificate, now);
        }
        let der = CertificateDer::from(certificate);
        let signer = EndEntityCert::try_from(&der).map_err(Refusal::Chain)?;
        let anchors: Result<Vec<TrustAnchor<'_>>, _> =
            self.roots.iter().map(anchor_from_trusted_cert).collect();
        let anchors = anchors.map_err(Refusal::Chain)?;
        let lists = self.lists(now)?;
        let lists: Vec<&CertRevocationList<'_>> = lists.iter().collect();
        // The signer's status must be known; that of the authorities above it is looked at where a list tells it.
        for (depth, unknown) in [
            (RevocationCheckDepth::EndEntity, UnknownStatusPolicy::Deny),
            (RevocationCheckDepth::Chain, UnknownStatusPolicy::Allow),
        ] {
            signer
                .verify_for_usage(
                    webpki::ALL_VERIFICATION_ALGS,
                    &anchors,
                    &self.intermediates,
                    unix_time(now),
                    KeyUsage::required_if_present(EMAIL_PROTECTION),
                    Some(revocation(&lists, depth, unknown)?),
                    None,
                )
                .map_err(Refusal::Chain)?;
        }
        Ok(())
    }

    /// The lists of revoked certificates, none of which is of another time.
    fn lists(&self, now: OffsetDateTime) -> Result<Vec<CertRevocationList<'_>>, Refusal> {
        let read = |list: &'_ CertificateRevocationListDer<'static>| -> Result<_, Refusal> {
            let (_, parsed) = CertificateRevocationList::from_der(list)
                .map_err(|_details_of_the_parser| Refusal::RevocationList)?;
            if parsed.last_update().timestamp() > (now + CLOCK_SKEW).unix_timestamp() {
                return Err(Refusal::EarlyRevocationList);
            }
            Ok(())
        };
        self.revoked.iter().try_for_each(read)?;
        let borrowed = self.revoked.iter().map(|list| BorrowedCertRevocationList::from_der(list));
        let borrowed = borrowed.map(|list| list.map(CertRevocationList::Borrowed));
        borrowed.collect::<Result<_, _>>().map_err(Refusal::Chain)
    }
}

fn revocation<'a>(
    lists: &'a [&'a CertRevocationList<'a>],
    depth: RevocationCheckDepth,
    unknown: UnknownStatusPolicy,
) -> Result<RevocationOptions<'a>, Refusal> {
    let options = RevocationOptionsBuilder::new(lists);
    let options = options.map_err(|_none| Refusal::NoRevocationList)?;
    Ok(options
        .with_depth(depth)
        .with_status_policy(unknown)
        .with_expiration_policy(ExpirationPolicy::Enforce)
        .build())
}

fn check_time(certificate: &[u8], now: OffsetDateTime) -> Result<(), Refusal> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_details_of_the_parser| Refusal::Certificate)?;
    let (from, to) = (parsed.validity().not_before, parsed.validity().not_after);
    let counts = (from.timestamp()..=to.timestamp()).contains(&now.unix_timestamp());
    if counts { Ok(()) } else { Err(Refusal::Expired) }
}

fn unix_time(now: OffsetDateTime) -> UnixTime {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    Ok(CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?)
}

/// Authorities publish DER, tools write PEM.
fn revocation_list(bytes: &[u8]) -> Result<CertificateRevocationListDer<'static>, TrustError> {
    let list = if bytes.starts_with(b"-----BEGIN") {
        CertificateRevocationListDer::from_pem_slice(bytes)?
    } else {
        CertificateRevocationListDer::from(bytes.to_vec())
    };
    match BorrowedCertRevocationList::from_der(&list) {
        Ok(_) => Ok(list),
        Err(cause) => Err(TrustError::RevocationList(cause)),
    }
}
