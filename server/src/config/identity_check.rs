//! Values of `[site.identity]` that parse but make no sense.

use std::{collections::BTreeMap, net::IpAddr};

use super::{ClientAuthMethod, ClientConfig, IdentityConfig};

type Problem = (String, String);

/// Levels of the eIDAS regulation as the providers write them.
const LEVELS: [&str; 3] = ["eidas1", "eidas2", "eidas3"];
/// Parameters this server sets itself.
const OWN_PARAMETERS: [&str; 12] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "acr_values",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "request",
    "request_uri",
];
/// PSC's access tokens live two minutes; a session that ended there must end here within as much.
const LONGEST_HEARTBEAT_SECONDS: u32 = 60;
/// FranceConnect's codes live 30 seconds.
const LONGEST_ANSWER_SECONDS: u64 = 30;

pub(super) fn check(identity: &IdentityConfig) -> Result<(), Problem> {
    if !identity.access_code && identity.psc.is_none() && identity.franceconnect.is_none() {
        return problem("identity.access_code", "nobody could log in: no other way is configured");
    }
    if !(1..=LONGEST_ANSWER_SECONDS).contains(&identity.answer_seconds) {
        return problem("identity.answer_seconds", "must be between 1 and 30");
    }
    if let Some(psc) = &identity.psc {
        let endpoints = (psc.issuer.as_str(), psc.discovery.as_deref());
        check_provider("identity.psc", endpoints, &psc.min_acr, &psc.extra_parameters)?;
        check_client("identity.psc.client", &psc.client)?;
        if psc.heartbeat_seconds > LONGEST_HEARTBEAT_SECONDS {
            return problem("identity.psc.heartbeat_seconds", "must be at most 60 (0: off)");
        }
        if let Some(code) = psc.professions.iter().find(|code| !is_code(code)) {
            let reason = format!("`{code}` is not a code of a profession (digits, as in TRE_G15)");
            return problem("identity.psc.professions", &reason);
        }
    }
    if let Some(franceconnect) = &identity.franceconnect {
        let endpoints = (franceconnect.issuer.as_str(), franceconnect.discovery.as_deref());
        let (key, extra) = ("identity.franceconnect", &franceconnect.extra_parameters);
        check_provider(key, endpoints, &franceconnect.min_acr, extra)?;
        check_client("identity.franceconnect.client", &franceconnect.client)?;
        if franceconnect.client.auth == ClientAuthMethod::ClientSecretBasic {
            let reason = "FranceConnect takes `client_secret_post` or `private_key_jwt`";
            return problem("identity.franceconnect.client.auth", reason);
        }
    }
    Ok(())
}

fn check_provider(
    key: &str,
    (issuer, discovery): (&str, Option<&str>),
    min_acr: &str,
    extra: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    check_endpoint(&format!("{key}.issuer"), issuer)?;
    if let Some(discovery) = discovery {
        check_endpoint(&format!("{key}.discovery"), discovery)?;
    }
    if !LEVELS.contains(&min_acr) {
        let reason = format!("`{min_acr}` is not one of {}", LEVELS.join(", "));
        return problem(&format!("{key}.min_acr"), &reason);
    }
    match extra.keys().find(|name| OWN_PARAMETERS.contains(&name.as_str())) {
        Some(name) => {
            let reason = format!("`{name}` is set by the server itself");
            problem(&format!("{key}.extra_parameters"), &reason)
        }
        None => Ok(()),
    }
}

/// HTTPS, or plain HTTP to this machine.
fn check_endpoint(key: &str, address: &str) -> Result<(), Problem> {
    let url = url::Url::parse(address).ok();
    let is_safe = url.is_some_and(|url| {
        url.scheme() == "https" && url.has_host() || url.scheme() == "http" && is_loopback(&url)
    });
    if is_safe {
        return Ok(());
    }
    problem(key, &format!("`{address}` is not an https address"))
}

fn is_loopback(url: &url::Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

fn check_client(key: &str, client: &ClientConfig) -> Result<(), Problem> {
    if client.id.trim().is_empty() {
        return problem(&format!("{key}.id"), "must not be empty");
    }
    let has_secret = [client.secret_env.is_some(), client.secret_file.is_some()];
    let secrets = has_secret.into_iter().filter(|given| *given).count();
    let (has_key, has_certificate) = (client.key_file.is_some(), client.certificate_file.is_some());
    let (fits, needs) = match client.auth {
        ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost => (
            secrets == 1 && !has_key && !has_certificate,
            "needs `secret_env` or `secret_file`, only one of them, and no key",
        ),
        ClientAuthMethod::PrivateKeyJwt => {
            (secrets == 0 && has_key && !has_certificate, "needs `key_file` and no secret")
        }
        ClientAuthMethod::TlsClientAuth => (
            secrets == 0 && has_key && has_certificate,
            "needs `certificate_file` and `key_file` and no secret",
        ),
    };
    if fits { Ok(()) } else { problem(&format!("{key}.auth"), needs) }
}

fn is_code(code: &str) -> bool {
    (1..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn problem<T>(key: &str, reason: &str) -> Result<T, Problem> {
    Err((key.to_owned(), reason.to_owned()))
}
