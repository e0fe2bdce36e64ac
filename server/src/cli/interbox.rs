//! What `serve` does for the boxes of other centres: a listener of its own.

use std::net::{SocketAddr, TcpListener};

use anyhow::Context;
use axum::Router;
use axum_server::{Handle, Server, tls_rustls::RustlsConfig};

use super::serve::{few_connections, limit_headers, listen};
use crate::{
    config::Config,
    interbox::{self, BoxAcceptor},
    state::AppState,
};

/// The listener for other boxes.
pub(super) struct Boxes {
    listener: TcpListener,
    router: Router,
    settings: RustlsConfig,
}

/// Where the configuration asks for it.
pub(super) fn open(config: &Config, state: &AppState) -> anyhow::Result<Option<Boxes>> {
    let (Some(own), Some(keeper)) = (&config.interbox, state.trust_list.get()) else {
        return Ok(None);
    };
    let settings = interbox::tls(config, keeper)?;
    let found = settings.zip(interbox::router(state, config));
    let Some((settings, router)) = found else { return Ok(None) };
    let listener = listen(own.listen).context("interbox.listen")?;
    Ok(Some(Boxes { listener, router, settings }))
}

pub(super) async fn answer(boxes: Option<Boxes>, handle: Handle<SocketAddr>) -> anyhow::Result<()> {
    let Some(Boxes { listener, router, settings }) = boxes else { return Ok(()) };
    eprintln!("Boxes of other centres on https://{}", listener.local_addr()?);
    let server: Server<SocketAddr> = axum_server::from_tcp(listener)?;
    let mut server = server.acceptor(BoxAcceptor::new(settings, few_connections()));
    limit_headers(&mut server);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    Ok(server.handle(handle).serve(service).await?)
}
