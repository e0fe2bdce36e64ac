//! The daily round: what is asked, what is kept, and what happens when something is wrong for days.

use std::process::Command;

use time::Duration;

use crate::forge::{Forge, content, domain};
use crate::pki::{now, pki};
use crate::publisher::{Publisher, Says, is_missing, mark_of};

fn list() -> Vec<u8> {
    Forge::default().document()
}

fn of(host: &str, signed: &str) -> Vec<u8> {
    let content = content("2026-09-19T05:00:00Z", &domain(host, &format!("CN={host}")));
    Forge { content, signed, ..Forge::default() }.document()
}

#[tokio::test]
async fn item_56_a_list_is_taken_once_and_confirmed_by_its_mark() {
    let publisher = Publisher::of(list());
    let keeper = publisher.keeper();
    assert!(is_missing(&publisher.folder.path().join("state")), "opening writes nothing");
    assert_eq!(keeper.age().word(), "none");
    keeper.round().await.unwrap();
    publisher.wait(Duration::hours(24));
    publisher.revoke(&[]);
    let kept = keeper.round().await.unwrap();
    assert_eq!(kept.confirmed, now() + Duration::hours(24));
    let mark = mark_of(&list());
    assert_eq!(publisher.asked(), [None, Some(mark.clone())]);
    // Another process knows it from disk, with its mark and its age.
    let again = publisher.keeper();
    assert_eq!(again.kept().unwrap().confirmed, kept.confirmed);
    assert!(again.kept().unwrap().list.lists("db1.349.example.fr"));
    publisher.say(Says::List(of("db7.example.fr", "2026-09-21T06:00:00Z")));
    let newer = again.round().await.unwrap();
    assert!(newer.list.lists("db7.example.fr") && !newer.list.lists("db1.349.example.fr"));
    assert_eq!(publisher.asked().last(), Some(&Some(mark)));
}

#[tokio::test]
async fn item_59_whatever_is_wrong_the_last_good_list_stays() {
    let publisher = Publisher::of(list());
    let keeper = publisher.keeper();
    keeper.round().await.unwrap();
    let tampered = Forge { edit: |text| text.replace("<db>db1.", "<db>db9."), ..Forge::default() };
    let bad = [
        (Says::List(tampered.document()), "does not fit"),
        (Says::List(of("db9.example.fr", "2026-09-19T06:00:00Z")), "older than the one"),
        (Says::List(b"<html>404</html>".to_vec()), "0 signatures"),
        (Says::Status(500), "it answered 500"),
        (Says::Status(404), "it answered 404"),
        (Says::Endless, "larger than"),
    ];
    for (says, reason) in bad {
        publisher.say(says);
        let said = keeper.round().await.unwrap_err().to_string();
        assert!(said.contains(reason), "{reason}: {said}");
        for keeper in [&keeper, &publisher.keeper()] {
            let kept = keeper.kept().unwrap();
            assert!(kept.list.lists("db1.349.example.fr") && !kept.list.lists("db9.example.fr"));
            assert_eq!(kept.confirmed, now());
        }
    }
    // The signer's certificate is over, and the next one is late.
    publisher.say(Says::List(list()));
    publisher.wait(Duration::days(101));
    publisher.revoke(&[]);
    let said = keeper.round().await.unwrap_err().to_string();
    assert!(said.contains("is over"), "{said}");
    assert!(keeper.kept().unwrap().list.lists("db1.349.example.fr"));
}

#[tokio::test]
async fn item_57_an_unchanged_list_is_judged_anew_and_its_age_is_told() {
    let publisher = Publisher::of(list());
    let keeper = publisher.keeper();
    keeper.round().await.unwrap();
    publisher.revoke(&[&pki().signer.serial]);
    let said = keeper.round().await.unwrap_err().to_string();
    assert!(said.contains("was revoked"), "{said}");
    assert_eq!(publisher.asked().len(), 2);
    for (hours, word) in [(47, "fresh"), (1, "old"), (24 * 5 - 1, "old"), (1, "too_old")] {
        publisher.wait(Duration::hours(hours));
        assert_eq!(keeper.age().word(), word);
    }
    let stale = keeper.round().await.unwrap_err().to_string();
    assert!(stale.contains("was revoked") || stale.contains("too old"), "{stale}");
    publisher.revoke(&[]);
    keeper.round().await.unwrap();
    assert_eq!(keeper.age().word(), "fresh");
}

#[tokio::test]
async fn the_program_fetches_and_shows() {
    let publisher = Publisher::of(list());
    let site = "source = { archive = { path = \"x\" } }";
    publisher.configuration(&publisher.table("localhost", true), site);
    let file = publisher.folder.path().join("negatoscope.toml");
    let run = async |what: &'static str| {
        let file = file.clone();
        let ran = tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_negatoscope"));
            command.args(["trust-list", what, "--config"]).arg(file).output().unwrap()
        });
        let output = ran.await.unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), said)
    };
    let (status, said) = run("show").await;
    assert!(status == 1 && said.contains("there is no list"), "{status} {said}");
    publisher.keeper().round().await.unwrap();
    let (status, said) = run("show").await;
    assert!(status == 0 && said.contains("db1.349.example.fr"), "{status} {said}");
    publisher.say(Says::List(of("db9.example.fr", "2026-09-19T06:00:00Z").split_off(40)));
    assert_eq!(run("fetch").await.0, 2, "not XML");
    publisher.say(Says::Status(500));
    assert_eq!(run("fetch").await.0, 2, "nothing to judge");
    publisher.say(Says::List(b"<a/>".to_vec()));
    assert_eq!(run("fetch").await.0, 1, "judged");
}
