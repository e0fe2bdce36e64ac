//! The account at the authority: made once, bound to the operator's contract where the authority asks for it.

use std::{io::ErrorKind, path::Path, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use instant_acme::{
    Account, AccountBuilder, AccountCredentials, Error, ExternalAccountKey, Key, NewAccount,
};
use sha2::{Digest, Sha256};

use super::AcmeError;
use crate::{
    config::AcmeConfig,
    secret_file::{self, SecretFileError},
};

/// Time for the answer to a probe.
const PROBE: Duration = Duration::from_secs(10);

/// The kept account of this directory, or a new one.
pub(super) async fn open(config: &AcmeConfig, folder: &Path) -> Result<Account, AcmeError> {
    let digest = Sha256::digest(config.directory.as_bytes());
    let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let file = folder.join(format!("account-{name}.json"));
    match secret_file::read(&file) {
        Ok(text) => {
            let credentials: AccountCredentials = serde_json::from_str(&text).map_err(quiet)?;
            Ok(builder(config)?.from_credentials(credentials).await?)
        }
        Err(SecretFileError::Unreadable { cause, .. }) if cause.kind() == ErrorKind::NotFound => {
            let (account, credentials) = create(config).await?;
            let text = serde_json::to_string(&credentials).map_err(quiet)?;
            secret_file::write(&file, text.as_bytes())?;
            Ok(account)
        }
        Err(cause) => Err(cause.into()),
    }
}

fn quiet(_it_would_quote_the_key: serde_json::Error) -> AcmeError {
    AcmeError::Account
}

/// What only an authority says: that it does not know the account, or (RFC 8555 6.5) that it wants another nonce.
const OF_AN_AUTHORITY: [&str; 2] =
    ["urn:ietf:params:acme:error:accountDoesNotExist", "urn:ietf:params:acme:error:badNonce"];

/// Whether the directory can be had; makes no account.
///
/// # Errors
/// [`AcmeError`], saying what is wrong.
pub async fn probe(config: &AcmeConfig) -> Result<(), AcmeError> {
    crate::tls::choose_provider();
    // Nobody has this account: the authority says so, whoever else answers does not.
    let (key, der) = Key::generate_pkcs8()?;
    let asked = builder(config)?.from_key((key, der.into()), config.directory.clone());
    let answered = tokio::time::timeout(PROBE, asked).await;
    match answered.map_err(|_elapsed| AcmeError::TooLong)? {
        Ok(_) => Ok(()),
        Err(Error::Api(problem))
            if problem.r#type.as_deref().is_some_and(|kind| OF_AN_AUTHORITY.contains(&kind)) =>
        {
            Ok(())
        }
        Err(cause) => Err(cause.into()),
    }
}

fn builder(config: &AcmeConfig) -> Result<AccountBuilder, AcmeError> {
    Ok(match &config.ca_file {
        Some(file) => Account::builder_with_root(file)?,
        None => Account::builder()?,
    })
}

async fn create(config: &AcmeConfig) -> Result<(Account, AccountCredentials), AcmeError> {
    let contact: Vec<String> =
        config.contact.iter().map(|address| format!("mailto:{address}")).collect();
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let wanted = NewAccount {
        contact: &contact,
        terms_of_service_agreed: config.agree_to_terms,
        only_return_existing: false,
    };
    let bound = binding(config)?;
    Ok(builder(config)?.create(&wanted, config.directory.clone(), bound.as_ref()).await?)
}

/// External account binding (RFC 8555 7.3.4).
fn binding(config: &AcmeConfig) -> Result<Option<ExternalAccountKey>, AcmeError> {
    let (Some(id), Some(file)) = (&config.key_id, &config.hmac_key_file) else { return Ok(None) };
    let text = secret_file::read(file)?;
    let key = BASE64_URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('='));
    let key = key.map_err(|_it_would_quote_the_key| AcmeError::HmacKey)?;
    Ok(Some(ExternalAccountKey::new(id.clone(), &key)))
}
