//! Whatever name something of one site has, it opens nothing on another (item 27, and cross-site
//! access by construction): every kind of identifier of site A is thrown at site B, by a visitor who is
//! logged in there.

use std::sync::OnceLock;

use axum::http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::{
    browser::{Answer, Browser},
    house::{BORN, EXAM, House, OTHER_SITE, OTHER_SITES_EXAM, ROOT, SECOND_EXAM, SITE},
};

/// Identifiers of `SITE`, and a visitor of `OTHER_SITE`.
struct Stand {
    runtime: Runtime,
    house: House,
    visitor: Browser,
    /// Text in which no answer of `OTHER_SITE` may speak.
    secrets: Vec<String>,
    /// What is thrown.
    identifiers: Vec<String>,
}

async fn log_in(house: &House, host: &str, study: &str) -> (Browser, String) {
    let (code, id) = house.grant_on(host, &[study], Some("19740312")).await;
    let mut browser = Browser::new(house.router.clone(), host);
    browser.get(&format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}")).await;
    assert_eq!(browser.enter(1, &code, BORN).await.location(), "/examen/1");
    (browser, id)
}

fn stand() -> &'static Stand {
    static STAND: OnceLock<Stand> = OnceLock::new();
    STAND.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let (house, visitor, identifiers) = runtime.block_on(async {
            let house = House::with("[session]\nlinks_per_address = 1000000").await;
            let report = json!({ "report": "1.2.3^A", "studies": [EXAM],
                "accession": { "number": "ACN9", "root": ROOT } });
            house.import(report).await;
            let (code, id) = house.grant_on(SITE, &[EXAM], None).await;
            let (theirs, subject) = log_in(&house, SITE, EXAM).await;
            let (visitor, _) = log_in(&house, OTHER_SITE, OTHER_SITES_EXAM).await;
            let pool = &house.state.store.pool;
            let mut identifiers: Vec<String> = vec![
                EXAM.to_owned(),
                SECOND_EXAM.to_owned(),
                "ACN9".to_owned(),
                format!("{ROOT}.ACN9"),
                "1.2.3^A".to_owned(),
                "1.2.3.A".to_owned(),
                code,
                id,
                subject,
                SITE.to_owned(),
                theirs.cookies["__Host-negatoscope"].clone(),
            ];
            for query in [
                "SELECT id FROM login WHERE site = ?",
                "SELECT visitor FROM login WHERE site = ?",
                "SELECT visitor FROM visit WHERE site = ?",
            ] {
                let found: Vec<String> =
                    sqlx::query_scalar(query).bind(SITE).fetch_all(pool).await.unwrap();
                assert!(!found.is_empty(), "{query}");
                identifiers.extend(found);
            }
            (house, visitor, identifiers)
        });
        let secrets = vec!["LEF".to_owned(), EXAM.to_owned(), SECOND_EXAM.to_owned()];
        Stand { runtime, house, visitor, secrets, identifiers }
    })
}

#[derive(Clone, Copy, Debug)]
enum Throw {
    Study,
    Series,
    Instance,
    Metadata,
    Frame,
    Rendered,
    Thumbnail,
    Bulk,
    SearchStudy,
    SearchAccession,
    Visit,
    ExamPage,
    Summary,
    Code,
    Link,
    Cookie,
}

