//! `negatoscope sessions`

use anyhow::Context;
use clap::Subcommand;

use super::{ConfigFile, find_site};
use crate::{
    audit::{Audit, LOCAL},
    clock::Clock,
    config::Config,
    session::{Ending, Limits, Which},
    store::Store,
};

/// Arguments of `sessions`.
#[derive(Debug, clap::Args)]
pub(super) struct SessionsCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print who is logged in, one JSON object a line.
    List(Meant),
    /// End sessions at once; pass --all for every one that is meant.
    End(End),
}

#[derive(Debug, clap::Args)]
struct Meant {
    #[command(flatten)]
    config: ConfigFile,
    /// Host name of one site only.
    #[arg(long, value_name = "HOST")]
    site: Option<String>,
    /// One session, as the list and the journal name it.
    #[arg(long, value_name = "NAME")]
    session: Option<String>,
    /// Of one person: identifier of an access code, or what the identity provider calls them.
    #[arg(long, value_name = "WHO")]
    subject: Option<String>,
}

#[derive(Debug, clap::Args)]
struct End {
    #[command(flatten)]
    meant: Meant,
    /// Where neither --session nor --subject is given: everybody.
    #[arg(long, conflicts_with_all = ["session", "subject"])]
    all: bool,
}

pub(super) async fn run(command: &SessionsCommand) -> anyhow::Result<()> {
    match &command.what {
        What::List(meant) => list(meant).await,
        What::End(end) => end.run().await,
    }
}

impl Meant {
    fn which(&self) -> Which {
        Which { session: self.session.clone(), subject: self.subject.clone() }
    }

    fn sites(&self, config: &Config) -> anyhow::Result<Vec<String>> {
        match &self.site {
            Some(host) => Ok(vec![find_site(config, host)?.id()]),
            None => Ok(config.sites.iter().map(crate::config::SiteConfig::id).collect()),
        }
    }
}

async fn list(meant: &Meant) -> anyhow::Result<()> {
    let config = meant.config.load()?;
    let (ending, now) = (open(&config).await?, Clock::system().seconds());
    for site in meant.sites(&config)? {
        for login in ending.find(&site, &meant.which(), now).await? {
            println!("{}", login.told(Some(&site)));
        }
    }
    Ok(())
}

impl End {
    async fn run(&self) -> anyhow::Result<()> {
        let is_somebody = self.meant.session.is_some() || self.meant.subject.is_some();
        anyhow::ensure!(is_somebody || self.all, "say whose: --session, --subject or --all");
        let config = self.meant.config.load()?;
        let (ending, now) = (open(&config).await?, Clock::system().seconds());
        let mut ended = 0;
        for site in self.meant.sites(&config)? {
            ended += ending.end(&site, &self.meant.which(), LOCAL, now).await?;
        }
        println!("{ended} session(s) ended");
        Ok(())
    }
}

async fn open(config: &Config) -> anyhow::Result<Ending> {
    let audit = Audit::open(&config.audit_folder(), Clock::system()).context("audit journal")?;
    let store = Store::open(&config.server.state).await?;
    Ok(Ending { store, audit, limits: Limits::new(&config.session) })
}
