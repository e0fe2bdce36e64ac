//! Values that parse but make no sense.

use std::collections::HashSet;

use super::{
    Config, DrimboxConfig, ImportConfig, PacsConfig, SessionConfig, SiteConfig, SourceConfig,
    TrustListConfig,
};

type Problem = (String, String);

/// The first problem of a configuration, as (key, reason).
pub(super) fn check(config: &Config) -> Result<(), Problem> {
    check_limits(config)?;
    check_syslog(config)?;
    if let Some(admin) = &config.admin
        && !admin.listen.ip().is_loopback()
        && admin.tls.is_none()
    {
        return problem(
            "admin.listen",
            "other than loopback needs [admin.tls]: a token would be read on the way",
        );
    }
    check_certificates(config)?;
    config.trust_list.as_ref().map_or(Ok(()), TrustListConfig::check)?;
    if config.sites.is_empty() {
        return problem("site", "at least one [[site]] is needed");
    }
    let mut seen = HashSet::new();
    check_interbox(config)?;
    for (index, site) in config.sites.iter().enumerate() {
        check_site(site, &mut seen)
            .and_then(|()| check_consultation(config, site))
            .and_then(|()| check_box(config, site, &mut seen))
            .map_err(|(key, reason)| (format!("site[{}].{key}", index + 1), reason))?;
    }
    Ok(())
}

fn check_limits(config: &Config) -> Result<(), Problem> {
    let (session, code) = (&config.session, &config.access_code);
    let counts = [
        ("server.request_seconds", config.server.request_seconds),
        ("server.connections", config.server.connections.into()),
        ("server.connections_per_address", config.server.connections_per_address.into()),
        ("session.idle_minutes", session.idle_minutes.into()),
        ("session.patient_idle_minutes", session.patient_idle_minutes.into()),
        ("session.visit_hours", session.visit_hours.into()),
        ("session.links_per_address", session.links_per_address.into()),
        ("access_code.days", code.days.into()),
        ("access_code.tries", code.tries.into()),
        ("access_code.lock_minutes", code.lock_minutes.into()),
        ("access_code.tries_per_address", code.tries_per_address.into()),
        ("access_code.address_minutes", code.address_minutes.into()),
        ("access_code.parallel_checks", code.parallel_checks.into()),
        ("audit.retention_days", config.audit.retention_days.into()),
    ];
    for (key, count) in counts {
        if count == 0 {
            return problem(key, "must be at least 1");
        }
    }
    check_sessions(session)
}

fn check_sessions(session: &SessionConfig) -> Result<(), Problem> {
    // No longer than the network lets sessions last.
    let most = [
        ("session.idle_minutes", session.idle_minutes, 30),
        ("session.absolute_minutes", session.absolute_minutes, 240),
        ("session.patient_idle_minutes", session.patient_idle_minutes, 15),
        ("session.patient_absolute_minutes", session.patient_absolute_minutes, 60),
    ];
    for (key, minutes, most) in most {
        if minutes > most {
            return problem(key, &format!("must be at most {most}"));
        }
    }
    if session.absolute_minutes < session.idle_minutes {
        return problem("session.absolute_minutes", "must not be less than session.idle_minutes");
    }
    if session.patient_absolute_minutes < session.patient_idle_minutes {
        let reason = "must not be less than session.patient_idle_minutes";
        return problem("session.patient_absolute_minutes", reason);
    }
    if session.visit_hours.saturating_mul(60) < session.absolute_minutes {
        return problem("session.visit_hours", "must not be shorter than session.absolute_minutes");
    }
    Ok(())
}

fn check_certificates(config: &Config) -> Result<(), Problem> {
    let server = &config.server;
    if server.validation.as_ref().is_some_and(|validation| validation.keep_hours == 0) {
        return problem("server.validation.keep_hours", "must be at least 1");
    }
    if let Some(acme) = &server.acme {
        if server.validation.is_none() {
            return problem("server.acme", "needs [server.validation]: authorities ask there");
        }
        if !url::Url::parse(&acme.directory).is_ok_and(|url| url.scheme() == "https") {
            return problem("server.acme.directory", "is not an https address");
        }
        if !acme.agree_to_terms {
            return problem(
                "server.acme.agree_to_terms",
                "must be true: read the authority's terms",
            );
        }
        if acme.key_id.is_some() != acme.hmac_key_file.is_some() {
            return problem("server.acme", "needs both `key_id` and `hmac_key_file`, or neither");
        }
    }
    let has_one = server.tls.is_some() || server.acme.is_some() || !config.encrypts();
    let lacks = config.sites.iter().position(|site| site.tls.is_none()).filter(|_| !has_one);
    if let Some(index) = lacks {
        let key = format!("site[{}].tls", index + 1);
        return problem(&key, "is missing: other sites have a certificate, this one has none");
    }
    Ok(())
}

fn check_syslog(config: &Config) -> Result<(), Problem> {
    let Some(syslog) = &config.audit.syslog else { return Ok(()) };
    let port = syslog.address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    if !matches!(port, Some(Ok(_))) {
        return problem("audit.syslog.address", "is not of the form host:port");
    }
    if syslog.certificate.is_some() != syslog.key.is_some() {
        return problem("audit.syslog", "needs both `certificate` and `key`, or neither");
    }
    Ok(())
}

fn check_site(site: &SiteConfig, seen: &mut HashSet<String>) -> Result<(), Problem> {
    check_hosts("hosts", &site.hosts, seen)?;
    if site.name.trim().is_empty() {
        return problem("name", "must not be empty: visitors read it");
    }
    if site.download.at_once == 0 {
        return problem("download.at_once", "must be at least 1; see `patients`, `professionals`");
    }
    for root in &site.accession_roots {
        if !crate::link::is_uid(root) {
            return problem("accession_roots", &format!("`{root}` is not an OID"));
        }
    }
    if let Some(address) = &site.public_url {
        check_address("public_url", address)?;
    }
    super::identity_check::check(&site.identity)?;
    site.import.as_ref().map_or(Ok(()), ImportConfig::check)?;
    check_source(&site.source)
}

