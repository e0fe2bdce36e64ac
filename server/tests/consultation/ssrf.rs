//! Requests forged by whoever writes a manifest (SSRF): nobody is contacted but a box of the list, over https, at a
//! permitted port and a permitted address, and it hears nothing before its certificate is the one in the list.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use negatoscope_server::source::{InstanceRef, Source as _, SourceError};

use crate::certificates::{mutual, pair};
use crate::network::{Network, SUBJECT, kos, list, phantoms, port};
use crate::peer::{Peer, Quirks};
use crate::publisher::{Door, Says, serve};

fn first() -> InstanceRef {
    let series = &phantoms().exam.series[0];
    InstanceRef {
        study: phantoms().exam.study_instance_uid.clone(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[0].clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_connected_to_whatever_a_manifest_says() {
    let network = Network::new();
    let (keeper, door) = (network.keeper().await, Door::new().await);
    let (port, other) = (door.port, Door::new().await);
    for root in [
        // Not in the list, by name, by address, in every notation of an address.
        format!("https://db9.349.example.fr:{port}/x"),
        format!("https://localhost.example.fr:{port}/x"),
        format!("https://127.0.0.1:{port}/x"),
        format!("https://[::1]:{port}/x"),
        format!("https://[::ffff:127.0.0.1]:{port}/x"),
        format!("https://2130706433:{port}/x"),
        format!("https://0x7f.1:{port}/x"),
        format!("https://0:{port}/x"),
        format!("https://169.254.169.254:{port}/latest"),
        // In the list, and not by https, at another port, or as somebody.
        format!("http://localhost:{port}/x"),
        format!("ftp://localhost:{port}/x"),
        format!("https://localhost:{}/x", other.port),
        format!("https://localhost@127.0.0.1:{port}/x"),
        format!("https://localhost:{port}@127.0.0.1:{port}/x"),
        format!("https://localhost:secret@localhost:{port}/x"),
        format!("https://localhost:{port}/x?x="),
        format!("https://localhost:{port}/x#"),
        format!("//localhost:{port}/x"),
        "file:///etc".to_owned(),
    ] {
        let source = network.consulted(Arc::clone(&keeper), &[port], &[kos(&root)]);
        let found = source.frame(&first(), 1).await;
        assert!(matches!(found, Err(SourceError::Corrupt(_))), "{root}: {:?}", found.err());
        assert_eq!((door.knocks().await, other.knocks().await), (0, 0), "{root}");
    }
    // The door is what it seems: a manifest that may be followed leads there.
    let source = network.consulted(keeper, &[port], &[kos(&format!("https://localhost:{port}/x"))]);
    assert!(source.frame(&first(), 1).await.is_err());
    assert!(door.knocks().await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_list_nobody_is_asked() {
    let network = Network::new();
    let door = Door::new().await;
    let source = network.consulted(
        network.publisher.keeper(),
        &[door.port],
        &[kos(&format!("https://localhost:{}/x", door.port))],
    );
    assert!(source.frame(&first(), 1).await.is_err());
    assert_eq!(door.knocks().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_name_that_leads_into_the_hospital_is_not_connected_to() {
    let (network, door) = (Network::new(), Door::new().await);
    network.keeper().await;
    // Now by a configuration that permits no private address; the list is on disk.
    let keeper = network.publisher.keeper_with(&network.publisher.table("localhost", false));
    assert!(keeper.check_host("localhost").is_ok());
    let address = format!("https://localhost:{}/x", door.port);
    let source = network.consulted(keeper, &[door.port], &[kos(&address)]);
    assert!(source.frame(&first(), 1).await.is_err());
    assert_eq!(door.knocks().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_with_another_certificate_than_the_lists_hears_nothing() {
    for name in ["CN=localhost", "CN=rcgen self signed cert,O=X", ""] {
        let network = Network::listing(&[("localhost", name)]);
        let peer = network.peer(&[&phantoms().exam], Quirks::default());
        let source =
            network.consulted(network.keeper().await, &[port(&peer.url)], &[kos(&peer.url)]);
        assert!(source.frame(&first(), 1).await.is_err(), "{name}");
        assert_eq!(peer.asked().len(), 0, "{name}");
    }
    // By the right name, and signed by somebody else.
    let network = Network::new();
    let stranger = pair(network.publisher.folder.path(), "stranger");
    let tls = mutual(&stranger, &network.own);
    let peer = Peer::start(&[&phantoms().exam], tls, Quirks::default());
    let source = network.consulted(network.keeper().await, &[port(&peer.url)], &[kos(&peer.url)]);
    assert!(source.frame(&first(), 1).await.is_err());
    assert_eq!(peer.asked().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_not_followed() {
    let (network, door) = (Network::new(), Door::new().await);
    let keeper = network.keeper().await;
    for status in [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
    ] {
        for to in ["https://localhost", "http://localhost", "http://127.0.0.1"] {
            let to = format!("{to}:{}/x", door.port);
            let asked = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&asked);
            let app = Router::new().fallback(move || {
                counted.fetch_add(1, Ordering::SeqCst);
                std::future::ready((status, [(header::LOCATION, to.clone())]).into_response())
            });
            let (port, handle) = serve(app, mutual(&network.box_pair, &network.own));
            let address = format!("https://localhost:{port}/x");
            let source =
                network.consulted(Arc::clone(&keeper), &[port, door.port], &[kos(&address)]);
            assert!(source.frame(&first(), 1).await.is_err());
            assert!(asked.load(Ordering::SeqCst) > 0, "the box was asked");
            handle.shutdown();
        }
    }
    assert_eq!(door.knocks().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_is_struck_off_the_list_is_not_asked_any_more() {
    let network = Network::listing(&[("localhost", SUBJECT), ("db2.349.example.fr", SUBJECT)]);
    let peer = network.peer(&[&phantoms().exam], Quirks::default());
    let keeper = network.keeper().await;
    let source = network.consulted(Arc::clone(&keeper), &[port(&peer.url)], &[kos(&peer.url)]);
    source.frame(&first(), 1).await.unwrap();
    let before = peer.asked().len();
    network.publisher.say(Says::List(list(&[("db2.349.example.fr", SUBJECT)])));
    keeper.round().await.unwrap();
    let series = &phantoms().exam.series[1];
    let second = InstanceRef {
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[0].clone(),
        ..first()
    };
    assert!(source.frame(&second, 1).await.is_err());
    assert_eq!(peer.asked().len(), before);
}
