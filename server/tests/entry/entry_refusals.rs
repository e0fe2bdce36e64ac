//! Whatever the reason, a refusal looks the same.

use axum::http::StatusCode;

use crate::{
    browser::{Answer, Browser},
    house::{BORN, DATELESS_EXAM, EXAM, House, LINK, OTHER_SITE, SECOND_EXAM, SITE},
};

const UNKNOWN_LINK: &str = "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.250.1.99&Accessionnumber=1.2.250.1.925.1.ACN1&idCDA=1.2.3";
const WRONG_ACCESSION: &str = "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.250.1.1&Accessionnumber=1.2.250.1.925.1.ACN2&idCDA=1.2.3";

/// A well-formed code that was never given out.
async fn unknown_code(house: &House) -> String {
    let (code, id) = house.grant_on("nowhere", &[EXAM], None).await;
    assert!(!id.is_empty());
    code
}

/// All that an outsider sees of an answer.
fn seen(answer: &Answer) -> (StatusCode, Vec<(String, Vec<u8>)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "set-cookie");
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    (answer.status, headers, answer.text())
}

async fn try_with(house: &House, link: &str, code: &str, born: (&str, &str, &str)) -> Answer {
    let mut browser = house.browser();
    assert_eq!(browser.get(link).await.location(), "/entree/1");
    browser.enter(1, code, born).await
}

