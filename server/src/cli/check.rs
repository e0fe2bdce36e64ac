//! `negatoscope check-config`

use time::OffsetDateTime;

use super::{ConfigFile, probe, serve::logo};
use crate::{
    admin::check_token_file,
    assets::Assets,
    audit::Sender,
    auth::oidc,
    clock::Clock,
    config::{Config, SiteConfig, SourceConfig, TlsConfig},
    import, interbox, sources,
    tls::Certificate,
    trust_list::Keeper,
};

/// Arguments of `check-config`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckConfig {
    #[command(flatten)]
    config: ConfigFile,
    /// Ask identity providers, PACS and the certificate authority whether they are there and are the configured ones.
    #[arg(long)]
    probe: bool,
}

/// Reads what the configuration names and changes nothing. Contacts nobody, unless told to.
pub(super) async fn run(command: &CheckConfig) -> anyhow::Result<()> {
    let config = command.config.load()?;
    let mut problems = problems(&config).await;
    if command.probe {
        problems.extend(probe::unreachable(&config).await);
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    anyhow::ensure!(problems.is_empty(), "{} problem(s) found", problems.len());
    println!("{}: good, {} site(s)", command.config.config.display(), config.sites.len());
    Ok(())
}

async fn problems(config: &Config) -> Vec<String> {
    let mut problems = config.unsafe_settings();
    if let Err(cause) = Assets::load(&config.server.assets) {
        problems.push(format!("server.assets: {}: {cause}", config.server.assets.display()));
    }
    problems.extend(certificate_problems(config, OffsetDateTime::now_utc().unix_timestamp()));
    if let Some(admin) = &config.admin {
        let wrong = check_token_file(&admin.token_file).err();
        problems.extend(wrong.map(|cause| format!("admin.token_file: {cause}")));
    }
    if let Some(syslog) = &config.audit.syslog
        && let Err(cause) = Sender::new(syslog, &config.audit_folder())
    {
        problems.push(format!("audit.syslog: {cause}"));
    }
    let keeper = Keeper::of(config, Clock::system()).err();
    problems.extend(keeper.map(|cause| cause.to_string()));
    problems.extend(interbox::check(config).err().map(|cause| cause.to_string()));
    for site in &config.sites {
        problems.extend(logo(site).err().map(|cause| format!("{cause:#}")));
        problems.extend(missing_files(site));
        problems.extend(missing_variables(site));
        problems.extend(drimbox_problem(site));
        let identity = oidc::open(&site.identity).err();
        problems.extend(identity.map(|cause| format!("site {}: {cause}", site.id())));
        problems.extend(import::open(site).await.err().map(|cause| cause.to_string()));
    }
    problems
}

/// Every certificate in files: there, paired, for its hosts, and in its time.
fn certificate_problems(config: &Config, now: i64) -> Vec<String> {
    let mut problems = Vec::new();
    let policies = &config.server.certificate_policies;
    let mut check =
        |key: &str, policies: &[String], files: &Option<TlsConfig>, hosts: &[String]| {
            let Some(files) = files else { return };
            match Certificate::load(files) {
                Err(cause) => problems.push(format!("{key}: {cause}")),
                Ok(read) if !(read.not_before..read.not_after).contains(&now) => {
                    problems.push(format!("{key}: the certificate does not count today"));
                }
                Ok(read) if !read.is_in_order => {
                    problems
                        .push(format!("{key}: the chain is not in order: certificate, issuer, …"));
                }
                Ok(read) if !read.has_policy_of(policies) => {
                    problems.push(format!(
                    "{key}: the certificate has none of server.certificate_policies; it has: {}",
                    read.policies.join(", ")
                ));
                }
                Ok(read) => {
                    let missing =
                        hosts.iter().map(|host| host.trim_end_matches('.').to_ascii_lowercase());
                    let missing = missing.filter(|host| !read.covers(host));
                    problems.extend(
                        missing.map(|host| format!("{key}: the certificate is not for {host}")),
                    );
                }
            }
        };
    check("admin.tls", &[], &config.admin.as_ref().and_then(|admin| admin.tls.clone()), &[]);
    let is_shared = |site: &&SiteConfig| site.tls.is_none() && config.server.acme.is_none();
    let sharing = config.sites.iter().filter(is_shared).flat_map(|site| site.hosts.clone());
    check("server.tls", policies, &config.server.tls, &sharing.collect::<Vec<_>>());
    for site in &config.sites {
        check(&format!("site {}: tls", site.id()), policies, &site.tls, &site.hosts);
        if let Some(interbox) = &site.interbox {
            let key = format!("site {}: interbox.tls", site.id());
            check(&key, &[], &Some(interbox.tls.clone()), &interbox.hosts);
        }
    }
    problems.extend(authority_problems(config));
    problems
}

fn authority_problems(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(acme) = &config.server.acme {
        let files = [("hmac_key_file", &acme.hmac_key_file), ("ca_file", &acme.ca_file)];
        for (key, file) in files {
            let missing = file.iter().filter(|file| !file.exists());
            problems.extend(
                missing.map(|file| format!("server.acme.{key}: {} does not exist", file.display())),
            );
        }
    }
    let folder =
        config.server.validation.as_ref().and_then(|validation| validation.folder.as_ref());
    let missing = folder.filter(|folder| !folder.is_dir());
    problems.extend(
        missing.map(|folder| {
            format!("server.validation.folder: {} is not a folder", folder.display())
        }),
    );
    problems
}

fn missing_files(site: &SiteConfig) -> Vec<String> {
    let named = match &site.source {
        SourceConfig::Archive(archive) => vec![("source.archive.path", &archive.path)],
        SourceConfig::Dimse(dimse) => return missing_of(site, &dimse.files()),
        SourceConfig::Pacs(pacs) => vec![
            ("source.pacs.ca_file", &pacs.ca_file),
            ("source.pacs.password_file", &pacs.password_file),
            ("source.pacs.token_file", &pacs.token_file),
        ],
        SourceConfig::Drimbox(drimbox) => vec![("source.drimbox.token_file", &drimbox.token_file)],
    };
    let named: Vec<_> = named.into_iter().map(|(key, path)| (key, path.as_ref())).collect();
    missing_of(site, &named)
}

fn missing_of(site: &SiteConfig, named: &[(&str, Option<&std::path::PathBuf>)]) -> Vec<String> {
    let missing = |(key, path): &(&str, Option<&std::path::PathBuf>)| {
        let path = path.filter(|path| !path.exists())?;
        Some(format!("site {}: {key}: {} does not exist", site.id(), path.display()))
    };
    named.iter().filter_map(missing).collect()
}

/// Authorities, certificate and key of a DRIMbox: there, readable by nobody else, paired, and in their time.
fn drimbox_problem(site: &SiteConfig) -> Option<String> {
    let SourceConfig::Drimbox(drimbox) = &site.source else { return None };
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let cause = sources::drimbox::check(site, drimbox, now).err()?;
    Some(format!("site {}: {cause}", site.id()))
}

fn missing_variables(site: &SiteConfig) -> Vec<String> {
    let named: Vec<&String> = match &site.source {
        SourceConfig::Archive(archive) if archive.bucket.is_some() => {
            vec![&archive.bucket_access_key_env, &archive.bucket_secret_key_env]
        }
        SourceConfig::Archive(_) | SourceConfig::Dimse(_) => Vec::new(),
        SourceConfig::Pacs(pacs) => {
            [&pacs.password_env, &pacs.token_env].into_iter().flatten().collect()
        }
        SourceConfig::Drimbox(drimbox) => drimbox.token_env.iter().collect(),
    };
    let missing = named.into_iter().filter(|name| std::env::var_os(name).is_none());
    missing
        .map(|name| format!("site {}: the environment variable {name} is not set", site.id()))
        .collect()
}
