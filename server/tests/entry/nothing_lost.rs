//! Nothing lost: the program is killed (SIGKILL) again and again in the middle of imports, grants, logins and
//! lines of the journal. What it acknowledged is there afterwards, and the chain is whole.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use negatoscope_phantom::{Exam, Scale, generate};
use negatoscope_server::audit::{self, Event};
use rand::Rng;
use reqwest::{Client, StatusCode, redirect};
use serde_json::json;
use tokio::sync::Semaphore;

const HOST: &str = "vi1.349.example.fr";
const TOKEN: &str = "a-token-that-nobody-can-guess-0123456789";
const KILLS: usize = 100;
/// Files that one import takes in: more than it has time for.
const FILES: usize = 400;
/// Answers that the server has time for before it is killed, at most.
const ANSWERS: u32 = 40;
/// It is killed at most this long after the last of them: in the middle of the next one.
const MOMENT: Duration = Duration::from_millis(30);

struct Program {
    child: Child,
    /// Address for visitors, address of the administration.
    addresses: [String; 2],
}

fn start(config: &str) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_negatoscope"))
        .args(["serve", "--config", config, "--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut address = |before: &str| loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(rest) = line.split(before).nth(1) {
            break rest.split(' ').next().unwrap().to_owned();
        }
    };
    let addresses = [address("listens on "), address("Administration on ")];
    // What it says from now on is read, so that it never waits for somebody to listen.
    std::thread::spawn(move || lines.for_each(drop));
    Program { child, addresses }
}

fn write_config(folder: &Path) -> String {
    std::fs::create_dir_all(folder.join("viewer")).unwrap();
    std::fs::write(folder.join("viewer/manifest.json"), "{}").unwrap();
    let token = folder.join("token");
    std::fs::write(&token, TOKEN).unwrap();
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let text = format!(
        "[server]\nstate = \"state\"\nassets = \"viewer\"\n[log]\nlevel = \"error\"\n\
         [admin]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"token\"\n\
         [session]\nlinks_per_address = 1000000\n\
         [access_code]\ntries_per_address = 1000000\ntries = 1000000\nrefusal_milliseconds = 1\n\
         [[site]]\nhosts = [\"{HOST}\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.source.archive]\npath = \"dicom\"\nrescan_seconds = 0\n"
    );
    let file = folder.join("negatoscope.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn facts_file(folder: &Path, which: usize, number: usize) -> PathBuf {
    folder.join(format!("facts-{which}-{number}.json"))
}

fn write_facts(folder: &Path) {
    for (which, number) in (0..3).flat_map(|which| (0..FILES).map(move |number| (which, number))) {
        let id = format!("1.3.{which}.{number}");
        let facts = json!({ "report": id, "studies": ["1.2.3.4"] }).to_string();
        std::fs::write(facts_file(folder, which, number), facts).unwrap();
    }
}

/// What was acknowledged.
#[derive(Default)]
struct Promises {
    /// Reports taken in.
    reports: Vec<String>,
    /// Cookies of logins.
    cookies: Vec<String>,
    /// Identifiers of codes that were printed.
    codes: Vec<String>,
    /// Answers that were refusals.
    refusals: usize,
}

impl Promises {
    /// Keeps what a command printed. A line that was cut short promised nothing.
    fn keep_printed(&mut self, printed: &str) {
        for line in printed.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let made: serde_json::Value = serde_json::from_str(line).unwrap();
            let told = |key: &str| made[key].as_str().map(str::to_owned);
            self.reports.extend(told("report"));
            self.codes.extend(told("id"));
        }
    }
}

/// How a visit ended.
#[derive(Debug, PartialEq)]
enum Visit {
    /// Nobody answered any more.
    Gone,
    /// The server waited too long for the database: it promised nothing.
    Failed,
    Refused,
    /// With the cookie that opens the exam from now on.
    Opened(String),
}

impl Visit {
    fn of(answer: reqwest::Result<reqwest::Response>) -> Self {
        let Ok(answer) = answer else { return Self::Gone };
        match answer.status() {
            StatusCode::SEE_OTHER => Self::Opened(cookie_of(&answer)),
            StatusCode::FORBIDDEN => Self::Refused,
            status if status.is_server_error() => Self::Failed,
            other => panic!("{other}"),
        }
    }
}

