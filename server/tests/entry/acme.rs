//! Certificates from a real authority (`pebble`), served by name, renewed under open connections.

use std::{
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{Router, extract::Request, middleware::Next};
use negatoscope_server::{
    acme::{self, Acme, Challenges},
    clock::Clock,
    config::Config,
    tls::{self, Certificates},
    validation,
};
use reqwest::{Certificate, Client, StatusCode};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::pebble::{HMAC_KEY, KEY_ID, Pebble};

const HOSTS: [&str; 3] = ["vi1.349.example.fr", "vi1b.349.example.fr", "vi2.349.example.fr"];

/// A server's certificates, its two listeners, and the authority.
struct Town {
    acme: Acme,
    challenges: Arc<Challenges>,
    pebble: Pebble,
    certificates: Arc<Certificates>,
    now: Arc<AtomicI64>,
    folder: TempDir,
    /// Address of the plain listener.
    plain: SocketAddr,
    /// Address of the encrypted one.
    secure: SocketAddr,
    /// Paths that were asked for on the plain listener.
    asked: Arc<Mutex<Vec<String>>>,
}

fn config(folder: &Path, pebble: &Pebble, hmac_key: &str) -> Config {
    let key_file = folder.join("hmac");
    std::fs::write(&key_file, format!("{hmac_key}\n")).unwrap();
    std::fs::set_permissions(&key_file, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::create_dir_all(folder.join("files")).unwrap();
    let site = |hosts: &[&str]| {
        format!(
            "[[site]]\nhosts = {hosts:?}\nname = \"Centre\"\ncontact = \"01\"\nsource = {{ archive = {{ path = \"x\" }} }}\n"
        )
    };
    let text = format!(
        "[server]\nstate = \"state\"\nassets = \"assets\"\n[server.validation]\nfolder = \"files\"\n\
         [server.acme]\ndirectory = \"{}\"\ncontact = \"a@example.fr\"\nagree_to_terms = true\n\
         key_id = \"{KEY_ID}\"\nhmac_key_file = \"hmac\"\nca_file = {:?}\n{}{}",
        pebble.directory,
        pebble.ca_file,
        site(&HOSTS[..2]),
        site(&HOSTS[2..])
    );
    Config::parse(&text, &folder.join("negatoscope.toml")).unwrap()
}

fn serve(router: Router, certificates: Option<Arc<Certificates>>) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    match certificates {
        Some(held) => {
            let server = axum_server::from_tcp_rustls(listener, tls::listener(held)).unwrap();
            tokio::spawn(server.serve(service));
        }
        None => {
            tokio::spawn(axum_server::from_tcp(listener).unwrap().serve(service));
        }
    }
    address
}

impl Town {
    async fn new(hmac_key: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (challenges, certificates) =
            (Arc::<Challenges>::default(), Arc::<Certificates>::default());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let settings = negatoscope_server::config::ValidationConfig {
            folder: Some(folder.path().join("files")),
            ..Default::default()
        };
        let note = Arc::clone(&asked);
        let noting = axum::middleware::from_fn(move |request: Request, next: Next| {
            note.lock().unwrap().push(request.uri().path().to_owned());
            next.run(request)
        });
        let plain =
            serve(validation::router(&settings, Arc::clone(&challenges)).layer(noting), None);
        let pebble = Pebble::start(folder.path(), plain.port()).await?;
        let config = config(folder.path(), &pebble, hmac_key);
        let now = Arc::new(AtomicI64::new(OffsetDateTime::now_utc().unix_timestamp()));
        let shown = Arc::clone(&now);
        let clock = Clock::new(move || {
            OffsetDateTime::from_unix_timestamp(shown.load(Ordering::Relaxed)).unwrap()
        });
        let open = (Arc::clone(&challenges), Arc::clone(&certificates));
        let acme = Acme::open(&config, open.0, open.1, clock).unwrap();
        let pages = Router::new().route("/", axum::routing::get(|| async { "here" }));
        let secure = serve(pages, Some(Arc::clone(&certificates)));
        Some(Self { acme, challenges, pebble, certificates, now, folder, plain, secure, asked })
    }

    async fn get_plain(&self, path: &str) -> (StatusCode, String) {
        let answer =
            Client::new().get(format!("http://{}{path}", self.plain)).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// A visitor's request by name, with the certificate checked.
    async fn get(&self, host: &str) -> reqwest::Result<String> {
        let root = Certificate::from_pem(self.pebble.root().await.as_bytes()).unwrap();
        let client = Client::builder().tls_certs_only([root]).resolve(host, self.secure).build()?;
        client.get(format!("https://{host}:{}/", self.secure.port())).send().await?.text().await
    }

    fn until_renewal(&self, host: &str) {
        self.now.store(self.certificates.of(host).unwrap().renewal(), Ordering::Relaxed);
    }
}

#[tokio::test]
async fn item_47_49_certificates_are_ordered_by_a_bound_account_and_kept_for_the_owner_only() {
    let Some(mut town) = Town::new(HMAC_KEY).await else { return };
    assert!(town.certificates.of(HOSTS[0]).is_none());
    assert_eq!(town.acme.round().await, [2, 0]);
    for host in HOSTS {
        assert_eq!(town.get(host).await.unwrap(), "here", "{host}");
    }
    assert!(town.get("vi9.349.example.fr").await.is_err(), "no certificate for strangers");
    assert_eq!(town.acme.round().await, [0, 0], "nothing is due");

    let kept: Vec<_> = std::fs::read_dir(town.folder.path().join("state/acme")).unwrap().collect();
    assert_eq!(kept.len(), 3, "an account and two certificates");
    for file in kept {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    let reopened = Arc::<Certificates>::default();
    let config = config(town.folder.path(), &town.pebble, HMAC_KEY);
    let again = Acme::open(&config, Arc::default(), Arc::clone(&reopened), Clock::system());
    assert_eq!(again.unwrap().round().await, [0, 0], "a restart orders nothing");
    let mut names = reopened.of(HOSTS[1]).unwrap().names.clone();
    names.sort_unstable();
    assert_eq!(names, HOSTS[..2]);
}

#[tokio::test]
async fn item_45_46_an_answered_proof_is_gone_and_files_of_authorities_are_served_and_nothing_else()
{
    let Some(mut town) = Town::new(HMAC_KEY).await else { return };
    assert_eq!(town.acme.round().await, [2, 0]);
    let asked = std::mem::take(&mut *town.asked.lock().unwrap());
    assert!(asked.len() >= 3, "one for each host: {asked:?}");
    for path in asked {
        assert!(path.starts_with("/.well-known/acme-challenge/"), "{path}");
        assert_eq!(town.get_plain(&path).await, (StatusCode::NOT_FOUND, String::new()));
    }
    std::fs::write(town.folder.path().join("files/0A1B.txt"), "hash\nauthority.example").unwrap();
    let file = town.get_plain("/.well-known/pki-validation/0A1B.txt").await;
    assert_eq!(file, (StatusCode::OK, "hash\nauthority.example".to_owned()));
    for path in [
        "/",
        "/health/live",
        "/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2",
        "/.well-known/",
        "/.well-known/pki-validation/",
        "/.well-known/pki-validation/..%2Fhmac",
        "/.well-known/pki-validation/0A1B.txt/x",
        "/.well-known/acme-challenge/..%2F..%2Fhmac",
    ] {
        assert_eq!(town.get_plain(path).await, (StatusCode::NOT_FOUND, String::new()), "{path}");
    }
    let posted =
        Client::new().post(format!("http://{}/.well-known/pki-validation/0A1B.txt", town.plain));
    assert_eq!(posted.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

/// One request on an open connection; the answer's body is "here".
async fn ask(stream: &mut tokio_rustls::client::TlsStream<TcpStream>) {
    let request = format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", HOSTS[0]);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"here") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "the connection was closed");
    }
}

#[tokio::test]
async fn item_48_a_renewal_has_a_new_key_and_leaves_open_connections_alone() {
    let Some(mut town) = Town::new(HMAC_KEY).await else { return };
    assert_eq!(town.acme.round().await, [2, 0]);
    let old = town.certificates.of(HOSTS[0]).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    let root = town.pebble.root().await;
    let root = rustls::pki_types::pem::PemObject::from_pem_slice(root.as_bytes()).unwrap();
    roots.add(root).unwrap();
    let mut config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    // Somebody who comes for the first time: a session taken up again shows the certificate of then.
    config.resumption = rustls::client::Resumption::disabled();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let connect = async || {
        let tcp = TcpStream::connect(town.secure).await.unwrap();
        connector.connect(HOSTS[0].try_into().unwrap(), tcp).await.unwrap()
    };
    let mut open = connect().await;
    ask(&mut open).await;

    town.until_renewal(HOSTS[0]);
    town.now.fetch_sub(1, Ordering::Relaxed);
    assert_eq!(town.acme.round().await, [0, 0], "not before two thirds of its life");
    town.until_renewal(HOSTS[0]);
    assert!(town.acme.round().await[0] >= 1);
    let new = town.certificates.of(HOSTS[0]).unwrap();
    assert_ne!(old.key.cert, new.key.cert);
    assert_ne!(public_key(&old), public_key(&new), "a key of its own");
    assert_eq!(
        town.acme.round().await,
        [0, 0],
        "a clock that is wrong does not order every minute"
    );
    ask(&mut open).await;
    let fresh = connect().await;
    let shown = fresh.get_ref().1.peer_certificates().unwrap().to_vec();
    assert_eq!(shown, new.key.cert, "a new connection gets the new chain, whole");
    assert!(shown.len() >= 2);
}

fn public_key(certificate: &tls::Certificate) -> Vec<u8> {
    certificate.key.key.public_key().unwrap().to_vec()
}

#[tokio::test]
async fn item_47_where_the_order_fails_the_old_certificate_is_kept() {
    let Some(mut town) = Town::new(HMAC_KEY).await else { return };
    assert_eq!(town.acme.round().await, [2, 0]);
    let old = town.certificates.of(HOSTS[0]).unwrap();
    town.until_renewal(HOSTS[2]);
    town.until_renewal(HOSTS[0]);
    town.now.fetch_add(60, Ordering::Relaxed);
    let authority = config(town.folder.path(), &town.pebble, HMAC_KEY).server.acme.unwrap();
    acme::probe(&authority).await.unwrap();
    town.pebble.stop();
    acme::probe(&authority).await.unwrap_err();
    assert_eq!(town.acme.round().await, [0, 2]);
    assert!(Arc::ptr_eq(&old, &town.certificates.of(HOSTS[0]).unwrap()));
    assert_eq!(town.acme.round().await, [0, 0], "not tried again at once");
    town.now.fetch_add(3600, Ordering::Relaxed);
    assert_eq!(town.acme.round().await, [0, 2], "but an hour later");
}

#[tokio::test]
async fn item_47_without_the_right_binding_there_is_no_account() {
    let Some(mut town) = Town::new(&HMAC_KEY.replace("zWN", "AAA")).await else { return };
    assert_eq!(town.acme.round().await, [0, 2]);
    assert!(!town.folder.path().join("state/acme").exists());
}

#[tokio::test]
async fn item_50_a_certificate_is_revoked_by_command() {
    let Some(mut town) = Town::new(HMAC_KEY).await else { return };
    assert_eq!(town.acme.round().await, [2, 0]);
    let revoked = town.certificates.of(HOSTS[0]).unwrap();
    let kept = town.certificates.of(HOSTS[2]).unwrap();
    let config = config(town.folder.path(), &town.pebble, HMAC_KEY);
    let authority = config.server.acme.clone().unwrap();
    let revoke =
        async |site: &str| acme::revoke(&config, &authority, site, acme::Reason::Cessation).await;
    revoke(HOSTS[0]).await.unwrap();
    assert_eq!(town.pebble.status(&revoked.key.cert[0]).await, "Revoked");
    assert_eq!(town.pebble.status(&kept.key.cert[0]).await, "Valid");
    assert!(!town.folder.path().join(format!("state/acme/{}.pem", HOSTS[0])).exists());
    let nothing = revoke(HOSTS[0]).await.unwrap_err().to_string();
    assert!(nothing.contains("no certificate of the authority is kept"), "{nothing}");
    town.pebble.stop();
    revoke(HOSTS[2]).await.unwrap_err();
    assert!(town.folder.path().join(format!("state/acme/{}.pem", HOSTS[2])).exists());
}

#[tokio::test]
async fn item_51_a_certificate_of_another_policy_is_not_used() {
    let Some(town) = Town::new(HMAC_KEY).await else { return };
    let mut config = config(town.folder.path(), &town.pebble, HMAC_KEY);
    // Pebble's have none.
    config.server.certificate_policies = vec!["2.23.140.1.2.2".to_owned()];
    let held = Arc::<Certificates>::default();
    let challenges = Arc::clone(&town.challenges);
    let mut acme = Acme::open(&config, challenges, Arc::clone(&held), Clock::system()).unwrap();
    assert_eq!(acme.round().await, [0, 2]);
    assert!(held.of(HOSTS[0]).is_none());
}
