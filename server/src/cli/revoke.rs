//! `negatoscope revoke`

use anyhow::Context;
use time::OffsetDateTime;

use super::{ConfigFile, find_site};
use crate::{
    audit::{Audit, Entry, Event, LOCAL},
    auth::codes::{self, Withdraw},
    clock::Clock,
    store::Store,
};

/// Arguments of `revoke`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["id", "study"])))]
pub(super) struct Revoke {
    #[command(flatten)]
    config: ConfigFile,
    /// Host name of the site.
    #[arg(long, value_name = "HOST")]
    site: String,
    /// Identifier of one code, as `grant` printed it.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Every code that opens this study.
    #[arg(long, value_name = "UID")]
    study: Option<String>,
}

pub(super) async fn run(command: &Revoke) -> anyhow::Result<()> {
    let config = command.config.load()?;
    let site = find_site(&config, &command.site)?;
    let store = Store::open(&config.server.state).await?;
    let what = match (&command.id, &command.study) {
        (Some(id), _) => Withdraw::Id(id.clone()),
        (None, study) => Withdraw::Study(study.clone().unwrap_or_default()),
    };
    let audit = Audit::open(&config.audit_folder(), Clock::system()).context("audit journal")?;
    let id = site.id();
    let entry = Entry {
        subject: command.id.as_deref(),
        studies: command.study.as_slice(),
        ..Entry::new(Event::CodeRevoked, &id, LOCAL)
    };
    audit.write(&entry).context("audit journal")?;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let count = codes::revoke(&store.pool, &site.id(), &what, now).await?;
    anyhow::ensure!(
        count > 0,
        "no code to withdraw: unknown, of another site, or withdrawn already"
    );
    println!("{count} code(s) withdrawn");
    Ok(())
}
