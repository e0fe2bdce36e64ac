//! Too many tries: by exam, by code, by address.

use axum::http::StatusCode;

use crate::house::{BORN, EXAM, House, LINK, SECOND_EXAM};

const WRONG_DATE: (&str, &str, &str) = ("13", "03", "1974");

fn reasons(house: &House) -> Vec<String> {
    house.journal().iter().filter_map(|line| line["reason"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn item_29_five_wrong_codes_lock_the_exam_for_a_while() {
    let house = House::new().await;
    let (right, wrong) = (house.grant(EXAM).await, house.grant(SECOND_EXAM).await);
    let mut browser = house.browser();
    browser.get(LINK).await;
    let first = browser.enter(1, &wrong, BORN).await;
    for _ in 1..5 {
        assert_eq!(browser.enter(1, &wrong, BORN).await.text(), first.text());
    }
    let locked = browser.enter(1, &right, BORN).await;
    assert_eq!((locked.status, locked.text()), (first.status, first.text()));
    assert_eq!(reasons(&house).last().unwrap(), "exam_locked");
    // So is another browser there, and trying does not make it longer.
    house.wait_minutes(20);
    let mut other = house.browser();
    other.get(LINK).await;
    assert_eq!(other.enter(1, &right, BORN).await.status, StatusCode::FORBIDDEN);
    house.wait_minutes(10);
    assert_eq!(browser.enter(1, &right, BORN).await.location(), "/examen/1");
}

/// Links are public: whoever has one must not be able to keep the patient out.
#[tokio::test]
async fn item_29_who_guesses_locks_out_nobody_else() {
    let house = House::new().await;
    let (right, wrong) = (house.grant(EXAM).await, house.grant(SECOND_EXAM).await);
    for subscriber in ["192.0.2.1", "2001:db8:1:2::1"] {
        let mut guesser = house.browser();
        guesser.headers.push(("x-forwarded-for", subscriber.to_owned()));
        guesser.get(LINK).await;
        for _ in 0..8 {
            assert_eq!(guesser.enter(1, &wrong, BORN).await.status, StatusCode::FORBIDDEN);
        }
    }
    assert_eq!(reasons(&house).last().unwrap(), "exam_locked");
    for (address, expected) in [
        ("192.0.2.1", StatusCode::FORBIDDEN),
        ("2001:db8:1:2::9", StatusCode::FORBIDDEN),
        ("192.0.2.2", StatusCode::SEE_OTHER),
        ("2001:db8:1:3::1", StatusCode::SEE_OTHER),
    ] {
        let mut visitor = house.browser();
        visitor.headers.push(("x-forwarded-for", address.to_owned()));
        visitor.get(LINK).await;
        assert_eq!(visitor.enter(1, &right, BORN).await.status, expected, "{address}");
    }
}

#[tokio::test]
async fn an_unknown_exam_locks_like_a_known_one() {
    let house = House::new().await;
    let wrong = house.grant(SECOND_EXAM).await;
    let mut pages = Vec::new();
    for study in [EXAM, "1.2.250.1.99"] {
        let mut browser = house.browser();
        browser.get(&format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}")).await;
        for _ in 0..7 {
            let answer = browser.enter(1, &wrong, BORN).await;
            pages.push((answer.status, answer.text()));
        }
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
    let locked: Vec<_> = reasons(&house).iter().map(|reason| reason == "exam_locked").collect();
    assert_eq!(locked[..7], locked[7..]);
    assert_eq!(locked.iter().filter(|locked| **locked).count(), 4);
}

#[tokio::test]
async fn success_forgets_the_tries() {
    let house = House::new().await;
    let (right, wrong) = (house.grant(EXAM).await, house.grant(SECOND_EXAM).await);
    for _ in 0..3 {
        let mut browser = house.browser();
        browser.get(LINK).await;
        for _ in 0..4 {
            assert_eq!(browser.enter(1, &wrong, BORN).await.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(browser.enter(1, &right, BORN).await.location(), "/examen/1");
    }
}

#[tokio::test]
async fn item_29_five_wrong_birth_dates_lock_the_code_for_good() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let fresh = house.grant(EXAM).await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    for _ in 0..5 {
        assert_eq!(browser.enter(1, &code, WRONG_DATE).await.status, StatusCode::FORBIDDEN);
    }
    house.wait_minutes(31);
    assert_eq!(browser.enter(1, &code, BORN).await.status, StatusCode::FORBIDDEN);
    assert_eq!(reasons(&house).last().unwrap(), "code_locked");
    assert_eq!(browser.enter(1, &fresh, BORN).await.location(), "/examen/1");
}

#[tokio::test]
async fn a_code_tried_on_another_exam_is_not_locked() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    browser.get(&format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={SECOND_EXAM}")).await;
    for _ in 0..8 {
        assert_eq!(browser.enter(1, &code, BORN).await.status, StatusCode::FORBIDDEN);
    }
    browser.get(LINK).await;
    assert_eq!(browser.enter(2, &code, BORN).await.location(), "/examen/2");
}

/// Many guesses at once are counted like many in a row.
#[tokio::test]
async fn parallel_guesses_do_not_slip_through() {
    let house = House::new().await;
    let code = house.grant(EXAM).await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    let guess = |day: u32| {
        let (mut browser, code) = (browser.clone(), code.clone());
        async move { browser.enter(1, &code, (&day.to_string(), "05", "1980")).await.status }
    };
    let statuses = futures::future::join_all((1..=12).map(guess)).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::FORBIDDEN));
    let judged = reasons(&house).iter().filter(|reason| *reason == "birth_date").count();
    assert_eq!(judged, 5);
}

#[tokio::test]
async fn an_address_has_so_many_wrong_tries() {
    let house = House::new().await;
    let (right, wrong) = (house.grant(EXAM).await, house.grant(SECOND_EXAM).await);
    let mut browser = house.browser();
    browser.headers.push(("x-forwarded-for", "192.0.2.9".to_owned()));
    for number in 0..20 {
        let link = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.9.{number}");
        browser.get(&link).await;
        assert_eq!(browser.enter(number + 1, &wrong, BORN).await.status, StatusCode::FORBIDDEN);
    }
    browser.get(LINK).await;
    let answer = browser.enter(21, &right, BORN).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), Some("900"));
    assert!(answer.text().contains("Réessayez dans 16 min."));
    house.wait_minutes(15);
    assert_eq!(browser.enter(21, &right, BORN).await.location(), "/examen/21");
}

#[tokio::test]
async fn an_address_opens_so_many_links() {
    let house = House::with("[session]\nlinks_per_address = 3").await;
    for _ in 0..3 {
        assert_eq!(house.browser().get(LINK).await.location(), "/entree/1");
    }
    let mut browser = house.browser();
    assert_eq!(browser.get(LINK).await.status, StatusCode::TOO_MANY_REQUESTS);
    house.wait_minutes(10);
    assert_eq!(browser.get(LINK).await.location(), "/entree/1");
}

#[tokio::test]
async fn a_body_beyond_any_form_is_refused() {
    let house = House::new().await;
    let mut browser = house.browser();
    browser.get(LINK).await;
    let answer = browser.post("/entree/1/code", &"x".repeat(20_000)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
