//! A server with two sites, a clock that can be moved and a journal that can be read.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::Router;
use negatoscope_server::{
    assets::Assets,
    audit::{self, Audit},
    auth::{
        Hasher,
        code::AccessCode,
        codes::{self, NewCode},
        oidc,
    },
    clock::Clock,
    config::Config,
    import, reports, router,
    sites::{Site, Sites},
    state::{AppState, Parts},
};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::{
    browser::Browser,
    fake_source::{FakeSource, exam},
};

pub(crate) const SITE: &str = "vi1.349.example.fr";
pub(crate) const OTHER_SITE: &str = "vi2.349.example.fr";
pub(crate) const ROOT: &str = "1.2.250.1.925.1";
/// An exam of `SITE` with accession number, issuer and birth date.
pub(crate) const EXAM: &str = "1.2.250.1.1";
/// Another one, of another patient.
pub(crate) const SECOND_EXAM: &str = "1.2.250.1.2";
/// One without birth date.
pub(crate) const DATELESS_EXAM: &str = "1.2.250.1.3";
/// An exam of `OTHER_SITE`.
pub(crate) const OTHER_SITES_EXAM: &str = "1.2.250.2.1";
/// The link of `EXAM`.
pub(crate) const LINK: &str = "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.250.1.1&Accessionnumber=1.2.250.1.925.1.ACN1&idCDA=1.2.3";
/// The right date for `EXAM`.
pub(crate) const BORN: (&str, &str, &str) = ("12", "03", "1974");

pub(crate) const ADMIN_TOKEN: &str = "a-token-that-nobody-can-guess-0123456789";

const CONFIG: &str = r#"
[server]
state = "state"
assets = "assets"
trusted_proxies = ["10.0.0.0/8"]
[access_code]
[[site]]
hosts = ["vi1.349.example.fr", "vi1b.349.example.fr"]
name = "Centre <Alpha> & Fils"
contact = "01 02 03 04 05"
accession_roots = ["1.2.250.1.925.1"]
source = { archive = { path = "unused" } }
[[site]]
hosts = ["vi2.349.example.fr"]
name = "Centre Bêta"
contact = "06 07 08 09 10"
source = { archive = { path = "unused" } }
"#;

