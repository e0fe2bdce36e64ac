//! What `serve` does about certificates: reads and follows files, orders from an authority and answers it.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use anyhow::Context;
use axum::Router;
use axum_server::Handle;

use super::serve::{Transport, answer as answer_on, listen};
use crate::{
    acme::{Acme, Challenges},
    config::{Config, TlsConfig},
    state::AppState,
    tls::{self, CertificateError, Certificates, Followed},
    validation,
};

/// The listener for authorities.
pub(super) struct Authorities {
    listener: TcpListener,
    router: Router,
}

/// Puts certificates to use and keeps them up to date from now on.
pub(super) fn open(config: &Config, state: &AppState) -> anyhow::Result<Option<Authorities>> {
    let held = &state.certificates;
    let mut files = Vec::new();
    if let Some(tls) = &config.server.tls {
        files.push(Followed::open(tls, &[], held).context("server.tls")?);
    }
    for site in &config.sites {
        if let Some(tls) = &site.tls {
            let followed = Followed::open(tls, &site.hosts, held);
            files.push(followed.with_context(|| format!("site {}: tls", site.id()))?);
        }
    }
    tokio::spawn(tls::follow(files, Arc::clone(held)));
    let challenges = Arc::new(Challenges::default());
    // Listens before anything is ordered: authorities may ask at once.
    let authorities = config.server.validation.as_ref().map(|validation| {
        tokio::spawn(validation::purge_for_ever(validation.clone()));
        let router = validation::router(validation, Arc::clone(&challenges));
        let listener = listen(validation.listen).context("server.validation")?;
        anyhow::Ok(Authorities { listener, router })
    });
    let authorities = authorities.transpose()?;
    let acme = Acme::open(config, challenges, Arc::clone(held), state.clock.clone());
    if let Some(acme) = acme {
        tokio::spawn(acme.run());
    }
    Ok(authorities)
}

/// The certificate of a listener of its own.
pub(super) fn of_files(files: &TlsConfig) -> Result<Arc<Certificates>, CertificateError> {
    let certificates = Arc::new(Certificates::default());
    let followed = Followed::open(files, &[], &certificates)?;
    tokio::spawn(tls::follow(vec![followed], Arc::clone(&certificates)));
    Ok(certificates)
}

pub(super) async fn answer(
    authorities: Option<Authorities>,
    handle: Handle<SocketAddr>,
) -> anyhow::Result<()> {
    let Some(Authorities { listener, router }) = authorities else { return Ok(()) };
    eprintln!("Certificate authorities on http://{}", listener.local_addr()?);
    answer_on(Transport::few(None), listener, handle, router).await
}
