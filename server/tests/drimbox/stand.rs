//! The server as its configuration makes it, before a stand-in.

use std::path::Path;
use std::sync::Arc;

use negatoscope_phantom::{Exam, SeriesKind};
use negatoscope_server::assets::Assets;
use negatoscope_server::audit::Audit;
use negatoscope_server::auth::Hasher;
use negatoscope_server::auth::code::AccessCode;
use negatoscope_server::auth::codes::{self, NewCode};
use negatoscope_server::clock::Clock;
use negatoscope_server::config::{Config, SourceConfig};
use negatoscope_server::sites::{Site, Sites};
use negatoscope_server::source::Source;
use negatoscope_server::source::archive::{Archive, ArchiveOptions, Location};
use negatoscope_server::source::drimbox::Drimbox;
use negatoscope_server::source::received::Received;
use negatoscope_server::state::{AppState, Parts};
use negatoscope_server::trust_list::Keeper;
use negatoscope_server::{reports, router, sources};
use tempfile::TempDir;

use crate::browser::{Answer, Browser};
use crate::certificates::{Pair, mutual, pair};
use crate::manifest::Manifest;
use crate::peer::{Peer, Quirks};
pub(crate) use crate::phantoms::phantoms;

pub(crate) const SITE: &str = "vi1.349.example.fr";
pub(crate) const KOS: &str = "1.2.250.1.97.1";

/// An archive over the same files, to compare with.
pub(crate) async fn archive(state: &Path) -> Arc<Archive> {
    let location = Location::Folder(phantoms().folder().to_owned());
    let options = ArchiveOptions::new("vi1.test", location, state.join("archive"));
    let archive = Archive::open(&options).await.unwrap();
    archive.scan().await.unwrap();
    archive
}

pub(crate) struct Stand {
    pub(crate) peer: Peer,
    pub(crate) state: AppState,
    pub(crate) received: Arc<Received<Drimbox>>,
    pub(crate) folder: TempDir,
    router: axum::Router,
}

/// Configuration with the certificates of a folder.
pub(crate) fn configuration(url: &str, own: &Pair, box_pair: &Pair, more: &str) -> String {
    format!(
        "[server]\nstate = \"state\"\nassets = \"assets\"\n[access_code]\nrefusal_milliseconds = 0\n\
         [[site]]\nhosts = [\"{SITE}\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.source.drimbox]\nurl = \"{url}\"\nca_file = {:?}\ncertificate_file = {:?}\nkey_file = {:?}\n{more}\n",
        box_pair.ca, own.certificate, own.key
    )
}

impl Stand {
    pub(crate) async fn new(quirks: Quirks) -> Self {
        Self::with(quirks, "").await
    }

    /// With more lines of configuration, and the exam's manifest imported.
    pub(crate) async fn with(quirks: Quirks, more: &str) -> Self {
        let stand = Self::without_manifest(quirks, more).await;
        stand.import(&Manifest::new(&phantoms().exam, KOS, &stand.peer.url)).await;
        stand
    }

    pub(crate) async fn without_manifest(quirks: Quirks, more: &str) -> Self {
        Self::over(&[&phantoms().exam, &phantoms().other], quirks, more).await
    }

    /// Before a box that has these exams.
    pub(crate) async fn over(exams: &[&Exam], quirks: Quirks, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (own, box_pair) = (pair(folder.path(), "own"), pair(folder.path(), "box"));
        let tls = mutual(&box_pair, &own);
        let peer = Peer::start(exams, tls, quirks);
        let text = configuration(&peer.url, &own, &box_pair, more);
        let config = Config::parse(&text, &folder.path().join("negatoscope.toml")).unwrap();
        assert!(config.unsafe_settings().is_empty());
        let listed = Keeper::of(&config, Clock::system()).unwrap();
        let site = &config.sites[0];
        let SourceConfig::Drimbox(drimbox) = &site.source else { panic!("no DRIMbox") };
        let state = &config.server.state;
        let received = sources::drimbox::open(site, drimbox, state, listed.as_ref()).await.unwrap();
        let mut sites = Sites::default();
        sites.add(&site.hosts, Site::new(site, Arc::clone(&received) as Arc<dyn Source>, None));
        let clock = Clock::system();
        let audit = Audit::open(&config.audit_folder(), clock.clone()).unwrap();
        let parts = Parts { sites, assets: Assets::default(), audit, clock };
        let state = AppState::new(&config, parts).await.unwrap();
        Self { peer, router: router::build(&state), state, received, folder }
    }