#[tokio::test]
async fn links_to_known_and_unknown_exams_look_alike_and_ask_nobody() {
    let house = House::new().await;
    let mut pages = Vec::new();
    for link in [LINK, UNKNOWN_LINK, WRONG_ACCESSION] {
        let mut browser = house.browser();
        let redirect = browser.get(link).await;
        pages.push((seen(&redirect), seen(&browser.get("/entree/1").await)));
    }
    assert_eq!(pages[0].0.0, StatusCode::SEE_OTHER);
    assert_eq!(pages[0].1.0, StatusCode::OK);
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
    assert!(house.source.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn every_refusal_is_the_same_page() {
    let house = House::new().await;
    let right = house.grant(EXAM).await;
    let second = house.grant(SECOND_EXAM).await;
    let other_site = house.grant_on(OTHER_SITE, &[EXAM], None).await.0;
    let (revoked, id) = house.grant_on(SITE, &[EXAM], None).await;
    let withdrawn = negatoscope_server::auth::codes::Withdraw::Id(id);
    let count =
        negatoscope_server::auth::codes::revoke(&house.state.store.pool, SITE, &withdrawn, 1).await;
    assert_eq!(count.unwrap(), 1);
    let unknown = unknown_code(&house).await;
    let dateless = house.grant(DATELESS_EXAM).await;
    let dateless_link = "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.250.1.3";
    let table = [
        ("unknown_code", LINK, &unknown, BORN),
        ("birth_date", LINK, &right, ("13", "03", "1974")),
        ("other_exam", UNKNOWN_LINK, &right, BORN),
        ("unknown_exam", WRONG_ACCESSION, &right, BORN),
        ("other_exam", LINK, &second, BORN),
        ("unknown_code", LINK, &other_site, BORN),
        ("revoked", LINK, &revoked, BORN),
        ("birth_date", dateless_link, &dateless, BORN),
        ("unknown_code", UNKNOWN_LINK, &unknown, BORN),
    ];
    let mut refusals = Vec::new();
    for (reason, link, code, born) in table {
        let answer = try_with(&house, link, code, born).await;
        refusals.push((reason, seen(&answer)));
        // Tries are not what this test is about.
        sqlx::query("DELETE FROM exam_tries").execute(&house.state.store.pool).await.unwrap();
    }
    house.wait_minutes(11 * 24 * 60);
    refusals.push(("expired", seen(&try_with(&house, LINK, &right, BORN).await)));
    for (reason, refusal) in &refusals {
        assert_eq!(refusal.0, StatusCode::FORBIDDEN, "{reason}");
        assert_eq!(*refusal, refusals[0].1, "{reason}");
    }
    let journal: Vec<_> =
        house.journal().iter().map(|line| line["reason"].as_str().unwrap().to_owned()).collect();
    let reasons: Vec<_> = refusals.iter().map(|(reason, _)| (*reason).to_owned()).collect();
    assert_eq!(journal, reasons);
    // Neither the code nor the date comes back.
    assert!(!refusals[0].1.2.contains("1974\""), "the page repeats the birth date");
}

#[tokio::test]
async fn the_right_code_and_date_open_the_exam() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    let mut browser = house.browser();
    assert_eq!(browser.get(LINK).await.location(), "/entree/1");
    assert_eq!(browser.get("/examen/1").await.location(), "/entree/1");
    assert_eq!(browser.enter(1, &typed, ("12", "3", "1974")).await.location(), "/examen/1");
    assert_eq!(browser.get("/examen/1").await.status, StatusCode::OK);
    assert_eq!(browser.get("/entree/1").await.location(), "/examen/1");
    let events: Vec<_> = house.journal().iter().map(|line| line["event"].clone()).collect();
    assert_eq!(events, ["login", "exam_opened"]);
}

#[tokio::test]
async fn a_birth_date_of_the_operator_stands_in_where_the_images_have_none() {
    let house = House::new().await;
    let link = "/IHEInvokeImageDisplay?requestType=STUDY&accessionNumber=ACN3";
    let code = house.grant_on(SITE, &[DATELESS_EXAM], Some("19740312")).await.0;
    assert_eq!(try_with(&house, link, &code, BORN).await.location(), "/examen/1");
    assert_eq!(
        try_with(&house, link, &code, ("1", "1", "1974")).await.status,
        StatusCode::FORBIDDEN
    );
    // Where the images have one, it counts, not the operator's.
    let code = house.grant_on(SITE, &[EXAM], Some("19500505")).await.0;
    assert_eq!(
        try_with(&house, LINK, &code, ("5", "5", "1950")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(try_with(&house, LINK, &code, BORN).await.location(), "/examen/1");
}

#[tokio::test]
async fn of_several_studies_the_granted_ones_open() {
    let house = House::new().await;
    let link =
        "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.250.1.2,1.2.250.1.1,1.2.250.1.99";
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    browser.get(link).await;
    assert_eq!(browser.enter(1, &code, BORN).await.location(), "/examen/1");
    let summary = browser.get("/api/examen/1").await;
    assert_eq!(summary.json()["study"]["study_instance_uid"], EXAM);
    assert_eq!(summary.header("x-studies"), Some("1"));
    assert_eq!(
        browser.get(&format!("/dicomweb/studies/{SECOND_EXAM}/metadata")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_slip_of_the_pen_is_no_try() {
    let house = House::with("tries_per_address = 2").await;
    let code = house.grant(EXAM).await;
    let mut slipped = code.clone().into_bytes();
    slipped[0] = if slipped[0] == b'7' { b'8' } else { b'7' };
    let slipped = String::from_utf8(slipped).unwrap();
    let mut browser = house.browser();
    browser.get(LINK).await;
    for _ in 0..8 {
        let answer = browser.enter(1, &slipped, BORN).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("faute de frappe"));
        let answer = browser.enter(1, &code, ("31", "02", "1974")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("n’existe pas"));
    }
    assert_eq!(browser.enter(1, &code, BORN).await.location(), "/examen/1");
    assert_eq!(house.journal().len(), 1);
}

#[tokio::test]
async fn item_64_a_source_that_is_down_refuses_nobody_and_tells_nothing() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    house.source.down.store(true, std::sync::atomic::Ordering::Relaxed);
    for _ in 0..8 {
        let answer = browser.enter(1, &code, BORN).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), Some("30"));
        assert!(answer.text().contains("ne sont pas joignables"));
        // What exactly failed is for the log.
        for detail in ["source", "Source", "sqlx", "panicked", "src/", EXAM] {
            assert!(!answer.text().contains(detail), "{detail}");
        }
    }
    // Who has no code for the exam does not even learn that.
    let wrong = unknown_code(&house).await;
    assert_eq!(browser.enter(1, &wrong, BORN).await.status, StatusCode::FORBIDDEN);
    house.source.down.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(browser.enter(1, &code, BORN).await.location(), "/examen/1");
}

#[tokio::test]
async fn a_visit_of_somebody_else_is_unknown() {
    let house = House::new().await;
    let visitor: Browser = house.visitor().await;
    let mut stranger = house.browser();
    assert_eq!(stranger.get("/entree/1").await.status, StatusCode::NOT_FOUND);
    let code = house.grant(EXAM).await;
    assert_eq!(stranger.enter(1, &code, BORN).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get("/examen/1").await.location(), "/entree/1");
    drop(visitor);
}

#[tokio::test]
async fn a_refusal_never_answers_early() {
    let house = House::with("refusal_milliseconds = 400").await;
    let floor = std::time::Duration::from_millis(400);
    let (right, wrong) = (house.grant(EXAM).await, unknown_code(&house).await);
    for (link, code) in [(LINK, &wrong), (UNKNOWN_LINK, &right), (WRONG_ACCESSION, &right)] {
        let mut browser = house.browser();
        browser.get(link).await;
        let asked = std::time::Instant::now();
        assert_eq!(browser.enter(1, code, BORN).await.status, StatusCode::FORBIDDEN);
        assert!(asked.elapsed() >= floor, "{link}");
    }
}

#[tokio::test]
async fn nonsense_in_an_address_is_an_unknown_visit() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    for number in ["0", "2", "-1", "x", "4294967296", "1%20", "%3Cb%3E"] {
        let card = browser.get(&format!("/entree/{number}")).await;
        assert_eq!(card.status, StatusCode::NOT_FOUND, "{number}");
        assert!(card.text().contains("Lien à ouvrir de nouveau"), "{number}");
        let shell = browser.get(&format!("/examen/{number}")).await;
        assert!(shell.location().starts_with("/entree/"), "{number}");
    }
    assert_eq!(browser.get("/entree/1/code").await.location(), "/entree/1");
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("Cette page n’existe pas"));
}
