//! The server as its configuration makes it, with an archive of its own and a network around it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use negatoscope_server::assets::Assets;
use negatoscope_server::audit::{self, Audit};
use negatoscope_server::auth::oidc::{self, bearer::LoginToken};
use negatoscope_server::clock::Clock;
use negatoscope_server::config::Config;
use negatoscope_server::sites::{Site, Sites};
use negatoscope_server::source::archive::{Archive, ArchiveOptions, Location};
use negatoscope_server::source::{Source, drimbox::Bearer as _};
use negatoscope_server::state::{AppState, Parts};
use negatoscope_server::{import, router};
use time::{Duration, OffsetDateTime};
use tower::ServiceExt as _;

use crate::browser::{Answer, Browser};
use crate::identity_peer::{Peer as Provider, leave};
use crate::network::{Network, form, phantoms};

pub(crate) const SITE: &str = "vi1.349.example.fr";
/// What `identity_peer` clicks.
pub(crate) const LINK: &str = "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.3";
pub(crate) const SECRET: &str = "a-secret-of-calls-that-nobody-can-guess";

/// An identity provider that nobody asks.
const NO_PROVIDER: &str = "[site.identity.psc]\nissuer = \"https://psc.example.fr/realm\"\n\
    client = { id = \"x\", auth = \"client_secret_basic\", secret_file = \"call.secret\" }\n";

pub(crate) struct House {
    pub(crate) state: AppState,
    pub(crate) router: Router,
    waited: Arc<AtomicI64>,
    folder: std::path::PathBuf,
    pub(crate) network: Arc<Network>,
}

impl House {
    /// Before a network whose boxes listen at these ports; `identity` is `[site.identity]`, or nothing.
    pub(crate) async fn new(
        network: Arc<Network>,
        ports: &[u16],
        identity: &str,
        more: &str,
    ) -> Self {
        Self::serving(network, ports, identity, (more, "")).await
    }

    /// With more lines of `[server]`, too.
    pub(crate) async fn serving(
        network: Arc<Network>,
        ports: &[u16],
        identity: &str,
        (more, server): (&str, &str),
    ) -> Self {
        let folder = network.publisher.folder.path().to_owned();
        let secret = folder.join("call.secret");
        negatoscope_server::secret_file::write(&secret, SECRET.as_bytes()).unwrap();
        let identity = if identity.is_empty() { NO_PROVIDER } else { identity };
        let more = format!("call_token_file = \"call.secret\"\n{more}");
        let text = format!(
            "[server]\nstate = \"house\"\nassets = \"assets\"\n{server}\n[access_code]\nrefusal_milliseconds = 0\n{}\n\
             [[site]]\nhosts = [\"{SITE}\"]\nname = \"Centre\"\ncontact = \"01\"\nsource = {{ archive = {{ path = \"x\" }} }}\n\
             {identity}\n[site.consultation]\n{}",
            network.publisher.table("localhost", true),
            network.table(ports, &more)
        );
        let config = Config::parse(&text, &folder.join("negatoscope.toml")).unwrap();
        assert_eq!(config.unsafe_settings(), Vec::<String>::new());
        let waited = Arc::new(AtomicI64::new(0));
        let shown = Arc::clone(&waited);
        let clock = Clock::new(move || {
            OffsetDateTime::now_utc() + Duration::seconds(shown.load(Ordering::Relaxed))
        });
        let site = &config.sites[0];
        let location = Location::Folder(phantoms().folder().to_owned());
        let archive = ArchiveOptions::new(SITE, location, config.server.state.join("archive"));
        let archive = Archive::open(&archive).await.unwrap();
        archive.scan().await.unwrap();
        let identity = oidc::open(&site.identity).unwrap();
        let own = Site::new(site, archive as Arc<dyn Source>, None).with_identity(identity);
        let own = own.with_imports(import::open(site).await.unwrap());
        let mut sites = Sites::default();
        sites.add(&site.hosts, own);
        let audit = Audit::open(&config.audit_folder(), clock.clone()).unwrap();
        let parts = Parts { sites, assets: assets(&config.server.assets), audit, clock };
        let state = AppState::new(&config, parts).await.unwrap();
        let keeper = network.keeper().await;
        state.trust_list.get_or_init(|| keeper);
        let folder = config.audit_folder();
        Self { router: router::build(&state), state, waited, folder, network }
    }

