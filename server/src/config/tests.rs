//! The example file is complete and right; mistakes are named.

use std::{collections::BTreeSet, path::Path};

use super::*;

const EXAMPLE: &str = include_str!("../../negatoscope.example.toml");

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("/etc/x/negatoscope.toml")).map_err(|error| error.to_string())
}

/// The example with every commented key and table in force.
fn uncommented(text: &str) -> String {
    let is_setting = |line: &str| {
        line.starts_with('[')
            || line
                .split_once(" = ")
                .is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    };
    let uncomment = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if is_setting(rest) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(uncomment).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_good_and_shows_the_defaults() {
    let config = parse(EXAMPLE).unwrap();
    assert_eq!(config.sites.len(), 4);
    assert_eq!(config.sites[0].link_base(), "https://vi1.349.mesimagesmedicales.fr");
    // Every commented default is the real one: in force or not, the same configuration.
    let full: toml::Table = toml::from_str(&uncommented(EXAMPLE)).unwrap();
    let used = toml::Table::try_from(&config).unwrap();
    for table in ["server", "log", "session", "access_code"] {
        let (full, used) = (full[table].as_table().unwrap(), used[table].as_table().unwrap());
        for (key, value) in used.iter().filter(|(key, _)| *key != "trusted_proxies") {
            assert_eq!(full.get(key), Some(value), "{table}.{key}");
        }
    }
    for (index, kind) in ["archive", "pacs", "drimbox"].into_iter().enumerate() {
        let (full, used) =
            (&full["site"][index]["source"][kind], &used["site"][index]["source"][kind]);
        for (key, value) in used.as_table().unwrap() {
            assert_eq!(full.get(key), Some(value), "{kind}.{key}");
        }
    }
}

/// Every table, and where it is in the example.
const TABLES: [(&str, &[&str]); 34] = [
    ("", &[]),
    ("[server]", &["server"]),
    ("[server.tls]", &["server", "tls"]),
    ("[server.acme]", &["server", "acme"]),
    ("[server.validation]", &["server", "validation"]),
    ("[site.tls]", &["site", "0", "tls"]),
    ("[site.import]", &["site", "0", "import"]),
    ("[[site.import.target]]", &["site", "0", "import", "target", "0"]),
    ("[log]", &["log"]),
    ("[audit]", &["audit"]),
    ("[audit.syslog]", &["audit", "syslog"]),
    ("[admin]", &["admin"]),
    ("[admin.tls]", &["admin", "tls"]),
    ("[session]", &["session"]),
    ("[access_code]", &["access_code"]),
    ("[trust_list]", &["trust_list"]),
    ("[interbox]", &["interbox"]),
    ("[trust_list.signer]", &["trust_list", "signer"]),
    ("[[site]]", &["site", "0"]),
    ("[site.source.archive]", &["site", "0", "source", "archive"]),
    ("[site.identity]", &["site", "0", "identity"]),
    ("[site.identity.psc]", &["site", "0", "identity", "psc"]),
    ("[site.identity.psc.client]", &["site", "0", "identity", "psc", "client"]),
    ("[site.identity.franceconnect]", &["site", "0", "identity", "franceconnect"]),
    ("[site.identity.franceconnect.client]", &["site", "0", "identity", "franceconnect", "client"]),
    ("[site.consultation]", &["site", "0", "consultation"]),
    ("[site.consultation.receive]", &["site", "0", "consultation", "receive"]),
    ("[site.interbox]", &["site", "0", "interbox"]),
    ("[site.interbox.tls]", &["site", "0", "interbox", "tls"]),
    ("[site.source.pacs]", &["site", "1", "source", "pacs"]),
    ("[site.source.drimbox]", &["site", "2", "source", "drimbox"]),
    ("[site.source.drimbox.receive]", &["site", "2", "source", "drimbox", "receive"]),
    ("[site.source.dimse]", &["site", "3", "source", "dimse"]),
    ("[site.source.dimse.tls]", &["site", "3", "source", "dimse", "tls"]),
];

/// Serde names every known key when it meets an unknown one: the example must have them all.
#[test]
fn the_example_has_every_key() {
    let full = uncommented(EXAMPLE);
    let document: toml::Value = toml::from_str(&full).unwrap();
    for (header, path) in TABLES {
        let unknown = format!("{header}\nnonsense = 1");
        let broken = if header.is_empty() {
            format!("{unknown}\n{full}")
        } else {
            full.replacen(header, &unknown, 1)
        };
        let message = parse(&broken).unwrap_err();
        let table = path.iter().fold(&document, |table, step| match step.parse::<usize>() {
            Ok(index) => &table[index],
            Err(_) => &table[*step],
        });
        let shown: BTreeSet<&str> = table.as_table().unwrap().keys().map(String::as_str).collect();
        let expected =
            message.split("expected").nth(1).unwrap_or_else(|| panic!("{header}: {message}"));
        let known: BTreeSet<&str> = expected.split('`').skip(1).step_by(2).collect();
        assert!(!known.is_empty(), "{header}: {message}");
        let missing: Vec<_> = known.difference(&shown).collect();
        assert!(missing.is_empty(), "{header}: the example lacks {missing:?}");
    }
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let message = parse(&EXAMPLE.replace("[session]", "[session]\nidle_minute = 3")).unwrap_err();
    assert!(message.contains("unknown field `idle_minute`"), "{message}");
    let line = 1 + EXAMPLE.lines().position(|line| line == "[session]").unwrap() + 1;
    assert!(message.contains(&format!("line {line}")), "{message}");
    assert!(message.starts_with("/etc/x/negatoscope.toml: "), "{message}");
}

/// Each with what is replaced in the example, by what, and a part of the message.
fn assert_refused(table: &[(&str, &str, &str)]) {
    for (from, to, expected) in table {
        assert!(EXAMPLE.contains(from), "{from}");
        let message = parse(&EXAMPLE.replacen(from, to, 1)).unwrap_err();
        assert!(message.contains(expected), "{to}: {message}");
    }
}

#[test]
fn sessions_that_are_too_long_or_too_short_are_named() {
    assert_refused(&[
        ("# idle_minutes = 30", "idle_minutes = 0", "session.idle_minutes: must be at least 1"),
        (
            "# absolute_minutes = 240",
            "absolute_minutes = 10",
            "session.absolute_minutes: must not be less",
        ),
        ("# idle_minutes = 30", "idle_minutes = 31", "session.idle_minutes: must be at most 30"),
        (
            "# patient_absolute_minutes = 60",
            "patient_absolute_minutes = 61",
            "session.patient_absolute_minutes: must be at most 60",
        ),
        (
            "# patient_absolute_minutes = 60",
            "patient_absolute_minutes = 14",
            "must not be less than session.patient_idle_minutes",
        ),
        ("# visit_hours = 12", "visit_hours = 1", "session.visit_hours: must not be shorter"),
    ]);
}

#[test]
fn values_that_make_no_sense_are_named() {
    let table = [
        (
            "# retention_days = 365",
            "retention_days = 0",
            "audit.retention_days: must be at least 1",
        ),
        ("# tries = 5", "tries = 0", "access_code.tries: must be at least 1"),
        (
            "\"vi2.349.mesimagesmedicales.fr\"",
            "\"VI1.349.mesimagesmedicales.fr.\"",
            "site[2].hosts: `VI1.349.mesimagesmedicales.fr.` is named twice",
        ),
        (
            "\"vi2.349.mesimagesmedicales.fr\"",
            "\"https://vi2\"",
            "site[2].hosts: `https://vi2` is not a host name",
        ),
        ("[\"vi2.349.mesimagesmedicales.fr\"]", "[]", "site[2].hosts: at least one host name"),
        ("path = \"/srv/dicom\"", "", "site[1].source.archive: needs `path` or `bucket`"),
        (
            "# bucket = \"s3://exams/centre-1\"",
            "bucket = \"s3://exams\"",
            "site[1].source.archive: needs `path` or `bucket`",
        ),
        ("http://127.0.0.1:8042/dicom-web", "127.0.0.1:8042", "site[2].source.pacs.url"),
        (
            "# user = \"negatoscope\"",
            "user = \"negatoscope\"",
            "site[2].source.pacs.user: needs `password_env`",
        ),
        ("# accession_roots = [\"1.2", "accession_roots = [\"x.2", "site[1].accession_roots: `x.2"),
        ("# public_url = \"https://", "public_url = \"ftp://", "site[1].public_url"),
        ("# listen = \"127.0.0.1:8080\"", "listen = \"here\"", "listen"),
        ("state = \"/var/lib/negatoscope\"", "", "missing field `state`"),
    ];
    let admin = "[admin]\nlisten = \"0.0.0.0:8081\"\ntoken_file = \"t\"";
    let syslog = "[audit.syslog]\nca_file = \"x\"\naddress =";
    let tables = [
        (admin.to_owned(), "admin.listen: other than loopback"),
        (format!("{syslog} \"a\""), "audit.syslog.address"),
        (format!("{syslog} \"a:b\""), "audit.syslog.address"),
        (format!("{syslog} \"a:1\"\nkey = \"k\""), "audit.syslog: needs both"),
    ];
    for (text, expected) in tables {
        let message = parse(&EXAMPLE.replacen("[session]", &format!("{text}\n[session]"), 1));
        assert!(message.clone().unwrap_err().contains(expected), "{text}: {message:?}");
    }
    assert_refused(&table);
}

#[test]
fn relative_paths_start_at_the_file() {
    let text = EXAMPLE.replace("/var/lib/negatoscope", "state").replace("/srv/dicom", "../dicom");
    let config = parse(&text).unwrap();
    assert_eq!(config.server.state, Path::new("/etc/x/state"));
    let SourceConfig::Archive(archive) = &config.sites[0].source else { panic!("an archive") };
    assert_eq!(archive.path.as_deref(), Some(Path::new("/etc/x/../dicom")));
}

#[test]
fn certificates_that_cannot_be_had_are_named() {
    let acme = "[server.acme]\ndirectory = \"https://a/dir\"\nagree_to_terms = true";
    let validation = "[server.validation]";
    let table = [
        (acme.to_owned(), "server.acme: needs [server.validation]"),
        (
            format!("{validation}\nkeep_hours = 0"),
            "server.validation.keep_hours: must be at least 1",
        ),
        (
            format!("{validation}\n{}", acme.replace("https:", "http:")),
            "server.acme.directory: is not an https address",
        ),
        (
            format!("{validation}\n{}", acme.replace("true", "false")),
            "server.acme.agree_to_terms: must",
        ),
        (
            format!("{validation}\n{acme}\nkey_id = \"k\""),
            "needs both `key_id` and `hmac_key_file`",
        ),
    ];
    for (lines, expected) in table {
        let message =
            parse(&EXAMPLE.replace("[session]", &format!("{lines}\n[session]"))).unwrap_err();
        assert!(message.contains(expected), "{lines}: {message}");
    }
    let good = format!("{validation}\n{acme}\n[session]");
    assert!(parse(&EXAMPLE.replace("[session]", &good)).unwrap().encrypts());
    assert!(!parse(EXAMPLE).unwrap().encrypts());
    let of_one = "[site.tls]\ncertificate = \"c\"\nkey = \"k\"\n[site.source.archive]";
    let message = parse(&EXAMPLE.replace("[site.source.archive]", of_one)).unwrap_err();
    assert!(message.contains("site[2].tls: is missing"), "{message}");
}

#[test]
fn boxes_are_answered_where_everything_about_them_can_be_known() {
    let listener = "[interbox]\nlisten = \"127.0.0.1:0\"\nca_file = \"ca.pem\"\n";
    let list =
        "[trust_list]\nurl = \"https://l.example.fr/\"\nroot_file = \"r\"\ncrl_files = [\"c\"]\n";
    let psc = "[site.identity.psc]\nissuer = \"https://psc.example.fr/\"\n\
               client = { id = \"x\", auth = \"client_secret_basic\", secret_file = \"s\" }\n";
    let of_site = |host: &str| {
        format!("[site.interbox]\nhosts = [{host}]\ntls = {{ certificate = \"c\", key = \"k\" }}\n")
    };
    let db1 = of_site("\"db1.example\"");
    let with = |tables: &str, of_site: &str| {
        parse(&format!(
            "[server]\nstate = \"s\"\nassets = \"a\"\n{tables}[[site]]\nhosts = [\"vi1.example\"]\nname = \"C\"\n\
             contact = \"01\"\nsource = {{ archive = {{ path = \"x\" }} }}\n{of_site}"
        ))
    };
    let both = format!("{list}{listener}");
    let good = with(&both, &format!("{psc}{db1}")).unwrap();
    assert_eq!(good.interbox.unwrap().ca_file, Path::new("/etc/x/ca.pem"));
    let own = good.sites[0].interbox.as_ref().unwrap();
    assert_eq!(own.tls.key, Path::new("/etc/x/k"));
    let table = [
        (listener, format!("{psc}{db1}"), "interbox: needs [trust_list]"),
        (&both, psc.to_owned(), "interbox: needs at least one [site.interbox]"),
        (list, format!("{psc}{db1}"), "site[1].interbox: needs [interbox]"),
        (&both, db1.clone(), "site[1].interbox: needs [site.identity.psc]"),
        (&both, format!("{psc}{}", of_site("")), "site[1].interbox.hosts: at least one host name"),
        (
            &both,
            format!("{psc}{}", of_site("\"VI1.example\"")),
            "site[1].interbox.hosts: `VI1.example` is named twice",
        ),
        (
            &format!("{both}streams = 0\n"),
            format!("{psc}{db1}"),
            "interbox.streams: must be between 1 and 1024",
        ),
    ];
    for (tables, of_site, expected) in table {
        let message = with(tables, &of_site).unwrap_err();
        assert!(message.contains(expected), "{expected}: {message}");
    }
}
