//! What a consultation leaves on disk: nothing that anybody can read, and nothing at all afterwards.

use std::path::PathBuf;
use std::time::Duration;

use axum::http::StatusCode;

use crate::journey::{Street, frame, instance};
use crate::network::{kos, phantoms};

/// Files of images below the server's state.
fn files(street: &Street) -> Vec<PathBuf> {
    let root = street.house.network.publisher.folder.path().join("house/consultations");
    let folders = std::fs::read_dir(root).into_iter().flatten().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files.map(|file| file.unwrap().path()).filter(|path| !path.ends_with("lock")).collect()
}

/// Waits until so many are left.
async fn until_left(street: &Street, count: usize) {
    for _ in 0..1000 {
        if files(street).len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} are left", files(street).len());
}

#[tokio::test(flavor = "multi_thread")]
async fn images_lie_on_disk_sealed_and_are_gone_with_their_session() {
    let Some(street) = Street::new().await else { return };
    let exam = &phantoms().exam;
    let (mut browser, mut other) = (street.called().await, street.called().await);
    for one in [&mut browser, &mut other] {
        street.log_in(one, "psc", "radiologist").await;
        street.house.bring(one, 1, &[kos(&street.peer.url)]).await;
        assert_eq!(one.get("/api/examen/1").await.status, StatusCode::OK);
    }
    // Each consultation has files of its own, which its objects share.
    let count = files(&street).len() / 2;
    assert!(count > 0 && files(&street).len() == 2 * count);
    let secrets = [exam.birth_name.as_str(), &exam.patient_id, &exam.study_instance_uid, "DICM"];
    for file in files(&street) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in secrets {
            let has = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!has && !file.display().to_string().contains(secret), "{secret}");
        }
    }
    browser.post("/deconnexion", "").await;
    until_left(&street, count).await;
    assert_eq!(frame(&mut other, &instance(0, 0)).await.status, StatusCode::OK);
    street.house.state.consultations.end_all();
    until_left(&street, 0).await;
}
