//! The journal as an operator uses it: verify, export, count, and an audit repository over TLS.

use std::{
    net::IpAddr,
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use negatoscope_server::{
    audit::{self, Audit, Entry, Event, Sender},
    clock::Clock,
    config::SyslogConfig,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::TcpListener,
};
use tokio_rustls::{TlsAcceptor, rustls};

use crate::house::{EXAM, House, SITE};

fn write_config(folder: &Path) -> String {
    let text = format!(
        "[server]\nstate = \"state\"\nassets = \"viewer\"\n[[site]]\nhosts = [\"{SITE}\"]\n\
         name = \"Centre\"\ncontact = \"01\"\n[site.source.archive]\npath = \"dicom\"\n"
    );
    let file = folder.join("negatoscope.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn negatoscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_negatoscope")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A report is read by whoever may see the exam, and that leaves a line; one, however often it is opened.
#[tokio::test]
async fn a_document_that_is_opened_leaves_a_line() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    browser.get("/api/examen/1/1/documents/1.1/1.1.1/pdf").await;
    browser.get("/api/examen/1/1/documents/1.1/1.1.1/pdf").await;
    browser.get("/api/examen/1/2/documents/1.1/1.1.1/pdf").await;
    browser.get("/api/examen/2/1/documents/1.1/1.1.1/pdf").await;
    let lines = house.journal();
    let told: Vec<_> = lines.iter().filter(|line| line["event"] == "exported").collect();
    assert_eq!(told.len(), 1, "{lines:?}");
    assert_eq!((&told[0]["reason"], &told[0]["studies"][0]), (&"pdf".into(), &EXAM.into()));
}

/// Item 60: who (and how), what, from where, which session, with what result.
#[tokio::test]
async fn item_60_a_visit_leaves_its_lines() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    browser.get("/examen/1").await;
    browser.get(&format!("/dicomweb/studies/{EXAM}")).await;
    browser.get(&format!("/dicomweb/studies/{EXAM}/series/1.1")).await;
    browser.get(&format!("/dicomweb/studies/{EXAM}/metadata")).await;
    browser.get("/dicomweb/studies/1.9.9").await;
    browser.post("/deconnexion", "").await;
    let lines = house.journal();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(
        events,
        ["login", "exam_opened", "exported", "logout"],
        "one export, not one a file"
    );
    let session = lines[0]["session"].as_str().unwrap();
    assert_eq!(session.len(), 16);
    for line in &lines {
        assert_eq!(line["way"], "code");
        assert_eq!(line["session"], session);
        assert_eq!(line["studies"][0], EXAM);
        assert!(line["subject"].as_str().unwrap().len() == 32 && line["address"].is_string());
    }
    let cookie = &house.visitor().await.cookies["__Host-negatoscope"];
    assert!(!cookie.contains(session));
}

