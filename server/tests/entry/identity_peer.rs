//! Real identity providers on loopback (npm's oidc-provider), and a browser's way through their login.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use axum::http::Method;
use reqwest::{Client, Response, header, redirect::Policy};
use serde_json::{Value, json};
use url::Url;

use crate::{
    browser::{Answer, Browser},
    house::{House, LINK},
};

/// Where the packages of `tests/peers/identity` are installed; set by `cargo xtask test`.
const FOLDER: &str = "NEGATOSCOPE_IDENTITY_PEER";

/// The providers, until dropped.
pub(crate) struct Peer {
    child: Child,
    pub(crate) psc: String,
    pub(crate) franceconnect: String,
    secret_file: tempfile::NamedTempFile,
    client: Client,
}

/// A house whose visitors log in at the peer.
pub(crate) struct Town {
    pub(crate) house: House,
    pub(crate) peer: Peer,
}

impl Town {
    /// `None` where the peer is not installed: the test is skipped, unless it must not be.
    pub(crate) async fn new() -> Option<Self> {
        Self::with("", "", "").await
    }

    /// With more lines of configuration: of the server, of Pro Santé Connect, of FranceConnect.
    pub(crate) async fn with(lines: &str, psc: &str, franceconnect: &str) -> Option<Self> {
        let peer = Peer::start(&json!({}), None)?;
        let identity = peer.identity(psc, franceconnect);
        Some(Self { house: House::with_identity(lines, &identity).await, peer })
    }

    /// A browser on the card of the exam.
    pub(crate) async fn visitor(&self) -> Browser {
        let mut browser = self.house.browser();
        assert_eq!(browser.get(LINK).await.location(), "/entree/1");
        browser
    }

    /// From the card to the provider and back, as `person`; the answer to the way back.
    pub(crate) async fn log_in(&self, browser: &mut Browser, kind: &str, person: &str) -> Answer {
        let back = self.way_back(browser, kind, person).await;
        browser.get(&back).await
    }

    /// From the card to the provider; the path and query that the provider sends the browser back to.
    pub(crate) async fn way_back(&self, browser: &mut Browser, kind: &str, person: &str) -> String {
        let departure = leave(browser, kind, 1).await.location().to_owned();
        self.peer.log_in(&departure, person).await
    }

    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        let query = format!("SELECT COUNT(*) FROM {table}");
        sqlx::query_scalar(&query).fetch_one(&self.house.state.store.pool).await.unwrap()
    }
}

/// Clicks a provider's button on the card.
pub(crate) async fn leave(browser: &mut Browser, kind: &str, visit: u32) -> Answer {
    let path = format!("/connexion/{kind}/{visit}");
    browser.send(Method::GET, &path, &[("sec-fetch-site", "same-origin")], None).await
}

impl Peer {
    /// `more` is merged into the settings; `authority`: PEM of who signed the provider's certificate.
    pub(crate) fn start(more: &Value, authority: Option<&str>) -> Option<Self> {
        let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
            eprintln!("skipped: no {FOLDER} (run by cargo xtask test)");
            return None;
        };
        let hosts = ["vi1", "vi1b", "vi2"].map(|host| format!("https://{host}.349.example.fr"));
        let mut settings = json!({ "origins": hosts, "people": people() });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut child = Command::new("node")
            .arg(folder.join("main.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(line.strip_prefix("READY ").unwrap()).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        let mut client = Client::builder().redirect(Policy::none());
        if let Some(pem) = authority {
            client = client
                .add_root_certificate(reqwest::Certificate::from_pem(pem.as_bytes()).unwrap());
        }
        let secret_file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret_file.path(), format!("{}\n", text("secret"))).unwrap();
        Some(Self {
            child,
            psc: text("psc"),
            franceconnect: text("franceconnect"),
            secret_file,
            client: client.build().unwrap(),
        })
    }

    /// `[site.identity]` for this peer. The secret comes from a file, as it would. What is judged is the provider's
    /// answer: a busy machine may take its time for it.
    pub(crate) fn identity(&self, psc: &str, franceconnect: &str) -> String {
        let secret = self.secret_file.path();
        let client = |id: &str, auth: &str| {
            format!("client = {{ id = \"{id}\", auth = \"{auth}\", secret_file = {secret:?} }}\n")
        };
        let psc_client = if psc.contains("client = ") {
            String::new()
        } else {
            client("basic", "client_secret_basic")
        };
        format!(
            "[site.identity]\nanswer_seconds = 30\n[site.identity.psc]\nissuer = \"{}\"\n{psc}\n{psc_client}\n\
             [site.identity.franceconnect]\nissuer = \"{}\"\n{franceconnect}\n{}",
            self.psc,
            self.franceconnect,
            client("patients", "client_secret_post")
        )
    }

