//! `negatoscope certificate`

use anyhow::Context;
use clap::Subcommand;

use super::{ConfigFile, find_site};
use crate::acme::{self, Reason};

/// Arguments of `certificate`.
#[derive(Debug, clap::Args)]
pub(super) struct CertificateCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Ask the authority of server.acme to revoke a site's certificate, and forget it.
    ///
    /// A server that is running goes on with it until it is stopped; when it is started again it orders a new
    /// one, unless the site is taken out of the configuration first.
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
struct Revoke {
    #[command(flatten)]
    config: ConfigFile,
    /// Host name of the site.
    #[arg(long, value_name = "HOST")]
    site: String,
    /// Why.
    #[arg(long, value_enum)]
    reason: Reason,
}

pub(super) async fn run(command: &CertificateCommand) -> anyhow::Result<()> {
    let What::Revoke(revoke) = &command.what;
    let config = revoke.config.load()?;
    let site = find_site(&config, &revoke.site)?.id();
    let acme = config.server.acme.as_ref();
    let acme = acme.context("there is no [server.acme]: ask whoever gave the certificate")?;
    acme::revoke(&config, acme, &site, revoke.reason).await?;
    println!("revoked: the certificate of {site}; stop the server now");
    Ok(())
}