#[tokio::test]
async fn the_journal_is_verified_exported_and_counted_by_command() {
    let house = House::new().await;
    let config = write_config(house.folder.path());
    let mut browser = house.visitor().await;
    browser.get("/examen/1").await;
    let wrong = house.grant(crate::house::SECOND_EXAM).await;
    let mut stranger = house.browser();
    stranger.get(crate::house::LINK).await;
    stranger.enter(1, &wrong, crate::house::BORN).await;
    stranger.get("/IHEInvokeImageDisplay?requestType=PATIENT").await;

    let verified = said(&negatoscope(&["audit", "verify", "--config", &config]));
    assert!(verified.starts_with("whole: 4 line(s), from number 1\nhead: 4:"), "{verified}");
    let head = verified.trim_end().rsplit(' ').next().unwrap().to_owned();

    let json = said(&negatoscope(&["audit", "export", "--config", &config, "--format", "json"]));
    assert_eq!(json.lines().count(), 4);
    let dicom = said(&negatoscope(&["audit", "export", "--config", &config, "--format", "dicom"]));
    let lines: Vec<&str> = dicom.lines().collect();
    for (line, code) in lines.iter().zip(["110114", "110103", "110114", "110114"]) {
        let expected = format!("<EventID csd-code=\"{code}\" codeSystemName=\"DCM\"");
        assert!(line.contains(&expected), "{code}: {line}");
    }
    assert!(
        lines[0].contains("EventOutcomeIndicator=\"0\"")
            && lines[2].contains("EventOutcomeIndicator=\"4\"")
    );
    assert!(lines[1].contains(&format!("ParticipantObjectID=\"{EXAM}\"")), "{}", lines[1]);

    let usage = said(&negatoscope(&["audit", "usage", "--config", &config]));
    let rows: Vec<&str> = usage.lines().collect();
    assert_eq!(rows[0], "month,site,way,logins,opened,refused,exported");
    assert!(rows[1].ends_with(&format!(",{SITE},code,1,1,1,0")), "{usage}");
    assert!(rows[2].ends_with(&format!(",{SITE},link,0,0,1,0")), "{usage}");

    // Item 61: somebody cleans up after themselves.
    let file = house.folder.path().join("state/audit");
    let file = std::fs::read_dir(file).unwrap().map(|entry| entry.unwrap().path());
    let file =
        file.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let shorter: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, shorter).unwrap();
    assert!(said(&negatoscope(&["audit", "verify", "--config", &config])).contains("3 line(s)"));
    let cut = negatoscope(&["audit", "verify", "--config", &config, "--head", &head]);
    let sentence = String::from_utf8_lossy(&cut.stderr).into_owned();
    assert!(!cut.status.success() && sentence.contains("line 4 is missing"), "{sentence}");
    std::fs::write(&file, text.replacen("login", "logon", 1)).unwrap();
    let changed = negatoscope(&["audit", "verify", "--config", &config]);
    let sentence = String::from_utf8_lossy(&changed.stderr).into_owned();
    assert!(!changed.status.success() && sentence.contains("line 1"), "{sentence}");
    let usage = negatoscope(&["audit", "usage", "--config", &config]);
    assert!(!usage.status.success(), "counts of a changed journal would be believed");
}

const EVENTS: [(Event, &str); 14] = [
    (Event::Login, "110114"),
    (Event::Logout, "110114"),
    (Event::Refusal, "110114"),
    (Event::ExamOpened, "110103"),
    (Event::Exported, "110106"),
    (Event::FactsImported, "110107"),
    (Event::CodeGranted, "110113"),
    (Event::CodeRevoked, "110113"),
    (Event::ReportChanged, "110113"),
    (Event::AdminRefused, "110113"),
    (Event::Started, "110100"),
    (Event::Stopped, "110100"),
    (Event::Repaired, "110113"),
    (Event::Pruned, "110101"),
];

/// Every kind of line is well-formed XML of the right event, whatever is in it.
#[test]
fn every_event_is_a_dicom_audit_message() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Audit::open(folder.path(), Clock::system()).unwrap();
    let address: IpAddr = "2001:db8::1".parse().unwrap();
    let studies = ["1.2.3".to_owned(), "<&\"'\u{1}>".to_owned()];
    for (event, _) in EVENTS {
        let entry = Entry {
            way: Some("psc"),
            subject: Some("a<b>&\"c"),
            studies: &studies,
            report: Some("1.2^<"),
            reason: Some("why & how"),
            ..Entry::new(event, "vi1.example", address)
        };
        journal.write(&entry).unwrap();
    }
    let locked = Entry { reason: Some("exam_locked"), ..Entry::new(Event::Refusal, "x", address) };
    journal.write(&locked).unwrap();
    let expected = EVENTS.iter().map(|(_, code)| *code).chain(["110113"]);
    let mut messages = Vec::new();
    audit::read(folder.path(), |record| {
        messages.push(audit::message(&record, "box \"7\""));
        Ok(())
    })
    .unwrap();
    assert_eq!(messages.len(), EVENTS.len() + 1);
    for (message, code) in messages.iter().zip(expected) {
        assert_eq!(event_of(message).as_deref(), Some(code), "{message}");
        for needed in ["EventIdentification", "ActiveParticipant", "AuditSourceIdentification"] {
            assert!(message.contains(needed), "{needed}: {message}");
        }
    }
}

