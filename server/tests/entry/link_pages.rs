//! Links: clean address afterwards, words when malformed.

use axum::http::StatusCode;

use crate::house::{BORN, EXAM, House, LINK, SECOND_EXAM};

#[tokio::test]
async fn nothing_of_the_link_stays_in_addresses_or_pages() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    let mut seen = Vec::new();
    for answer in [
        browser.get(LINK).await,
        browser.get("/entree/1").await,
        browser.enter(1, &code, BORN).await,
        browser.get("/examen/1").await,
    ] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        seen.push(format!("{:?} {}", answer.headers, answer.text()));
    }
    for text in seen {
        for secret in [EXAM, "ACN1", &code, "1974031"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn both_paths_and_mangled_links_lead_to_the_same_visit() {
    let house = House::new().await;
    let mut browser = house.browser();
    let mangled = LINK.replace('&', "&amp;").replace("studyUID", "studyuid");
    for link in [LINK.to_owned(), format!("/visionneuse{LINK}"), mangled, format!("{LINK}.")] {
        assert_eq!(browser.get(&link).await.location(), "/entree/1", "{link}");
    }
    let second = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={SECOND_EXAM}");
    assert_eq!(browser.get(&second).await.location(), "/entree/2");
    assert_eq!(browser.get(LINK).await.location(), "/entree/1");
}

#[tokio::test]
async fn a_link_to_an_exam_already_open_goes_straight_there() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    assert_eq!(browser.get(LINK).await.location(), "/examen/1");
    let shorter = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={EXAM}");
    assert_eq!(browser.get(&shorter).await.location(), "/examen/1");
    let more = format!("{shorter},{SECOND_EXAM}");
    assert_eq!(browser.get(&more).await.location(), "/entree/2");
}

#[tokio::test]
async fn malformed_links_are_explained_in_both_languages() {
    let house = House::new().await;
    let table = [
        ("", "requestType manque", "requestType is missing"),
        ("?requestType=PATIENT&patientID=1", "doit valoir STUDY", "must be STUDY"),
        ("?requestType=STUDY", "ne désigne aucun examen", "names no exam"),
        (
            "?requestType=STUDY&studyUID=abc",
            "studyUID n’est pas un identifiant",
            "studyUID is not an exam identifier",
        ),
        (
            "?requestType=STUDY&studyUID=1.2&idCDA=1&idCDA=2",
            "idCDA figure deux fois",
            "idCDA appears twice",
        ),
    ];
    for (query, french, english) in table {
        let mut browser = house.browser();
        let answer = browser.get(&format!("/IHEInvokeImageDisplay{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains(french), "{query}: {}", answer.text());
        assert!(browser.cookies.is_empty(), "a malformed link makes nobody known");
        browser.headers.push(("accept-language", "en-GB,fr;q=0.5".to_owned()));
        let answer = browser.get(&format!("/IHEInvokeImageDisplay{query}")).await;
        assert!(answer.text().contains(english), "{query}: {}", answer.text());
    }
    let journal = house.journal();
    assert_eq!(journal.len(), 10);
    assert!(
        journal.iter().all(|line| line["reason"] == "malformed_link" && line["event"] == "refusal")
    );
}

#[tokio::test]
async fn what_a_link_holds_is_never_shown_unescaped() {
    let house = House::new().await;
    let answer =
        house.browser().get("/IHEInvokeImageDisplay?requestType=STUDY&studyUID=%3Cscript%3E").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.text().contains("<script"));
    assert!(answer.text().contains("Centre &#60;Alpha&#62; &#38; Fils"), "{}", answer.text());
}
