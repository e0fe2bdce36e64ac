//! `[site.identity]`: defaults as the example shows them, mistakes named.

use std::path::Path;

use super::Config;

const SITE: &str = "[server]\nstate = \"s\"\nassets = \"a\"\n[[site]]\nhosts = [\"vi1\"]\nname = \"C\"\n\
    contact = \"\"\nsource = { archive = { path = \"p\" } }\n";
const PSC: &str = "[site.identity.psc]\nclient = { id = \"c\", auth = \"client_secret_post\", secret_env = \"S\" }\n";
const FRANCECONNECT: &str = "[site.identity.franceconnect]\n\
    client = { id = \"c\", auth = \"client_secret_post\", secret_env = \"S\" }\n";

fn parse(identity: &str) -> Result<Config, String> {
    let text = format!("{SITE}{identity}");
    Config::parse(&text, Path::new("/etc/x/n.toml")).map_err(|error| error.to_string())
}

#[test]
fn the_example_shows_the_defaults() {
    let config = parse(&format!("{PSC}{FRANCECONNECT}")).unwrap();
    let used = toml::Table::try_from(&config.sites[0].identity).unwrap();
    let example = include_str!("../../negatoscope.example.toml");
    let shown: Vec<&str> = example.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    for (provider, table) in used.iter().filter(|(_, value)| value.is_table()) {
        let start = format!("[site.identity.{provider}]");
        let start = shown.iter().position(|line| *line == start).unwrap();
        let defaults = table.as_table().unwrap().iter().filter(|(key, _)| *key != "client");
        for (key, value) in defaults {
            let line = format!("{key} = {value}");
            let found = shown[start..].iter().find(|shown| shown.starts_with(&format!("{key} = ")));
            assert_eq!(found.copied(), Some(line.as_str()), "{provider}");
        }
    }
    for (key, value) in used.iter().filter(|(_, value)| !value.is_table()) {
        let line = format!("{key} = {value}");
        assert!(shown.contains(&line.as_str()), "{line}");
    }
}

/// Professionals by Pro Santé Connect, patients with at least the substantial level unless the site says otherwise.
#[test]
fn item_69_the_levels_are_those_of_the_reference() {
    let config = parse(&format!("{PSC}{FRANCECONNECT}")).unwrap();
    let identity = &config.sites[0].identity;
    assert_eq!(identity.psc.as_ref().unwrap().min_acr, "eidas1");
    assert!(identity.psc.as_ref().unwrap().issuer.contains("esante.gouv.fr"));
    assert_eq!(identity.franceconnect.as_ref().unwrap().min_acr, "eidas2");
}

#[test]
fn paths_start_at_the_file() {
    let config = parse(&PSC.replace("secret_env = \"S\"", "secret_file = \"s\"")).unwrap();
    let psc = config.sites[0].identity.psc.as_ref().unwrap();
    assert_eq!(psc.client.secret_file.as_deref(), Some(Path::new("/etc/x/s")));
}

#[test]
fn mistakes_are_named() {
    let psc = |line: &str| format!("{PSC}{line}\n");
    let client = |client: &str| format!("[site.identity.psc]\nclient = {{ {client} }}\n");
    let table = [
        (
            "[site.identity]\naccess_code = false\n".to_owned(),
            "identity.access_code: nobody could log in",
        ),
        (
            psc("issuer = \"http://psc.example\""),
            "identity.psc.issuer: `http://psc.example` is not an https",
        ),
        (psc("discovery = \"psc.example\""), "identity.psc.discovery: `psc.example`"),
        (psc("min_acr = \"eidas9\""), "identity.psc.min_acr: `eidas9` is not one of eidas1"),
        (psc("professions = [\"médecin\"]"), "identity.psc.professions: `médecin`"),
        (psc("heartbeat_seconds = 120"), "identity.psc.heartbeat_seconds: must be at most 60"),
        ("[site.identity]\nanswer_seconds = 31\n".to_owned(), "answer_seconds: must be between 1"),
        (psc("extra_parameters = { scope = \"email\" }"), "identity.psc.extra_parameters: `scope`"),
        (psc("scope = \"email\""), "unknown field `scope`"),
        (client("id = \" \", auth = \"client_secret_post\", secret_env = \"S\""), "psc.client.id"),
        (
            client("id = \"c\", auth = \"client_secret_basic\""),
            "psc.client.auth: needs `secret_env`",
        ),
        (
            client(
                "id = \"c\", auth = \"client_secret_basic\", secret_env = \"S\", secret_file = \"s\"",
            ),
            "needs `secret_env` or `secret_file`, only one",
        ),
        (client("id = \"c\", auth = \"private_key_jwt\""), "psc.client.auth: needs `key_file`"),
        (
            client("id = \"c\", auth = \"tls_client_auth\", key_file = \"k\""),
            "needs `certificate_file`",
        ),
        (client("id = \"c\", auth = \"none\""), "client: unknown value, expected one of"),
        (
            FRANCECONNECT.replace("client_secret_post", "client_secret_basic"),
            "identity.franceconnect.client.auth: FranceConnect takes",
        ),
    ];
    for (text, expected) in table {
        let message = parse(&text).unwrap_err();
        assert!(message.contains(expected), "{text}: {message}");
    }
    for good in ["http://127.0.0.1:9101/x", "http://[::1]:1/x", "http://localhost/x", "https://h/x"]
    {
        assert!(parse(&psc(&format!("issuer = \"{good}\""))).is_ok(), "{good}");
    }
}
