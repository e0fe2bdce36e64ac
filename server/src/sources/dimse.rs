//! Opens a PACS over DIMSE as a site's configuration describes it.

use std::{sync::Arc, time::Duration};

use super::OpenError;
use crate::{
    config::{DimseConfig, RetrieveWay, SiteConfig},
    source::{
        dimse::{Dimse, DimseOptions, Retrieve, TlsFiles},
        received::{Limits, Received},
    },
};

const MIB: u64 = 1 << 20;

/// Opens it; with `serves`, the port for C-MOVE, too.
pub(super) async fn open(
    site: &SiteConfig,
    config: &DimseConfig,
    serves: bool,
) -> Result<Arc<Received<Dimse>>, OpenError> {
    let limits = Limits {
        memory_bytes: config.memory_mib.saturating_mul(MIB),
        max_object_bytes: config.max_object_mib.saturating_mul(MIB),
        streams: config.streams(),
        series_time: Duration::from_secs(config.series_seconds),
        ..Limits::default()
    };
    Ok(Received::open(&site.id(), connect(site, config, serves).await?, limits))
}

/// Asks the PACS whether it is there and lets us in (C-ECHO); one sentence where not.
pub async fn unreachable(site: &SiteConfig, config: &DimseConfig) -> Option<String> {
    let cause = match connect(site, config, false).await {
        Ok(dimse) => dimse.echo().await.err()?.to_string(),
        Err(cause) => return Some(cause.to_string()),
    };
    let DimseConfig { host, port, .. } = config;
    Some(format!("site {}: source.dimse: {host}:{port}: {cause}", site.id()))
}

async fn connect(
    site: &SiteConfig,
    config: &DimseConfig,
    serves: bool,
) -> Result<Dimse, OpenError> {
    let opened = Dimse::open(&options(site, config), serves).await;
    opened.map_err(|cause| OpenError::Dimse { site: site.id(), cause })
}

pub(crate) fn options(site: &SiteConfig, config: &DimseConfig) -> DimseOptions {
    let DimseConfig { host, port, called_title, calling_title, .. } = config;
    let mut options = DimseOptions::new(&site.id(), (host, *port), called_title, calling_title);
    if let (RetrieveWay::Move, Some(listen)) = (config.retrieve, config.listen) {
        let destination = config.move_title.as_ref().unwrap_or(calling_title).clone();
        let allowed = config.move_from.clone();
        options.retrieve = Retrieve::Move { listen, destination, allowed };
    }
    options.tls = config.tls.as_ref().map(|tls| TlsFiles {
        authorities: tls.ca_file.clone(),
        own: tls.certificate.clone().zip(tls.key.clone()),
        name: tls.server_name.clone(),
    });
    options.connect_timeout = Duration::from_secs(config.connect_seconds);
    options.patience = Duration::from_secs(config.answer_seconds);
    options.max_associations = config.max_associations;
    options.max_instances = config.max_instances;
    options.listing_lifetime = Duration::from_secs(config.listing_seconds);
    options
}
