//! `negatoscope trust-list`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;
use thiserror::Error;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::ConfigFile;
use crate::clock::Clock;
use crate::trust_list::{
    Authorities, Keeper, Refusal, RoundError, Signer, Trust, TrustError, TrustList, written,
};

/// Arguments of `trust-list`.
#[derive(Debug, clap::Args)]
pub(super) struct TrustListCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Ask for the list of [trust_list] now, and keep it where it is accepted. A server that is running asks by itself.
    ///
    /// Ends with 0 where the list is accepted, 1 where it is refused, 2 where there is none that could be judged.
    Fetch(ConfigFile),
    /// Print the list that is kept, and how old it is.
    Show(ConfigFile),
    /// Hold a signed list of DRIMboxes against every rule, and print what it lists.
    ///
    /// Ends with 0 where the list is accepted, 1 where it is refused, 2 where something cannot be read.
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The list (XML).
    #[arg(value_name = "FILE")]
    list: PathBuf,
    /// Certificates of the roots. One that is no authority is trusted for itself alone.
    #[arg(long, value_name = "PEM")]
    root: PathBuf,
    /// Certificates of the authorities between root and signer.
    #[arg(long = "intermediate", value_name = "PEM")]
    intermediates: Vec<PathBuf>,
    /// Lists of revoked certificates (PEM or DER); that of the signer's authority must be among them.
    #[arg(long = "crl", value_name = "FILE")]
    crls: Vec<PathBuf>,
    /// The time to judge by, instead of now.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    at: Option<OffsetDateTime>,
    /// The list that was accepted before: an older one is refused.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
}

/// How `trust-list` ends otherwise than well.
#[derive(Debug, Error)]
pub(super) enum Ended {
    #[error("refused: {0}")]
    Refused(Refusal),
    #[error(transparent)]
    Nothing(RoundError),
    #[error("{}: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: Unreadable },
}

#[derive(Debug, Error)]
pub(super) enum Unreadable {
    #[error(transparent)]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    List(#[from] Refusal),
}

impl Ended {
    /// Exit status.
    pub(super) const fn exit_status(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Nothing(_) | Self::Unreadable { .. } => 2,
        }
    }

    fn unreadable<C: Into<Unreadable>>(path: &Path) -> impl Fn(C) -> Self {
        move |cause| Self::Unreadable { path: path.to_owned(), cause: cause.into() }
    }
}

pub(super) async fn run(command: &TrustListCommand) -> anyhow::Result<()> {
    match &command.what {
        What::Fetch(config) => fetch(keeper(config)?.as_ref()).await,
        What::Show(config) => show(keeper(config)?.as_ref()),
        What::Verify(verify) => Ok(verify.run()?),
    }
}

fn keeper(config: &ConfigFile) -> anyhow::Result<Arc<Keeper>> {
    let keeper = Keeper::of(&config.load()?, Clock::system())?;
    keeper.context("the configuration has no [trust_list]")
}

async fn fetch(keeper: &Keeper) -> anyhow::Result<()> {
    let kept = keeper.round().await.map_err(|cause| match cause {
        RoundError::Refused(refusal) if !refusal.is_unreadable() => Ended::Refused(refusal),
        other => Ended::Nothing(other),
    })?;
    println!(
        "accepted: {} box(es), signed at {}",
        kept.list.domains.len(),
        written(kept.list.signed)
    );
    Ok(())
}

fn show(keeper: &Keeper) -> anyhow::Result<()> {
    let kept = keeper.kept().context("there is no list yet: `negatoscope trust-list fetch`")?;
    let list = &kept.list;
    println!("signed at {}, made at {}", written(list.signed), written(list.generated));
    println!(
        "last known to be the newest at {} ({})",
        written(kept.confirmed),
        keeper.age().word()
    );
    print(list);
    Ok(())
}

impl Verify {
    fn run(&self) -> Result<(), Ended> {
        let trust = Trust { signer: Signer::default(), authorities: self.authorities()? };
        let previous = self.previous.as_deref().map(|path| {
            TrustList::read(&read(path)?, &trust.signer).map_err(Ended::unreadable(path))
        });
        let previous = previous.transpose()?;
        let now = self.at.unwrap_or_else(OffsetDateTime::now_utc);
        let list = TrustList::verify(&read(&self.list)?, &trust, now, previous.as_ref());
        let list = list.map_err(|refusal| match refusal {
            refusal if refusal.is_unreadable() => Ended::unreadable(&self.list)(refusal),
            refusal => Ended::Refused(refusal),
        })?;
        println!("accepted: {} box(es), signed at {}", list.domains.len(), written(list.signed));
        print(&list);
        Ok(())
    }

    fn authorities(&self) -> Result<Authorities, Ended> {
        let mut intermediates = Vec::new();
        for path in &self.intermediates {
            let pem = read(path)?;
            Authorities::new(&pem, &[]).map_err(Ended::unreadable(path))?;
            intermediates.push(pem);
        }
        let intermediates: Vec<&[u8]> = intermediates.iter().map(Vec::as_slice).collect();
        let roots = Authorities::new(&read(&self.root)?, &intermediates);
        let mut authorities = roots.map_err(Ended::unreadable(&self.root))?;
        let mut lists = Vec::new();
        for path in &self.crls {
            lists.push(read(path)?);
            authorities = authorities.with_revoked(&lists).map_err(Ended::unreadable(path))?;
        }
        Ok(authorities)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Ended> {
    std::fs::read(path).map_err(Ended::unreadable(path))
}

fn parse_time(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

/// One line a box.
fn print(list: &TrustList) {
    for domain in &list.domains {
        let viewer = domain.viewer_host.as_deref().unwrap_or("-");
        let certificate = domain.certificate_name.as_deref().unwrap_or("(no certificate named)");
        println!("{}  {viewer}  {certificate}", domain.box_host);
    }
}
