//! `negatoscope check-config`

use time::OffsetDateTime;

use super::{ConfigFile, serve::logo};
use crate::{
    admin::check_token_file,
    assets::Assets,
    audit::Sender,
    auth::oidc,
    config::{Config, SiteConfig, SourceConfig},
    tls,
};

/// Arguments of `check-config`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckConfig {
    #[command(flatten)]
    config: ConfigFile,
    /// Ask every identity provider whether it is there and is the configured one.
    #[arg(long)]
    probe: bool,
}

/// Reads what the configuration names and changes nothing. Contacts nobody, unless told to.
pub(super) async fn run(command: &CheckConfig) -> anyhow::Result<()> {
    let config = command.config.load()?;
    let mut problems = problems(&config).await;
    if command.probe {
        problems.extend(unreachable_providers(&config).await);
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    anyhow::ensure!(problems.is_empty(), "{} problem(s) found", problems.len());
    println!("{}: good, {} site(s)", command.config.config.display(), config.sites.len());
    Ok(())
}

async fn problems(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    if let Err(cause) = Assets::load(&config.server.assets) {
        problems.push(format!("server.assets: {}: {cause}", config.server.assets.display()));
    }
    if let Some(files) = &config.server.tls
        && let Err(cause) = tls::load(files).await
    {
        problems.push(format!("server.tls: {cause}"));
    }
    if let Some(admin) = &config.admin {
        let wrong = check_token_file(&admin.token_file).err();
        problems.extend(wrong.map(|cause| format!("admin.token_file: {cause}")));
        if let Some(files) = &admin.tls
            && let Err(cause) = tls::load(files).await
        {
            problems.push(format!("admin.tls: {cause}"));
        }
    }
    if let Some(syslog) = &config.audit.syslog
        && let Err(cause) = Sender::new(syslog, &config.audit_folder())
    {
        problems.push(format!("audit.syslog: {cause}"));
    }
    for site in &config.sites {
        problems.extend(logo(site).err().map(|cause| format!("{cause:#}")));
        problems.extend(missing_files(site));
        problems.extend(missing_variables(site));
        let identity = oidc::open(&site.identity).err();
        problems.extend(identity.map(|cause| format!("site {}: {cause}", site.id())));
    }
    problems
}

async fn unreachable_providers(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    let now = OffsetDateTime::now_utc().unix_timestamp();
    for site in &config.sites {
        let Ok(identity) = oidc::open(&site.identity) else { continue };
        for kind in [oidc::Kind::Psc, oidc::Kind::FranceConnect] {
            let Some(provider) = identity.provider(kind) else { continue };
            if let Err(cause) = provider.probe(now).await {
                problems.push(format!("site {}: identity.{}: {cause}", site.id(), kind.name()));
            }
        }
    }
    problems
}

fn missing_files(site: &SiteConfig) -> Vec<String> {
    let named = match &site.source {
        SourceConfig::Archive(archive) => vec![("source.archive.path", &archive.path)],
        SourceConfig::Pacs(pacs) => vec![
            ("source.pacs.ca_file", &pacs.ca_file),
            ("source.pacs.password_file", &pacs.password_file),
            ("source.pacs.token_file", &pacs.token_file),
        ],
    };
    let missing = |(key, path): (&str, &Option<std::path::PathBuf>)| {
        let path = path.as_ref().filter(|path| !path.exists())?;
        Some(format!("site {}: {key}: {} does not exist", site.id(), path.display()))
    };
    named.into_iter().filter_map(missing).collect()
}

fn missing_variables(site: &SiteConfig) -> Vec<String> {
    let named: Vec<&String> = match &site.source {
        SourceConfig::Archive(archive) if archive.bucket.is_some() => {
            vec![&archive.bucket_access_key_env, &archive.bucket_secret_key_env]
        }
        SourceConfig::Archive(_) => Vec::new(),
        SourceConfig::Pacs(pacs) => {
            [&pacs.password_env, &pacs.token_env].into_iter().flatten().collect()
        }
    };
    let missing = named.into_iter().filter(|name| std::env::var_os(name).is_none());
    missing
        .map(|name| format!("site {}: the environment variable {name} is not set", site.id()))
        .collect()
}
