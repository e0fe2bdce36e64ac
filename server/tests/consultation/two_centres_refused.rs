//! What a box of ours does not answer, and to whom.

use std::fs;
use std::time::Duration;

use negatoscope_server::reports::{Facts, Rejection};
use negatoscope_server::trust_list::Keeper;
use reqwest::{Client, Identity, Response};
use serde_json::Value;

use crate::centre::{Centre, manifest_of};
use crate::certificates::Pair;
use crate::manifest::Manifest;
use crate::network::{ASKING_HOST, KOS, SOURCE_NAME, list, phantoms};
use crate::publisher::Says;
use crate::two_centres::Two;

const LOSSLESS: &str =
    r#"multipart/related; type="application/dicom";transfer-syntax=*;q=0.9;boundary=**"#;

/// A box's client, with this certificate.
fn client(two: &Two, own: &Pair) -> Client {
    let read = |path| std::fs::read_to_string(path).unwrap();
    let pem = format!("{}\n{}", read(&own.key), read(&own.certificate));
    let root = reqwest::Certificate::from_pem(read(&two.network.box_pair.ca).as_bytes()).unwrap();
    Client::builder()
        .tls_certs_only([root])
        .identity(Identity::from_pem(pem.as_bytes()).unwrap())
        .timeout(Duration::from_secs(20))
        // Another name than that of the connection can be asked for.
        .http1_only()
        .build()
        .unwrap()
}

/// `Authorization` of a professional who is logged in at the asking centre.
async fn authorization(two: &Two) -> String {
    two.radiologist().await;
    two.house.authorization().await
}

/// A request with everything that is needed, to be changed.
struct Asked<'a> {
    client: &'a Client,
    url: String,
    headers: Vec<(&'static str, String)>,
}

