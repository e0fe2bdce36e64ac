//! No command says a secret, whatever is right or wrong with it: not on its output, not in its log.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// What nobody must read, beside the middle of each private key.
const SECRETS: [&str; 7] = [
    "admin-Secret-0123456789-0123456789",
    "psc-Secret-abcdef",
    "franceconnect-Secret-abcdef",
    "pacs-Secret-abcdef",
    // base64url, as an authority gives it; and one that is none.
    "aG1hYy1TZWNyZXQtYWJjZGVm",
    "hmac Secret that is not base64",
    "inline-Secret-abcdef",
];

fn write(folder: &Path, name: &str, content: &str) {
    let file = folder.join(name);
    std::fs::write(&file, content).unwrap();
    let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, owner_only).unwrap();
}

/// Writes a certificate and its key; tells what must not be said of the key.
fn write_pair(folder: &Path, name: &str) -> String {
    let pair = rcgen::generate_simple_self_signed(["vi1.example".to_owned()]).unwrap();
    write(folder, &format!("{name}.pem"), &pair.cert.pem());
    let key = pair.signing_key.serialize_pem();
    write(folder, &format!("{name}.key"), &key);
    key.lines().nth(1).unwrap()[20..50].to_owned()
}

/// A configuration with a secret of every kind.
fn config() -> String {
    let client = |auth: &str| format!("client = {{ id = \"c\", auth = {auth} }}");
    format!(
        "[server]\nstate = \"state\"\nassets = \"viewer\"\n\
         [server.tls]\ncertificate = \"site.pem\"\nkey = \"site.key\"\n\
         [server.acme]\ndirectory = \"https://127.0.0.1:9/dir\"\nagree_to_terms = true\n\
         key_id = \"k\"\nhmac_key_file = \"hmac\"\n[server.validation]\nlisten = \"127.0.0.1:0\"\n\
         [log]\nlevel = \"debug\"\n[admin]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"token\"\n\
         [audit.syslog]\naddress = \"localhost:9\"\nca_file = \"syslog.pem\"\n\
         certificate = \"syslog.pem\"\nkey = \"syslog.key\"\n\
         [[site]]\nhosts = [\"vi1.example\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.source.archive]\npath = \"dicom\"\n\
         [site.identity.psc]\nissuer = \"http://127.0.0.1:9/psc\"\n{}\n\
         [site.identity.franceconnect]\nissuer = \"http://127.0.0.1:9/fc\"\n{}\n\
         [[site]]\nhosts = [\"vi2.example\"]\nname = \"Centre\"\ncontact = \"01\"\n\
         [site.source.pacs]\nurl = \"http://127.0.0.1:9/dicom-web\"\nuser = \"u\"\n\
         password_env = \"PACS_SECRET\"\n\
         [site.identity.psc]\nissuer = \"http://127.0.0.1:9/psc\"\n{}\n",
        client("\"client_secret_basic\", secret_env = \"PSC_SECRET\""),
        client("\"client_secret_post\", secret_file = \"franceconnect\""),
        client("\"private_key_jwt\", key_file = \"psc.key\", key_id = \"k\""),
    )
}

/// Everything that a command says, as talkative as it can be made; `serve` is stopped after a while.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_negatoscope"))
        .args(arguments)
        .current_dir(folder)
        .env("PSC_SECRET", SECRETS[1])
        .env("PACS_SECRET", SECRETS[3])
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if arguments[0] == "serve" {
        // It tries to reach what is not there, and says so.
        std::thread::sleep(Duration::from_secs(3));
        assert!(Command::new("kill").arg(child.id().to_string()).status().is_ok());
    }
    let mut output = Vec::new();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut stdout, &mut text).unwrap();
        text
    });
    std::io::Read::read_to_end(&mut stderr, &mut output).unwrap();
    output.extend(reading.join().unwrap());
    child.wait().unwrap();
    String::from_utf8_lossy(&output).into_owned()
}

const COMMANDS: &[&[&str]] = &[
    &["check-config"],
    &["check-config", "--probe"],
    &["serve", "--listen", "127.0.0.1:0"],
    &["grant", "--site", "vi1.example", "--study", "1.2", "--birth-date", "19740312"],
    &["grant", "--site", "vi2.example", "--accession", "A"],
    &["exams", "--site", "vi1.example"],
    &["exams", "--site", "vi2.example"],
    &["revoke", "--site", "vi1.example", "--study", "1.2"],
    &["report", "show", "--site", "vi1.example", "--study", "1.2"],
    &["report", "import", "--site", "vi1.example", "token", "psc.key", "negatoscope.toml"],
    &["audit", "verify"],
    &["audit", "export", "--format", "json"],
    &["audit", "export", "--format", "dicom"],
    &["audit", "usage"],
    &["audit", "prune"],
    &["sessions", "list"],
    &["sessions", "end", "--all"],
    &["certificate", "revoke", "--site", "vi1.example", "--reason", "cessation"],
];

#[test]
fn item_49_no_command_says_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["dicom", "viewer"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    write(folder, "viewer/manifest.json", "{}");
    let keys = ["site", "syslog", "psc"].map(|name| write_pair(folder, name));
    write(folder, "token", SECRETS[0]);
    write(folder, "franceconnect", SECRETS[2]);
    let check = |what: &str, text: &str| {
        let hidden = SECRETS.into_iter().chain(keys.iter().map(String::as_str));
        let found = hidden.into_iter().find(|secret| text.contains(secret));
        assert_eq!(found, None, "{what}: {text}");
    };
    for hmac in [SECRETS[4], SECRETS[5]] {
        write(folder, "hmac", hmac);
        write(folder, "negatoscope.toml", &config());
        for arguments in COMMANDS {
            let text = said(folder, arguments);
            assert!(!text.contains("panicked"), "{arguments:?}: {text}");
            check(&format!("{arguments:?}"), &text);
        }
    }
    let listens = said(folder, COMMANDS[2]);
    assert!(listens.contains("listens on https://"), "it did run: {listens}");
    // Written where they do not belong, or damaged.
    let wrong = [
        config().replace("secret_env = \"PSC_SECRET\"", &format!("secret = \"{}\"", SECRETS[6])),
        config().replace("agree_to_terms = true", &format!("agree_to_terms = \"{}\"", SECRETS[6])),
        config().replace("auth = \"client_secret_post\"", &format!("auth = \"{}\"", SECRETS[6])),
        config().replace("\"psc.key\"", "\"token\""),
        config().replace("\"site.key\"", "\"franceconnect\""),
        config().replace("\"syslog.key\"", "\"hmac\""),
        config() + SECRETS[6],
    ];
    for (index, text) in wrong.iter().enumerate() {
        write(folder, "negatoscope.toml", text);
        for arguments in [["check-config"].as_slice(), &["serve", "--listen", "127.0.0.1:0"]] {
            let text = said(folder, arguments);
            assert!(!text.is_empty());
            check(&format!("configuration {index}, {arguments:?}"), &text);
        }
    }
    for command in ["inspect", "decode", "render"] {
        for file in ["token", "site.key", "franceconnect"] {
            check(command, &said(folder, &[command, file, "-o", "out.png"]));
            check(command, &said(folder, &[command, file]));
        }
    }
    for file in ["token", "site.key"] {
        check("a secret as configuration", &said(folder, &["check-config", "--config", file]));
    }
}
