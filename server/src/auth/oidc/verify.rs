//! The ID token (OpenID Connect Core 3.1.3.7).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce, OAuth2TokenResponse,
    SignatureVerificationError, TokenResponse,
    core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreTokenResponse},
};

use super::{Fault, Provider, ProviderError, discovery::Snapshot};

/// Clocks may differ by this much.
const SKEW_SECONDS: i64 = 60;

/// An ID token that is good, with the keys it was checked with.
pub(super) struct Verified {
    pub(super) subject: String,
    pub(super) acr: String,
    pub(super) amr: Vec<String>,
    pub(super) id_token: String,
    pub(super) snapshot: Arc<Snapshot>,
}

impl Provider {
    pub(super) async fn verify(
        &self,
        snapshot: Arc<Snapshot>,
        answer: &CoreTokenResponse,
        nonce: &str,
        now: i64,
    ) -> Result<Verified, ProviderError> {
        let first = self.verify_with(Arc::clone(&snapshot), answer, nonce, now);
        // The key may be newer than what is known of the provider.
        if matches!(first, Err(Problem::UnknownKey))
            && let Some(newer) = self.discovery.with_new_keys(&self.http, now).await?
        {
            return Ok(self.verify_with(newer, answer, nonce, now).map_err(Problem::fault)?);
        }
        Ok(first.map_err(Problem::fault)?)
    }

    fn verify_with(
        &self,
        snapshot: Arc<Snapshot>,
        answer: &CoreTokenResponse,
        nonce: &str,
        now: i64,
    ) -> Result<Verified, Problem> {
        let id_token = answer.id_token().ok_or(Fault::IdToken)?;
        let verifier = self.verifier(&snapshot, now)?;
        let claims =
            id_token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|e| problem(&e))?;
        if claims.authorized_party().is_some_and(|party| **party != self.client_id) {
            return Err(Fault::Audience.into());
        }
        check_access_token(id_token, claims, &verifier, answer)?;
        let acr = claims.auth_context_ref().map(|acr| acr.to_string()).unwrap_or_default();
        if !reaches(&acr, &self.min_acr) {
            return Err(Fault::Level.into());
        }
        let amr = claims.auth_method_refs().into_iter().flatten().map(|amr| amr.to_string());
        Ok(Verified {
            subject: claims.subject().to_string(),
            acr,
            amr: amr.collect(),
            id_token: id_token.to_string(),
            snapshot,
        })
    }

    fn verifier(&self, snapshot: &Snapshot, now: i64) -> Result<CoreIdTokenVerifier<'_>, Fault> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|_cause| Fault::Issuer)?;
        let client_id = ClientId::new(self.client_id.clone());
        let now = DateTime::from_timestamp(now, 0).ok_or(Fault::Time)?;
        let skew = TimeDelta::seconds(SKEW_SECONDS);
        let is_issued = move |issued: DateTime<Utc>| {
            if issued <= now + skew { Ok(()) } else { Err("issued in the future".to_owned()) }
        };
        // A public client's verifier: tokens signed with the client's own secret are refused outright.
        let keys = snapshot.keys.clone();
        Ok(CoreIdTokenVerifier::new_public_client(client_id, issuer, keys)
            .set_allowed_algs([self.algorithm.clone()])
            .set_time_fn(move || now - skew)
            .set_issue_time_verifier_fn(is_issued))
    }
}

/// `at_hash`, where it is there: the access token belongs to this ID token.
fn check_access_token(
    id_token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    verifier: &CoreIdTokenVerifier<'_>,
    answer: &CoreTokenResponse,
) -> Result<(), Fault> {
    let Some(expected) = claims.access_token_hash() else { return Ok(()) };
    let algorithm = id_token.signing_alg().map_err(|_cause| Fault::Signature)?;
    let key = id_token.signing_key(verifier).map_err(|_cause| Fault::Signature)?;
    let found = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
    if found.is_ok_and(|found| found == *expected) { Ok(()) } else { Err(Fault::AccessToken) }
}

/// Whether a level is at least another: eidas1 < eidas2 < eidas3. Unknown names reach nothing.
fn reaches(found: &str, wanted: &str) -> bool {
    let rank =
        |level: &str| ["eidas1", "eidas2", "eidas3"].iter().position(|known| *known == level);
    rank(found).is_some_and(|found| rank(wanted).is_some_and(|wanted| found >= wanted))
}

enum Problem {
    UnknownKey,
    Fault(Fault),
}

impl Problem {
    const fn fault(self) -> Fault {
        match self {
            Self::UnknownKey => Fault::Signature,
            Self::Fault(fault) => fault,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn problem(error: &ClaimsVerificationError) -> Problem {
    let fault = match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => return Problem::UnknownKey,
        ClaimsVerificationError::SignatureVerification(_) => Fault::Signature,
        ClaimsVerificationError::Expired(_) | ClaimsVerificationError::InvalidAuthTime(_) => {
            Fault::Time
        }
        ClaimsVerificationError::InvalidAudience(_) => Fault::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Fault::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Fault::Nonce,
        _ => Fault::IdToken,
    };
    fault.into()
}

#[cfg(test)]
mod tests {
    use super::reaches;

    #[test]
    fn item_7_levels_are_ordered_and_unknown_ones_reach_nothing() {
        assert!(reaches("eidas1", "eidas1"));
        assert!(reaches("eidas3", "eidas2"));
        assert!(!reaches("eidas1", "eidas2"));
        for unknown in ["", "eidas0", "EIDAS2", "eidas4", "0"] {
            assert!(!reaches(unknown, "eidas1"), "{unknown}");
        }
    }
}
