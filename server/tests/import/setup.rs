//! The phantom's exam, a site that imports it, and what became of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use negatoscope_phantom::{Exam, Scale, generate};
use negatoscope_server::audit::{self, Audit, LOCAL};
use negatoscope_server::clock::Clock;
use negatoscope_server::config::Config;
use negatoscope_server::import::{
    Choice, Job, Local, LocalAccession, LocalPatient, Progress, Queue, Runner, SiteImports, State,
    Who, open,
};
use negatoscope_server::source::archive::{Archive, ArchiveOptions, Location};
use negatoscope_server::source::{InstanceRef, Source};
use negatoscope_server::store::{Store, random_name};
use tempfile::TempDir;

use crate::orthanc::{Orthanc, TITLE};

pub(crate) const SITE: &str = "vi1.test";
pub(crate) const OURS: &str = "NEGATOSCOPE";

pub(crate) struct Phantom {
    folder: TempDir,
    pub(crate) exam: Exam,
}

impl Phantom {
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn instances(&self) -> BTreeSet<String> {
        self.exam.series.iter().flat_map(|series| series.sop_instance_uids.clone()).collect()
    }
}

pub(crate) fn phantom() -> &'static Phantom {
    static PHANTOM: OnceLock<Phantom> = OnceLock::new();
    PHANTOM.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        // Some objects are longer than what is read of one before it is sent.
        let scale = Scale { ct_slices: 40, ct_side_px: 288, cr_side_px: 512, ..Scale::tiny() };
        let exam = generate(folder.path(), scale).unwrap();
        Phantom { folder, exam }
    })
}

/// What the local side calls the phantom's patient.
pub(crate) fn local() -> Local {
    let patient = LocalPatient {
        id: "LOCAL-1".to_owned(),
        issuer: Some("CHU".to_owned()),
        issuer_oid: Some("1.2.250.1.71".to_owned()),
        name: "LEFÈVRE^ÉLISE".to_owned(),
        birth_date: None,
        sex: Some("O".to_owned()),
    };
    let accession = LocalAccession {
        number: "L-ACN-1".to_owned(),
        issuer_oid: Some("1.2.250.1.72".to_owned()),
    };
    Local {
        patient,
        accession: Some(accession),
        study_description: Some("Relecture".to_owned()),
        series_descriptions: std::collections::BTreeMap::new(),
    }
}

/// Lines of a target: Orthanc by DIMSE, or by DICOMweb.
pub(crate) fn by_dimse(port: u16, title: &str) -> String {
    format!(
        "[[site.import.target]]\nname = \"PACS\"\nassociations = 3\n\
         dimse = {{ host = \"127.0.0.1\", port = {port}, called_title = \"{title}\", calling_title = \"{OURS}\", answer_seconds = 10 }}\n"
    )
}

pub(crate) fn by_web(url: &str) -> String {
    format!(
        "[[site.import.target]]\nname = \"PACS\"\nassociations = 3\npacs = {{ url = \"{url}\" }}\n"
    )
}

pub(crate) fn dimse_of(orthanc: &Orthanc) -> String {
    by_dimse(orthanc.dicom_port(), TITLE)
}

pub(crate) fn config(folder: &Path, target: &str) -> String {
    format!(
        "[server]\nstate = \"{}\"\nassets = \"assets\"\n[[site]]\nhosts = [\"{SITE}\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.import]\nprofessions = [\"10\"]\n{target}[site.source.archive]\npath = \"{}\"\nrescan_seconds = 0\n",
        folder.join("state").display(),
        phantom().folder().display(),
    )
}

/// Where a stand has its files; of this test, or of somebody who goes on.
pub(crate) struct Folder {
    path: PathBuf,
    _owned: Option<TempDir>,
}

