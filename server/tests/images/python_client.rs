//! An independent client: PyPI dicomweb-client reads the exam and compares it with pydicom's reading.

use std::path::{Path, PathBuf};
use std::process::Command;

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use negatoscope_server::access::Access;
use negatoscope_server::dicomweb;

use crate::orthanc::peers_required;
use crate::setup::{open_folder, phantoms};

const COOKIE: &str = "session=phantom";

#[tokio::test(flavor = "multi_thread")]
async fn dicomweb_client_retrieves_the_exam() {
    let python = match tokio::task::spawn_blocking(virtual_environment).await.unwrap() {
        Ok(python) => python,
        Err(reason) if peers_required() => panic!("no dicomweb-client: {reason}"),
        Err(reason) => {
            println!("skipped: no dicomweb-client: {reason}");
            return;
        }
    };
    let opened = open_folder(phantoms().folder()).await;
    let (exam, other) = (&phantoms().exam, &phantoms().other);
    let studies = [(1, vec![exam.study_instance_uid.clone()])];
    let access = Access {
        site: "vi1.test".into(),
        login: "login".into(),
        source: opened.archive.clone(),
        visits: studies.into(),
    };
    let app = dicomweb::routes().layer(from_fn_with_state(access, session));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/dicomweb", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut command = Command::new(python);
    command
        .arg(peers().join("retrieve.py"))
        .args([&url, COOKIE, &exam.study_instance_uid, &other.study_instance_uid])
        .arg(phantoms().folder());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    server.abort();
    let (text, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.ends_with("all passed\n"), "{text}");
}

/// Stands for the session layer: the cookie opens the exam.
async fn session(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    if request.headers().get(header::COOKIE).is_some_and(|cookie| cookie == COOKIE) {
        request.extensions_mut().insert(access);
    }
    next.run(request).await
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers")
}

/// The Python of a virtual environment with the locked packages, made once per lock file.
fn virtual_environment() -> Result<PathBuf, String> {
    let requirements = peers().join("requirements.txt");
    let lock = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dicomweb-client");
    let (python, stamp) = (folder.join("bin/python"), folder.join("requirements.installed"));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"];
    run(Command::new(&python).args(pip).args(["--only-binary", ":all:", "-r"]).arg(&requirements))?;
    std::fs::write(&stamp, lock).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
