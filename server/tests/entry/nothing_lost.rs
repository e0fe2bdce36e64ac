//! Nothing lost: the program is killed (SIGKILL) again and again in the middle of imports, grants, logins and
//! lines of the journal. What it acknowledged is there afterwards, and the chain is whole.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use negatoscope_phantom::{Exam, Scale, generate};
use negatoscope_server::audit::{self, Event};
use rand::Rng;
use reqwest::{Client, StatusCode, redirect};
use serde_json::json;

const HOST: &str = "vi1.349.example.fr";
const TOKEN: &str = "a-token-that-nobody-can-guess-0123456789";
const KILLS: usize = 100;
/// A server and at least two commands.
const KILLS_A_ROUND: usize = 3;
/// Files that one import takes in: more than it has time for.
const FILES: usize = 400;
/// The kills take about as long as this, however slow the machine, as long as the program starts at all.
const KILLING: Duration = Duration::from_secs(18);
/// A round more, where the machine was too busy to do everything at least once in that time.
const ROUND_MORE: Duration = Duration::from_secs(2);
/// They never take longer than this.
const BUDGET: Duration = Duration::from_secs(60);

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
    for (which, number) in (0..2).flat_map(|which| (0..FILES).map(move |number| (which, number))) {
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
    /// How many of each kind.
    const fn counts(&self) -> [usize; 4] {
        [self.reports.len(), self.cookies.len(), self.codes.len(), self.refusals]
    }

    /// Whether a kind was never acknowledged.
    fn lack_a_kind(&self) -> bool {
        self.counts().contains(&0)
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
    /// Imports reports until the program is gone.
    async fn import(&self, address: &str, round: usize) -> Vec<String> {
        let mut done = Vec::new();
        for number in 0.. {
            let id = format!("1.2.{round}.{number}");
            let facts = json!({ "report": id, "studies": ["1.2.3.4"] }).to_string();
            let url = format!("{address}/v1/sites/{HOST}/facts");
            let request = self.client.post(url).bearer_auth(TOKEN).body(facts);
            match request.send().await {
                Ok(answer) if answer.status() == StatusCode::OK => done.push(id),
                Ok(answer) => panic!("{}", answer.status()),
                Err(_gone) => break,
            }
        }
        done
    }

    /// Clicks the link and logs in, until the program is gone; every second time with a wrong date.
    async fn visit(&self, address: &str, round: usize, promises: &mut Promises) {
        for number in round.. {
            let is_right = number % 2 == 0;
            match self.visit_once(address, is_right).await {
                None => break,
                Some(Some(cookie)) if is_right => promises.cookies.push(cookie),
                Some(None) if !is_right => promises.refusals += 1,
                Some(other) => panic!("{is_right}: {other:?}"),
            }
        }
    }

    /// The cookie after a login, nothing after a refusal; `None` where the program is gone.
    async fn visit_once(&self, address: &str, is_right: bool) -> Option<Option<String>> {
        let study = &self.exam.study_instance_uid;
        let link = format!("{address}/IHEInvokeImageDisplay?requestType=STUDY&studyUID={study}");
        let clicked = self.client.get(link).header("host", HOST).send().await.ok()?;
        let cookie = cookie_of(&clicked);
        let (year, rest) = self.exam.birth_date.split_at(4);
        let (month, day) = rest.split_at(2);
        let year = if is_right { year } else { "1901" };
        let form = format!("code={}&jour={day}&mois={month}&annee={year}", self.code);
        let answer = self
            .client
            .post(format!("{address}/entree/1/code"))
            .header("host", HOST)
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .ok()?;
        match answer.status() {
            StatusCode::SEE_OTHER => Some(Some(cookie_of(&answer))),
            StatusCode::FORBIDDEN => Some(None),
            other => panic!("{other}"),
        }
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

/// The server and three commands that write the same journal and database, all killed somewhere within the
/// time that is left for a round. Tells how many were running.
async fn round(stand: &Stand, number: usize, share: Duration, promises: &mut Promises) -> usize {
    let begin = Instant::now();
    let mut program = start(&stand.config);
    let [visitors, administration] = program.addresses.clone();
    let commands = [stand.start_import(0), stand.start_import(1), stand.start_grant()];
    let left = share.saturating_sub(begin.elapsed()).max(Duration::from_millis(20));
    let pause = left.mul_f64(rand::rng().random_range(0.3..1.5));
    let killed = async {
        tokio::time::sleep(pause).await;
        program.child.kill().unwrap();
        program.child.wait().unwrap();
    };
    let (imported, (), ()) = tokio::join!(
        stand.import(&administration, number),
        stand.visit(&visitors, number, promises),
        killed
    );
    promises.reports.extend(imported);
    let mut kills = 1;
    for command in commands {
        let (was_running, printed) = end(command);
        kills += usize::from(was_running);
        // A line that was cut short promised nothing.
        let lines = printed.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        for line in lines {
            let made: serde_json::Value = serde_json::from_str(line).unwrap();
            let told = |key: &str| made[key].as_str().map(str::to_owned);
            promises.reports.extend(told("report"));
            promises.codes.extend(told("id"));
        }
    }
    kills
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
    let begin = Instant::now();
    let folder = quick_folder();
    let config = write_config(folder.path());
    write_facts(folder.path());
    let exam = generate(&folder.path().join("dicom"), Scale::tiny()).unwrap();
    let code = first_code(&config, &exam);
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let stand = Stand { folder: folder.path().to_owned(), config, exam, code, client };
    let mut promises = Promises::default();
    let mut kills = 0;
    let mut number = 0;
    while kills < KILLS || promises.lack_a_kind() && begin.elapsed() + ROUND_MORE < BUDGET {
        let rounds = u32::try_from(KILLS.saturating_sub(kills).div_ceil(KILLS_A_ROUND)).unwrap();
        let share = match rounds {
            0 => ROUND_MORE,
            _ => KILLING.saturating_sub(begin.elapsed()) / rounds,
        };
        kills += round(&stand, number, share, &mut promises).await;
        number += 1;
    }
    let took = begin.elapsed();
    println!(
        "{kills} kills in {took:?}: {} imports, {} logins, {} refusals, {} codes acknowledged",
        promises.reports.len(),
        promises.cookies.len(),
        promises.refusals,
        promises.codes.len()
    );
    check(&stand, &promises).await;
    assert!(took < BUDGET, "{took:?} for {kills} kills");
}

async fn check(stand: &Stand, promises: &Promises) {
    assert!(!promises.lack_a_kind(), "something was never done: {:?}", promises.counts());
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
