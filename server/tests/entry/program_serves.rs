//! The program as an operator runs it, on a generated exam: from the link to a frame, and what it leaves
//! in its log and its journal.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
};

use negatoscope_phantom::{Exam, Scale, generate};
use negatoscope_server::audit::read;
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;

pub(crate) const HOST: &str = "vi1.349.example.fr";
const TOKEN: &str = "a-token-that-nobody-can-guess-0123456789";
const REPORT: &str = "1.2.250.1.213.1.1.8.A71024";

pub(crate) struct Program {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) address: String,
    /// Of the administration.
    admin: String,
}

impl Program {
    pub(crate) fn start(config: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_negatoscope"))
            .args(["serve", "--config", config, "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut address = |before: &str| loop {
            let mut line = String::new();
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "the program ended");
            if let Some(rest) = line.split(before).nth(1) {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        let (address, admin) = (address("listens on "), address("Administration on "));
        Self { child, stderr, address, admin }
    }

    /// Asks it to end; tells its journal and its log.
    pub(crate) fn stop(mut self, journal: &Path) -> (String, String) {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        let mut log = String::new();
        self.stderr.read_to_string(&mut log).unwrap();
        assert!(self.child.wait().unwrap().success(), "{log}");
        let mut lines = String::new();
        read(journal, |record| {
            lines.push_str(&serde_json::to_string(&record)?);
            lines.push('\n');
            Ok(())
        })
        .unwrap();
        (lines, log)
    }
}

pub(crate) fn write_config(folder: &Path) -> String {
    std::fs::create_dir_all(folder.join("viewer")).unwrap();
    std::fs::write(folder.join("viewer/manifest.json"), r#"{"boot.js":"boot.js"}"#).unwrap();
    std::fs::write(folder.join("viewer/boot.js"), "").unwrap();
    let token = folder.join("token");
    std::fs::write(&token, TOKEN).unwrap();
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let file = folder.join("negatoscope.toml");
    let text = format!(
        "[server]\nstate = \"state\"\nassets = \"viewer\"\n[log]\nformat = \"json\"\nlevel = \"debug\"\n\
         [admin]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"token\"\n\
         [[site]]\nhosts = [\"{HOST}\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.source.archive]\npath = \"dicom\"\n"
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn run(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_negatoscope")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A browser on plain HTTP would not send the cookie back; here it is carried by hand.
pub(crate) struct Visitor {
    client: Client,
    address: String,
    cookie: String,
}

impl Visitor {
    pub(crate) fn new(address: &str) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { client, address: address.to_owned(), cookie: String::new() }
    }

    async fn ask(&mut self, path: &str, form: Option<String>) -> Response {
        let url = format!("{}{path}", self.address);
        let request = match form {
            Some(form) => self
                .client
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
            None => self.client.get(url),
        };
        let answer = request
            .header("host", HOST)
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .send()
            .await
            .unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        self.ask(path, None).await
    }

    pub(crate) async fn is_led_to(&mut self, path: &str, form: Option<String>) -> String {
        let answer = self.ask(path, form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

/// Tells the cookie of the session, which has ended then.
async fn look_at(exam: &Exam, visitor: &mut Visitor, granted: &Value) -> String {
    let link = granted["link"].as_str().unwrap().strip_prefix(&format!("https://{HOST}")).unwrap();
    assert!(
        link.contains(&format!("{}.{}", exam.accession_issuer, exam.accession_number)),
        "{link}"
    );
    assert_eq!(visitor.is_led_to(link, None).await, "/entree/1");
    let (year, rest) = exam.birth_date.split_at(4);
    let (month, day) = rest.split_at(2);
    let code = granted["code"].as_str().unwrap();
    let form = format!("code={code}&jour={day}&mois={month}&annee={year}");
    assert_eq!(visitor.is_led_to("/entree/1/code", Some(form)).await, "/examen/1");
    assert_eq!(visitor.get("/examen/1").await.status(), StatusCode::OK);
    let summary = visitor.get("/api/examen/1").await.text().await.unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["patient"]["birth_name"], exam.birth_name.as_str());
    let (study, series) = (&exam.study_instance_uid, &exam.series[0]);
    let frame = format!(
        "/dicomweb/studies/{study}/series/{}/instances/{}/frames/1",
        series.series_instance_uid, series.sop_instance_uids[0]
    );
    let answer = visitor.get(&frame).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.bytes().await.unwrap().len() > 1000);
    let cookie = visitor.cookie.split('=').nth(1).unwrap().to_owned();
    assert_eq!(visitor.is_led_to("/deconnexion", Some(String::new())).await, "/au-revoir");
    assert_eq!(visitor.get(&frame).await.status(), StatusCode::UNAUTHORIZED);
    cookie
}

/// A RIS tells of the report, withdraws and publishes it; somebody else tries to.
async fn tell_facts(exam: &Exam, program: &Program) {
    let client = Client::new();
    let facts = serde_json::json!({
        "report": REPORT, "studies": [exam.study_instance_uid],
        "accession": { "number": exam.accession_number, "root": exam.accession_issuer },
        "patient": { "birth_name": exam.birth_name, "birth_date": exam.birth_date },
    });
    let url = format!("{}/v1/sites/{HOST}", program.admin);
    let post = |path: String, token: &str| client.post(format!("{url}/{path}")).bearer_auth(token);
    let told = post("facts".to_owned(), TOKEN).body(facts.to_string()).send().await.unwrap();
    assert_eq!(told.status(), StatusCode::OK);
    let broken = post("facts".to_owned(), TOKEN).body(format!("{{\"report\": \"{REPORT}\", \"x\""));
    assert_eq!(broken.send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
    for (action, token, expected) in [
        ("depublish", TOKEN, StatusCode::NO_CONTENT),
        ("publish", TOKEN, StatusCode::NO_CONTENT),
        ("depublish", "wrong-token-of-somebody-else-entirely", StatusCode::UNAUTHORIZED),
    ] {
        let answer = post(format!("reports/{REPORT}/{action}"), token).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{action}");
    }
}

/// Guesses, and links that cannot be.
async fn guess(exam: &Exam, program: &Program, code: &str) {
    let mut stranger = Visitor::new(&program.address);
    let study = &exam.study_instance_uid;
    let link = format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}&idCDA={REPORT}");
    stranger.get(&link).await;
    let form = format!("code={code}&jour=1&mois=1&annee=1901");
    let refused = stranger.ask("/entree/1/code", Some(form)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    stranger.get(&format!("{link}&studyUID=1.2")).await;
    stranger.get(&format!("/dicomweb/studies/{study}/{REPORT}")).await;
    stranger.get(&format!("/{study}?{code}")).await;
}

/// Item 62, and item 13 for codes and cookies: nothing of anybody is in the technical log.
#[tokio::test]
async fn item_62_from_the_link_to_a_frame_leaving_only_what_the_journal_needs() {
    let folder = tempfile::tempdir().unwrap();
    let exam = generate(&folder.path().join("dicom"), Scale::tiny()).unwrap();
    let config = write_config(folder.path());
    let program = Program::start(&config);
    let number = exam.accession_number.as_str();
    let granted =
        run(&["grant", "--config", &config, "--site", HOST, "--accession", number, "--json"]);
    // `grant` brought the index up to date, which the server shares: no need to wait for its own look.
    let mut visitor = Visitor::new(&program.address);
    while visitor.get("/health/ready").await.text().await.unwrap().contains("indexed") {}
    let listed = run(&["exams", "--config", &config, "--site", HOST, "--json"]);
    assert_eq!(listed[0]["study_instance_uid"], exam.study_instance_uid.as_str());
    tell_facts(&exam, &program).await;
    let code = granted["code"].as_str().unwrap();
    guess(&exam, &program, code).await;
    let cookie = look_at(&exam, &mut visitor, &granted).await;
    let (journal, log) = program.stop(&folder.path().join("state/audit"));

    let lines: Vec<Value> =
        journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    let told = ["facts_imported", "report_changed", "report_changed", "admin_refused"];
    let seen = ["refusal", "refusal", "login", "exam_opened", "logout", "stopped"];
    assert_eq!(events, [&["started", "code_granted"], &told[..], &seen[..]].concat());
    for line in lines.get(8..11).unwrap() {
        assert_eq!(line["subject"], granted["id"]);
        assert_eq!(line["studies"][0], exam.study_instance_uid.as_str());
        assert_eq!(
            (line["site"].as_str(), line["address"].as_str()),
            (Some(HOST), Some("127.0.0.1"))
        );
    }
    assert!(log.contains(r#""route":"/IHEInvokeImageDisplay""#), "{log}");
    assert!(
        log.contains(
            "/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/{frames}"
        ),
        "{log}"
    );
    let group = code.get(..9).unwrap();
    for secret in [
        REPORT,
        TOKEN,
        "wrong-token",
        group,
        &cookie,
        granted["id"].as_str().unwrap(),
        &exam.series[0].series_instance_uid,
        &exam.series[0].sop_instance_uids[0],
        &exam.study_instance_uid,
        number,
        &exam.birth_date,
        &exam.birth_name,
        &exam.patient_id,
        code,
        "127.0.0.1:",
    ] {
        let found = log.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret} is in the log");
    }
}
