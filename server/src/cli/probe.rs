//! `negatoscope check-config --probe`: who does not answer.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::{
    acme,
    auth::oidc,
    clock::Clock,
    config::{Config, SiteConfig, SourceConfig},
    import,
    source::SourceHealth,
    sources,
    trust_list::Keeper,
};

/// Asks everybody that the configuration names; one sentence for each who is not there.
pub(super) async fn unreachable(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(authority) = &config.server.acme
        && let Err(cause) = acme::probe(authority).await
    {
        problems.push(format!("server.acme.directory: {cause}"));
    }
    // What cannot be opened is told without asking anybody, and then no DRIMbox is asked.
    let Ok(keeper) = Keeper::of(config, Clock::system()) else { return problems };
    for site in &config.sites {
        problems.extend(providers(site).await);
        problems.extend(import::unreachable(site).await);
        problems.extend(source(site, config, keeper.as_ref()).await);
    }
    problems
}

async fn providers(site: &SiteConfig) -> Vec<String> {
    let mut problems = Vec::new();
    let now = OffsetDateTime::now_utc().unix_timestamp();
    // What cannot be opened is told without asking anybody.
    let Ok(identity) = oidc::open(&site.identity) else { return problems };
    for kind in [oidc::Kind::Psc, oidc::Kind::FranceConnect] {
        let Some(provider) = identity.provider(kind) else { continue };
        if let Err(cause) = provider.probe(now).await {
            problems.push(format!("site {}: identity.{}: {cause}", site.id(), kind.name()));
        }
    }
    problems
}

/// Archives are looked at by their path; a PACS or DRIMbox is asked.
async fn source(
    site: &SiteConfig,
    config: &Config,
    keeper: Option<&Arc<Keeper>>,
) -> Option<String> {
    let pacs = match &site.source {
        SourceConfig::Archive(_) => return None,
        SourceConfig::Pacs(pacs) => pacs,
        SourceConfig::Dimse(dimse) => return sources::dimse::unreachable(site, dimse).await,
        SourceConfig::Drimbox(drimbox) => {
            return sources::drimbox::unreachable(site, drimbox, keeper).await;
        }
    };
    match sources::serve(site, &config.server.state, None).await {
        Ok(source) if source.health().await != SourceHealth::Down => None,
        Ok(_) => Some(format!("site {}: source.pacs: {} does not answer", site.id(), pacs.url)),
        Err(cause) => Some(cause.to_string()),
    }
}