    /// As `identity_peer` builds one: before a network without boxes.
    pub(crate) async fn with_identity(_lines: &str, identity: &str) -> Self {
        Self::new(Arc::new(Network::new()), &[443], identity, "").await
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), SITE)
    }

    /// A browser with a called consultation, logged in.
    pub(crate) async fn radiologist(&self, provider: &Provider) -> Browser {
        let answer = self.call(SECRET, &form(&phantoms().exam)).await;
        let path = answer.location().strip_prefix("https://vi1.349.example.fr").unwrap().to_owned();
        let mut browser = self.browser();
        browser.get(&path).await;
        let departure = leave(&mut browser, "psc", 1).await.location().to_owned();
        let back = provider.log_in(&departure, "radiologist").await;
        assert_eq!(browser.get(&back).await.location(), "/consultation/1");
        browser
    }

    /// `Authorization` of the only professional who is logged in, as boxes get it.
    pub(crate) async fn authorization(&self) -> String {
        let pool = self.state.store.pool.clone();
        let login = sqlx::query_scalar("SELECT login FROM oidc_login").fetch_one(&pool).await;
        let login: String = login.unwrap();
        let site = self.state.sites.by_id(SITE).unwrap();
        let provider = Arc::clone(&site.identity.psc.as_ref().unwrap().provider);
        let token = LoginToken::new(provider, pool, self.state.clock.clone(), &login);
        format!("Bearer {}", token.bearer().await.unwrap())
    }

    pub(crate) fn wait_seconds(&self, seconds: i64) {
        self.waited.fetch_add(seconds, Ordering::Relaxed);
    }

    /// A request as a practice's software makes it.
    pub(crate) async fn call(&self, secret: &str, form: &str) -> Answer {
        let bearer = format!("Bearer {secret}");
        let headers = [("authorization", bearer.as_str())];
        let form = ("application/x-www-form-urlencoded", form.as_bytes().to_vec());
        self.post("/appel-contextuel", &headers, form).await
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        (content_type, body): (&str, Vec<u8>),
    ) -> Answer {
        let mut request = Request::post(path).header(header::HOST, SITE);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header(header::CONTENT_TYPE, content_type).body(Body::from(body));
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Files brought by the form of the page.
    pub(crate) async fn bring(&self, browser: &Browser, visit: u32, files: &[Vec<u8>]) -> Answer {
        let mut body = Vec::new();
        for file in files {
            body.extend(b"--sep\r\nContent-Disposition: form-data; name=\"manifeste\"; filename=\"k.dcm\"\r\n\r\n");
            body.extend(file);
            body.extend(b"\r\n");
        }
        body.extend(b"--sep--\r\n");
        let cookies: Vec<String> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers = [("sec-fetch-site", "same-origin"), ("cookie", cookies.as_str())];
        let path = format!("/consultation/{visit}/manifestes");
        self.post(&path, &headers, ("multipart/form-data; boundary=sep", body)).await
    }

    /// Events and reasons of the journal.
    pub(crate) fn journal(&self) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        audit::read(&self.folder, |record| {
            let line = serde_json::to_value(record)?;
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            lines.push((text("event"), text("reason")));
            Ok(())
        })
        .unwrap();
        lines
    }
}

/// As much of the viewer as its page names.
fn assets(folder: &Path) -> Assets {
    std::fs::create_dir_all(folder).unwrap();
    let names = ["boot.js", "arriving.js", "panel-kit.js"];
    for name in names {
        std::fs::write(folder.join(name), "").unwrap();
    }
    let manifest: BTreeMap<&str, &str> = names.into_iter().map(|name| (name, name)).collect();
    let manifest = serde_json::to_vec(&manifest).unwrap();
    std::fs::write(folder.join("manifest.json"), manifest).unwrap();
    Assets::load(folder).unwrap()
}