/// The server and its handles.
pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) state: AppState,
    pub(crate) source: Arc<FakeSource>,
    pub(crate) folder: TempDir,
    now: Arc<AtomicI64>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// Whose first site opens exams of known reports only.
    pub(crate) async fn requiring_reports() -> Self {
        Self::build("", |config| {
            config.replacen("contact = \"01 02", "reports = \"required\"\ncontact = \"01 02", 1)
        })
        .await
    }

    /// With more keys of its first site.
    pub(crate) async fn with_site(lines: &str) -> Self {
        Self::build("", |config| {
            config.replacen("contact = \"01 02", &format!("{lines}contact = \"01 02"), 1)
        })
        .await
    }

    /// With more lines of configuration, put in front of `[[site]]`.
    pub(crate) async fn with(lines: &str) -> Self {
        Self::build(lines, str::to_owned).await
    }

    /// With tables of `[site.identity]` for both sites.
    pub(crate) async fn with_identity(lines: &str, identity: &str) -> Self {
        Self::build(lines, |config| {
            let second = "[[site]]\nhosts = [\"vi2";
            let config = config.replacen(second, &format!("{identity}\n{second}"), 1);
            format!("{config}\n{identity}")
        })
        .await
    }

    async fn build(lines: &str, edit: impl Fn(&str) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_assets(&folder.path().join("assets"));
        let is_quick = !lines.contains("refusal_milliseconds");
        let quick = if is_quick { "refusal_milliseconds = 0\n" } else { "" };
        let text = edit(CONFIG).replacen("[[site]]", &format!("{quick}{lines}\n[[site]]"), 1);
        let config = Config::parse(&text, &folder.path().join("negatoscope.toml")).unwrap();
        let now = Arc::new(AtomicI64::new(OffsetDateTime::now_utc().unix_timestamp()));
        let shown = Arc::clone(&now);
        let clock = Clock::new(move || {
            OffsetDateTime::from_unix_timestamp(shown.load(Ordering::Relaxed)).unwrap()
        });
        let source = Arc::new(FakeSource { exams: exams(), ..FakeSource::default() });
        let others = Arc::new(FakeSource {
            exams: vec![exam(OTHER_SITES_EXAM, "ACN1", None, Some("19740312"))],
            ..FakeSource::default()
        });
        let mut sites = Sites::default();
        let sources: [Arc<FakeSource>; 2] = [Arc::clone(&source), others];
        for (site, source) in config.sites.iter().zip(sources) {
            let identity = oidc::open(&site.identity).unwrap();
            let imports = import::open(site).await.unwrap();
            let site_of = Site::new(site, source, None).with_identity(identity);
            sites.add(&site.hosts, site_of.with_imports(imports));
        }
        let parts = Parts {
            sites,
            assets: Assets::load(&config.server.assets).unwrap(),
            audit: Audit::open(&config.audit_folder(), clock.clone()).unwrap(),
            clock,
        };
        let state = AppState::new(&config, parts).await.unwrap();
        Self { router: router::build(&state), state, source, folder, now }
    }

    /// A browser without cookies, on `SITE`.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), SITE)
    }

    pub(crate) fn wait_seconds(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn wait_minutes(&self, minutes: i64) {
        self.wait_seconds(minutes * 60);
    }

    /// Makes a code for studies of `site`, good for ten days; tells the code and its identifier.
    pub(crate) async fn grant_on(
        &self,
        site: &str,
        studies: &[&str],
        birth_date: Option<&str>,
    ) -> (String, String) {
        let code = AccessCode::random();
        let created = self.now.load(Ordering::Relaxed);
        let hasher = Hasher::new(self.state.store.secret, 1);
        let new = NewCode {
            site: site.to_owned(),
            hash: hasher.hash(site, &code).await.unwrap(),
            tag: hasher.tag(site, &code),
            studies: studies.iter().map(|study| (*study).to_owned()).collect(),
            birth_date: birth_date.map(str::to_owned),
            created,
            expires: created + 10 * 86_400,
        };
        (code.printed(), codes::insert(&self.state.store.pool, &new).await.unwrap())
    }

    pub(crate) async fn grant(&self, study: &str) -> String {
        self.grant_on(SITE, &[study], None).await.0
    }

    /// A browser that is logged in for `EXAM` as visit 1.
    pub(crate) async fn visitor(&self) -> Browser {
        let mut browser = self.browser();
        let code = self.grant(EXAM).await;
        assert_eq!(browser.get(LINK).await.location(), "/entree/1");
        assert_eq!(browser.enter(1, &code, BORN).await.location(), "/examen/1");
        browser
    }

    /// Takes facts in for a site, as `negatoscope report import` does.
    pub(crate) async fn import_on(&self, site: &str, facts: &serde_json::Value) {
        let (_, facts) = reports::parse(facts.to_string().as_bytes()).unwrap();
        let now = self.now.load(Ordering::Relaxed);
        self.state.reports.apply(site, &facts, now).await.unwrap();
    }

    pub(crate) async fn import(&self, facts: serde_json::Value) {
        self.import_on(SITE, &facts).await;
    }

    /// The administration's interface and its token.
    pub(crate) fn admin(&self) -> (Router, &'static str) {
        let file = self.folder.path().join("token");
        std::fs::write(&file, ADMIN_TOKEN).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        (negatoscope_server::admin::router(&self.state, file), ADMIN_TOKEN)
    }

    /// Journal lines without time and chain, one JSON object each; the chain is checked.
    pub(crate) fn journal(&self) -> Vec<serde_json::Value> {
        let mut lines = Vec::new();
        audit::read(&self.folder.path().join("state/audit"), |record| {
            let mut value = serde_json::to_value(record)?;
            let line = value.as_object_mut().unwrap();
            for of_the_chain in ["time", "seq", "prev", "hash"] {
                line.remove(of_the_chain).unwrap();
            }
            lines.push(value);
            Ok(())
        })
        .unwrap();
        lines
    }
}

fn exams() -> Vec<negatoscope_server::source::ExamFacts> {
    vec![
        exam(EXAM, "ACN1", Some(ROOT), Some("19740312")),
        exam(SECOND_EXAM, "ACN2", None, Some("20010101")),
        exam(DATELESS_EXAM, "ACN3", None, None),
    ]
}

fn write_assets(folder: &Path) {
    std::fs::create_dir_all(folder.join("inside")).unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.join(name), content).unwrap();
    write(
        "manifest.json",
        r#"{"boot.js":"boot.1a.js","app.css":"app.2b.css","decode_bg.wasm":"decode_bg.3c.wasm"}"#,
    );
    write("boot.1a.js", "plain boot");
    write("boot.1a.js.br", "brotli boot");
    write("boot.1a.js.gz", "gzip boot");
    write("app.2b.css", "body{}");
    write("decode_bg.3c.wasm", "\0asm");
    write("inside/secret.txt", "secret");
    std::fs::write(folder.join("../secret.txt"), "secret").unwrap();
}
