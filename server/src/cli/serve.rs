//! `negatoscope serve`

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use axum_server::{Handle, Server, tls_rustls::RustlsAcceptor};
use bytes::Bytes;
use hyper_util::rt::TokioTimer;

use super::{ConfigFile, encryption, interbox};
use crate::{
    admin::{self, check_token_file},
    assets::Assets,
    audit::{Audit, Entry, Event, LOCAL, SERVER, Sender},
    auth::oidc,
    clock::Clock,
    config::{Config, SiteConfig},
    connections::{self, Connections, Doorkeeper},
    consultation, housekeeping, import, logs, router,
    sites::{Logo, Site, Sites},
    sources,
    state::{AppState, Parts},
    tls::{self, Certificates},
    trust_list::Keeper,
};

/// Time for running requests to finish after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);
/// Connections of the administration, of certificate authorities, and of other boxes.
const FEW_CONNECTIONS: u32 = 256;
/// Time for the headers of a request to arrive.
const HEADER_TIME: Duration = Duration::from_secs(20);

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    config: ConfigFile,
    /// Address and port instead of the configured ones; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

pub(super) async fn run(command: &Serve) -> anyhow::Result<()> {
    let mut config = command.config.load()?;
    config.server.listen = command.listen.unwrap_or(config.server.listen);
    let unsafe_settings = config.unsafe_settings();
    anyhow::ensure!(unsafe_settings.is_empty(), "unsafe: {}", unsafe_settings.join("\nunsafe: "));
    logs::start(&config.log);
    let state = open(&config).await?;
    let listener = listen(config.server.listen)?;
    let admin = Admin::open(&config, &state)?;
    let authorities = encryption::open(&config, &state)?;
    let boxes = interbox::open(&config, &state)?;
    let handles = [Handle::new(), Handle::new(), Handle::new(), Handle::new()];
    state.audit.write(&Entry::new(Event::Started, SERVER, LOCAL)).context("audit journal")?;
    send_audit(&config, &state)?;
    announce(&config, &listener)?;
    tokio::spawn(housekeeping::run(state.clone()));
    tokio::spawn(oidc::heartbeat::run(state.clone()));
    tokio::spawn(consultation::run(state.clone()));
    tokio::spawn(import::keep_running(state.clone()));
    if let Some(keeper) = state.trust_list.get() {
        tokio::spawn(Arc::clone(keeper).run());
    }
    let [visitors, administration, proofs, of_boxes] = handles.clone();
    tokio::spawn(stop_on_signal(handles));
    let certificates = config.encrypts().then(|| Arc::clone(&state.certificates));
    let serving = answer(
        Transport { certificates, connections: visitors_connections(&config) },
        listener,
        visitors,
        router::build(&state),
    );
    let proving = encryption::answer(authorities, proofs);
    let administering = Admin::answer(admin, administration);
    let sending = interbox::answer(boxes, of_boxes);
    let served = tokio::try_join!(serving, administering, proving, sending);
    state.consultations.end_all();
    served?;
    state.audit.write(&Entry::new(Event::Stopped, SERVER, LOCAL)).context("audit journal")?;
    tracing::info!("stopped");
    Ok(())
}

fn visitors_connections(config: &Config) -> Arc<Connections> {
    let server = &config.server;
    connections::make_room(server.connections);
    Connections::new(server.connections, server.connections_per_address, &server.trusted_proxies)
}

/// Sends the journal to the audit repository, if there is one.
fn send_audit(config: &Config, state: &AppState) -> anyhow::Result<()> {
    if let Some(syslog) = &config.audit.syslog {
        let sender = Sender::new(syslog, &config.audit_folder()).context("audit.syslog")?;
        tokio::spawn(sender.run(state.audit.written()));
    }
    Ok(())
}

/// The administration's listener.
struct Admin {
    listener: TcpListener,
    router: Router,
    certificates: Option<Arc<Certificates>>,
}

impl Admin {
    fn open(config: &Config, state: &AppState) -> anyhow::Result<Option<Self>> {
        let Some(admin) = &config.admin else { return Ok(None) };
        check_token_file(&admin.token_file).context("admin.token_file")?;
        let listener = listen(admin.listen)?;
        let router = admin::router(state, admin.token_file.clone());
        let certificates =
            admin.tls.as_ref().map(encryption::of_files).transpose().context("admin.tls")?;
        Ok(Some(Self { listener, router, certificates }))
    }

