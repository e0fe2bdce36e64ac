//! The program itself: words on the command line and what it says when something is wrong.

use std::{
    path::Path,
    process::{Command, Output},
};

fn negatoscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_negatoscope")).args(arguments).output().unwrap()
}

fn error_of(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn write_config(folder: &Path, more: &str) -> String {
    let file = folder.join("negatoscope.toml");
    std::fs::create_dir_all(folder.join("dicom")).unwrap();
    std::fs::create_dir_all(folder.join("viewer")).unwrap();
    std::fs::write(folder.join("viewer/manifest.json"), "{}").unwrap();
    let text = format!(
        "[server]\nstate = \"state\"\nassets = \"viewer\"\n{more}\n[[site]]\nhosts = [\"vi1.example\"]\n\
         name = \"Centre\"\ncontact = \"01\"\npublic_url = \"http://vi1.example:8080\"\n\
         [site.source.archive]\npath = \"dicom\"\n"
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn help_names_every_command() {
    let help = String::from_utf8(negatoscope(&["--help"]).stdout).unwrap();
    for word in ["serve", "check-config", "grant", "revoke", "negatoscope.example.toml"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn check_config_says_what_is_wrong_with_providers() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_config(folder.path(), "");
    let config = std::fs::read_to_string(&file).unwrap();
    let check = |identity: &str, more: &[&str]| {
        std::fs::write(&file, format!("{config}{identity}\n")).unwrap();
        let arguments = ["check-config", "--config", &file];
        error_of(&negatoscope(&[&arguments, more].concat()))
    };
    let client = |client: &str| format!("[site.identity.psc]\nclient = {{ id = \"c\", {client} }}");
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let secret = "auth = \"client_secret_basic\"";
    let table = [
        (format!("{secret}, secret_env = \"NOT_SET_9\""), "variable NOT_SET_9 is not set"),
        (format!("{secret}, secret_file = \"nowhere\""), "identity.psc: cannot read"),
        (format!("{secret}, secret_file = \"empty\""), "identity.psc.client: the secret is empty"),
        ("auth = \"private_key_jwt\", key_file = \"empty\"".to_owned(), "not a PEM key for ES256"),
        (
            "auth = \"tls_client_auth\", key_file = \"empty\", certificate_file = \"empty\""
                .to_owned(),
            "identity.psc: certificates",
        ),
    ];
    for (line, expected) in table {
        let message = check(&client(&line), &[]);
        assert!(message.contains(expected), "{line}: {message}");
        assert!(message.contains("site vi1.example"), "{message}");
    }
    // Port 9 of this machine: nobody is there.
    std::fs::write(folder.path().join("secret"), "s").unwrap();
    let absent = format!(
        "{}\nissuer = \"http://127.0.0.1:9/x\"",
        client(&format!("{secret}, secret_file = \"secret\""))
    );
    let message = check(&absent, &["--probe"]);
    assert!(message.contains("identity.psc: identity provider unavailable"), "{message}");
}

#[test]
fn check_config_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_config(folder.path(), "");
    let good = negatoscope(&["check-config", "--config", &file]);
    assert_eq!(String::from_utf8(good.stdout).unwrap(), format!("{file}: good, 1 site(s)\n"));
    assert!(!folder.path().join("state").exists(), "checking changes nothing");

    let file = write_config(folder.path(), "lissten = 1");
    let message = error_of(&negatoscope(&["check-config", "--config", &file]));
    assert!(message.contains("unknown field `lissten`") && message.contains("line 4"), "{message}");

    let file =
        write_config(folder.path(), "[server.tls]\ncertificate = \"a.pem\"\nkey = \"b.pem\"");
    std::fs::remove_dir(folder.path().join("dicom")).unwrap();
    std::fs::write(folder.path().join("viewer/manifest.json"), "{\"boot.js\":\"x.js\"}").unwrap();
    let message = error_of(&negatoscope(&["check-config", "--config", &file]));
    for part in ["server.tls", "source.archive.path", "`x.js`", "3 problem(s)"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let message = error_of(&negatoscope(&["check-config", "--config", "/nowhere/x.toml"]));
    assert!(message.contains("cannot read /nowhere/x.toml"), "{message}");
}

#[test]
fn item_30_codes_are_granted_kept_as_a_hash_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_config(folder.path(), "");
    let grant =
        |arguments: &[&str]| negatoscope(&[&["grant", "--config", &file], arguments].concat());

    let message = error_of(&grant(&["--site", "vi9.example", "--study", "1.2"]));
    assert!(
        message.contains("no site has the host `vi9.example`; there are: vi1.example"),
        "{message}"
    );
    let message = error_of(&grant(&["--site", "vi1.example", "--study", "1.2"]));
    assert!(message.contains("pass --birth-date"), "{message}");
    let message = error_of(&grant(&["--site", "vi1.example", "--study", "x"]));
    assert!(message.contains("--study: not a UID"), "{message}");
    let message = error_of(&grant(&["--site", "vi1.example", "--accession", "A"]));
    assert!(message.contains("no exam with this accession number"), "{message}");

    let output = grant(&[
        "--site",
        "VI1.example",
        "--study",
        "1.2",
        "--birth-date",
        "19740312",
        "--days",
        "3",
        "--json",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        made["link"],
        "http://vi1.example:8080/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2"
    );
    assert_eq!(
        made["code"].as_str().unwrap().split('-').map(str::len).collect::<Vec<_>>(),
        [4, 4, 4, 4, 4]
    );
    let database = std::fs::read(folder.path().join("state/negatoscope.sqlite")).unwrap();
    let code = made["code"].as_str().unwrap();
    for form in [code.to_owned(), code.replace('-', "")] {
        assert!(
            !database.windows(form.len()).any(|bytes| bytes == form.as_bytes()),
            "the code is in the database"
        );
    }

    let revoke =
        |id: &str| negatoscope(&["revoke", "--config", &file, "--site", "vi1.example", "--id", id]);
    assert!(error_of(&revoke("nothing")).contains("no code to withdraw"));
    let done = revoke(made["id"].as_str().unwrap());
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "1 code(s) withdrawn\n");
    assert!(error_of(&revoke(made["id"].as_str().unwrap())).contains("withdrawn already"));
}

#[test]
fn reports_are_taken_in_shown_and_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_config(folder.path(), "");
    let report = |what: &str, arguments: &[&str]| {
        let at = ["report", what, "--config", &file, "--site", "vi1.example"];
        negatoscope(&[&at[..], arguments].concat())
    };
    let facts = folder.path().join("facts.json");
    std::fs::write(&facts, r#"{"report": "1.2.5^R1", "studies": ["1.2.3"]}"#).unwrap();
    let taken = report("import", &[facts.to_str().unwrap()]);
    let said = String::from_utf8(taken.stdout).unwrap();
    assert_eq!(said, "{\"report\":\"1.2.5.R1\",\"studies\":[\"1.2.3\"],\"rejected\":0}\n");
    let message = error_of(&report("depublish", &["--report", "9.9"]));
    assert!(message.contains("unknown on this site"), "{message}");
    assert!(report("depublish", &["--report", "1.2.5/R1"]).status.success());
    let set = ["--report", "1.2.5.R1", "--masked-professional", "true"];
    assert!(
        report("set", &[&set[..], &["--retention-end", "2040-01-01"]].concat()).status.success()
    );
    let shown = report("show", &["--study", "1.2.3"]);
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let shown = &shown["reports"][0];
    assert_eq!(
        (&shown["depublished"], &shown["masked_professional"]),
        (&true.into(), &true.into())
    );
    let message = error_of(&report("set", &["--report", "1.2.5.R1", "--retention-end", "soon"]));
    assert!(message.contains("not a date of the form YYYY-MM-DD"), "{message}");
    std::fs::write(&facts, "nonsense").unwrap();
    let message = error_of(&report("import", &[facts.to_str().unwrap()]));
    assert!(message.contains("facts.json") && message.contains("not a DICOM file"), "{message}");
    let message = error_of(&report("unreject", &["--note", "1.2"]));
    assert!(message.contains("unknown on this site"), "{message}");
}

#[test]
fn check_config_looks_at_the_administration_and_the_audit_repository() {
    let folder = tempfile::tempdir().unwrap();
    let syslog = "[audit.syslog]\naddress = \"localhost:6514\"\nca_file = \"ca.pem\"";
    let file = write_config(folder.path(), &format!("[admin]\ntoken_file = \"token\"\n{syslog}"));
    std::fs::write(folder.path().join("token"), "0123456789abcdef0123456789abcdef").unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(folder.path().join("token"), open).unwrap();
    let message = error_of(&negatoscope(&["check-config", "--config", &file]));
    for part in ["admin.token_file", "chmod 600", "audit.syslog", "ca.pem", "2 problem(s)"] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn an_unsafe_start_is_refused_and_check_config_says_so_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_config(folder.path(), "listen = \"0.0.0.0:0\"");
    for command in ["serve", "check-config"] {
        let message = error_of(&negatoscope(&[command, "--config", &file]));
        assert!(message.contains("would be plain HTTP for everybody"), "{command}: {message}");
    }
    let file = write_config(folder.path(), "");
    let listen = ["serve", "--config", &file, "--listen", "0.0.0.0:0"];
    let message = error_of(&negatoscope(&listen));
    assert!(message.contains("0.0.0.0:0 would be plain HTTP"), "{message}");
    assert!(!folder.path().join("state").exists(), "nothing was begun");
}

#[test]
fn check_config_looks_into_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let tls = "[server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"";
    let file = write_config(folder.path(), tls);
    let write = |host: &str, not_after: i32, mode: u32| {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new([host.to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(not_after, 1, 1);
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(path("key.pem"), key.serialize_pem()).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(path("key.pem"), mode).unwrap();
    };
    let table = [
        ("vi1.example", 2020, 0o600, "server.tls: the certificate does not count today"),
        ("vi2.example", 2999, 0o600, "server.tls: the certificate is not for vi1.example"),
        ("vi1.example", 2999, 0o644, "chmod 600"),
    ];
    for (host, not_after, mode, expected) in table {
        write(host, not_after, mode);
        let message = error_of(&negatoscope(&["check-config", "--config", &file]));
        assert!(message.contains(expected) && message.contains("1 problem(s)"), "{message}");
    }
    write("vi1.example", 2999, 0o600);
    assert!(negatoscope(&["check-config", "--config", &file]).status.success());
}

/// A certificate with this policy, and its authority's certificate.
fn with_policy(policy: &[u8]) -> [String; 3] {
    let root_key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, "Authority");
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(root, root_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["vi1.example".to_owned()]).unwrap();
    // certificatePolicies (RFC 5280 4.2.1.4): one, without qualifiers.
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let identifier = [&[6, length(policy)], policy].concat();
    let information = [&[0x30, length(&identifier)], identifier.as_slice()].concat();
    let extension = [&[0x30, length(&information)], information.as_slice()].concat();
    let extension = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 32], extension);
    params.custom_extensions.push(extension);
    let pem = params.signed_by(&key, &issuer).unwrap().pem();
    [pem, root_pem, key.serialize_pem()]
}

#[test]
fn item_51_the_chain_is_in_order_and_of_a_policy_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let tls = "certificate_policies = [\"2.23.140.1.2.2\", \"2.23.140.1.1\"]\n\
               [server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"";
    let file = write_config(folder.path(), tls);
    let write = |chain: &str, key: &str| {
        std::fs::write(folder.path().join("cert.pem"), chain).unwrap();
        std::fs::write(folder.path().join("key.pem"), key).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.path().join("key.pem"), mode).unwrap();
    };
    let check = || negatoscope(&["check-config", "--config", &file]);
    // Organisation validated, domain validated (CA/Browser Forum).
    let [organisation, root, key] = with_policy(&[0x67, 0x81, 0x0c, 1, 2, 2]);
    let [domain, other_root, other_key] = with_policy(&[0x67, 0x81, 0x0c, 1, 2, 1]);
    write(&format!("{organisation}{root}"), &key);
    assert!(check().status.success(), "{}", error_of(&check()));
    write(&format!("{domain}{other_root}"), &other_key);
    let message = error_of(&check());
    assert!(
        message.contains("none of server.certificate_policies; it has: 2.23.140.1.2.1"),
        "{message}"
    );
    // Its issuer twice removed, or itself again, is no chain.
    write(&format!("{organisation}{organisation}"), &key);
    let message = error_of(&check());
    assert!(message.contains("the chain is not in order"), "{message}");
}