impl<'a> Asked<'a> {
    fn new(client: &'a Client, centre: &Centre, authorization: &str) -> Self {
        let headers = vec![
            ("accept", LOSSLESS.to_owned()),
            ("authorization", authorization.to_owned()),
            ("kos-sopinstanceuid", KOS.to_owned()),
        ];
        Self { client, url: centre.series(0), headers }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            self.headers.push((name, value.to_owned()));
        }
        self
    }

    fn also(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn at(mut self, url: String) -> Self {
        self.url = url;
        self
    }

    async fn send(self) -> Response {
        let mut request = self.client.get(&self.url);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap()
    }

    async fn status(self) -> u16 {
        self.send().await.status().as_u16()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_header_counts_and_what_is_not_listed_hidden_or_rejected_is_not_there() {
    let Some(two) = Two::new().await else { return };
    let (centre, exam) = (&two.source, &phantoms().exam);
    let unlisted = exam.series[0].sop_instance_uids[1].clone();
    let mut manifest = Manifest::new(exam, KOS, &centre.url);
    manifest.without = vec![unlisted.clone()];
    let bytes = manifest.write();
    let authorization = authorization(&two).await;
    let client = client(&two, &two.network.own);
    let ask = || Asked::new(&client, centre, &authorization);
    assert_eq!(ask().status().await, 404, "no manifest, no exam");
    centre.import(bytes).await;
    let good = ask().send().await;
    assert_eq!(good.status().as_u16(), 200);
    let kind = good.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("multipart/related; type=\"application/dicom\"; boundary="), "{kind}");
    let body = good.bytes().await.unwrap();
    let has = |needle: &[u8]| body.windows(needle.len()).any(|part| part == needle);
    for (uid, file) in exam.series[0].sop_instance_uids.iter().zip(&exam.series[0].files) {
        assert_eq!(has(&std::fs::read(file).unwrap()), *uid != unlisted, "{uid}");
    }
    let other_study = format!("{}/studies/{}", centre.url, phantoms().other.study_instance_uid);
    let instance = |uid: &str| format!("{}/instances/{uid}", centre.series(0));
    let table = [
        (ask().with("authorization", ""), 401),
        (ask().with("authorization", "Bearer nonsense"), 401),
        (ask().also("authorization", &authorization), 401),
        (ask().with("kos-sopinstanceuid", ""), 400),
        (ask().also("kos-sopinstanceuid", KOS), 400),
        (ask().with("kos-sopinstanceuid", "x"), 400),
        (ask().with("kos-sopinstanceuid", "1.2.3"), 404),
        (ask().with("accept", "*/*"), 200),
        (ask().with("accept", "multipart/related; type=\"application/dicom\";transfer-syntax=1.2.840.10008.1.2.4.51"), 406),
        (ask().with("accept", "text/html"), 406),
        (ask().at(other_study), 404),
        (ask().at(instance(&unlisted)), 404),
        (ask().at(instance("1.2.3")), 404),
        (ask().at(instance(&exam.series[0].sop_instance_uids[0])), 200),
        (ask().at(format!("{}/elsewhere", centre.url)), 404),
        (ask().with("host", "vi1.349.example.fr"), 421),
        (ask().at(centre.url.clone()), 200),
    ];
    for (number, (asked, expected)) in table.into_iter().enumerate() {
        assert_eq!(asked.status().await, expected, "{number}");
    }
    let refused = ask().with("authorization", "Bearer nonsense").send().await;
    assert_eq!(refused.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
    let health: Value = ask().at(centre.url.clone()).send().await.json().await.unwrap();
    assert_eq!(health["checks"][0]["name"], "PACS");
    // Rejected (IHE IOCM) and hidden from professionals.
    let hidden = format!(
        r#"{{"report": "1.2.250.1.7", "studies": ["{}"], "visibility": {{"masked_professional": true}}}}"#,
        exam.study_instance_uid
    );
    centre.import(hidden.into_bytes()).await;
    assert_eq!(ask().status().await, 404, "hidden from professionals");
    let lines = centre.exports();
    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rejected_is_left_out_and_gone_by_itself() {
    let Some(two) = Two::new().await else { return };
    let (centre, exam) = (&two.source, &phantoms().exam);
    centre.import(manifest_of(centre)).await;
    let [rejected, kept] = [0, 1].map(|number| exam.series[0].sop_instance_uids[number].clone());
    let instances = vec![(exam.study_instance_uid.clone(), rejected.clone())];
    let rejection = Some(Rejection { note: "1.2.250.1.8".to_owned(), instances });
    let facts = Facts { rejection, ..Facts::default() };
    centre.state.reports.apply("vi1.349.example.fr", &facts, 0).await.unwrap();
    let authorization = authorization(&two).await;
    let client = client(&two, &two.network.own);
    let ask = || Asked::new(&client, centre, &authorization);
    let body = ask().send().await.bytes().await.unwrap();
    let has = |uid: &str| body.windows(uid.len()).any(|part| part == uid.as_bytes());
    assert!(has(&kept) && !has(&rejected));
    let one = |uid: &str| format!("{}/instances/{uid}", centre.series(0));
    assert_eq!(ask().at(one(&rejected)).status().await, 410);
    assert_eq!(ask().at(one(&kept)).status().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_boxes_of_a_list_that_counts_are_answered() {
    let Some(two) = Two::new().await else { return };
    let centre = &two.source;
    centre.import(manifest_of(centre)).await;
    let authorization = authorization(&two).await;
    let box_client = client(&two, &two.network.own);
    let ask = || Asked::new(&box_client, centre, &authorization);
    // Certified by the right authority, and none of the list.
    let stranger = client(&two, &two.network.stranger());
    assert!(stranger.get(centre.series(0)).send().await.is_err(), "no handshake");
    let without = Client::builder().tls_danger_accept_invalid_certs(true).build().unwrap();
    assert!(without.get(centre.series(0)).send().await.is_err(), "no certificate");
    // The connection stays, the list changes.
    assert_eq!(ask().status().await, 200);
    let [source, asking] = [SOURCE_NAME, ASKING_HOST].map(|name| format!("CN={name}"));
    let publisher = &two.network.publisher;
    let keeper: &Keeper = centre.state.trust_list.get().unwrap();
    let both = [("localhost", source.as_str()), (ASKING_HOST, asking.as_str())];
    for (boxes, expected) in [(&both[..1], 403), (&both[..], 200)] {
        publisher.say(Says::List(list(boxes)));
        keeper.round().await.unwrap();
        assert_eq!(ask().status().await, expected);
    }
    publisher.wait(time::Duration::days(8));
    assert_eq!(ask().status().await, 503, "a list that nobody has confirmed for a week");
}

/// A file of the phantom with so much padding behind its pixels (PS3.10 7.2) that no socket holds an answer with it.
fn padded(file: &[u8]) -> Vec<u8> {
    const PADDING_BYTES: u32 = 32 << 20;
    let header = [&[0xFC, 0xFF, 0xFC, 0xFF, b'O', b'B', 0, 0], &PADDING_BYTES.to_le_bytes()[..]];
    [file, &header.concat(), &vec![0; PADDING_BYTES as usize]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_answers_as_may_be_are_under_way_and_no_more() {
    let archive = tempfile::tempdir().unwrap();
    let file = fs::read(&phantoms().exam.series[0].files[0]).unwrap();
    fs::write(archive.path().join("one.dcm"), padded(&file)).unwrap();
    let Some(two) = Two::with("streams = 1", archive.path()).await else { return };
    let centre = &two.source;
    centre.import(manifest_of(centre)).await;
    let authorization = authorization(&two).await;
    // Each with a connection of its own.
    let [slow, other] = [(); 2].map(|()| client(&two, &two.network.own));
    let of = |client| Asked::new(client, centre, &authorization);
    let untaken = of(&slow).send().await;
    assert_eq!(untaken.status().as_u16(), 200);
    assert_eq!(of(&other).status().await, 503, "the first has not taken its answer");
    drop(untaken);
    for _ in 0..200 {
        if of(&other).status().await == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a box that went away keeps its place");
}