    async fn answer(admin: Option<Self>, handle: Handle<SocketAddr>) -> anyhow::Result<()> {
        let Some(Self { listener, router, certificates }) = admin else { return Ok(()) };
        let scheme = if certificates.is_some() { "https" } else { "http" };
        eprintln!("Administration on {scheme}://{}", listener.local_addr()?);
        answer(Transport::few(certificates), listener, handle, router).await
    }
}

async fn open(config: &Config) -> anyhow::Result<AppState> {
    let clock = Clock::system();
    let audit = Audit::open(&config.audit_folder(), clock.clone()).context("audit journal")?;
    let keeper = Keeper::of(config, clock.clone())?;
    let mut sites = Sites::default();
    for site in &config.sites {
        let source = sources::serve(site, &config.server.state, keeper.as_ref()).await?;
        let identity = oidc::open(&site.identity).with_context(|| format!("site {}", site.id()))?;
        let imports = import::open(site).await?;
        let opened = Site::new(site, source, logo(site)?).with_identity(identity);
        let opened = opened.with_imports(imports);
        sites.add(&site.hosts, opened);
    }
    let assets = Assets::load(&config.server.assets).unwrap_or_else(|cause| {
        tracing::error!(%cause, "the viewer cannot be served; check server.assets");
        Assets::default()
    });
    let state = AppState::new(config, Parts { sites, assets, audit, clock }).await?;
    if let Some(keeper) = keeper {
        state.trust_list.get_or_init(|| keeper);
    }
    Ok(state)
}

/// Reads the logo of a site.
pub(super) fn logo(site: &SiteConfig) -> anyhow::Result<Option<Logo>> {
    let Some(path) = &site.logo else { return Ok(None) };
    let media_type = match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => anyhow::bail!("site {}: logo {}: not .svg, .png or .jpg", site.id(), path.display()),
    };
    Ok(Some(Logo { media_type, bytes: read_logo(site, path)? }))
}

fn read_logo(site: &SiteConfig, path: &Path) -> anyhow::Result<Bytes> {
    let bytes = std::fs::read(path);
    Ok(bytes.with_context(|| format!("site {}: logo {}", site.id(), path.display()))?.into())
}

pub(super) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// On standard error, whatever the log level: scripts wait for this line.
fn announce(config: &Config, listener: &TcpListener) -> anyhow::Result<()> {
    let scheme = if config.encrypts() { "https" } else { "http" };
    let sites: Vec<String> = config.sites.iter().map(SiteConfig::id).collect();
    eprintln!(
        "Négatoscope listens on {scheme}://{} for {}",
        listener.local_addr()?,
        sites.join(", ")
    );
    Ok(())
}

/// How a listener talks: over HTTPS where there are certificates, and with how many at once.
pub(super) struct Transport {
    certificates: Option<Arc<Certificates>>,
    connections: Arc<Connections>,
}

impl Transport {
    /// With nobody but those who have business there.
    pub(super) fn few(certificates: Option<Arc<Certificates>>) -> Self {
        Self { certificates, connections: few_connections() }
    }
}

pub(super) fn few_connections() -> Arc<Connections> {
    Connections::new(FEW_CONNECTIONS, FEW_CONNECTIONS / 2, &[])
}

pub(super) async fn answer(
    Transport { certificates, connections }: Transport,
    listener: TcpListener,
    handle: Handle<SocketAddr>,
    router: Router,
) -> anyhow::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server: Server<SocketAddr> = axum_server::from_tcp(listener)?;
    let doorkeeper = Doorkeeper(connections);
    match certificates {
        Some(certificates) => {
            let tls = RustlsAcceptor::new(tls::listener(certificates)).acceptor(doorkeeper);
            let mut server = server.acceptor(tls);
            limit_headers(&mut server);
            server.handle(handle).serve(service).await?;
        }
        None => {
            let mut server = server.acceptor(doorkeeper);
            limit_headers(&mut server);
            server.handle(handle).serve(service).await?;
        }
    }
    Ok(())
}

/// A connection that dawdles over its headers is closed.
pub(super) fn limit_headers<Acceptor>(server: &mut Server<SocketAddr, Acceptor>) {
    let builder = server.http_builder();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER_TIME);
}

async fn stop_on_signal(handles: [Handle<SocketAddr>; 4]) {
    signal().await;
    tracing::info!("stopping");
    for handle in handles {
        handle.graceful_shutdown(Some(GRACE));
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return drop(tokio::signal::ctrl_c().await);
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}
