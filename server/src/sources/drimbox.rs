//! `[site.source.drimbox]`: opened, looked at, asked.

use std::{path::Path, sync::Arc, time::Duration};

use super::OpenError;
use crate::{
    config::{DrimboxConfig, SiteConfig},
    reports::Manifests,
    source::{
        drimbox::{Drimbox, DrimboxError, DrimboxOptions, Token, check_files, probe_box},
        received::Received,
    },
    trust_list::Keeper,
};

/// Opens a DRIMbox; it is not contacted yet.
///
/// # Errors
/// [`OpenError`].
pub async fn open(
    site: &SiteConfig,
    config: &DrimboxConfig,
    state: &Path,
    listed: Option<&Arc<Keeper>>,
) -> Result<Arc<Received<Drimbox>>, OpenError> {
    let wrong = |cause| OpenError::Drimbox { site: site.id(), cause };
    let token = token(config).map_err(wrong)?;
    let manifests = Manifests::open(state, &site.id()).await;
    let manifests = manifests.map_err(|cause| OpenError::Database { site: site.id(), cause })?;
    let drimbox = Drimbox::open(&options(site, config, token, listed), manifests).map_err(wrong)?;
    Ok(Received::open(&site.id(), drimbox, config.receive.limits()))
}

/// Whether authorities, certificate and key are there, private, belong together and count at this Unix time.
///
/// # Errors
/// What is wrong.
pub fn check(site: &SiteConfig, config: &DrimboxConfig, now: i64) -> Result<(), DrimboxError> {
    check_files(&options(site, config, Token::None, None), now)
}

/// Asks the box whether it is there and lets us in; one sentence where not.
pub async fn unreachable(
    site: &SiteConfig,
    config: &DrimboxConfig,
    listed: Option<&Arc<Keeper>>,
) -> Option<String> {
    let cause = match token(config) {
        Ok(token) => match probe_box(&options(site, config, token, listed)).await {
            Ok(Ok(())) => return None,
            Ok(Err(cause)) => format!("source.drimbox: {}: {cause}", config.url),
            Err(cause) => cause.to_string(),
        },
        Err(cause) => cause.to_string(),
    };
    Some(format!("site {}: {cause}", site.id()))
}

fn token(config: &DrimboxConfig) -> Result<Token, DrimboxError> {
    Ok(match (&config.token_env, &config.token_file) {
        (Some(name), _) => Token::Text(std::env::var(name).map_err(DrimboxError::Variable)?),
        (None, Some(file)) => Token::File(file.clone()),
        (None, None) => Token::None,
    })
}

fn options(
    site: &SiteConfig,
    config: &DrimboxConfig,
    token: Token,
    listed: Option<&Arc<Keeper>>,
) -> DrimboxOptions {
    DrimboxOptions {
        name: site.id().into(),
        url: config.url.clone(),
        manifest_hosts: config.manifest_hosts.clone(),
        ca_file: config.ca_file.clone(),
        certificate_file: config.certificate_file.clone(),
        key_file: config.key_file.clone(),
        token,
        listed: listed.map(Arc::clone),
        connect_timeout: Duration::from_secs(config.connect_seconds),
        read_timeout: Duration::from_secs(config.read_seconds),
    }
}