    /// A client of Pro Santé Connect with this name and this secret in the form.
    pub(crate) fn posting_client(&self) -> String {
        let line = self.identity("", "");
        let client = line.lines().find(|line| line.starts_with("client = ")).unwrap().to_owned();
        client.replace("\"basic\"", "\"post\"").replace("client_secret_basic", "client_secret_post")
    }

    /// Spoils the next answer it fits of the provider with this issuer.
    pub(crate) async fn fault(&self, issuer: &str, kind: &str) {
        let url = Url::parse(issuer).unwrap().join("/__fault").unwrap();
        self.client.post(url).body(json!({ "kind": kind }).to_string()).send().await.unwrap();
    }

    /// How often a path under the issuer was asked for.
    pub(crate) async fn asked(&self, issuer: &str, path: &str) -> u64 {
        let url = Url::parse(issuer).unwrap().join("/__asked").unwrap();
        let asked: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
        asked[path].as_u64().unwrap_or(0)
    }

    /// Follows a login request through the provider's pages; `person` "cancel" gives up.
    pub(crate) async fn log_in(&self, departure: &str, person: &str) -> String {
        let mut visitor = Visitor { client: &self.client, cookies: BTreeMap::new() };
        let mut url = Url::parse(departure).unwrap();
        for _step in 0..10 {
            let mut answer = visitor.ask(&url, None).await;
            if answer.status().is_success() {
                let field =
                    if person == "cancel" { "cancel=1" } else { &format!("person={person}") };
                answer = visitor.ask(&url, Some(field.to_owned())).await;
            }
            let location = answer.headers().get(header::LOCATION);
            let location = location.map(|value| value.to_str().unwrap().to_owned());
            let Some(location) = location else { panic!("{}", answer.text().await.unwrap()) };
            url = url.join(&location).unwrap();
            if url.host_str().is_some_and(|host| host.ends_with(".example.fr")) {
                return format!("{}?{}", url.path(), url.query().unwrap_or_default());
            }
        }
        panic!("the provider sends in circles");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

struct Visitor<'a> {
    client: &'a Client,
    cookies: BTreeMap<String, String>,
}

impl Visitor<'_> {
    async fn ask(&mut self, url: &Url, form: Option<String>) -> Response {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookie = pairs.collect::<Vec<_>>().join("; ");
        let request = match form {
            Some(form) => self
                .client
                .post(url.clone())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form),
            None => self.client.get(url.clone()),
        };
        let answer = request.header(header::COOKIE, cookie).send().await.unwrap();
        for value in answer.headers().get_all(header::SET_COOKIE) {
            let pair = value.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

/// Who can log in. The patient of `EXAM` is Élise LEFÈVRE, born 12 March 1974.
fn people() -> Value {
    let practice = |profession: &str, place: &str| {
        json!({ "codeProfession": profession, "codeSavoirFaire": "SM44", "activities": [
            { "raisonSocialeSite": place, "numeroFinessSite": format!("F{}", place.len()) }] })
    };
    let professional = |id: &str, practices: Value| {
        json!({ "sub": format!("f:realm:{id}"), "SubjectNameID": id, "preferred_username": id,
            "family_name": "RADIO", "given_name": "CLAIRE", "SubjectRefPro": { "exercices": practices } })
    };
    let patient = |sub: &str, given: &str, born: &str, level: &str| {
        json!({ "sub": sub, "acr": level, "family_name": "LEFEVRE", "given_name": given,
            "given_name_array": given.split(' ').collect::<Vec<_>>(), "birthdate": born,
            "gender": "female", "birthplace": "75107", "birthcountry": "99100", "email": "e@example.fr" })
    };
    json!({
        "radiologist": professional("899700000001", json!([practice("10", "CABINET 349")])),
        "two_places": professional("899700000002", json!([practice("10", "CLINIQUE DU PARC"), practice("60", "CABINET <B>")])),
        "podiatrist": professional("899700000003", json!([practice("80", "CABINET")])),
        "no_practice": professional("899700000004", json!([])),
        "no_id": { "sub": "f:realm:x", "family_name": "X" },
        "elise": patient("elise", "Élise Marie", "1974-03-12", "eidas2"),
        "elise_weak": patient("elise", "Élise Marie", "1974-03-12", "eidas1"),
        "twin": patient("twin", "Emma", "1974-03-12", "eidas2"),
        "presumed": patient("presumed", "Élise", "1974-01-01", "eidas2"),
        "nobody": { "sub": "nobody", "acr": "eidas2" },
    })
}
