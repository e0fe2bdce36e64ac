//! Two servers of ours as two centres: one has the exam, the other's professional looks at it and imports it.

use std::path::Path;
use std::sync::Arc;

use axum::http::StatusCode;
use negatoscope_server::source::InstanceRef;
use serde_json::json;
use viewer_core::inspect::DicomImage;

use crate::browser::Browser;
use crate::centre::{Centre, manifest_of};
use crate::house::House;
use crate::identity_peer::Peer as Provider;
use crate::journey::{frame, instance};
use crate::network::{ASKING_HOST, Network, phantoms, port};

/// Both centres and the provider that knows their professionals.
pub(crate) struct Two {
    pub(crate) source: Centre,
    pub(crate) house: House,
    pub(crate) provider: Provider,
    pub(crate) network: Arc<Network>,
}

impl Two {
    /// `None` where there is no provider: the test is skipped, unless it must not be.
    pub(crate) async fn new() -> Option<Self> {
        Self::with("", phantoms().folder()).await
    }

    /// The same with `more` in `[interbox]` of the centre that has the exams, which are in `folder`.
    pub(crate) async fn with(more: &str, folder: &Path) -> Option<Self> {
        let provider = Provider::start(&json!({}), None)?;
        let network = Arc::new(Network::of_two());
        let identity = provider.identity("", "");
        let source = Centre::open(&network, &identity, more, folder).await;
        let house = House::new(Arc::clone(&network), &[port(&source.url)], &identity, "").await;
        Some(Self { source, house, provider, network })
    }

    /// A radiologist of the other centre who has called and logged in.
    pub(crate) async fn radiologist(&self) -> Browser {
        self.house.radiologist(&self.provider).await
    }
}

/// The samples of a file's first frame, plain.
fn decoded(file: &std::path::Path) -> Vec<u8> {
    let mut image = DicomImage::open(std::fs::File::open(file).unwrap()).unwrap();
    image.stored(1).unwrap().samples.to_le_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exam_of_one_server_is_seen_whole_by_a_professional_of_the_other_and_both_write_it_down()
{
    let Some(two) = Two::new().await else { return };
    let (exam, manifest) = (&phantoms().exam, manifest_of(&two.source));
    two.source.import(manifest.clone()).await;
    let mut browser = two.radiologist().await;
    let page = two.house.bring(&browser, 1, &[manifest]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert_eq!(two.source.exports(), [], "the skeleton asks nobody");
    let summary = browser.get("/api/examen/1").await;
    assert_eq!(summary.status, StatusCode::OK, "{}", summary.text());
    let at_home = two.source.state.sites.by_id("vi1.349.example.fr").unwrap();
    let at_home = at_home.source.summary(&exam.study_instance_uid).await.unwrap();
    let images = at_home.series.iter().map(|series| series.images.len()).sum::<usize>();
    let listed: usize = exam.series.iter().map(|series| series.files.len()).sum();
    assert_eq!(images, listed);
    let told = browser.get("/api/consultation/1").await.json();
    let states = told["exams"][0]["progress"].as_array().unwrap();
    assert!(states.iter().all(|series| series["state"] == "whole"), "{told}");
    for (number, series) in exam.series.iter().enumerate() {
        let uid = series.sop_instance_uids[0].clone();
        let at = InstanceRef {
            study: exam.study_instance_uid.clone(),
            series: series.series_instance_uid.clone(),
            instance: uid,
        };
        let source = &two.source.state.sites.by_id("vi1.349.example.fr").unwrap().source;
        let Ok(stored) = source.frame(&at, 1).await else { continue };
        // Boxes do not ask for run lengths: these samples come plain.
        let expected = match stored.transfer_syntax_uid.as_str() {
            "1.2.840.10008.1.2.5" => decoded(&series.files[0]),
            _ => stored.bytes.to_vec(),
        };
        let seen = frame(&mut browser, &instance(number, 0)).await;
        assert_eq!(seen.status, StatusCode::OK);
        let holds = seen.body.windows(expected.len()).any(|part| part == &expected[..]);
        assert!(holds, "series {number}: the very samples of the other centre");
    }
    let lines = two.source.exports();
    assert_eq!(lines.len(), 1, "one line for a professional, a box and an exam: {lines:?}");
    let line = &lines[0];
    assert_eq!(line.subject.as_deref(), Some("899700000001"));
    assert_eq!(line.reason.as_deref(), Some(format!("target={ASKING_HOST}").as_str()));
    assert_eq!(line.way.as_deref(), Some("interbox"));
    assert_eq!(line.studies, std::slice::from_ref(&exam.study_instance_uid));
    let journal = two.house.journal();
    assert!(
        journal.iter().any(|(_, reason)| reason == "consultation_manifest added"),
        "{journal:?}"
    );
    let login = journal.iter().find(|(event, _)| event == "login").unwrap();
    assert!(login.1.ends_with("consultation"), "{login:?}");
}
