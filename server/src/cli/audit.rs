//! `negatoscope audit`

use std::io::{self, Write};

use anyhow::Context;
use clap::{Subcommand, ValueEnum};

use super::{ConfigFile, find_site};
use crate::{
    audit::{self, Audit, Head},
    clock::Clock,
    config::Config,
};

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub(super) struct AuditCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check that no line of the journal was changed, moved or taken out; print its head.
    ///
    /// The head (number:hash of the last line) kept elsewhere proves later, by --head, that nothing was cut
    /// off the end either.
    Verify(Verify),
    /// Print the journal, checked, one line or message each.
    Export(Export),
    /// Print how often each site was used, by month and way in, as CSV.
    Usage(Usage),
    /// Delete what is older than audit.retention_days now. The server does it by itself.
    Prune(Prune),
}

#[derive(Debug, clap::Args)]
struct Verify {
    #[command(flatten)]
    config: ConfigFile,
    /// A head that was printed before.
    #[arg(long, value_name = "NUMBER:HASH")]
    head: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Export {
    #[command(flatten)]
    config: ConfigFile,
    /// Form of the lines.
    #[arg(long, value_enum)]
    format: Format,
    /// Host name of one site only.
    #[arg(long, value_name = "HOST")]
    site: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// JSON objects as they are in the journal.
    Json,
    /// DICOM audit messages (PS3.15 A.5), one XML document a line.
    Dicom,
}

#[derive(Debug, clap::Args)]
struct Usage {
    #[command(flatten)]
    config: ConfigFile,
    /// Host name of one site only.
    #[arg(long, value_name = "HOST")]
    site: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Prune {
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn run(command: &AuditCommand) -> anyhow::Result<()> {
    match &command.what {
        What::Verify(verify) => verify.run(),
        What::Export(export) => export.run(),
        What::Usage(usage) => usage.run(),
        What::Prune(prune) => prune.run(),
    }
}

impl Verify {
    fn run(&self) -> anyhow::Result<()> {
        let config = self.config.load()?;
        let head = self.head.as_deref().map(|text| {
            Head::parse(text).context("--head: not of the form that this command prints")
        });
        let verified = audit::verify(&existing(&config)?, head.transpose()?.as_ref())?;
        println!("whole: {} line(s), from number {}", verified.lines, verified.first);
        if verified.torn_bytes > 0 {
            println!(
                "{} bytes of an unfinished line at the end, never acknowledged",
                verified.torn_bytes
            );
        }
        println!("head: {}", verified.head);
        Ok(())
    }
}

impl Export {
    fn run(&self) -> anyhow::Result<()> {
        let config = self.config.load()?;
        let site = site(&config, self.site.as_deref())?;
        let source_id = config.audit.syslog.as_ref().map_or("negatoscope", |to| &to.source_id);
        let mut out = io::stdout().lock();
        audit::read(&existing(&config)?, |record| {
            if site.as_ref().is_some_and(|site| *site != record.site) {
                return Ok(());
            }
            match self.format {
                Format::Json => serde_json::to_writer(&mut out, &record)?,
                Format::Dicom => out.write_all(audit::message(&record, source_id).as_bytes())?,
            }
            out.write_all(b"\n")
        })?;
        Ok(out.flush()?)
    }
}

impl Usage {
    fn run(&self) -> anyhow::Result<()> {
        let config = self.config.load()?;
        let site = site(&config, self.site.as_deref())?;
        print!("{}", audit::usage(&existing(&config)?, site.as_deref())?);
        Ok(())
    }
}

impl Prune {
    fn run(&self) -> anyhow::Result<()> {
        let config = self.config.load()?;
        let journal = Audit::open(&existing(&config)?, Clock::system())?;
        let days = journal.prune(config.audit.retention_days)?;
        println!("{days} day(s) deleted");
        Ok(())
    }
}

/// The journal's folder; these commands make none.
fn existing(config: &Config) -> anyhow::Result<std::path::PathBuf> {
    let folder = config.audit_folder();
    anyhow::ensure!(folder.is_dir(), "there is no journal in {}", folder.display());
    Ok(folder)
}

fn site(config: &Config, host: Option<&str>) -> anyhow::Result<Option<String>> {
    host.map(|host| Ok(find_site(config, host)?.id())).transpose()
}