/// The code of the event, by a reader that insists on well-formed XML.
fn event_of(message: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(message);
    let mut found = None;
    loop {
        let element = match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => return found,
            quick_xml::events::Event::Empty(element) | quick_xml::events::Event::Start(element) => {
                element
            }
            _ => continue,
        };
        let values: Vec<String> = element
            .attributes()
            .map(|attribute| String::from_utf8(attribute.unwrap().value.to_vec()).unwrap())
            .collect();
        if element.name().as_ref() == b"EventID" {
            found.get_or_insert(values[0].clone());
        }
    }
}

/// A repository: takes one connection after another and hands out the messages in it.
struct Repository {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    config: SyslogConfig,
}

async fn repository(folder: &Path, names: &str) -> Repository {
    let pair = rcgen::generate_simple_self_signed([names.to_owned()]).unwrap();
    let ca_file = folder.join("ca.pem");
    std::fs::write(&ca_file, pair.cert.pem()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pair.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = SyslogConfig {
        address: format!("localhost:{port}"),
        ca_file,
        certificate: None,
        key: None,
        source_id: "vi1.example".to_owned(),
    };
    Repository { listener, acceptor: TlsAcceptor::from(Arc::new(tls)), config }
}

/// One counted frame (RFC 5425 4.3.1); `None` at the end of the connection.
async fn frame(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut length = 0_usize;
    loop {
        match stream.read_u8().await.ok()? {
            b' ' => break,
            digit => length = length * 10 + usize::from(digit.checked_sub(b'0').unwrap()),
        }
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(String::from_utf8(bytes).unwrap())
}

impl Repository {
    async fn take(&self, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        while messages.len() < count {
            let (tcp, _) = self.listener.accept().await.unwrap();
            let Ok(mut stream) = self.acceptor.accept(tcp).await else { continue };
            while messages.len() < count {
                let Some(message) = frame(&mut stream).await else { break };
                messages.push(message);
            }
        }
        messages
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_repository_gets_every_line_over_tls_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let repository = repository(folder.path(), "localhost").await;
    let journal_folder = folder.path().join("audit");
    let journal = Audit::open(&journal_folder, Clock::system()).unwrap();
    let write = |subject: &str| {
        let entry = Entry {
            subject: Some(subject),
            ..Entry::new(Event::Login, "vi1.example", audit::LOCAL)
        };
        journal.write(&entry).unwrap();
    };
    write("é1");
    write("é2");
    let start = || {
        let sender = Sender::new(&repository.config, &journal_folder).unwrap();
        tokio::spawn(sender.run(journal.written()))
    };
    let running = start();
    let messages = repository.take(2).await;
    let head = "<85>1 ";
    for (message, subject) in messages.iter().zip(["é1", "é2"]) {
        assert!(
            message.starts_with(head) && message.contains(" vi1.example negatoscope "),
            "{message}"
        );
        assert!(message.contains(" DICOM+RFC3881 - \u{feff}<?xml"), "{message}");
        assert!(message.contains(&format!("UserID=\"{subject}\"")), "{message}");
    }
    while std::fs::read_to_string(journal_folder.join("syslog.sent")).unwrap_or_default() != "2" {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    running.abort();
    // Written while nobody sends: sent later, and nothing twice.
    write("é3");
    let running = start();
    let messages = repository.take(1).await;
    assert!(messages[0].contains("UserID=\"é3\""), "{messages:?}");
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_with_a_certificate_for_another_name_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let repository = repository(folder.path(), "elsewhere.example").await;
    let journal_folder = folder.path().join("audit");
    let journal = Audit::open(&journal_folder, Clock::system()).unwrap();
    journal.write(&Entry::new(Event::Login, "vi1.example", audit::LOCAL)).unwrap();
    let sender = Sender::new(&repository.config, &journal_folder).unwrap();
    let running = tokio::spawn(sender.run(journal.written()));
    let (tcp, _) = repository.listener.accept().await.unwrap();
    assert!(repository.acceptor.accept(tcp).await.is_err(), "the sender breaks the handshake off");
    assert!(!journal_folder.join("syslog.sent").exists());
    running.abort();
}
