//! A network: its signed list, its boxes over mutual TLS, and a professional's token.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use negatoscope_phantom::Exam;
use negatoscope_server::config::ConsultationConfig;
use negatoscope_server::consultation::{manifest, timeline::Timeline, upstream};
use negatoscope_server::source::SourceError;
use negatoscope_server::source::drimbox::{Bearer, Token};
use negatoscope_server::source::received::{Limits, Received};
use negatoscope_server::trust_list::Keeper;
use time::format_description::well_known::Rfc3339;

use crate::certificates::{Pair, mutual, pair, pair_called};
use crate::forge::{Forge, content, domain};
use crate::manifest::Manifest;
use crate::peer::{Peer, Quirks};
pub(crate) use crate::phantoms::phantoms;
use crate::pki::now;
use crate::publisher::Publisher;

/// What certificates of these tests are called.
pub(crate) const SUBJECT: &str = "CN=rcgen self signed cert";
/// Common name of the certificate of the box that has exams, and of the box that asks, which is its host, too.
pub(crate) const SOURCE_NAME: &str = "db1.349.example.fr";
pub(crate) const ASKING_HOST: &str = "db2.350.example.fr";
pub(crate) const KOS: &str = "1.2.250.1.97.1";
pub(crate) const TOKEN: &str = "of-the-professional";

pub(crate) fn list(domains: &[(&str, &str)]) -> Vec<u8> {
    let domains: String = domains.iter().map(|(host, name)| domain(host, name)).collect();
    let made = (now() - time::Duration::days(1)).format(&Rfc3339).unwrap();
    Forge { content: content(&made, &domains), signed: &made, ..Forge::default() }.document()
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

    /// Of two centres: `localhost` is the box that has exams, the other one asks. Beside them somebody whose certificate the box's
    /// authorities know and the list does not ([`Self::stranger`]).
    pub(crate) fn of_two() -> Self {
        let subject = |name: &str| format!("CN={name}");
        let (source, asking) = (subject(SOURCE_NAME), subject(ASKING_HOST));
        let mut network = Self::listing(&[("localhost", &source), (ASKING_HOST, &asking)]);
        let folder = network.publisher.folder.path().to_owned();
        network.own = pair_called(&folder, "asking", ASKING_HOST, ASKING_HOST);
        network.box_pair = pair_called(&folder, "source", "localhost", SOURCE_NAME);
        let stranger = pair_called(&folder, "stranger", "db9.example.fr", "db9.example.fr");
        let authorities = [&network.own.ca, &stranger.ca];
        let both = authorities.map(|path| std::fs::read_to_string(path).unwrap());
        std::fs::write(&network.own.ca, both.concat()).unwrap();
        network
    }

    /// See [`Self::of_two`].
    pub(crate) fn stranger(&self) -> Pair {
        let path = |name: &str| self.publisher.folder.path().join(name);
        let [ca, certificate, key] = ["stranger-ca.pem", "stranger.pem", "stranger.key"].map(path);
        Pair { ca, certificate, key }
    }

    /// `[trust_list]` and `[interbox]` of the centre that has exams, and the end of its site's table.
    pub(crate) fn of_source(&self, more: &str) -> [String; 2] {
        let (list, Pair { certificate, key, .. }) =
            (self.publisher.table("localhost", true), &self.box_pair);
        let before = format!(
            "{list}\n[interbox]\nlisten = \"127.0.0.1:0\"\nca_file = {:?}\n{more}\n",
            self.own.ca
        );
        let after = format!(
            "[site.interbox]\nhosts = [\"localhost\"]\ntls = {{ certificate = {certificate:?}, key = {key:?} }}\n"
        );
        [before, after]
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

/// The form of a call for the patient of an exam.
pub(crate) fn form(exam: &Exam) -> String {
    let born = &exam.birth_date;
    let gender = if exam.sex == "F" { "female" } else { "male" };
    let fields = [
        ("Patient.identifier.value", exam.patient_id.clone()),
        ("Patient.identifier.system", "urn:oid:1.2.250.1.213.1.4.10".to_owned()),
        ("Patient.name.family", exam.birth_name.clone()),
        ("Patient.name.given", exam.given_name.clone()),
        ("Patient.gender", gender.to_owned()),
        ("Patient.birthDate", format!("{}-{}-{}", &born[..4], &born[4..6], &born[6..])),
        ("Address.district", "51215".to_owned()),
        ("InformationEtConsentement", "true".to_owned()),
        ("PatientID", exam.patient_id.clone()),
        ("PatientIDIssuer", "HOPITAL&1.2.3&ISO".to_owned()),
    ];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