    /// Takes a document in, as `negatoscope report import` does.
    pub(crate) async fn import_bytes(&self, bytes: &[u8]) {
        let (_, facts) = reports::parse(bytes).unwrap();
        self.state.reports.apply(SITE, &facts, 1).await.unwrap();
    }

    pub(crate) async fn import(&self, manifest: &Manifest<'_>) {
        self.import_bytes(&manifest.write()).await;
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), SITE)
    }

    pub(crate) async fn code(&self, study: &str) -> String {
        let code = AccessCode::random();
        let created = self.state.clock.seconds();
        let hasher = Hasher::new(self.state.store.secret, 1);
        let new = NewCode {
            site: SITE.to_owned(),
            hash: hasher.hash(SITE, &code).await.unwrap(),
            tag: hasher.tag(SITE, &code),
            studies: vec![study.to_owned()],
            birth_date: None,
            created,
            expires: created + 86_400,
        };
        codes::insert(&self.state.store.pool, &new).await.unwrap();
        code.printed()
    }

    /// Follows a link to an exam and proves to be its patient.
    pub(crate) async fn enter(&self, exam: &Exam) -> (Browser, Answer) {
        let study = &exam.study_instance_uid;
        let code = self.code(study).await;
        let mut browser = self.browser();
        let link = format!(
            "/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}&Accessionnumber={}&idCDA=1.2.3",
            exam.accession_number
        );
        assert_eq!(browser.get(&link).await.location(), "/entree/1");
        let born = &exam.birth_date;
        let born = (&born[6..], &born[4..6], &born[..4]);
        let answer = browser.enter(1, &code, born).await;
        (browser, answer)
    }

    pub(crate) async fn visitor(&self) -> Browser {
        let (browser, answer) = self.enter(&phantoms().exam).await;
        assert_eq!(answer.location(), "/examen/1");
        browser
    }
}

pub(crate) const SUMMARY: &str = "/api/examen/1";

/// The path of an instance of the phantom.
pub(crate) fn instance(kind: SeriesKind, number: usize) -> String {
    instance_of(&phantoms().exam, kind, number)
}

/// The path of an instance of an exam.
pub(crate) fn instance_of(exam: &Exam, kind: SeriesKind, number: usize) -> String {
    let series = exam.series(kind).unwrap();
    format!(
        "/dicomweb/studies/{}/series/{}/instances/{}",
        exam.study_instance_uid, series.series_instance_uid, series.sop_instance_uids[number]
    )
}

pub(crate) const AS_STORED: &str =
    r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;

/// One frame as stored: status and bytes of the answer's only part.
pub(crate) async fn frame(browser: &mut Browser, instance: &str, number: u32) -> (u16, Vec<u8>) {
    let path = format!("{instance}/frames/{number}");
    let get = axum::http::Method::GET;
    let answer = browser.send(get, &path, &[("accept", AS_STORED)], None).await;
    if answer.status != 200 {
        return (answer.status.as_u16(), answer.body);
    }
    let media =
        viewer_core::base::multipart::MediaType::parse(answer.header("content-type").unwrap());
    let parts = viewer_core::base::multipart::parse_multipart(&media, &answer.body, 2).unwrap();
    (200, parts[0].body.to_vec())
}