impl Folder {
    pub(crate) const fn of_somebody(path: PathBuf) -> Self {
        Self { path, _owned: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// A site with one target, its database and journal.
pub(crate) struct Stand {
    pub(crate) folder: Folder,
    pub(crate) imports: SiteImports,
    pub(crate) runner: Runner,
    /// Of imports that are put in.
    pub(crate) whence: Option<String>,
}

impl Stand {
    pub(crate) async fn new(target: &str) -> Self {
        let owned = tempfile::tempdir().unwrap();
        Self::within(Folder { path: owned.path().to_owned(), _owned: Some(owned) }, target).await
    }

    /// In a folder that may have been used before.
    pub(crate) async fn within(folder: Folder, target: &str) -> Self {
        let text = config(folder.path(), target);
        let file = folder.path().join("negatoscope.toml");
        std::fs::write(&file, &text).unwrap();
        let config = Config::parse(&text, &file).unwrap();
        let imports = open(&config.sites[0]).await.unwrap().unwrap();
        let state = folder.path().join("state");
        let store = Store::open(&state).await.unwrap();
        let location = Location::Folder(phantom().folder().to_owned());
        let index = folder.path().join("index");
        let archive = Archive::open(&ArchiveOptions::new(SITE, location, index)).await.unwrap();
        archive.scan().await.unwrap();
        let clock = Clock::system();
        let runner = Runner {
            queue: Queue::new(store.pool.clone()),
            audit: Audit::open(&state.join("audit"), clock.clone()).unwrap(),
            clock,
            source: archive,
            session: None,
            spool_bytes: imports.spool_bytes(),
            target: Arc::clone(imports.target("PACS").unwrap()),
            locks: state.join("imports"),
            pauses: vec![Duration::from_millis(50); 3],
        };
        Self { folder, imports, runner, whence: None }
    }

    pub(crate) async fn chosen(&self, choice: &Choice) -> Vec<InstanceRef> {
        choice.of(&*self.runner.source, &phantom().exam.study_instance_uid).await.unwrap()
    }

    pub(crate) async fn put(&self, chosen: &[InstanceRef]) -> Job {
        let who = Who {
            way: Some("psc".to_owned()),
            subject: "psc:899700000001".to_owned(),
            session: None,
            address: LOCAL,
        };
        let job = Job {
            id: random_name(),
            site: SITE.to_owned(),
            target: "PACS".to_owned(),
            study: phantom().exam.study_instance_uid.clone(),
            local: Some(local()),
            who,
            whence: self.whence.clone(),
            state: State::Running,
            created: self.runner.clock.seconds(),
        };
        self.runner.queue.put(&job, chosen).await.unwrap();
        job
    }

    /// Everything of the exam, to its end.
    pub(crate) async fn import_all(&self) -> Progress {
        let chosen = self.chosen(&Choice::default()).await;
        let job = self.put(&chosen).await;
        self.runner.run(&job).await.unwrap()
    }

    pub(crate) fn journal(&self) -> Vec<audit::Record> {
        let mut lines = Vec::new();
        audit::read(&self.folder.path().join("state/audit"), |record| {
            lines.push(record);
            Ok(())
        })
        .unwrap();
        lines
    }

    pub(crate) fn with_source(&mut self, source: Arc<dyn Source>) {
        self.runner.source = source;
    }
}

/// What Orthanc has, asked by its own interface: every object as it stored it.
pub(crate) async fn files(orthanc: &Orthanc) -> Vec<Vec<u8>> {
    let root = orthanc.url().replace("/dicom-web", "");
    let ids: Vec<String> =
        reqwest::get(format!("{root}/instances")).await.unwrap().json().await.unwrap();
    let mut files = Vec::new();
    for id in ids {
        let file = reqwest::get(format!("{root}/instances/{id}/file")).await.unwrap();
        files.push(file.bytes().await.unwrap().to_vec());
    }
    files
}

/// How many instances Orthanc has taken in so far, those that it had already once more.
pub(crate) async fn taken(orthanc: &Orthanc) -> usize {
    let root = orthanc.url().replace("/dicom-web", "");
    let changes = reqwest::get(format!("{root}/changes?limit=100000")).await.unwrap();
    let changes: serde_json::Value = changes.json().await.unwrap();
    let changes = changes["Changes"].as_array().unwrap();
    changes.iter().filter(|change| change["ChangeType"] == "NewInstance").count()
}

pub(crate) fn uid(file: &[u8]) -> String {
    let object = dicom_object::from_reader(file).unwrap();
    let uid = object.element_by_name("SOPInstanceUID").unwrap();
    uid.to_str().unwrap().trim_end_matches('\0').to_owned()
}
