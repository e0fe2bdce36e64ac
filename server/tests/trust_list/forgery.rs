//! Requests forged by others (SSRF): whatever a configuration, a publisher, a list or a manifest says, nobody is
//! contacted but who may be.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use negatoscope_server::config::{Config, SourceConfig};
use negatoscope_server::sources;
use negatoscope_server::trust_list::Keeper;

use crate::certificates::{Pair, mutual, pair};
use crate::forge::{Forge, content, domain};
use crate::publisher::{Door, Publisher, Says, serve};

/// What certificates of these tests are called.
const SUBJECT: &str = "CN=rcgen self signed cert";

fn list(host: &str, certificate: &str) -> Vec<u8> {
    let content = content("2026-09-20T05:00:00Z", &domain(host, certificate));
    Forge { content, ..Forge::default() }.document()
}

#[tokio::test]
async fn redirects_lead_nowhere() {
    let (publisher, door) = (Publisher::of(vec![]), Door::new().await);
    let keeper = publisher.keeper();
    for to in [
        format!("https://localhost:{}/liste.xml", door.port),
        format!("http://127.0.0.1:{}/liste.xml", door.port),
        format!("//localhost:{}/", door.port),
        "https://169.254.169.254/latest".to_owned(),
        format!("https://localhost:{}/autre.xml", publisher.port),
    ] {
        publisher.say(Says::Redirect(to.clone()));
        let said = keeper.round().await.unwrap_err().to_string();
        assert!(said.contains("redirects are not followed"), "{to}: {said}");
    }
    assert_eq!((publisher.asked().len(), door.knocks().await), (5, 0));
}

#[tokio::test]
async fn a_publisher_inside_the_hospital_is_not_asked() {
    let (publisher, door) = (Publisher::of(list("a.example", SUBJECT)), Door::new().await);
    let table = publisher.table("localhost", false);
    let table = table.replace(&format!(":{}/", publisher.port), &format!(":{}/", door.port));
    let said = publisher.keeper_with(&table).round().await.unwrap_err().to_string();
    assert!(said.contains("no address that may be contacted"), "{said}");
    // Not for a list of revoked certificates either, over whatever it comes.
    let plain = table.replace("crl_urls = [\"https:", "crl_urls = [\"http:");
    assert!(publisher.keeper_with(&plain).round().await.is_err());
    assert_eq!((publisher.asked().len(), door.knocks().await), (0, 0));
}

#[tokio::test]
async fn only_https_names_a_publisher() {
    let publisher = Publisher::of(vec![]);
    let (table, site) =
        (publisher.table("localhost", true), "source = { archive = { path = \"x\" } }");
    for host in [
        "http://localhost",
        "https://127.0.0.1",
        "https://[::1]",
        "https://2130706433",
        "ftp://localhost",
    ] {
        let text = format!(
            "[server]\nstate = \"s\"\nassets = \"a\"\n{}\n[[site]]\nhosts = [\"vi1\"]\nname = \"C\"\ncontact = \"0\"\n{site}",
            table.replacen("https://localhost", host, 1)
        );
        let refused = Config::parse(&text, &publisher.folder.path().join("x.toml")).unwrap_err();
        assert!(refused.to_string().contains("trust_list.url: is not an https"), "{refused}");
    }
    assert!(publisher.asked().is_empty());
}

/// A box that lets us in, and writes down what it is asked.
struct Box {
    port: u16,
    own: Pair,
    box_pair: Pair,
    asked: Arc<Mutex<Vec<String>>>,
    _handle: axum_server::Handle<std::net::SocketAddr>,
}

impl Box {
    fn new(publisher: &Publisher) -> Self {
        let folder = publisher.folder.path();
        let (own, box_pair) = (pair(folder, "own"), pair(folder, "box"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&asked);
        let app = Router::new().fallback(move |request: Request| {
            written.lock().unwrap().push(request.uri().to_string());
            std::future::ready("{}")
        });
        let (port, handle) = serve(app, mutual(&box_pair, &own));
        Self { port, own, box_pair, asked, _handle: handle }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// What `check-config --probe` says of the box at this address; `None`: it answers.
    async fn probe(
        &self,
        publisher: &Publisher,
        authority: &str,
        keeper: Option<&Arc<Keeper>>,
    ) -> Option<String> {
        let site = format!(
            "[site.source.drimbox]\nurl = \"https://{authority}/dicom-web-rs\"\nca_file = {:?}\n\
             certificate_file = {:?}\nkey_file = {:?}\n",
            self.box_pair.ca, self.own.certificate, self.own.key
        );
        let config = publisher.configuration("", &site);
        let SourceConfig::Drimbox(drimbox) = &config.sites[0].source else { panic!("no DRIMbox") };
        sources::drimbox::unreachable(&config.sites[0], drimbox, keeper).await
    }
}

#[tokio::test]
async fn a_listed_box_with_its_own_certificate_is_asked() {
    let publisher = Publisher::of(list("localhost", SUBJECT));
    let (peer, keeper) = (Box::new(&publisher), publisher.keeper());
    let authority = format!("localhost:{}", peer.port);
    assert_eq!(peer.probe(&publisher, &authority, None).await, None, "without a list, as before");
    let said = peer.probe(&publisher, &authority, Some(&keeper)).await.unwrap();
    assert!(said.contains("no list of DRIMboxes yet"), "{said}");
    assert_eq!(peer.asked(), 1);
    keeper.round().await.unwrap();
    assert_eq!(peer.probe(&publisher, &authority, Some(&keeper)).await, None);
    assert_eq!(peer.asked(), 2);
}

#[tokio::test]
async fn a_listed_box_with_another_certificate_hears_nothing() {
    for certificate in ["CN=localhost", "", "CN=rcgen self signed cert,O=X", "nonsense"] {
        let publisher = Publisher::of(list("localhost", certificate));
        let (peer, keeper) = (Box::new(&publisher), publisher.keeper());
        keeper.round().await.unwrap();
        let authority = format!("localhost:{}", peer.port);
        let said = peer.probe(&publisher, &authority, Some(&keeper)).await.unwrap();
        assert!(said.contains("not the one in the list"), "{certificate}: {said}");
        assert_eq!(peer.asked(), 0, "{certificate}");
    }
}

#[tokio::test]
async fn no_other_box_is_connected_to() {
    let publisher = Publisher::of(list("db1.349.example.fr", SUBJECT));
    let (peer, keeper, door) = (Box::new(&publisher), publisher.keeper(), Door::new().await);
    keeper.round().await.unwrap();
    for host in
        ["localhost", "LOCALHOST.", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0"]
    {
        let authority = format!("{host}:{}", door.port);
        let said = peer.probe(&publisher, &authority, Some(&keeper)).await.unwrap();
        assert!(said.contains("not in the list of DRIMboxes"), "{host}: {said}");
    }
    assert_eq!(door.knocks().await, 0);
}

#[tokio::test]
async fn a_listed_name_that_leads_into_the_hospital_is_not_connected_to() {
    let (publisher, door) = (Publisher::of(list("localhost", SUBJECT)), Door::new().await);
    let peer = Box::new(&publisher);
    publisher.keeper().round().await.unwrap();
    // Now by a configuration that permits no private address; the list is on disk.
    let keeper = publisher.keeper_with(&publisher.table("localhost", false));
    assert!(keeper.check_host("localhost").is_ok());
    let authority = format!("localhost:{}", door.port);
    let said = peer.probe(&publisher, &authority, Some(&keeper)).await.unwrap();
    assert!(said.contains("no address that may be contacted"), "{said}");
    assert_eq!(door.knocks().await, 0);
}