struct Stand {
    folder: PathBuf,
    config: String,
    exam: Exam,
    code: String,
    client: Client,
}

impl Stand {
    /// Imports reports until the program is gone; each answer is a permit.
    async fn import(&self, address: &str, round: usize, answered: &Semaphore) -> Vec<String> {
        let mut done = Vec::new();
        for number in 0.. {
            let id = format!("1.2.{round}.{number}");
            let facts = json!({ "report": id, "studies": ["1.2.3.4"] }).to_string();
            let url = format!("{address}/v1/sites/{HOST}/facts");
            let request = self.client.post(url).bearer_auth(TOKEN).body(facts);
            match request.send().await {
                Ok(answer) if answer.status() == StatusCode::OK => done.push(id),
                // Waited too long for the database: promised nothing.
                Ok(answer) if answer.status().is_server_error() => {}
                Ok(answer) => panic!("{}", answer.status()),
                Err(_gone) => break,
            }
            answered.add_permits(1);
        }
        answered.close();
        done
    }

    /// Clicks the link and logs in, until the program is gone; every second time with a wrong date.
    async fn visit(
        &self,
        address: &str,
        round: usize,
        answered: &Semaphore,
        promises: &mut Promises,
    ) {
        for number in round.. {
            let is_right = number % 2 == 0;
            match self.visit_once(address, is_right).await {
                Visit::Gone => break,
                Visit::Failed => {}
                Visit::Opened(cookie) if is_right => promises.cookies.push(cookie),
                Visit::Refused if !is_right => promises.refusals += 1,
                other => panic!("{is_right}: {other:?}"),
            }
            answered.add_permits(1);
        }
        answered.close();
    }

    async fn visit_once(&self, address: &str, is_right: bool) -> Visit {
        let study = &self.exam.study_instance_uid;
        let link = format!("{address}/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}");
        let clicked = self.client.get(link).header("host", HOST).send().await;
        let Ok(clicked) = clicked else { return Visit::Gone };
        if clicked.status().is_server_error() {
            return Visit::Failed;
        }
        let (year, rest) = self.exam.birth_date.split_at(4);
        let (month, day) = rest.split_at(2);
        let year = if is_right { year } else { "1901" };
        let form = format!("code={}&jour={day}&mois={month}&annee={year}", self.code);
        let answer = self
            .client
            .post(format!("{address}/entree/1/code"))
            .header("host", HOST)
            .header("cookie", cookie_of(&clicked))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await;
        Visit::of(answer)
    }

