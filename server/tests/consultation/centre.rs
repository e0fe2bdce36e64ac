//! Another centre: a second server of ours, with its own site, archive, journal and box, which answers the boxes of the network.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::Handle;
use negatoscope_server::admin::Desk;
use negatoscope_server::assets::Assets;
use negatoscope_server::audit::{self, Audit, LOCAL, Record};
use negatoscope_server::auth::oidc;
use negatoscope_server::clock::Clock;
use negatoscope_server::config::Config;
use negatoscope_server::connections::Connections;
use negatoscope_server::interbox::{self, BoxAcceptor};
use negatoscope_server::sites::{Site, Sites};
use negatoscope_server::source::Source;
use negatoscope_server::source::archive::{Archive, ArchiveOptions, Location};
use negatoscope_server::state::{AppState, Parts};

use crate::network::{KOS, Network, phantoms};

const SITE: &str = "vi1.349.example.fr";

pub(crate) struct Centre {
    pub(crate) state: AppState,
    /// Root of its box's WADO-RS.
    pub(crate) url: String,
    journal: PathBuf,
    handle: Handle<SocketAddr>,
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Centre {
    /// With what is in `archive` and no manifest; `identity` is `[site.identity]`, `more` goes into `[interbox]`.
    pub(crate) async fn open(
        network: &Network,
        identity: &str,
        more: &str,
        archive: &Path,
    ) -> Self {
        let folder = network.publisher.folder.path();
        let [before, after] = network.of_source(more);
        let text = format!(
            "[server]\nstate = \"centre\"\nassets = \"assets\"\n{before}\n\
             [[site]]\nhosts = [\"{SITE}\"]\nname = \"Autre centre\"\ncontact = \"02\"\n\
             source = {{ archive = {{ path = \"x\" }} }}\n{identity}\n{after}",
        );
        let config = Config::parse(&text, &folder.join("centre.toml")).unwrap();
        assert_eq!(config.unsafe_settings(), Vec::<String>::new());
        let state = state(&config, network, archive).await;
        let keeper = Arc::clone(state.trust_list.get().unwrap());
        let settings = interbox::tls(&config, &keeper).unwrap().unwrap();
        let router = interbox::router(&state, &config).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let handle = Handle::new();
        let acceptor = BoxAcceptor::new(settings, Connections::new(64, 64, &[]));
        let server: axum_server::Server<SocketAddr> = axum_server::from_tcp(listener).unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(server.acceptor(acceptor).handle(handle.clone()).serve(service));
        let url = format!("https://localhost:{port}/dicom-web-rs");
        Self { state, url, journal: config.audit_folder(), handle }
    }

    /// Takes a manifest, rejection note or report in, as its RIS would.
    pub(crate) async fn import(&self, document: Vec<u8>) {
        let state = &self.state;
        let desk = Desk {
            reports: state.reports.clone(),
            audit: state.audit.clone(),
            clock: state.clock.clone(),
            address: LOCAL,
            subject: "test",
        };
        desk.import(SITE, document).await.unwrap();
    }

    /// What left it.
    pub(crate) fn exports(&self) -> Vec<Record> {
        let mut lines = Vec::new();
        audit::read(&self.journal, |record| {
            if record.event == audit::Event::Exported {
                lines.push(record.clone());
            }
            Ok(())
        })
        .unwrap();
        lines
    }

    /// Address of a series of the phantom's exam.
    pub(crate) fn series(&self, number: usize) -> String {
        let (exam, root) = (&phantoms().exam, &self.url);
        let series = &exam.series[number].series_instance_uid;
        format!("{root}/studies/{}/series/{series}", exam.study_instance_uid)
    }
}

async fn state(config: &Config, network: &Network, archive: &Path) -> AppState {
    let site = &config.sites[0];
    // Of this machine; the list is judged by the time of its publisher.
    let clock = Clock::system();
    let location = Location::Folder(archive.to_owned());
    let archive = ArchiveOptions::new(SITE, location, config.server.state.join("archive"));
    let archive = Archive::open(&archive).await.unwrap();
    archive.scan().await.unwrap();
    let identity = oidc::open(&site.identity).unwrap();
    let own = Site::new(site, archive as Arc<dyn Source>, None).with_identity(identity);
    let mut sites = Sites::default();
    sites.add(&site.hosts, own);
    let audit = Audit::open(&config.audit_folder(), clock.clone()).unwrap();
    let parts = Parts { sites, assets: Assets::default(), audit, clock };
    let state = AppState::new(config, parts).await.unwrap();
    let keeper = network.keeper().await;
    state.trust_list.get_or_init(|| keeper);
    state
}

/// The manifest of the phantom's exam as this centre publishes it.
pub(crate) fn manifest_of(centre: &Centre) -> Vec<u8> {
    crate::manifest::Manifest::new(&phantoms().exam, KOS, &centre.url).write()
}