fn check_hosts(key: &str, hosts: &[String], seen: &mut HashSet<String>) -> Result<(), Problem> {
    if hosts.is_empty() {
        return problem(key, "at least one host name is needed");
    }
    for host in hosts {
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        if !is_host_name(&name) {
            let reason = format!("`{host}` is not a host name (no scheme, port or path)");
            return problem(key, &reason);
        }
        if !seen.insert(name) {
            return problem(key, &format!("`{host}` is named twice"));
        }
    }
    Ok(())
}

/// Which boxes may ask is what the list says.
fn check_interbox(config: &Config) -> Result<(), Problem> {
    let Some(interbox) = &config.interbox else { return Ok(()) };
    if config.trust_list.is_none() {
        return problem("interbox", "needs [trust_list]: no other box is answered");
    }
    if config.sites.iter().all(|site| site.interbox.is_none()) {
        return problem("interbox", "needs at least one [site.interbox]");
    }
    interbox.problem().map_or(Ok(()), Err)
}

/// What a token is worth is what Pro Santé Connect says.
fn check_box(
    config: &Config,
    site: &SiteConfig,
    seen: &mut HashSet<String>,
) -> Result<(), Problem> {
    let Some(interbox) = &site.interbox else { return Ok(()) };
    if config.interbox.is_none() {
        return problem("interbox", "needs [interbox]: where boxes are answered");
    }
    if site.identity.psc.is_none() {
        return problem("interbox", "needs [site.identity.psc]: it is asked what tokens are worth");
    }
    check_hosts("interbox.hosts", &interbox.hosts, seen)
}

/// Whom the boxes may be asked for, and whom they may be: nobody without both.
fn check_consultation(config: &Config, site: &SiteConfig) -> Result<(), Problem> {
    let Some(consultation) = &site.consultation else { return Ok(()) };
    if config.trust_list.is_none() {
        return problem("consultation", "needs [trust_list]: no other box is asked");
    }
    if site.identity.psc.is_none() {
        return problem("consultation", "needs [site.identity.psc]: only professionals consult");
    }
    match consultation.problem() {
        Some((key, reason)) => problem(&format!("consultation.{key}"), &reason),
        None => Ok(()),
    }
}

pub(super) fn check_source(source: &SourceConfig) -> Result<(), Problem> {
    match source {
        SourceConfig::Archive(archive) => match (&archive.path, &archive.bucket) {
            (Some(_), None) => Ok(()),
            (None, Some(bucket)) => check_bucket(bucket),
            _ => problem("source.archive", "needs `path` or `bucket`, and only one of them"),
        },
        SourceConfig::Pacs(pacs) => check_pacs(pacs),
        SourceConfig::Dimse(dimse) => dimse.check(),
        SourceConfig::Drimbox(drimbox) => check_drimbox(drimbox),
    }
}

fn check_drimbox(drimbox: &DrimboxConfig) -> Result<(), Problem> {
    let url = url::Url::parse(&drimbox.url);
    if !url.is_ok_and(|url| url.scheme() == "https" && url.has_host()) {
        let reason = format!("`{}` is not an https address", drimbox.url);
        return problem("source.drimbox.url", &reason);
    }
    if drimbox.token_env.is_some() && drimbox.token_file.is_some() {
        return problem("source.drimbox", "only one of `token_env` and `token_file`");
    }
    for host in &drimbox.manifest_hosts {
        let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        if !is_host_name(name.map_or(host.as_str(), |(name, _)| name)) {
            let reason = format!("`{host}` is not a host name (no scheme or path)");
            return problem("source.drimbox.manifest_hosts", &reason);
        }
    }
    let seconds =
        [("connect_seconds", drimbox.connect_seconds), ("read_seconds", drimbox.read_seconds)];
    for (key, seconds) in seconds {
        if seconds == 0 {
            return problem(&format!("source.drimbox.{key}"), "must be at least 1");
        }
    }
    match drimbox.receive.problem() {
        Some((key, reason)) => problem(&format!("source.drimbox.receive.{key}"), &reason),
        None => Ok(()),
    }
}

fn check_pacs(pacs: &PacsConfig) -> Result<(), Problem> {
    let passwords = [pacs.password_env.is_some(), pacs.password_file.is_some()];
    let tokens = [pacs.token_env.is_some(), pacs.token_file.is_some()];
    let count = |given: [bool; 2]| given.into_iter().filter(|given| *given).count();
    if count(passwords) != usize::from(pacs.user.is_some()) {
        return problem(
            "source.pacs.user",
            "needs `password_env` or `password_file`, and only one of them",
        );
    }
    if count(tokens) + usize::from(pacs.user.is_some()) > 1 {
        return problem("source.pacs", "only one of `user`, `token_env` and `token_file`");
    }
    check_address("source.pacs.url", &pacs.url)
}

fn check_bucket(address: &str) -> Result<(), Problem> {
    if address.strip_prefix("s3://").is_some_and(|rest| !rest.is_empty()) {
        return Ok(());
    }
    problem("source.archive.bucket", &format!("`{address}` is not of the form s3://name/prefix"))
}

fn check_address(key: &str, address: &str) -> Result<(), Problem> {
    match url::Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        _ => problem(key, &format!("`{address}` is not an http or https address")),
    }
}

fn is_host_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

fn problem<T>(key: &str, reason: &str) -> Result<T, Problem> {
    Err((key.to_owned(), reason.to_owned()))
}
