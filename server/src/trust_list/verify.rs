//! Every rule by which a list is accepted, in the order in which they are asked.

use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;

use super::authorities::{Authorities, CLOCK_SKEW};
use super::document::host_name;
use super::document::{Document, Domain};
use super::error::Refusal;
use super::name::DistinguishedName;
use super::signer::{Key, Signer, not_after};

/// What a list is held against.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Who signs.
    pub signer: Signer,
    /// Who says so.
    pub authorities: Authorities,
}

/// A list with a signature by the right name.
#[derive(Clone, Debug)]
pub struct TrustList {
    /// Its boxes.
    pub domains: Vec<Domain>,
    /// When it was signed, as the signer says.
    pub signed: OffsetDateTime,
    /// When it was made.
    pub generated: OffsetDateTime,
    certificate: Vec<u8>,
}

impl TrustList {
    /// By which an older list is told: what was made in June may be signed anew in September.
    #[must_use]
    pub fn issued(&self) -> OffsetDateTime {
        self.signed.max(self.generated)
    }

    /// Whether a box of this name is listed at all.
    #[must_use]
    pub fn lists(&self, host: &str) -> bool {
        host_name(host).is_some_and(|host| self.domains.iter().any(|it| it.box_host == host))
    }

    /// Whether the certificate with this subject is that of the box of this name. Where the list names no certificate
    /// for the box, none is.
    #[must_use]
    pub fn is_certificate_of(&self, host: &str, subject: &DistinguishedName) -> bool {
        let Some(host) = host_name(host) else { return false };
        let of_host = self.domains.iter().filter(|it| it.box_host == host);
        of_host
            .filter_map(|domain| DistinguishedName::parse(domain.certificate_name.as_deref()?))
            .any(|listed| listed == *subject)
    }

    /// Host name of the box whose certificate has this subject.
    #[must_use]
    pub fn box_of(&self, subject: &DistinguishedName) -> Option<&str> {
        let is_named = |domain: &&Domain| {
            let name = domain.certificate_name.as_deref().and_then(DistinguishedName::parse);
            name.is_some_and(|listed| listed == *subject)
        };
        self.domains.iter().find(is_named).map(|domain| domain.box_host.as_str())
    }

    /// Reads a list that the pinned name has signed by whatever key came with it. Only for lists of our own disk, which
    /// were accepted before: who certified the key, and whether that counts still, is not asked.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(bytes: &[u8], signer: &Signer) -> Result<Self, Refusal> {
        let document = Document::parse(bytes)?;
        let certificate = signer.certificate(document.certificates())?;
        Self::signed_by(&document, certificate)
    }

    /// Reads a list and holds it against every rule.
    ///
    /// # Errors
    /// [`Refusal`] by the first rule that it breaks.
    pub fn verify(
        bytes: &[u8],
        trust: &Trust,
        now: OffsetDateTime,
        previous: Option<&Self>,
    ) -> Result<Self, Refusal> {
        let document = Document::parse(bytes)?;
        let certificate = trust.signer.certificate(document.certificates())?;
        trust.authorities.check(certificate, now)?;
        let list = Self::signed_by(&document, certificate)?;
        list.check_times(now)?;
        if let Some(previous) = previous.map(Self::issued).filter(|it| list.issued() < *it) {
            return Err(Refusal::Older { this: list.issued(), previous });
        }
        Ok(list)
    }

    fn signed_by(document: &Document, certificate: &[u8]) -> Result<Self, Refusal> {
        let der = CertificateDer::from(certificate);
        let key = Key::of(&der)?;
        let signed = document.verify(|hash, bytes, value| key.has_signed(hash, bytes, value))?;
        if !signed.properties.is_of_certificate(certificate) {
            return Err(Refusal::OtherCertificate);
        }
        Ok(Self {
            domains: signed.list.domains,
            signed: signed.properties.signing_time,
            generated: signed.list.generated,
            certificate: certificate.to_vec(),
        })
    }

    /// The times are the signer's word; that they are not before the certificate's beginning is not asked (see
    /// docs/adr/0023).
    fn check_times(&self, now: OffsetDateTime) -> Result<(), Refusal> {
        let end = not_after(&self.certificate)?;
        for time in [self.signed, self.generated] {
            if time > now + CLOCK_SKEW || time.unix_timestamp() > end {
                return Err(Refusal::SigningTime(time));
            }
        }
        Ok(())
    }
}