    /// Starts `negatoscope report import` of many files.
    fn start_import(&self, which: usize) -> Child {
        let files = (0..FILES).map(|number| facts_file(&self.folder, which, number));
        Command::new(env!("CARGO_BIN_EXE_negatoscope"))
            .args(["report", "import", "--config", &self.config, "--site", HOST])
            .args(files)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Starts `negatoscope grant`.
    fn start_grant(&self) -> Child {
        let number = &self.exam.accession_number;
        Command::new(env!("CARGO_BIN_EXE_negatoscope"))
            .args([
                "grant",
                "--config",
                &self.config,
                "--site",
                HOST,
                "--accession",
                number,
                "--json",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

/// Kills a command that is still running; tells whether it was, and what it had printed.
fn end(mut child: Child) -> (bool, String) {
    let was_running = child.try_wait().unwrap().is_none();
    drop(child.kill());
    let output = child.wait_with_output().unwrap();
    (was_running, String::from_utf8(output.stdout).unwrap())
}

fn cookie_of(answer: &reqwest::Response) -> String {
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// The server and three commands that write the same journal and database, all killed somewhere in the
/// middle. Tells how many were running.
///
/// When that is depends on what the server has answered and not on the time, so that a busy machine changes
/// how long this takes and nothing else.
async fn round(stand: &Stand, number: usize, promises: &mut Promises) -> usize {
    let mut program = start(&stand.config);
    let [visitors, administration] = program.addresses.clone();
    let commands = [stand.start_import(0), stand.start_import(1), stand.start_grant()];
    let answered = Semaphore::new(0);
    let answers = rand::rng().random_range(0..=ANSWERS);
    let pause = MOMENT.mul_f64(rand::rng().random());
    let killed = async {
        // Fails where somebody found the server gone before; then it is the line below that tells.
        drop(answered.acquire_many(answers).await);
        tokio::time::sleep(pause).await;
        assert!(program.child.try_wait().unwrap().is_none(), "the server ended by itself");
        program.child.kill().unwrap();
        program.child.wait().unwrap();
    };
    let (imported, (), ()) = tokio::join!(
        stand.import(&administration, number, &answered),
        stand.visit(&visitors, number, &answered, promises),
        killed
    );
    promises.reports.extend(imported);
    let mut kills = 1;
    for command in commands {
        let (was_running, printed) = end(command);
        kills += usize::from(was_running);
        promises.keep_printed(&printed);
    }
    kills
}

/// Everything once while nothing is killed, so that there is something of each kind to be lost.
async fn first_promises(stand: &Stand, promises: &mut Promises) {
    let mut program = start(&stand.config);
    let [visitors, _] = program.addresses.clone();
    match stand.visit_once(&visitors, true).await {
        Visit::Opened(cookie) => promises.cookies.push(cookie),
        other => panic!("{other:?}"),
    }
    assert_eq!(stand.visit_once(&visitors, false).await, Visit::Refused);
    promises.refusals += 1;
    for command in [stand.start_import(2), stand.start_grant()] {
        let output = command.wait_with_output().unwrap();
        assert!(output.status.success());
        promises.keep_printed(&String::from_utf8(output.stdout).unwrap());
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
}

/// In memory where there is such a place: a killed process loses nothing that the system has taken, so what
/// is tested does not depend on the disk, and a busy disk would leave time for little else.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_none| tempfile::tempdir()).unwrap()
}

fn first_code(config: &str, exam: &Exam) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_negatoscope"))
        .args(["grant", "--config", config, "--site", HOST, "--json"])
        .args(["--accession", &exam.accession_number])
        .output()
        .unwrap();
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    made["code"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_nothing_that_was_acknowledged() {
    let folder = quick_folder();
    let config = write_config(folder.path());
    write_facts(folder.path());
    let exam = generate(&folder.path().join("dicom"), Scale::tiny()).unwrap();
    let code = first_code(&config, &exam);
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let stand = Stand { folder: folder.path().to_owned(), config, exam, code, client };
    let mut promises = Promises::default();
    first_promises(&stand, &mut promises).await;
    let (mut kills, mut number) = (0, 0);
    while kills < KILLS {
        kills += round(&stand, number, &mut promises).await;
        number += 1;
    }
    println!(
        "{kills} kills: {} imports, {} logins, {} refusals, {} codes acknowledged",
        promises.reports.len(),
        promises.cookies.len(),
        promises.refusals,
        promises.codes.len()
    );
    check(&stand, &promises).await;
}

async fn check(stand: &Stand, promises: &Promises) {
    let (mut logins, mut refusals) = (0, 0);
    let (mut imported, mut granted) = (Vec::new(), Vec::new());
    let verified = audit::read(&stand.folder.join("state/audit"), |record| {
        match record.event {
            Event::Login => logins += 1,
            Event::Refusal => refusals += 1,
            Event::FactsImported => imported.extend(record.report),
            Event::CodeGranted => granted.extend(record.subject),
            _ => {}
        }
        Ok(())
    });
    verified.unwrap();
    audit::verify(&stand.folder.join("state/audit"), None).unwrap();
    assert!(logins >= promises.cookies.len() && refusals >= promises.refusals);
    assert!(promises.reports.iter().all(|report| imported.contains(report)));
    assert!(promises.codes.iter().all(|code| granted.contains(code)));

    let store = negatoscope_server::store::Store::open(&stand.folder.join("state")).await.unwrap();
    let intact: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&store.pool).await.unwrap();
    assert_eq!(intact, "ok");
    let reports: Vec<String> =
        sqlx::query_scalar("SELECT report FROM report").fetch_all(&store.pool).await.unwrap();
    assert!(promises.reports.iter().all(|report| reports.contains(report)));
    let codes: Vec<String> =
        sqlx::query_scalar("SELECT id FROM access_code").fetch_all(&store.pool).await.unwrap();
    assert!(promises.codes.iter().all(|code| codes.contains(code)));

    // Every login that was answered still opens the exam.
    let mut program = start(&stand.config);
    for cookie in &promises.cookies {
        let url = format!("{}/api/session", program.addresses[0]);
        let answer = stand
            .client
            .get(url)
            .header("host", HOST)
            .header("cookie", cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
}
