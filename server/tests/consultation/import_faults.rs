//! Boxes that die while an import fetches from them, and boxes that are struck off the list.

use std::sync::Arc;
use std::time::Duration;

use negatoscope_server::audit::{Audit, LOCAL};
use negatoscope_server::clock::Clock;
use negatoscope_server::config::Config;
use negatoscope_server::consultation::upstream::Consulted;
use negatoscope_server::import::{
    self, Choice, Job, Local, LocalPatient, Progress, Queue, Runner, State, Step, Who,
};
use negatoscope_server::source::Source;
use negatoscope_server::source::received::Received;
use negatoscope_server::store::{Store, random_name};
use tempfile::TempDir;

use crate::house::SITE;
use crate::import::{are_the_phantoms, stored, target};
use crate::network::{Network, kos, list, phantoms, port};
use crate::orthanc::Orthanc;
use crate::peer::{Peer, Quirks};
use crate::publisher::Says;

/// A professional's import of the phantom, which nothing has come of yet.
struct Import {
    network: Network,
    peer: Peer,
    keeper: Arc<negatoscope_server::trust_list::Keeper>,
    runner: Runner,
    job: Job,
    _folder: TempDir,
}

impl Import {
    async fn new(quirks: Quirks, orthanc: &Orthanc) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[server]\nstate = \"state\"\nassets = \"assets\"\n[[site]]\nhosts = [\"{SITE}\"]\nname = \"Centre\"\ncontact = \"01\"\n\
             source = {{ archive = {{ path = \"x\" }} }}\n[site.import]\nprofessions = [\"10\"]\n{}",
            target(orthanc.dicom_port())
        );
        let config = Config::parse(&text, &folder.path().join("negatoscope.toml")).unwrap();
        let imports = import::open(&config.sites[0]).await.unwrap().unwrap();
        let network = Network::new();
        let peer = network.peer(&[&phantoms().exam], quirks);
        let keeper = network.keeper().await;
        let received =
            network.consulted(Arc::clone(&keeper), &[port(&peer.url)], &[kos(&peer.url)]);
        let state = &config.server.state;
        let clock = Clock::system();
        let runner = Runner {
            queue: Queue::new(Store::open(state).await.unwrap().pool),
            audit: Audit::open(&state.join("audit"), clock.clone()).unwrap(),
            clock,
            source: Arc::clone(&received) as Arc<dyn Source>,
            session: Some(session(&received)),
            spool_bytes: imports.spool_bytes(),
            target: Arc::clone(imports.target("PACS").unwrap()),
            locks: state.join("imports"),
            pauses: [1, 5, 10].map(Duration::from_secs).to_vec(),
        };
        let job = put(&runner).await;
        Self { network, peer, keeper, runner, job, _folder: folder }
    }

    async fn progress(&self) -> Progress {
        self.runner.queue.progress(&self.job).await.unwrap()
    }
}

fn session(received: &Arc<Received<Consulted>>) -> import::Session {
    let received = Arc::clone(received);
    Arc::new(move || Some(Arc::clone(&received) as Arc<dyn Source>))
}

async fn put(runner: &Runner) -> Job {
    let study = &phantoms().exam.study_instance_uid;
    let chosen = Choice::default().of(&*runner.source, study).await.unwrap();
    let (id, name) = ("L1".to_owned(), "LEFEVRE^ELISE".to_owned());
    let patient = LocalPatient { id, name, ..LocalPatient::default() };
    let job = Job {
        id: random_name(),
        site: SITE.to_owned(),
        target: "PACS".to_owned(),
        study: study.clone(),
        local: Some(Local { patient, ..Local::default() }),
        who: Who { way: None, subject: "psc:1".to_owned(), session: None, address: LOCAL },
        whence: Some("localhost".to_owned()),
        state: State::Running,
        created: 5,
    };
    runner.queue.put(&job, &chosen).await.unwrap();
    job
}

fn count() -> u64 {
    phantoms().exam.series.iter().map(|series| series.files.len() as u64).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_dies_in_the_middle_of_a_series_is_asked_again_when_it_is_back() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    // So often that receiving gives up, and only somebody who asks later gets the rest.
    let quirks = Quirks { cut: Some((1, 6)), ..Quirks::default() };
    let import = Import::new(quirks, &orthanc).await;
    let progress = import.runner.run(&import.job).await.unwrap();
    assert_eq!((progress.state, progress.count(Step::Confirmed)), (State::Done, count()));
    let asked = import.peer.asked();
    assert!(asked.len() > phantoms().exam.series.len() + 2, "{}", asked.len());
    let (found, taken) = stored(&orthanc).await;
    assert_eq!((found.len() as u64, taken as u64), (count(), count()), "each once");
    are_the_phantoms(&found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_is_struck_off_the_list_is_asked_no_more_and_what_came_is_imported() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let quirks = Quirks { holds_at: Some(1), ..Quirks::default() };
    let import = Import::new(quirks, &orthanc).await;
    let striking = async {
        while import.progress().await.here == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        import.network.publisher.say(Says::List(list(&[("elsewhere.example", "CN=other")])));
        import.keeper.round().await.unwrap();
        import.peer.shared.gate.add_permits(1000);
        import.peer.asked().len()
    };
    let (progress, asked) = tokio::join!(import.runner.run(&import.job), striking);
    let progress = progress.unwrap();
    let there = progress.count(Step::Confirmed);
    assert!((1..count()).contains(&there), "{progress:?}");
    let expected = [("undelivered".to_owned(), count() - there)].into();
    assert_eq!((progress.state, progress.failures), (State::Partial, expected));
    assert_eq!(import.peer.asked().len(), asked, "the box is asked no more");
    let (found, taken) = stored(&orthanc).await;
    assert_eq!((found.len() as u64, taken as u64), (there, there), "each once");
    are_the_phantoms(&found);
}
