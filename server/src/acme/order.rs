//! One order: names proven over HTTP, a new key, a certificate.

use std::{sync::Arc, time::Duration};

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus,
    RetryPolicy,
};

use super::{AcmeError, Challenges, Pem, challenges::Shown};

/// How long and how often the authority is asked whether it is done.
const PATIENCE: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(500)).timeout(Duration::from_secs(120));

/// A certificate for these hosts, with a key that was never used before.
pub(super) async fn certificate(
    account: &Account,
    hosts: &[String],
    challenges: &Arc<Challenges>,
) -> Result<Pem, AcmeError> {
    let names: Vec<Identifier> = hosts.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    let shown = show_proofs(&mut order, challenges).await?;
    let status = order.poll_ready(&PATIENCE).await?;
    drop(shown);
    if status != OrderStatus::Ready {
        return Err(AcmeError::NotVerified);
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    Ok(Pem { chain, key })
}

/// Answers what the authority asks for each name, as long as the result lives.
async fn show_proofs(
    order: &mut Order,
    challenges: &Arc<Challenges>,
) -> Result<Vec<Shown>, AcmeError> {
    let mut shown = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let challenge = authorization.challenge(ChallengeType::Http01);
        let mut challenge = challenge.ok_or(AcmeError::NoHttp01)?;
        let answer = challenge.key_authorization();
        shown.push(challenges.put(&challenge.token, answer.as_str()));
        challenge.set_ready().await?;
    }
    Ok(shown)
}