const THROWS: [Throw; 16] = [
    Throw::Study,
    Throw::Series,
    Throw::Instance,
    Throw::Metadata,
    Throw::Frame,
    Throw::Rendered,
    Throw::Thumbnail,
    Throw::Bulk,
    Throw::SearchStudy,
    Throw::SearchAccession,
    Throw::Visit,
    Throw::ExamPage,
    Throw::Summary,
    Throw::Code,
    Throw::Link,
    Throw::Cookie,
];

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Throws an identifier; `own` is the study that the visitor may see.
async fn throw(browser: &mut Browser, kind: Throw, identifier: &str) -> Answer {
    let (id, own) = (encoded(identifier), OTHER_SITES_EXAM);
    let path = match kind {
        Throw::Study => format!("/dicomweb/studies/{id}"),
        Throw::Series => format!("/dicomweb/studies/{own}/series/{id}"),
        Throw::Instance => format!("/dicomweb/studies/{own}/series/{id}/instances/{id}"),
        Throw::Metadata => format!("/dicomweb/studies/{id}/metadata"),
        Throw::Frame => format!("/dicomweb/studies/{id}/series/1/instances/1/frames/1"),
        Throw::Rendered => format!("/dicomweb/studies/{id}/series/1/instances/1/rendered"),
        Throw::Thumbnail => format!("/dicomweb/studies/{id}/series/1/thumbnail"),
        Throw::Bulk => format!("/dicomweb/studies/{id}/series/1/instances/1/bulkdata/7FE00010"),
        Throw::SearchStudy => format!("/dicomweb/studies?StudyInstanceUID={id}"),
        Throw::SearchAccession => format!("/dicomweb/studies?AccessionNumber={id}"),
        Throw::Visit => format!("/entree/{id}"),
        Throw::ExamPage => format!("/examen/{id}"),
        Throw::Summary => format!("/api/examen/{id}"),
        Throw::Code => {
            let form = format!("code={id}&jour=12&mois=03&annee=1974");
            return browser.send(Method::POST, "/entree/1/code", &OWN_FORM, Some(&form)).await;
        }
        Throw::Link => {
            let query = format!("requestType=STUDY&studyUID={id}&accessionNumber={id}&idCDA={id}");
            format!("/IHEInvokeImageDisplay?{query}")
        }
        Throw::Cookie => {
            browser.cookies.insert("__Host-negatoscope".to_owned(), id);
            "/api/examen/1".to_owned()
        }
    };
    browser.get(&path).await
}

const OWN_FORM: [(&str, &str); 2] = [("sec-fetch-site", "same-origin"), ("origin", "null")];

/// Refused, or led to a card that knows nothing: never an image, never a word of the other site.
fn is_refusal(kind: Throw, answer: &Answer) -> bool {
    match kind {
        Throw::SearchStudy | Throw::SearchAccession => answer.json() == json!([]),
        Throw::Link => {
            answer.status == StatusCode::BAD_REQUEST
                || answer.header("location").is_some_and(|to| to.starts_with("/entree/"))
        }
        Throw::ExamPage => answer.header("location").is_some_and(|to| to.starts_with("/entree/")),
        Throw::Cookie => answer.status == StatusCode::UNAUTHORIZED,
        _ => answer.status.is_client_error(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Identifiers as they are, and cut, joined and changed.
    #[test]
    fn item_27_nothing_of_one_site_opens_anything_on_another(
        kind in prop::sample::select(&THROWS[..]),
        which in any::<prop::sample::Index>(),
        change in 0_u8..5,
        tail in "[0-9A-Za-z.^_]{0,4}",
    ) {
        let stand = stand();
        let identifier = which.get(&stand.identifiers);
        let thrown = match change {
            0..=2 => identifier.clone(),
            3 => format!("{identifier}{tail}"),
            _ => identifier.chars().rev().skip(1).collect::<Vec<_>>().iter().rev().collect(),
        };
        let own_number = matches!(kind, Throw::Visit | Throw::ExamPage | Throw::Summary)
            && thrown.parse::<u32>().is_ok();
        prop_assume!(!own_number);
        let mut browser = stand.visitor.clone();
        let answer = stand.runtime.block_on(throw(&mut browser, kind, &thrown));
        prop_assert!(is_refusal(kind, &answer), "{:?} {}: {:?}", kind, thrown, answer.status);
        let said = String::from_utf8_lossy(&answer.body);
        let told = stand.secrets.iter().find(|secret| said.contains(*secret) && !thrown.contains(*secret));
        prop_assert_eq!(told, None);
    }
}

/// The stand itself works: the visitor of the other site does see their own exam.
#[test]
fn the_visitor_of_the_other_site_is_logged_in() {
    let stand = stand();
    let mut browser = stand.visitor.clone();
    let answer = stand.runtime.block_on(browser.get("/api/examen/1"));
    assert_eq!(answer.status, StatusCode::OK);
    let asked = stand.house.source.asked.lock().unwrap().len();
    assert!(asked > 0);
}
