//! A network: its signed list, its boxes over mutual TLS, and a professional's token.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use negatoscope_phantom::{Exam, Scale, generate, generate_other};
use negatoscope_server::config::ConsultationConfig;
use negatoscope_server::consultation::{manifest, timeline::Timeline, upstream};
use negatoscope_server::source::SourceError;
use negatoscope_server::source::drimbox::{Bearer, Token};
use negatoscope_server::source::received::{Limits, Received};
use negatoscope_server::trust_list::Keeper;
use tempfile::TempDir;

use crate::certificates::{Pair, mutual, pair};
use crate::forge::{Forge, content, domain};
use crate::manifest::Manifest;
use crate::peer::{Peer, Quirks};
use crate::publisher::Publisher;

/// What certificates of these tests are called.
pub(crate) const SUBJECT: &str = "CN=rcgen self signed cert";
pub(crate) const KOS: &str = "1.2.250.1.97.1";
pub(crate) const TOKEN: &str = "of-the-professional";

/// The phantom's exam and somebody else's, written once.
pub(crate) struct Phantoms {
    pub(crate) folder: TempDir,
    pub(crate) exam: Exam,
    pub(crate) other: Exam,
}

pub(crate) fn phantoms() -> &'static Phantoms {
    static PHANTOMS: OnceLock<Phantoms> = OnceLock::new();
    PHANTOMS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let exam = generate(&folder.path().join("exam"), Scale::tiny()).unwrap();
        let other = generate_other(&folder.path().join("other"), Scale::tiny()).unwrap();
        Phantoms { folder, exam, other }
    })
}

pub(crate) fn list(domains: &[(&str, &str)]) -> Vec<u8> {
    let domains: String = domains.iter().map(|(host, name)| domain(host, name)).collect();
    let content = content("2026-09-20T05:00:00Z", &domains);
    Forge { content, ..Forge::default() }.document()
}

pub(crate) struct Network {
    pub(crate) publisher: Publisher,
    pub(crate) own: Pair,
    pub(crate) box_pair: Pair,
}

impl Network {
    /// Whose list has `localhost` under the name of the boxes' certificates.
    pub(crate) fn new() -> Self {
        Self::listing(&[("localhost", SUBJECT)])
    }

    pub(crate) fn listing(domains: &[(&str, &str)]) -> Self {
        let publisher = Publisher::of(list(domains));
        let folder = publisher.folder.path();
        let (own, box_pair) = (pair(folder, "own"), pair(folder, "box"));
        Self { publisher, own, box_pair }
    }

    /// A box with these exams.
    pub(crate) fn peer(&self, exams: &[&Exam], quirks: Quirks) -> Peer {
        Peer::start(exams, mutual(&self.box_pair, &self.own), quirks)
    }

    /// With the list that is published.
    pub(crate) async fn keeper(&self) -> Arc<Keeper> {
        let keeper = self.publisher.keeper();
        keeper.round().await.unwrap();
        keeper
    }

    /// `[site.consultation]` without its head.
    pub(crate) fn table(&self, ports: &[u16], more: &str) -> String {
        format!(
            "professions = [\"10\"]\nca_file = {:?}\ncertificate_file = {:?}\nkey_file = {:?}\nports = {ports:?}\n\
             read_seconds = 5\n{more}\n",
            self.box_pair.ca, self.own.certificate, self.own.key
        )
    }

    /// What a professional sees who brought these manifests.
    pub(crate) fn consulted(
        &self,
        keeper: Arc<Keeper>,
        ports: &[u16],
        manifests: &[Vec<u8>],
    ) -> Arc<Received<upstream::Consulted>> {
        let config: ConsultationConfig = toml::from_str(&self.table(ports, "")).unwrap();
        let mut timeline = Timeline::default();
        for bytes in manifests {
            timeline.add(manifest::Manifest::read(bytes).unwrap(), 9).unwrap();
        }
        let network = upstream::Network {
            name: "vi1".into(),
            config: Arc::new(config),
            keeper,
            token: Token::Bearer(Arc::new(Fixed)),
        };
        let consulted = upstream::Consulted::of(timeline, network);
        Received::open("vi1", consulted, Limits::default())
    }
}

struct Fixed;

#[async_trait]
impl Bearer for Fixed {
    async fn bearer(&self) -> Result<String, SourceError> {
        Ok(TOKEN.to_owned())
    }
}

/// The port of an address.
pub(crate) fn port(url: &str) -> u16 {
    url::Url::parse(url).unwrap().port().unwrap()
}

/// The manifest of the phantom's exam, as if it lay at this address.
pub(crate) fn kos(address: &str) -> Vec<u8> {
    Manifest::new(&phantoms().exam, KOS, address).write()
}

/// A copy of an exam whose first file of a series is another one.
pub(crate) fn with_first_file(exam: &Exam, series: usize, file: PathBuf) -> Exam {
    let mut exam = exam.clone();
    exam.series[series].files[0] = file;
    exam
}
